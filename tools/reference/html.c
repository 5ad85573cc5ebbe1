/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTML: one page for each header, complete in itself, without scripts. Its parts are what they are
 * (headings in order, lists, tables with heads, one main part), so that it can be read aloud and found
 * one's way about by keyboard; it follows the reader's colours and size of letters.
 */
#include <ctype.h>
#include <string.h>

#include "header.h"

static const char style[] =
    ":root{color-scheme:light dark;--soft:#f3f3f1;--line:#bbb;--link:#0b57a4}\n"
    "@media(prefers-color-scheme:dark){:root{--soft:#26282b;--line:#555;--link:#8ab9ff}}\n"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:52rem;margin:0 auto;padding:0 1rem 4rem}\n"
    "a{color:var(--link)}\n"
    "pre,code{font-family:ui-monospace,monospace;font-size:.9em}\n"
    "pre{background:var(--soft);border:1px solid var(--line);padding:.6rem;overflow-x:auto}\n"
    "h2{border-bottom:1px solid var(--line);margin-top:3rem}\n"
    "h3{margin-top:2rem;overflow-wrap:anywhere}\n"
    "table{border-collapse:collapse}\n"
    "th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}\n"
    "nav ul{columns:18rem}\n"
    ".skip{position:absolute;left:-99rem}\n"
    ".skip:focus{position:static}\n";

static void escape_char(FILE *out, char c)
{
    if (c == '<')
        fputs("&lt;", out);
    else if (c == '>')
        fputs("&gt;", out);
    else if (c == '&')
        fputs("&amp;", out);
    else if (c == '"')
        fputs("&quot;", out);
    else
        fputc(c, out);
}

static void escape(FILE *out, const char *text)
{
    for (; *text; text++)
        escape_char(out, *text);
}

/* ---- places on the page ---- */

static bool is_on_page(const header *header, const char *name, size_t len)
{
    for (const section *section = header->sections; section; section = section->next) {
        for (const group *group = section->groups; group; group = group->next) {
            for (const decl *decl = group->decls; decl; decl = decl->next) {
                if (strncmp(decl->name, name, len) == 0 && !decl->name[len])
                    return true;
            }
        }
    }
    return false;
}

static size_t word_len(const char *text)
{
    size_t len = 0;
    while (isalnum((unsigned char)text[len]) || text[len] == '_')
        len++;
    return len;
}

/* Text with words in backquotes as code, and names of this page as links. */
static void words(FILE *out, const header *header, const char *text)
{
    bool is_code = false;
    while (*text) {
        const size_t len = word_len(text);
        if (*text == '`') {
            is_code = !is_code;
            fputs(is_code ? "<code>" : "</code>", out);
            text++;
        } else if (len > 0 && is_on_page(header, text, len)) {
            fprintf(out, "<a href=\"#%.*s\"><code>%.*s</code></a>", (int)len, text, (int)len, text);
            text += len;
        } else if (len > 0) {
            fprintf(out, "%.*s", (int)len, text);
            text += len;
        } else
            escape_char(out, *text++);
    }
    if (is_code)
        fputs("</code>", out);
}

/* A section's title as the name of its place. */
static void slug(FILE *out, const char *title)
{
    for (; *title; title++)
        fputc(isalnum((unsigned char)*title) ? tolower((unsigned char)*title) : '-', out);
}

/* ---- comments ---- */

/* What is open around the blocks of one kind. */
static void list_open(FILE *out, block_kind kind)
{
    if (kind == BLOCK_ITEM)
        fputs("<ul>\n", out);
    else if (kind == BLOCK_ROW)
        fputs("<table>\n<thead><tr><th scope=\"col\">Name</th><th "
              "scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n",
              out);
}

static void list_close(FILE *out, block_kind kind)
{
    if (kind == BLOCK_ITEM)
        fputs("</ul>\n", out);
    else if (kind == BLOCK_ROW)
        fputs("</tbody>\n</table>\n", out);
}

static void block_print(FILE *out, const header *header, const block *block)
{
    switch (block->kind) {
    case BLOCK_PARAGRAPH:
        fputs("<p>", out);
        words(out, header, block->text);
        fputs("</p>\n", out);
        break;
    case BLOCK_ITEM:
        fputs("<li>", out);
        words(out, header, block->text);
        fputs("</li>\n", out);
        break;
    case BLOCK_ROW:
        fputs("<tr><th scope=\"row\"><code>", out);
        escape(out, block->name);
        fputs("</code></th><td>", out);
        words(out, header, block->text);
        fputs("</td></tr>\n", out);
        break;
    case BLOCK_CODE:
        fputs("<pre><code>", out);
        escape(out, block->text);
        fputs("</code></pre>\n", out);
        break;
    }
}

