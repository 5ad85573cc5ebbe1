/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/print.h"

#include <stdlib.h>

#include "base/test.h"

static const char *kept(ix_ctx *cx, ix_buf *buf)
{
    const char *copy = ix_strdup(cx, ix_buf_cstr(buf));
    ix_buf_done(buf);
    return copy;
}

static const char *clean(ix_ctx *cx, const char *text)
{
    ix_buf buf = {0};
    text_clean(&buf, ix_str_of(text));
    return kept(cx, &buf);
}

static const char *fit(ix_ctx *cx, const char *text, size_t width, bool is_right)
{
    ix_buf buf = {0};
    text_fit(&buf, ix_str_of(text), width, is_right);
    return kept(cx, &buf);
}

static size_t width(const char *text)
{
    return text_width(ix_str_of(text));
}

#define GAP "\xEF\xBF\xBD"
#define CUT "\xE2\x80\xA6"

TEST("nothing that could steer a terminal gets through")
{
    CHECK_TEXT(clean(cx, "a\033[2Jb"), "a" GAP "[2Jb");
    CHECK_TEXT(clean(cx, "a\tb\nc\r"), "a b c ");
    CHECK_TEXT(clean(cx, "\x7F"), GAP);
    CHECK_TEXT(clean(cx, "\xC2\x9B"), GAP);          /* U+009B, another ESC [ */
    CHECK_TEXT(clean(cx, "a\xE2\x80\xAE"), "a" GAP); /* U+202E turns the direction */
    CHECK_TEXT(clean(cx, "\xFFx\xC3"), GAP "x" GAP);
    CHECK_TEXT(clean(cx, "gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
}

TEST("nothing that turns the direction of text gets through, nor what separates lines and "
     "paragraphs")
{
    static const char *const turning[] = {
        "\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6",
        "\xE2\x81\xA9", "\xC2\x80",     "\xC2\x9F",
    };
    for (size_t i = 0; i < sizeof turning / sizeof *turning; i++)
        CHECK_TEXT(clean(cx, turning[i]), GAP);
    CHECK_TEXT(clean(cx, "\xC2\xA0\xE2\x80\x8D"),
               "\xC2\xA0\xE2\x80\x8D"); /* no-break space, joiner */
}

TEST("JSON stays the same JSON, with the like of these escaped")
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{\"a\": [1,\n\t2]}", "{\"a\": [1,\n\t2]}"},
        {"\"\x7F\xC2\x9B\xE2\x80\xAE\xD8\x9C\"", "\"\\u007f\\u009b\\u202e\\u061c\""},
        {"\"gr\xC3\xBC\xF0\x9F\x94\xA5 \\u001b\"", "\"gr\xC3\xBC\xF0\x9F\x94\xA5 \\u001b\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ix_buf buf = {0};
        json_clean(&buf, ix_str_of(cases[i].json));
        CHECK_TEXT(kept(cx, &buf), cases[i].want);
    }
}

TEST("width is columns of a terminal")
{
    CHECK_INT(width("abc"), 3);
    CHECK_INT(width("gr\xC3\xBC\xC3\x9F"), 4);
    CHECK_INT(width("e\xCC\x81"), 1);                /* e and a combining acute */
    CHECK_INT(width("\xE6\xB8\xA9\xE5\xBA\xA6"), 4); /* two wide ideographs */
    CHECK_INT(width("\xF0\x9F\x8C\xA1"), 1);
    CHECK_INT(width("\xF0\x9F\x94\xA5"), 2);
}

TEST("text is filled up or cut to its width")
{
    CHECK_TEXT(fit(cx, "abc", 5, false), "abc  ");
    CHECK_TEXT(fit(cx, "12", 5, true), "   12");
    CHECK_TEXT(fit(cx, "abcdef", 4, false), "abc" CUT);
    CHECK_TEXT(fit(cx, "abcd", 4, false), "abcd");
    CHECK_TEXT(fit(cx, "abc", 0, false), "abc");
    CHECK_TEXT(fit(cx, "\xE6\xB8\xA9\xE5\xBA\xA6\xE6\xB8\xA9", 4, false), "\xE6\xB8\xA9" CUT " ");
}

TEST("text is broken between words")
{
    ix_buf buf = {0};
    text_wrap(&buf, IX_STR("one two three four"), 2, 2, 10);
    CHECK_TEXT(kept(cx, &buf), "one two\n  three\n  four");
}

static const cli_column two[] = {{"name", NULL, true}, {"value", NULL, false}};

/* The rows, cells by turns, as a table on a screen of this width (0: no terminal). */
static const char *table(ix_ctx *cx, int columns, const char *const *cells, size_t count,
                         bool is_number)
{
    char *text = NULL;
    size_t size = 0;
    const cli_screen screen = {.out = open_memstream(&text, &size), .width = columns};
    cli_sheet *sheet = sheet_new(&screen, two, 2, true);
    for (size_t i = 0; i < count; i++)
        sheet_cell(sheet, ix_str_of(cells[i]), is_number && i % 2 == 1);
    CHECK(sheet_end(sheet));
    fclose(screen.out);
    const char *copy = ix_strdup(cx, text);
    free(text);
    return copy;
}

#define TABLE(cx, columns, is_number, ...)                 \
    table(cx, columns, (const char *const[]){__VA_ARGS__}, \
          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), is_number)

