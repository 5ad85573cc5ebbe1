/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "header.h"

/* ---- words ---- */

static header *header_of(ix_ctx *cx, const char *text)
{
    header *header = header_parse(cx, "include/iots/x.h", ix_str_of(text));
    CHECK_OK(cx, header != NULL);
    CHECK_OK(cx, headers_link(cx, &header, 1));
    return header;
}

/* A header with this behind its opening comment. */
#define HEADER(text) header_of(cx, "/* SPDX-License-Identifier: x */\n/* About x. */\n" text)

static const group *first_group(const header *header)
{
    const section *section = header->sections;
    while (section && !section->groups)
        section = section->next;
    return section ? section->groups : NULL;
}

/* "paragraph(One two) row(a: b)": a comment in one line. */
static const char *blocks_of(ix_ctx *cx, const char *comment)
{
    static const char *const kinds[] = {"paragraph", "item", "row", "code"};
    const char *text = "";
    for (const block *block = comment_read(cx, ix_str_of(comment)); block; block = block->next)
        text = ix_format(cx, "%s%s%s(%s%s%s)", text, *text ? " " : "", kinds[block->kind],
                         block->name ? block->name : "", block->name ? ": " : "", block->text);
    return text;
}

/* What is written into a file in memory. */
typedef struct paper {
    char *text;
    size_t size;
    FILE *file;
} paper;

static FILE *paper_open(paper *paper)
{
    return paper->file = open_memstream(&paper->text, &paper->size);
}

static const char *paper_take(ix_ctx *cx, paper *paper)
{
    fclose(paper->file);
    const char *text = ix_strdup(cx, paper->text);
    free(paper->text);
    return text;
}

static const char *faults(ix_ctx *cx, const header *header)
{
    paper paper;
    header_check(cx, header, paper_open(&paper));
    return paper_take(cx, &paper);
}

static const char *man(ix_ctx *cx, const header *header)
{
    paper paper;
    paper_open(&paper);
    for (const section *section = header->sections; section; section = section->next) {
        for (const group *group = section->groups; group; group = group->next) {
            if (first_function(group))
                man_group(paper.file, header, section, group);
        }
    }
    return paper_take(cx, &paper);
}

static const char *html(ix_ctx *cx, const header *header)
{
    paper paper;
    html_header(paper_open(&paper), header);
    return paper_take(cx, &paper);
}

static bool has(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_error("no \"%s\" in\n%s\n", part, text);
    return strstr(text, part) != NULL;
}

/* ---- comments ---- */

TEST("a comment is made of paragraphs, items, rows and code")
{
    static const struct {
        const char *comment, *want;
    } cases[] = {
        {" One line. ", "paragraph(One line.)"},
        {"\n * One\n * two.\n *\n * Three.\n ", "paragraph(One two.) paragraph(Three.)"},
        {"\n * - a\n *   b\n * - c\n", "item(a b) item(c)"},
        {"\n * name    what it\n *         is\n * b, c  both\n",
         "row(name: what it is) row(b, c: both)"},
        {"\n * So:\n *\n *     x = 1;\n *\n *       y;\n *\n * End.\n",
         "paragraph(So:) code(x = 1;\n\n  y;) paragraph(End.)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(blocks_of(cx, cases[i].comment), cases[i].want);
}

TEST("a summary is the first sentence")
{
    CHECK_TEXT(comment_summary(cx, comment_read(cx, IX_STR(" Do x.y: now. Then more."))), "Do x.y");
    CHECK_TEXT(comment_summary(cx, comment_read(cx, IX_STR(" Do it"))), "Do it");
    CHECK_TEXT(comment_summary(cx, NULL), "");
}

TEST("words are found whole, and by their beginnings where that is asked for")
{
    const block *comment = comment_read(cx, IX_STR(" Borrowed from iots_x_at()."));
    CHECK(comment_says(comment, "borrow-"));
    CHECK(!comment_says(comment, "borrow"));
    CHECK(comment_says(comment, "iots_x_at"));
    CHECK(!comment_says(comment, "iots_x"));
}

/* ---- headers ---- */

TEST("a comment is about what is below it, and about more only if it names that")
{
    const header *header = HEADER("/** About iots_a and iots_b. */\n"
                                  "IOTS_API int iots_a(void);\n"
                                  "IOTS_API int iots_b(int x,\n"
                                  "                    int y);\n"
                                  "IOTS_API int iots_c(void);\n");
    const group *group = first_group(header);
    CHECK_TEXT(group->decls->name, "iots_a");
    CHECK_TEXT(group->decls->next->name, "iots_b");
    CHECK_TEXT(group->decls->next->text, "int iots_b(int x,\n           int y);");
    CHECK(!group->decls->next->next);
    CHECK(!group->next->comment);
    CHECK_TEXT(faults(cx, header), "include/iots/x.h:7: iots_c: there is no comment about it\n");
}

TEST("a comment above an empty line is about nothing below that")
{
    CHECK(!first_group(HEADER("/* Lost. */\n\nIOTS_API int iots_a(void);\n"))->comment);
}

TEST("types and macros are known by their names")
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"typedef struct iots_a iots_a; /* note */\n", "iots_a"},
        {"typedef struct iots_a {\n    int (*run)(void); /* ; */\n} iots_a;\n", "iots_a"},
        {"struct iots_b {\n    int x;\n};\n", "iots_b"},
        {"typedef void (*iots_done)(int x);\n", "iots_done"},
        {"#define IOTS_M(a) \\\n    (a)\n", "IOTS_M"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = ix_format(cx, "/* x. */\n/* About it. */\n%s", cases[i].text);
        CHECK_TEXT(first_group(header_of(cx, text))->decls->name, cases[i].name);
    }
}

