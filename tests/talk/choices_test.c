/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/decisions.md, held against the tests that it names and the description that it is about:
 *
 *     ## 4                                   a section of the description
 *     - With both cursors the next wins.     a choice
 *       - tests/talk/paging.talk: With ...   a test of it: a file and a sentence in it
 *       - waits for query cursors            or why there is none
 */
#include "base/test.h"
#include "files.h"
#include "talk.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

/* So many choices wait for their feature. This number can only shrink. */
enum { WAITING_MOST = 13 };

/* ---- sentences of tests ---- */

/* Puts a C string, which may be in several pieces, into `room` of its size in the source. */
static void read_literal(const char *at, char *room)
{
    while (*at == '"') {
        for (at++; *at && *at != '"'; at++) {
            at += *at == '\\' && at[1];
            *room++ = *at;
        }
        at += *at == '"';
        at += strspn(at, " \t\r\n");
    }
    *room = '\0';
}

static bool source_has(ix_ctx *cx, const char *text, const char *sentence)
{
    static const char mark[] = "\nTEST(";
    char *room = ix_alloc(cx, strlen(text) + 1);
    for (const char *at = text; room && (at = strstr(at, mark));) {
        at += strlen(mark);
        read_literal(at, room);
        if (strcmp(room, sentence) == 0)
            return true;
    }
    return false;
}

static bool talk_has(ix_ctx *cx, const char *file, const char *text, const char *sentence)
{
    const talk *talk = talk_parse(cx, file, text);
    for (size_t i = 0; talk && i < talk->count; i++) {
        if (talk->steps[i].kind == TALK_SENTENCE && strcmp(talk->steps[i].text, sentence) == 0)
            return true;
    }
    return false;
}

/* Has the file, below `root`, a test or a paragraph of this sentence? */
static bool file_has(ix_ctx *cx, const char *root, const char *file, const char *sentence)
{
    const char *text = file_read(cx, ix_format(cx, "%s/%s", root, file));
    const char *ending = strrchr(file, '.');
    const bool has = text && ending &&
                     (strcmp(ending, ".talk") == 0 ? talk_has(cx, file, text, sentence)
                                                   : source_has(cx, text, sentence));
    ix_ctx_clear_error(cx);
    return has;
}

/* ---- the page ---- */

typedef struct page {
    const char *root; /* what files are below of */
    int line;
    int choice; /* the line of the choice in hand; 0: none */
    bool has_test;
    int choices, waiting;
    const char *complaints; /* a line each */
} page;

static void complain(ix_ctx *cx, page *page, int line, const char *what)
{
    page->complaints = ix_format(cx, "%s%d: %s\n", page->complaints, line, what);
}

static void end_choice(ix_ctx *cx, page *page)
{
    if (page->choice && !page->has_test)
        complain(cx, page, page->choice, "no test");
    page->choice = 0;
    page->has_test = false;
}

/* "FILE: SENTENCE" or "waits for ..." */
static void read_test(ix_ctx *cx, page *page, ix_str text)
{
    page->has_test = true;
    if (ix_str_starts(text, "waits for ")) {
        page->waiting++;
        return;
    }
    ix_str head;
    const ix_str rest = ix_str_trim(ix_str_cut(text, ':', &head));
    const char *file = ix_strndup(cx, head.at, head.len);
    const char *sentence = rest.len ? ix_strndup(cx, rest.at, rest.len) : "";
    if (!file_has(cx, page->root, file, sentence))
        complain(cx, page, page->line, ix_format(cx, "%s has no \"%s\"", file, sentence));
}

static page read_page(ix_ctx *cx, const char *root, const char *text)
{
    page page = {.root = root, .complaints = ""};
    ix_str line;
    for (ix_str rest = ix_str_of(text); rest.len;) {
        rest = ix_str_cut(rest, '\n', &line);
        page.line++;
        if (ix_str_starts(line, "  - ")) {
            read_test(cx, &page, (ix_str){line.at + 4, line.len - 4});
        } else if (ix_str_starts(line, "- ")) {
            end_choice(cx, &page);
            page.choice = page.line;
            page.choices++;
        }
    }
    end_choice(cx, &page);
    return page;
}

static const char *complaints_of(ix_ctx *cx, const char *text)
{
    return read_page(cx, SOURCE_FOLDER, text).complaints;
}

TEST("a choice without a test is named by its line")
{
    CHECK_TEXT(complaints_of(cx, "## 4\n\n- With both.\n- Waits.\n  - waits for later\n- Last.\n"),
               "3: no test\n6: no test\n");
}

TEST("a test that is not there is named, whether its file is gone or its sentence")
{
    CHECK_TEXT(complaints_of(cx, "- It holds.\n"
                                 "  - tests/talk/choices_test.c: a choice without a test is named\n"
                                 "  - tests/talk/gone.talk: Gone.\n"
                                 "  - tests/talk/paging.talk: An empty list is not a list.\n"),
               "2: tests/talk/choices_test.c has no \"a choice without a test is named\"\n"
               "3: tests/talk/gone.talk has no \"Gone.\"\n"
               "4: tests/talk/paging.talk has no \"An empty list is not a list.\"\n");
}

