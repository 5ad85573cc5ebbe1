/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages, in the man macros: one for a header, and one for each group of functions. */
#include <string.h>

#include "header.h"

/* Text in troff: backslashes and hyphens are written as what they are, words in backquotes are bold,
 * and nothing that begins a line is taken for a request. */
static void roff(FILE *out, const char *text)
{
    bool is_bold = false, begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        begins = *text == '\n';
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\'')
            fputs("\\(aq", out);
        else if (*text == '`') {
            is_bold = !is_bold;
            fputs(is_bold ? "\\fB" : "\\fR", out);
        } else
            fputc(*text, out);
    }
}

static void code(FILE *out, const char *text)
{
    fputs(".nf\n", out);
    roff(out, text);
    fputs("\n.fi\n", out);
}

static void blocks_print(FILE *out, const block *blocks)
{
    for (const block *at = blocks; at; at = at->next) {
        switch (at->kind) {
        case BLOCK_PARAGRAPH:
            fputs(".PP\n", out);
            roff(out, at->text);
            fputc('\n', out);
            break;
        case BLOCK_ITEM:
            fputs(".IP \\(bu 2\n", out);
            roff(out, at->text);
            fputc('\n', out);
            break;
        case BLOCK_ROW:
            fputs(".TP\n.B ", out);
            roff(out, at->name);
            fputc('\n', out);
            roff(out, at->text);
            fputc('\n', out);
            break;
        case BLOCK_CODE:
            fputs(".PP\n.RS 4\n", out);
            code(out, at->text);
            fputs(".RE\n", out);
            break;
        }
    }
}

static void title_print(FILE *out, const char *name)
{
    fputs(".TH \"", out);
    roff(out, name);
    fputs("\" 3 \"\" \"libiots " IOTS_VERSION "\" \"libiots\"\n.SH NAME\n", out);
}

static void include_print(FILE *out, const header *header)
{
    fputs(".SH SYNOPSIS\n.nf\n.B #include <iots/", out);
    roff(out, header->name);
    fputs(">\n", out);
}

/* The end of each page: where the rest is. */
static void see_also_print(FILE *out, const char *name)
{
    fputs(".SH SEE ALSO\n.BR ", out);
    roff(out, name);
    fputs(" (3)\n", out);
}

/* What stands behind the names in a list of pages: of a group, or of a header. */
static void summary_print(FILE *out, const block *comment, const header *header)
{
    ix_ctx cx;
    fputs(" \\- ", out);
    if (ix_ctx_init(&cx, 0))
        roff(out, header ? header_summary(&cx, header) : comment_summary(&cx, comment));
    ix_ctx_done(&cx);
    fputc('\n', out);
}

/* What a section says of all its functions. */
static void notes_print(FILE *out, const section *section)
{
    if (!section->comment)
        return;
    fputs(".SS ", out);
    roff(out, section->title);
    fputc('\n', out);
    blocks_print(out, section->comment);
}

void man_group(FILE *out, const header *header, const section *section, const group *group)
{
    title_print(out, first_function(group)->name);
    for (const decl *decl = first_function(group); decl; decl = next_function(decl->next)) {
        if (decl != first_function(group))
            fputs(", ", out);
        roff(out, decl->name);
    }
    summary_print(out, group->comment, NULL);
    include_print(out, header);
    fputs(".PP\n", out);
    for (const decl *decl = group->decls; decl; decl = decl->next) {
        roff(out, decl->text);
        fputc('\n', out);
    }
    fputs(".fi\n.SH DESCRIPTION\n", out);
    blocks_print(out, group->comment);
    const note *note = note_on_returned(header, first_function(group));
    if (note) {
        fputs(".PP\n.I ", out);
        roff(out, note->type);
        fputs(":\n", out);
        roff(out, note->text);
        fputs(".\n", out);
    }
    if (decl_ownership(header, section, group, first_function(group)) == OWNERSHIP_BY_RULE)
        fputs(".PP\nWhat is returned belongs to the first argument.\n", out);
    if (section->comment || (section->whole && section->whole->comment))
        fputs(".SH NOTES\n", out);
    notes_print(out, section);
    if (section->whole)
        notes_print(out, section->whole);
    see_also_print(out, header->name);
}

void man_rows(FILE *out, const header *header, const rows *rows)
{
    char name[256];
    snprintf(name, sizeof name, "iots_%s_model", rows->name);
    title_print(out, name);
    roff(out, name);
    fputs(" \\- ", out);
    roff(out, rows->summary);
    fputc('\n', out);
    include_print(out, header);
    fputs(".fi\n.SH DESCRIPTION\n", out);
    fprintf(out, "\\(lq%s\\(rq of the API: ", rows->title);
    roff(out, rows->summary);
    fputc('\n', out);
    for (const row *row = rows->rows; row; row = row->next) {
        size_t last = 0;
        while (last + 1 < 5 && row->cells[last + 1])
            last++;
        fputs(".TP\n.B ", out);
        roff(out, last > 0 && row->cells[1] ? row->cells[1] : row->cells[0]);
        fputc('\n', out);
        roff(out, row->cells[last]);
        fputs(" (", out);
        for (size_t i = 0; i < last; i++) {
            if (i == 1)
                continue;
            fputs(i ? ", " : "", out);
            roff(out, row->cells[i]);
        }
        fputs(")\n", out);
    }
    see_also_print(out, header->name);
}

static void names_print(FILE *out, const section *section)
{
    bool has_any = false;
    for (const group *group = section->groups; group; group = group->next) {
        for (const decl *decl = first_function(group); decl; decl = next_function(decl->next)) {
            fputs(has_any ? ",\n.BR " : ".PP\nFunctions:\n.BR ", out);
            roff(out, decl->name);
            fputs(" (3)", out);
            has_any = true;
        }
    }
    if (has_any)
        fputc('\n', out);
}

/* Types and macros have no pages of their own. */
static void others_print(FILE *out, const section *section)
{
    for (const group *group = section->groups; group; group = group->next) {
        if (first_function(group))
            continue;
        blocks_print(out, group->comment);
        fputs(".PP\n", out);
        for (const decl *decl = group->decls; decl; decl = decl->next)
            code(out, decl->text);
    }
}

void man_header(FILE *out, const header *header)
{
    title_print(out, header->name);
    roff(out, header->name);
    summary_print(out, NULL, header);
    include_print(out, header);
    fputs(".fi\n.SH DESCRIPTION\n", out);
    blocks_print(out, header->comment);
    for (const section *section = header->sections; section; section = section->next) {
        if (section->title) {
            fputs(".SS ", out);
            roff(out, section->title);
            fputc('\n', out);
        }
        blocks_print(out, section->comment);
        others_print(out, section);
        names_print(out, section);
    }
    for (const rows *rows = header->rows; rows; rows = rows->next) {
        fprintf(out, "%s.BR iots_%s_model (3)\n", rows == header->rows ? ".SS models\n" : "",
                rows->name);
    }
}
