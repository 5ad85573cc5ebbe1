/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers in our form, taken apart. This is not a C parser: it knows comments, preprocessor lines, and
 * that a declaration ends with a semicolon outside of brackets.
 */
#include "header.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { FILE_MAX = 4 << 20 };

/* What is being read, and where a found thing goes. */
typedef struct reading {
    ix_ctx *cx;
    header *header;
    ix_str text;
    size_t at;
    ix_str comment; /* waits for its declaration; at is NULL: none does */
    section *section;
    section **sections_end;
    group *group; /* what a declaration directly below joins; NULL: none */
    group **groups_end;
    decl **decls_end;
} reading;

static ix_str rest(const reading *reading)
{
    return (ix_str){reading->text.at + reading->at, reading->text.len - reading->at};
}

static bool is_at(const reading *reading, const char *text)
{
    return ix_str_starts(rest(reading), text);
}

static int line_of(const reading *reading, size_t place)
{
    int line = 1;
    for (size_t i = 0; i < place; i++)
        line += reading->text.at[i] == '\n';
    return line;
}

/* The place of a text from here on, or the end. */
static size_t find(const reading *reading, size_t from, const char *text)
{
    const char *start = reading->text.at + from;
    const char *found = memmem(start, reading->text.len - from, text, strlen(text));
    return found ? (size_t)(found - reading->text.at) : reading->text.len;
}

static ix_str between(const reading *reading, size_t from, size_t to)
{
    return (ix_str){reading->text.at + from, to > from ? to - from : 0};
}

/* ---- sections, groups, declarations ---- */

/* The section of which one with this title is a part. */
static const section *whole_of(const header *header, const char *title)
{
    ix_str front;
    if (!title || !ix_str_cut(ix_str_of(title), ':', &front).at)
        return NULL;
    const section *section = header->sections;
    while (section && !(section->title && ix_str_is(front, section->title)))
        section = section->next;
    return section;
}

static section *section_add(reading *reading, const char *title, ix_str comment)
{
    section *section = ix_new(reading->cx, struct section, 1);
    if (!section)
        return NULL;
    section->title = title;
    section->whole = whole_of(reading->header, title);
    section->comment = comment.len ? comment_read(reading->cx, comment) : NULL;
    *reading->sections_end = section;
    reading->sections_end = &section->next;
    reading->section = section;
    reading->groups_end = &section->groups;
    reading->group = NULL;
    return section;
}

static void group_begin(reading *reading)
{
    group *group = ix_new(reading->cx, struct group, 1);
    if (!group)
        return;
    if (reading->comment.at)
        group->comment = comment_read(reading->cx, reading->comment);
    reading->comment = (ix_str){0};
    *reading->groups_end = group;
    reading->groups_end = &group->next;
    reading->group = group;
    reading->decls_end = &group->decls;
}

/* A declaration joins the one directly above it if the comment there names it, or if there is a
 * comment of neither. */
static bool joins(const reading *reading, const char *name)
{
    const group *group = reading->group;
    if (!group || reading->comment.at)
        return false;
    return !group->comment || comment_says(group->comment, name);
}

static void decl_add(reading *reading, decl_kind kind, const char *name, const char *text, int line)
{
    decl *decl = ix_new(reading->cx, struct decl, 1);
    if (!decl || !name || !text)
        return;
    *decl = (struct decl){.kind = kind, .name = name, .text = text, .line = line};
    if (!joins(reading, name))
        group_begin(reading);
    if (!reading->group)
        return;
    *reading->decls_end = decl;
    reading->decls_end = &decl->next;
}

/* ---- comments ---- */

static void read_section(reading *reading, ix_str comment)
{
    ix_str title;
    const ix_str text = ix_str_cut(comment, '\n', &title);
    size_t from = 0, to = title.len;
    while (from < to && strchr("- *", title.at[from]))
        from++;
    while (to > from && strchr("- *", title.at[to - 1]))
        to--;
    /* The line break belongs to the text: what is behind it is not a first line. */
    const ix_str below = text.at ? (ix_str){text.at - 1, text.len + 1} : IX_STR("");
    section_add(reading, ix_strndup(reading->cx, title.at + from, to - from), below);
}