TEST("a sentence is found wherever it is "
     "broken: in a \"test\" or in a conversation")
{
    CHECK_TEXT(complaints_of(cx, "- It holds.\n"
                                 "  - tests/talk/choices_test.c: a sentence is found wherever it "
                                 "is broken: in a \"test\" or in a conversation\n"
                                 "  - tests/talk/patch.talk: Plain JSON, or none said at all, is "
                                 "what it looks like: an array is a list of operations, an object "
                                 "a merge patch.\n"),
               "");
}

TEST("every choice has its tests, and they are there")
{
    const char *text = file_read(cx, SOURCE_FOLDER "/docs/decisions.md");
    CHECK_OK(cx, text != NULL);
    const page page = read_page(cx, SOURCE_FOLDER, text);
    CHECK_TEXT(page.complaints, "");
    print_message("%d choices, %d of them wait\n", page.choices, page.waiting);
    CHECK(page.choices > page.waiting);
    CHECK(page.waiting <= WAITING_MOST);
}

/* ---- the description ---- */

/* The number of the section that a line begins: "### 3.2 POST ..." is 3.2. Empty if it begins none. */
static ix_str section_of(ix_str line)
{
    ix_str marks, number;
    const ix_str title = ix_str_cut(line, ' ', &marks);
    if (marks.len == 0 || strspn(line.at, "#") != marks.len || title.len == 0)
        return (ix_str){0};
    ix_str_cut(title, ' ', &number);
    while (number.len && number.at[number.len - 1] == '.')
        number.len--;
    return number.len && isdigit((unsigned char)number.at[0]) ? number : (ix_str){0};
}

static int is_choice(ix_str line)
{
    return ix_str_starts(line, "- ");
}

static int count_marks(ix_str line)
{
    static const char mark[] = "OUR CHOICE";
    int count = 0;
    for (size_t i = 0; i + strlen(mark) <= line.len; i++)
        count += memcmp(line.at + i, mark, strlen(mark)) == 0;
    return count;
}

/* The sum of count(line) over the lines of a section, those of its parts not included. */
static int count_in(const char *text, ix_str section, int (*count)(ix_str line))
{
    int sum = 0;
    ix_str line, current = {0};
    for (ix_str rest = ix_str_of(text); rest.len;) {
        rest = ix_str_cut(rest, '\n', &line);
        const ix_str begun = section_of(line);
        current = begun.len ? begun : current;
        sum += current.len && ix_str_equal(current, section) ? count(line) : 0;
    }
    return sum;
}

/* Names each section of the description with more marks than the page has choices. */
static const char *missing_of(ix_ctx *cx, const char *description, const char *text)
{
    const char *missing = "";
    ix_str line;
    for (ix_str rest = ix_str_of(description); rest.len;) {
        rest = ix_str_cut(rest, '\n', &line);
        const ix_str section = section_of(line);
        if (!section.len)
            continue;
        const int marks = count_in(description, section, count_marks);
        const int choices = count_in(text, section, is_choice);
        if (marks > choices)
            missing = ix_format(cx, "%s%.*s: %d of %d\n", missing, (int)section.len, section.at,
                                choices, marks);
    }
    return missing;
}

TEST("a section that marks more choices than are listed is named")
{
    CHECK_TEXT(missing_of(cx,
                          "OUR CHOICE marks.\n## 4. Pages\nx OUR CHOICE, y OUR CHOICE\n"
                          "### 4.1 `limit`\n| a | OUR CHOICE |\n",
                          "- Of no section.\n## 4\n- One.\n  - waits for it\n## 4.1\n- Two.\n"),
               "4: 1 of 2\n");
}

/* Where the description may be: beside our folder, or where IOTS_CONTRACT says, a file or a folder. */
static const char *description_file(ix_ctx *cx)
{
    const char *place = getenv("IOTS_CONTRACT");
    if (!place)
        place = SOURCE_FOLDER "/../shared/contract";
    const char *name = strrchr(place, '/');
    const bool is_file = name && strstr(name, ".json");
    return ix_format(cx, "%.*s/http-api.md", is_file ? (int)(name - place) : (int)strlen(place),
                     place);
}

TEST("no section of the description marks more choices than are listed")
{
    const char *file = description_file(cx);
    if (access(file, R_OK) != 0)
        SKIP(ix_format(cx, "there is no %s; IOTS_CONTRACT may say where it is", file));
    const char *text = file_read(cx, SOURCE_FOLDER "/docs/decisions.md");
    const char *description = file_read(cx, file);
    CHECK_OK(cx, text && description);
    CHECK_TEXT(missing_of(cx, description, text), "");
}
