/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/fold.h"

#include "base/test.h"

#define FOLDED(text) text_fold(cx, ix_str_of(text)).at

TEST("letter case makes no difference, in any script")
{
    CHECK_TEXT(FOLDED("Pump 7, NORTH"), "pump 7, north");
    CHECK_TEXT(FOLDED("ÄÖÜ ÉÇ"), "äöü éç");
    CHECK_TEXT(FOLDED("ΣΊΣΥΦΟΣ"), "σίσυφοσ");
    CHECK_TEXT(FOLDED("σίσυφος"), "σίσυφοσ");
    CHECK_TEXT(FOLDED("НАСОС"), "насос");
    CHECK_TEXT(FOLDED(""), "");
}

TEST("Unicode form makes no difference")
{
    CHECK_TEXT(FOLDED("\xE2\x84\xAB"), "å");          /* the sign of angstrom */
    CHECK_TEXT(FOLDED("A\xCC\x8A"), "å");             /* A and a ring */
    CHECK_TEXT(FOLDED("\xEF\xAC\x81lter"), "filter"); /* a ligature */
    CHECK_TEXT(FOLDED("ＰＵＭＰ ①"), "pump 1");
    CHECK_TEXT(FOLDED("10 µm"), "10 μm");
}

TEST("folding is simple: no letter becomes two")
{
    CHECK_TEXT(FOLDED("Maß"), "maß");
    CHECK_TEXT(FOLDED("MAẞ"), "maß");
    CHECK_TEXT(FOLDED("MASS"), "mass");
    CHECK_TEXT(FOLDED("ıİ"), "ıİ");
}

TEST("what is not a character becomes one, so that it may stand between texts")
{
    CHECK_TEXT(FOLDED("a" FOLD_BETWEEN "b" FOLD_ABOVE_ALL), "a\xEF\xBF\xBD"
                                                            "b\xEF\xBF\xBD");
}

TEST("a text that is folded stays as it is")
{
    static const char *const texts[] = {"ΐ\xCD\x85", "ſ\xCC\xA3\xCC\x87", "ǅ", "ﷺ", "한글", "ᾳ"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *once = FOLDED(texts[i]);
        CHECK_TEXT(FOLDED(once), once);
    }
}
