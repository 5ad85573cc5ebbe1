/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/model.h"

#include <stdlib.h>

#include "base/test.h"

/* "M", "M 2", or "" for none. */
static model_ref model_of(ix_ctx *cx, const char *text)
{
    const char *blank = strchr(text, ' ');
    const size_t len = blank ? (size_t)(blank - text) : strlen(text);
    return (model_ref){len ? ix_strndup(cx, text, len) : NULL, blank ? atoi(blank + 1) : 0};
}

/* What is chosen, written likewise; the sentence if nothing is. Needs have Categories A, B, C. */
static const char *chosen(ix_ctx *cx, const char *wanted, const char *present, const char *a,
                          const char *b)
{
    const model_ref want = model_of(cx, wanted), have = model_of(cx, present);
    model_need needs[2];
    size_t count = 0;
    if (*a)
        needs[count++] = (model_need){"A", model_of(cx, a)};
    if (*b)
        needs[count++] = (model_need){"B", model_of(cx, b)};
    model_ref model;
    if (model_choose(cx, &want, &have, needs, count, &model))
        return model.name ? ix_format(cx, "%s %d", model.name, (int)model.version) : "none";
    const char *said =
        ix_format(cx, "%d %s", cx->error.code == IOTS_CONFLICT ? 409 : 400, cx->error.message);
    ix_ctx_forgive(cx);
    return said;
}

TEST("the Model of a Thing is the one it wishes, else the one its Categories ask for, else none")
{
    CHECK_TEXT(chosen(cx, "", "", "", ""), "none");
    CHECK_TEXT(chosen(cx, "", "M 3", "", ""), "none");
    CHECK_TEXT(chosen(cx, "M", "", "", ""), "M 0");
    CHECK_TEXT(chosen(cx, "", "", "M", ""), "M 0");
    CHECK_TEXT(chosen(cx, "M", "", "M", "M"), "M 0");
}

TEST("the version is the one wished, else the one a Category fixes, else the present one, else the "
     "newest")
{
    CHECK_TEXT(chosen(cx, "M 4", "M 3", "M 4", ""), "M 4");
    CHECK_TEXT(chosen(cx, "M 4", "M 3", "M", ""), "M 4");
    CHECK_TEXT(chosen(cx, "M", "M 3", "M", "M 5"), "M 5");
    CHECK_TEXT(chosen(cx, "M", "M 3", "M", ""), "M 3");
    CHECK_TEXT(chosen(cx, "", "M 3", "M", ""), "M 3");
    CHECK_TEXT(chosen(cx, "M", "N 3", "", ""), "M 0");
    CHECK_TEXT(chosen(cx, " 2", "", "M", ""), "M 2");
}

TEST("Categories that disagree, with the wish or with one another, are a conflict")
{
    CHECK_TEXT(chosen(cx, "", "", "M", "N"), "409 the Category 'B' asks for Model 'N'");
    CHECK_TEXT(chosen(cx, "N", "", "M", "N"), "409 the Category 'A' asks for Model 'M'");
    CHECK_TEXT(chosen(cx, "", "", "M 1", "M 2"),
               "409 the Category 'B' asks for version 2 of Model 'M'");
    CHECK_TEXT(chosen(cx, "M 1", "", "M", "M 2"),
               "409 the Category 'B' asks for version 2 of Model 'M'");
    CHECK_TEXT(chosen(cx, "", "M 1", "M", "M 2"), "M 2");
}

TEST("a version of no Model is refused")
{
    CHECK_TEXT(chosen(cx, " 2", "M 1", "", ""), "400 model/name: required with a version");
}