TEST("columns stand below each other; the last one has no blanks behind it")
{
    CHECK_TEXT(TABLE(cx, 0, false, "a", "x", "long name", ""), "name       value\n"
                                                               "a          x\n"
                                                               "long name  -\n");
}

TEST("numbers stand on the right")
{
    CHECK_TEXT(TABLE(cx, 0, true, "a", "5", "b", "1000.5"), "name   value\n"
                                                            "a          5\n"
                                                            "b     1000.5\n");
}

TEST("on a terminal a row fits into its line, but for what is never cut")
{
    CHECK_TEXT(TABLE(cx, 12, false, "a", "a text that is long"), "name  value\n"
                                                                 "a     a tex" CUT "\n");
    CHECK_TEXT(TABLE(cx, 12, false, "an ID that is long", "text of it"),
               "name                val" CUT "\n"
               "an ID that is long  tex" CUT "\n");
}

TEST("an empty table is its titles")
{
    const char *text = NULL;
    char *memory = NULL;
    size_t size = 0;
    const cli_screen screen = {.out = open_memstream(&memory, &size)};
    CHECK(sheet_end(sheet_new(&screen, two, 2, true)));
    fclose(screen.out);
    text = ix_strdup(cx, memory);
    free(memory);
    CHECK_TEXT(text, "name  value\n");
}

TEST("rows beyond those held back keep the columns of the first")
{
    char *text = NULL;
    size_t size = 0;
    const cli_screen screen = {.out = open_memstream(&text, &size)};
    cli_sheet *sheet = sheet_new(&screen, two, 2, false);
    for (int i = 0; i < SHEET_AHEAD; i++) {
        sheet_cell(sheet, IX_STR("ab"), false);
        sheet_cell(sheet, IX_STR("c"), false);
    }
    sheet_cell(sheet, IX_STR("a"), false);
    sheet_cell(sheet, IX_STR("longer"), false);
    sheet_cell(sheet, IX_STR("longer"), false);
    sheet_cell(sheet, IX_STR("d"), false);
    CHECK(sheet_end(sheet));
    fclose(screen.out);
    CHECK(strstr(text, "ab  c\na   longer\nlonger  d\n"));
    free(text);
}

TEST("there is no colour without a terminal")
{
    const cli_screen screen = screen_of(tmpfile());
    CHECK(!screen.is_terminal && !screen.has_colour);
    CHECK_TEXT(style_begin(&screen, STYLE_BAD), "");
    fclose(screen.out);
}