TEST("macros that are taken back are none of the reader's business")
{
    CHECK(!first_group(HEADER("#define IOTS_FIELD(x) x;\n#undef IOTS_FIELD\n")));
}

TEST("a section's comment holds for its functions, and for those of its parts")
{
    const header *header = HEADER("/* ---- calls ----\n *\n * All are safe.\n */\n\n"
                                  "/* ---- calls: lists ---- */\n\n"
                                  "/** List it. */\nIOTS_API void iots_list(void);\n");
    const char *page = man(cx, header);
    CHECK(has(page, ".SS calls\n.PP\nAll are safe.\n"));
}

/* ---- what is missing ---- */

TEST("whoever is handed a pointer is asked to whom it belongs")
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {"/** Make it. */\nIOTS_API iots_a *iots_new(void);\n", false},
        {"/** Make it; free it with iots_x(). */\nIOTS_API iots_a *iots_new(void);\n", true},
        {"/** Look. */\nIOTS_API const char *iots_text(void);\n", false},
        {"/** Look. Borrowed. */\nIOTS_API const char *iots_text(void);\n", true},
        {"typedef struct iots_a iots_a; /* one; free\n    it */\n\n"
         "/** Make it. */\nIOTS_API iots_a *iots_new(void);\n",
         true},
        {"/** Count. */\nIOTS_API int iots_count(const char *text);\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = ix_format(cx, "/* About x. */\n%s", cases[i].text);
        const char *found = faults(cx, header_of(cx, text));
        CHECK(cases[i].ok ? !*found : has(found, "to whom does the pointer belong"));
    }
}

TEST("what is not called by programs need not be documented")
{
    CHECK_TEXT(faults(cx,
                      HEADER("/* ---- insides ----\n *\n * Called by the above, not by programs.\n"
                             " */\n\nIOTS_API void *iots_do(int len);\n")),
               "");
}

TEST("a row is about a parameter that exists")
{
    CHECK_TEXT(faults(cx, HEADER("/**\n * Do it.\n *\n * size    of it\n * len     likewise\n */\n"
                                 "IOTS_API void iots_do(int len);\n")),
               "include/iots/x.h:9: iots_do: 'size' is not a parameter of it\n");
}

/* ---- pages ---- */

TEST("a manual page has the parts that readers look for, and nothing that troff takes for its own")
{
    const char *page = man(cx, HEADER("/**\n * Do it - or not. More.\n *\n * len    of `x`\n *\n"
                                      " * .dot first\n */\nIOTS_API void iots_do(int len);\n"));
    CHECK(has(page, ".SH NAME\niots_do \\- Do it \\- or not\n"));
    CHECK(has(page, ".B #include <iots/x.h>\n"));
    CHECK(has(page, "\nvoid iots_do(int len);\n"));
    CHECK(has(page, ".TP\n.B len\nof \\fBx\\fR\n"));
    CHECK(has(page, ".PP\n\\&.dot first\n"));
    CHECK(has(page, ".SH SEE ALSO\n.BR x.h (3)\n"));
}