static void blocks_print(FILE *out, const header *header, const block *blocks)
{
    block_kind open = BLOCK_PARAGRAPH;
    for (const block *at = blocks; at; at = at->next) {
        if (at->kind != open) {
            list_close(out, open);
            list_open(out, at->kind);
            open = at->kind;
        }
        block_print(out, header, at);
    }
    list_close(out, open);
}

/* ---- the page ---- */

static void page_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
          "name=\"viewport\" content=\"width=device-width\">\n<title>",
          out);
    escape(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
    fputs("<a class=\"skip\" href=\"#main\">Skip to the text</a>\n<header>\n<h1>", out);
    escape(out, title);
    fputs("</h1>\n<p>libiots " IOTS_VERSION "</p>\n</header>\n", out);
}

static void page_end(FILE *out)
{
    fputs("</main>\n</body>\n</html>\n", out);
}

static void contents_print(FILE *out, const header *header)
{
    fputs("<nav aria-label=\"Contents\">\n<ul>\n", out);
    for (const section *section = header->sections; section; section = section->next) {
        if (!section->title)
            continue;
        fputs("<li><a href=\"#", out);
        slug(out, section->title);
        fputs("\">", out);
        escape(out, section->title);
        fputs("</a></li>\n", out);
    }
    if (header->rows)
        fputs("<li><a href=\"#tables\">members</a></li>\n", out);
    fputs("</ul>\n</nav>\n", out);
}

static void group_print(FILE *out, const header *header, const group *group)
{
    fputs("<h3>", out);
    for (const decl *decl = group->decls; decl; decl = decl->next) {
        fprintf(out, "%s<span id=\"", decl == group->decls ? "" : ", ");
        escape(out, decl->name);
        fputs("\">", out);
        escape(out, decl->name);
        fputs("</span>", out);
    }
    fputs("</h3>\n<pre><code>", out);
    for (const decl *decl = group->decls; decl; decl = decl->next) {
        escape(out, decl->text);
        fputs(decl->next ? "\n" : "", out);
    }
    fputs("</code></pre>\n", out);
    blocks_print(out, header, group->comment);
}

static void section_print(FILE *out, const header *header, const section *section)
{
    if (section->title) {
        fputs("<section aria-labelledby=\"", out);
        slug(out, section->title);
        fputs("\">\n<h2 id=\"", out);
        slug(out, section->title);
        fputs("\">", out);
        escape(out, section->title);
        fputs("</h2>\n", out);
    } else
        fputs("<section aria-label=\"About this header\">\n<h2>About</h2>\n", out);
    if (!section->title)
        blocks_print(out, header, header->comment);
    blocks_print(out, header, section->comment);
    for (const group *group = section->groups; group; group = group->next)
        group_print(out, header, group);
    fputs("</section>\n", out);
}

static void row_print(FILE *out, const row *row)
{
    size_t count = 0;
    while (count < 5 && row->cells[count])
        count++;
    fputs("<tr>", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i + 1 < count ? "<td><code>" : "<td>", out);
        escape(out, row->cells[i]);
        fputs(i + 1 < count ? "</code></td>" : "</td>", out);
    }
    fputs("</tr>\n", out);
}

static void tables_print(FILE *out, const header *header)
{
    fputs("<section aria-labelledby=\"tables\">\n<h2 id=\"tables\">members</h2>\n", out);
    for (const rows *table = header->rows; table; table = table->next) {
        fprintf(out, "<h3 id=\"iots_%s_model\">iots_%s_model</h3>\n<p>", table->name, table->name);
        escape(out, table->title);
        fputs(": ", out);
        escape(out, table->summary);
        fputs("</p>\n<table>\n<tbody>\n", out);
        for (const row *row = table->rows; row; row = row->next)
            row_print(out, row);
        fputs("</tbody>\n</table>\n", out);
    }
    fputs("</section>\n", out);
}

void html_header(FILE *out, const header *header)
{
    char title[128];
    snprintf(title, sizeof title, "iots/%s", header->name);
    page_begin(out, title);
    contents_print(out, header);
    fputs("<main id=\"main\">\n", out);
    for (const section *section = header->sections; section; section = section->next)
        section_print(out, header, section);
    if (header->rows)
        tables_print(out, header);
    page_end(out);
}

void html_index(FILE *out, header *const *headers, size_t count)
{
    page_begin(out, "libiots");
    fputs("<main id=\"main\">\n<h2>Headers</h2>\n<ul>\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "<li><a href=\"%s.html\"><code>iots/%s</code></a>: ", headers[i]->name,
                headers[i]->name);
        ix_ctx cx;
        if (ix_ctx_init(&cx, 0))
            escape(out, header_summary(&cx, headers[i]));
        ix_ctx_done(&cx);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
    page_end(out);
}