static void read_comment(reading *reading)
{
    const size_t end = find(reading, reading->at, "*/");
    size_t from = reading->at + 2;
    const bool is_doc = from < end && reading->text.at[from] == '*';
    const ix_str comment = between(reading, from + is_doc, end);
    reading->at = end + 2 < reading->text.len ? end + 2 : reading->text.len;
    if (ix_str_starts(comment, " ----"))
        read_section(reading, comment);
    else if (ix_str_starts(comment, " SPDX-"))
        return;
    else if (!reading->header->comment && !reading->section->groups)
        reading->header->comment = comment_read(reading->cx, comment);
    else {
        reading->comment = comment;
        reading->group = NULL;
    }
}

/* ---- preprocessor lines ---- */

/* Names that are only for the headers themselves. */
static bool is_internal(const char *name)
{
    static const char *const names[] = {"IOTS_API", "IOTS_PRINTF"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    const size_t len = strlen(name);
    return len > 2 && strcmp(name + len - 2, "_H") == 0;
}

static ix_str word_at(ix_str text)
{
    size_t len = 0;
    while (len < text.len && (isalnum((unsigned char)text.at[len]) || text.at[len] == '_'))
        len++;
    return (ix_str){text.at, len};
}

/* A macro that is taken back later on is none for programs. */
static bool is_taken_back(const reading *reading, const char *name)
{
    const char *undef = ix_format(reading->cx, "#undef %s\n", name);
    return undef && find(reading, reading->at, undef) < reading->text.len;
}

static void read_directive(reading *reading)
{
    size_t end = find(reading, reading->at, "\n");
    while (end < reading->text.len && reading->text.at[end - 1] == '\\')
        end = find(reading, end + 1, "\n");
    const ix_str line = between(reading, reading->at, end);
    const int number = line_of(reading, reading->at);
    reading->at = end;
    if (!ix_str_starts(line, "#define "))
        return;
    const ix_str word = word_at((ix_str){line.at + 8, line.len - 8});
    const char *name = ix_strndup(reading->cx, word.at, word.len);
    const bool is_public = name && !is_internal(name) && !is_taken_back(reading, name);
    if (is_public)
        decl_add(reading, DECL_MACRO, name, ix_strndup(reading->cx, line.at, line.len), number);
    else
        reading->comment = (ix_str){0};
}

/* ---- declarations ---- */

/* Behind the semicolon that ends the declaration at hand. */
static size_t decl_end(const reading *reading)
{
    int depth = 0;
    size_t i = reading->at;
    while (i < reading->text.len) {
        const char c = reading->text.at[i];
        if (c == '/' && i + 1 < reading->text.len && reading->text.at[i + 1] == '*')
            i = find(reading, i, "*/") + 1;
        else if (strchr("({[", c))
            depth++;
        else if (strchr(")}]", c))
            depth--;
        else if (c == ';' && depth == 0)
            return i + 1;
        i++;
    }
    return reading->text.len;
}

/* A comment on the same line is part of what is shown. */
static size_t trailing_end(const reading *reading, size_t end)
{
    size_t i = end;
    while (i < reading->text.len && reading->text.at[i] == ' ')
        i++;
    if (i + 1 >= reading->text.len || reading->text.at[i] != '/' || reading->text.at[i + 1] != '*')
        return end;
    return find(reading, i, "*/") + 2;
}

/* The word before the first bracket of a function's declaration. */
static const char *function_name(ix_ctx *cx, const char *text)
{
    const char *bracket = strchr(text, '(');
    const char *from = bracket;
    while (from && from > text && (isalnum((unsigned char)from[-1]) || from[-1] == '_'))
        from--;
    return from ? ix_strndup(cx, from, (size_t)(bracket - from)) : NULL;
}

/* The name of a type: behind struct, enum or union where it has a body; else the last word, or the
 * one in (*name). */
static const char *type_name(ix_ctx *cx, const char *text)
{
    const char *end = strchr(text, ';');
    const char *brace = strchr(text, '{');
    const char *pointer = strstr(text, "(*");
    if (brace && (!end || brace < end)) {
        const char *close = strrchr(text, '}');
        ix_str last = word_at(ix_str_of(close + 1 + strspn(close + 1, " \n")));
        if (last.len > 0)
            return ix_strndup(cx, last.at, last.len);
        end = brace;
        while (end > text && end[-1] == ' ')
            end--;
    } else if (pointer && (!end || pointer < end)) {
        const ix_str word = word_at(ix_str_of(pointer + 2));
        return ix_strndup(cx, word.at, word.len);
    }
    const char *from = end;
    while (from && from > text && (isalnum((unsigned char)from[-1]) || from[-1] == '_'))
        from--;
    return from ? ix_strndup(cx, from, (size_t)(end - from)) : NULL;
}

/* Without the word IOTS_API, and with the lines behind moved left by as much. */
static const char *without_api(ix_ctx *cx, const char *text)
{
    static const char word[] = "IOTS_API ";
    const size_t len = sizeof word - 1;
    ix_buf shown = {0};
    for (const char *at = text + len; *at; at++) {
        ix_buf_char(&shown, *at);
        if (*at == '\n' && strspn(at + 1, " ") >= len)
            at += len;
    }
    char *ret = shown.failed ? NULL : ix_strdup(cx, ix_buf_cstr(&shown));
    ix_buf_done(&shown);
    return ret;
}

/* What says the compiler about formats says readers nothing. */
static const char *without_attribute(ix_ctx *cx, const char *text)
{
    const char *attribute = strstr(text, " IOTS_PRINTF(");
    if (!attribute)
        return text;
    return ix_format(cx, "%.*s%s", (int)(attribute - text), text, strchr(attribute, ')') + 1);
}

static void read_decl(reading *reading)
{
    ix_ctx *cx = reading->cx;
    const size_t end = trailing_end(reading, decl_end(reading));
    const char *text = ix_strndup(cx, reading->text.at + reading->at, end - reading->at);
    const int line = line_of(reading, reading->at);
    reading->at = end;
    if (!text)
        return;
    if (strncmp(text, "IOTS_API ", 9) == 0) {
        const char *shown = without_api(cx, text);
        if (shown)
            decl_add(reading, DECL_FUNCTION, function_name(cx, shown), without_attribute(cx, shown),
                     line);
    } else
        decl_add(reading, DECL_TYPE, type_name(cx, text), text, line);
}

/* ---- all of it ---- */

static void skip_line(reading *reading)
{
    reading->at = find(reading, reading->at, "\n");
}

/* An empty line: what is below it does not belong to what is above. */
static void read_newline(reading *reading)
{
    reading->at++;
    if (reading->at < reading->text.len && reading->text.at[reading->at] == '\n') {
        reading->group = NULL;
        reading->comment = (ix_str){0};
    }
}

header *header_parse(ix_ctx *cx, const char *path, ix_str text)
{
    header *header = ix_new(cx, struct header, 1);
    if (!header)
        return NULL;
    const char *slash = strrchr(path, '/');
    header->path = path;
    header->name = slash ? slash + 1 : path;
    reading reading = {.cx = cx, .header = header, .text = text};
    reading.sections_end = &header->sections;
    if (!section_add(&reading, NULL, IX_STR("")))
        return NULL;
    while (reading.at < text.len && !ix_failed(cx)) {
        const char c = text.at[reading.at];
        if (c == '\n')
            read_newline(&reading);
        else if (isspace((unsigned char)c) || c == '}')
            reading.at++;
        else if (is_at(&reading, "/*"))
            read_comment(&reading);
        else if (is_at(&reading, "//") || is_at(&reading, "extern \"C\""))
            skip_line(&reading);
        else if (c == '#')
            read_directive(&reading);
        else
            read_decl(&reading);
    }
    return ix_failed(cx) ? NULL : header;
}

ix_str file_read(ix_ctx *cx, const char *path)
{
    ix_str none = {0};
    FILE *in = fopen(path, "r");
    if (!in) {
        ix_fail(cx, IOTS_NOT_FOUND, "%s: %s", path, strerror(errno));
        return none;
    }
    char *text = ix_alloc(cx, FILE_MAX);
    const size_t size = text ? fread(text, 1, FILE_MAX - 1, in) : 0;
    const bool is_whole = text && !ferror(in) && feof(in);
    fclose(in);
    if (!is_whole)
        ix_fail(cx, IOTS_TOO_LARGE, "%s: cannot be read, or has more than %d bytes", path,
                FILE_MAX);
    return is_whole ? (ix_str){text, size} : none;
}

/* Tables beside a header iots/x.h are in iots/x/all.def, or it has none. */
static bool read_rows(ix_ctx *cx, header *header)
{
    const size_t stem = strlen(header->path) - 2;
    const char *path = ix_format(cx, "%.*s/all.def", (int)stem, header->path);
    const char *folder = ix_strndup(cx, header->path, (size_t)(header->name - header->path));
    if (!path || !folder)
        return false;
    FILE *in = fopen(path, "r");
    if (!in)
        return true;
    fclose(in);
    return rows_read(cx, ix_format(cx, "%s..", folder), path, &header->rows);
}

header *header_read(ix_ctx *cx, const char *path)
{
    const ix_str text = file_read(cx, path);
    header *header = text.at ? header_parse(cx, path, text) : NULL;
    return header && read_rows(cx, header) ? header : NULL;
}

const char *header_summary(ix_ctx *cx, const header *header)
{
    static const char front[] = "libiots: ";
    block about = header->comment ? *header->comment : (block){.text = ""};
    if (strncmp(about.text, front, sizeof front - 1) == 0)
        about.text += sizeof front - 1;
    return comment_summary(cx, &about);
}

/* ---- notes on types ---- */

/* Notes the text behind "typedef struct x x;", if this is one. */
static bool note_take(ix_ctx *cx, const decl *decl, note **notes)
{
    const char *from = strstr(decl->text, "; /* ");
    if (decl->kind != DECL_TYPE || !from || strncmp(decl->text, "typedef struct ", 15) != 0 ||
        memchr(decl->text, '{', (size_t)(from - decl->text)))
        return true;
    note *note = ix_new(cx, struct note, 1);
    const block *block = comment_read(cx, (ix_str){from + 5, strlen(from + 5) - 2});
    if (!note || !block)
        return false;
    /* It goes on in the lines below, where it is indented. */
    ix_buf text = {0};
    for (; block; block = block->next)
        ix_buf_format(&text, "%s%s", text.len ? " " : "", block->text);
    const ix_str trimmed = ix_str_trim(ix_str_of(ix_buf_cstr(&text)));
    *note = (struct note){decl->name, ix_strndup(cx, trimmed.at, trimmed.len), *notes};
    ix_buf_done(&text);
    *notes = note;
    return note->text != NULL;
}

bool headers_link(ix_ctx *cx, header *const *headers, size_t count)
{
    note *notes = NULL;
    bool has_rule = false;
    for (size_t i = 0; i < count; i++) {
        has_rule = has_rule || comment_says(headers[i]->comment, "handed out");
        for (const section *section = headers[i]->sections; section; section = section->next) {
            for (const group *group = section->groups; group; group = group->next) {
                for (const decl *decl = group->decls; decl; decl = decl->next) {
                    if (!note_take(cx, decl, &notes))
                        return false;
                }
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        headers[i]->notes = notes;
        headers[i]->has_rule = has_rule;
    }
    return true;
}

const note *note_on_returned(const header *header, const decl *decl)
{
    const ix_str type = word_at(ix_str_of(decl->text));
    if (strncmp(decl->text + type.len, " *", 2) != 0)
        return NULL;
    const note *note = header->notes;
    while (note && !ix_str_is(type, note->type))
        note = note->next;
    return note;
}

const decl *next_function(const decl *decl)
{
    while (decl && decl->kind != DECL_FUNCTION)
        decl = decl->next;
    return decl;
}

const decl *first_function(const group *group)
{
    return next_function(group->decls);
}