TEST("HTML is escaped, and names lead to where they are explained")
{
    const char *page = html(cx, HEADER("/** If a < b && c, as iots_do(). */\n"
                                       "IOTS_API void iots_do(void);\n"));
    CHECK(
        has(page, "If a &lt; b &amp;&amp; c, as <a href=\"#iots_do\"><code>iots_do</code></a>()."));
    CHECK(has(page, "<span id=\"iots_do\">"));
}

TEST("tables of rows become members, those of included files among them")
{
    char folder[] = "/tmp/iots-reference-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    const char *first = ix_format(cx, "%s/first.def", folder);
    const char *second = ix_format(cx, "%s/second.def", folder);
    FILE *out = fopen(first, "w");
    fputs(
        "/* x */\nIOTS_BEGIN(thing, \"Thing\", \"A thing.\")\n#include <second.def>\n"
        "IOTS_FIELD(LIST(text), b, \"b\", OPTIONAL,\n           \"Two \"\n           \"parts.\")\n"
        "IOTS_END(thing)\n",
        out);
    fclose(out);
    out = fopen(second, "w");
    fputs("IOTS_FIELD(TEXT, a, \"@a\", REQUIRED, \"One, (1).\")\n", out);
    fclose(out);
    rows *rows = NULL;
    const bool ok = rows_read(cx, folder, first, &rows);
    unlink(first);
    unlink(second);
    rmdir(folder);
    CHECK_OK(cx, ok);
    CHECK_TEXT(rows->name, "thing");
    CHECK_TEXT(rows->summary, "A thing.");
    CHECK_TEXT(rows->rows->cells[2], "@a");
    CHECK_TEXT(rows->rows->cells[4], "One, (1).");
    CHECK_TEXT(rows->rows->next->cells[0], "LIST(text)");
    CHECK_TEXT(rows->rows->next->cells[4], "Two parts.");
    CHECK(!rows->rows->next->next && !rows->next);
}

/* ---- the pages of our headers ---- */

enum { TAGS_MAX = 64, TAG = 16 };

/* Are all elements closed in the order in which they were opened? */
static bool is_balanced(const char *page)
{
    char open[TAGS_MAX][TAG];
    int depth = 0;
    for (const char *at = page; (at = strchr(at, '<')); at++) {
        const bool closes = at[1] == '/';
        char name[TAG];
        const char *word = at + 1 + closes;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word, " >"), word);
        if (*word == '!' || strcmp(name, "meta") == 0)
            continue;
        if (!closes && depth < TAGS_MAX)
            memcpy(open[depth++], name, sizeof name);
        else if (depth == 0 || strcmp(open[--depth], name) != 0) {
            print_error("%.80s\n", at);
            return false;
        }
    }
    return depth == 0;
}

/* Does each link within the page lead somewhere, and is each place there once? */
static bool is_linked(ix_ctx *cx, const char *page)
{
    for (const char *at = page; (at = strstr(at, "href=\"#")); at++) {
        const char *name = at + 7;
        const char *id = ix_format(cx, "id=\"%.*s\"", (int)strcspn(name, "\""), name);
        const char *place = strstr(page, id);
        if (!place || strstr(place + 1, id)) {
            print_error("%s: none, or several\n", id);
            return false;
        }
    }
    return true;
}

static int is_header(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".h") == 0;
}

TEST("the pages of the public headers are whole, and their links lead somewhere")
{
    struct dirent **found;
    const int count = scandir(HEADERS, &found, is_header, alphasort);
    CHECK(count > 1);
    for (int i = 0; i < count; i++) {
        header *header = header_read(cx, ix_format(cx, "%s/%s", HEADERS, found[i]->d_name));
        CHECK_OK(cx, header != NULL);
        const char *page = html(cx, header);
        CHECK(is_balanced(page));
        CHECK(is_linked(cx, page));
        CHECK(!strstr(page, "<script"));
        free(found[i]);
    }
    free(found);
}
