/* SPDX-License-Identifier: Apache-2.0 */
/* Comments, taken apart line by line. A line either goes on with the block above it or begins one. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "header.h"

enum { CODE_INDENT = 4 };

static size_t indent_of(ix_str line)
{
    size_t indent = 0;
    while (indent < line.len && line.at[indent] == ' ')
        indent++;
    return indent;
}

static ix_str line_from(ix_str line, size_t place)
{
    return place < line.len ? (ix_str){line.at + place, line.len - place} : IX_STR("");
}

/* A line without what a comment has before it: blanks, an asterisk, a blank. */
static ix_str line_bare(ix_str line, bool is_first)
{
    while (line.len > 0 && isspace((unsigned char)line.at[line.len - 1]))
        line.len--;
    size_t place = indent_of(line);
    if (!is_first && place < line.len && line.at[place] == '*')
        place++;
    else if (!is_first)
        return line_from(line, 0);
    if (place < line.len && line.at[place] == ' ')
        place++;
    return line_from(line, place);
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_.,<>*()[]", c));
}

/* Where the text of a row begins: behind a name, or several with commas between, and two blanks. 0: it
 * is not a row. */
static size_t row_text_at(ix_str line, size_t *ret_name)
{
    size_t i = 0;
    if (line.len == 0 || !is_name_char(line.at[0]))
        return 0;
    for (; i < line.len; i++) {
        if (is_name_char(line.at[i]) || (line.at[i] == ' ' && line.at[i - 1] == ','))
            continue;
        break;
    }
    *ret_name = i;
    const size_t gap = indent_of(line_from(line, i));
    return gap >= 2 && i + gap < line.len ? i + gap : 0;
}

/* What is being read. */
typedef struct reading {
    ix_ctx *cx;
    block *first;
    block **end;
    block *open; /* what a line may go on with; NULL after an empty one */
    int blanks;  /* empty lines since the last one */
} reading;

static block *block_add(reading *reading, block_kind kind, ix_str text)
{
    block *block = ix_new(reading->cx, struct block, 1);
    if (!block)
        return NULL;
    block->kind = kind;
    block->text = ix_strndup(reading->cx, text.at, text.len);
    *reading->end = block;
    reading->end = &block->next;
    reading->open = block;
    return block;
}

static void block_go_on(reading *reading, block *block, const char *between, ix_str text)
{
    block->text = ix_format(reading->cx, "%s%s%.*s", block->text, between, (int)text.len, text.at);
}

/* The block before, if it is code that goes on behind empty lines. */
static block *code_before(const reading *reading)
{
    block *last = NULL;
    for (block *at = reading->first; at; at = at->next)
        last = at;
    return last && last->kind == BLOCK_CODE ? last : NULL;
}

static void read_indented(reading *reading, ix_str line, size_t indent)
{
    block *open = reading->open;
    if (open && open->kind != BLOCK_CODE &&
        (open->kind != BLOCK_PARAGRAPH || indent < CODE_INDENT)) {
        block_go_on(reading, open, " ", line_from(line, indent));
        return;
    }
    const ix_str code = line_from(line, indent < CODE_INDENT ? indent : CODE_INDENT);
    block *before = code_before(reading);
    if (before)
        block_go_on(reading, before, reading->blanks ? "\n\n" : "\n", code);
    else
        block_add(reading, BLOCK_CODE, code);
}

static void read_line(reading *reading, ix_str line)
{
    const size_t indent = indent_of(line);
    size_t name;
    const size_t text_at = row_text_at(line, &name);
    block *open = reading->open;
    if (indent > 0)
        read_indented(reading, line, indent);
    else if (ix_str_starts(line, "- "))
        block_add(reading, BLOCK_ITEM, line_from(line, 2));
    else if (text_at) {
        block *row = block_add(reading, BLOCK_ROW, line_from(line, text_at));
        if (row)
            row->name = ix_strndup(reading->cx, line.at, name);
    } else if (open && open->kind == BLOCK_PARAGRAPH)
        block_go_on(reading, open, " ", line);
    else
        block_add(reading, BLOCK_PARAGRAPH, line);
    reading->blanks = 0;
}

block *comment_read(ix_ctx *cx, ix_str comment)
{
    reading reading = {.cx = cx};
    reading.end = &reading.first;
    bool is_first = true;
    while (comment.at && !ix_failed(cx)) {
        ix_str line;
        comment = ix_str_cut(comment, '\n', &line);
        line = line_bare(line, is_first);
        is_first = false;
        if (line.len > 0)
            read_line(&reading, line);
        else {
            reading.open = NULL;
            reading.blanks++;
        }
    }
    return reading.first;
}

const char *comment_summary(ix_ctx *cx, const block *blocks)
{
    if (!blocks)
        return "";
    const char *text = blocks->text;
    size_t end = 0;
    while (text[end] && !(strchr(".:;", text[end]) && (text[end + 1] == ' ' || !text[end + 1])))
        end++;
    return ix_strndup(cx, text, end);
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool text_says(const char *text, const char *word)
{
    const size_t len = strlen(word);
    const bool is_stem = word[len - 1] == '-';
    const size_t size = len - is_stem;
    for (const char *at = text; *at; at++) {
        if (strncasecmp(at, word, size) == 0 && (at == text || !is_word_char(at[-1])) &&
            (is_stem || !is_word_char(at[size])))
            return true;
    }
    return false;
}

bool comment_says(const block *blocks, const char *word)
{
    for (; blocks; blocks = blocks->next) {
        if (text_says(blocks->text, word) || (blocks->name && text_says(blocks->name, word)))
            return true;
    }
    return false;
}
