/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show/field_value.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/json.h"

enum { SHOWN_MAX = 100 };

/* ---- numbers ---- */

static bool is_digit(ix_str text, size_t at)
{
    return at < text.len && isdigit((unsigned char)text.at[at]);
}

/* Recorders write numbers that JSON does not know: +5, 007.5, .5, 5. These are the same in JSON:
 * the digits stay, and with them the precision. Nothing is written for what begins like no number. */
static void number_write(ix_buf *buf, ix_str text, char point)
{
    const bool has_sign = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    size_t i = has_sign;
    while (i < text.len && text.at[i] == '0' && is_digit(text, i + 1))
        i++;
    const bool is_bare = i < text.len && text.at[i] == point;
    if (!is_digit(text, i + is_bare) || (point != '.' && memchr(text.at, '.', text.len)))
        return;
    if (has_sign && text.at[0] == '-')
        ix_buf_char(buf, '-');
    if (is_bare)
        ix_buf_char(buf, '0');
    for (; i < text.len; i++) {
        const bool is_point = text.at[i] == point;
        if (!is_point)
            ix_buf_char(buf, text.at[i]);
        else
            ix_buf_text(buf, is_digit(text, i + 1) ? "." : ".0");
    }
}

/* The cell as a JSON number; NULL if it is none. */
static const char *number_of_cell(ix_ctx *cx, ix_str cell, decimal_mark mark)
{
    ix_buf number = {0};
    number_write(&number, cell, mark == DECIMAL_COMMA ? ',' : '.');
    const ix_json *json = number.len > 0 ? ix_json_parse(cx, number.at, number.len) : NULL;
    const char *text = json && ix_json_is_number(json) ? ix_json_text(cx, json) : NULL;
    ix_buf_done(&number);
    if (!text && cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(cx);
    return text;
}

/* Digits on both sides of one `point`, and nothing else but a sign: perhaps a number in the manner of
 * another country. */
static bool is_number_by(ix_str text, char point)
{
    size_t i = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    const size_t begin = i;
    while (is_digit(text, i))
        i++;
    if (i == begin || i >= text.len || text.at[i] != point)
        return false;
    for (i++; i < text.len; i++) {
        if (!is_digit(text, i))
            return false;
    }
    return is_digit(text, text.len - 1);
}

/* ---- reading ---- */

static const char *text_of_cell(ix_ctx *cx, ix_str cell)
{
    const ix_json *json = ix_json_new_text(cx, cell);
    return json ? ix_json_text(cx, json) : NULL;
}

static const char *truth_of_cell(ix_str cell)
{
    if (ix_str_is_nocase(cell, "true"))
        return "true";
    return ix_str_is_nocase(cell, "false") ? "false" : NULL;
}

/* JSON that begins with one of these characters; NULL if the cell is none. */
static const char *json_of_cell(ix_ctx *cx, ix_str cell, const char *begins)
{
    if (!strchr(begins, cell.at[0]))
        return NULL;
    const ix_json *json = ix_json_parse(cx, cell.at, cell.len);
    const char *text = json ? ix_json_text(cx, json) : NULL;
    if (!text && cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(cx);
    return text;
}

static bool text_is_mistakable(ix_ctx *cx, ix_str text);

/* The text of a cell that we wrote with quotes, because it would else read as something else. Others
 * write quotes as well, but not around such a text alone. */
static const char *quoted_of_cell(ix_ctx *cx, ix_str cell)
{
    if (cell.len < 2 || cell.at[0] != '"' || cell.at[cell.len - 1] != '"')
        return NULL;
    const ix_json *json = ix_json_parse(cx, cell.at, cell.len);
    if (!json && cx->error.code == IOTS_INVALID)
        ix_ctx_clear_error(cx);
    if (!json || !text_is_mistakable(cx, ix_json_str(json)))
        return NULL;
    const char *text = ix_json_text(cx, json);
    return text && ix_str_is(cell, text) ? text : NULL;
}

/* What reads as JSON is that, and the rest is text. `text` is the cell without blanks around it. */
static const char *value_of_cell(ix_ctx *cx, ix_str cell, ix_str text, decimal_mark mark)
{
    const char *value = number_of_cell(cx, text, mark);
    if (!value && !ix_failed(cx))
        value = truth_of_cell(text);
    if (!value && !ix_failed(cx))
        value = json_of_cell(cx, text, "[{");
    return value || ix_failed(cx) ? value : text_of_cell(cx, cell);
}

/* Would the text, as it is, be read as something else? Strange numbers count, whatever the mark. */
static bool text_is_mistakable(ix_ctx *cx, ix_str text)
{
    const ix_str trimmed = ix_str_trim(text);
    if (trimmed.len == 0 || ix_str_is(trimmed, "null") || is_number_by(trimmed, ',') ||
        quoted_of_cell(cx, trimmed))
        return true;
    const char *value = value_of_cell(cx, text, trimmed, DECIMAL_POINT);
    return value && value[0] != '"';
}

static const char *fail_cell(ix_ctx *cx, ix_str cell, const char *what)
{
    ix_fail(cx, IOTS_INVALID, "'%.*s' is not %s",
            (int)(cell.len > SHOWN_MAX ? SHOWN_MAX : cell.len), cell.at, what);
    return NULL;
}

static const char *fail_number(ix_ctx *cx, ix_str cell, decimal_mark mark)
{
    if (mark == DECIMAL_POINT_PERHAPS && is_number_by(cell, ','))
        return fail_cell(cx, cell, "a number, unless the comma is a decimal mark: --decimal ,");
    if (mark == DECIMAL_COMMA && is_number_by(cell, '.'))
        return fail_cell(cx, cell, "a number where the decimal mark is a comma");
    return fail_cell(cx, cell, "a number");
}

const char *cell_value(ix_ctx *cx, ix_str cell, const char *type, decimal_mark mark)
{
    const ix_str text = ix_str_trim(cell), kind = ix_str_of(type);
    if (text.len == 0)
        return NULL;
    if (ix_str_is(text, "null"))
        return "null";
    if (!type || ix_str_is(kind, "string")) {
        const char *quoted = quoted_of_cell(cx, text);
        if (quoted || ix_failed(cx))
            return quoted;
    }
    if (ix_str_is(kind, "string"))
        return text_of_cell(cx, cell);
    if (ix_str_is(kind, "number") || ix_str_is(kind, "integer")) {
        const char *number = number_of_cell(cx, text, mark);
        return number || ix_failed(cx) ? number : fail_number(cx, text, mark);
    }
    if (ix_str_is(kind, "boolean")) {
        const char *truth = ix_str_is(text, "1")   ? "true"
                            : ix_str_is(text, "0") ? "false"
                                                   : truth_of_cell(text);
        return truth ? truth : fail_cell(cx, text, "a boolean: expected true, false, 1 or 0");
    }
    if (ix_str_is(kind, "object") || ix_str_is(kind, "array") || ix_str_is(kind, "null")) {
        const char *json = json_of_cell(cx, text, ix_str_is(kind, "array") ? "[" : "{");
        return json || ix_failed(cx)      ? json
               : ix_str_is(kind, "null")  ? fail_cell(cx, text, "null")
               : ix_str_is(kind, "array") ? fail_cell(cx, text, "an array")
                                          : fail_cell(cx, text, "an object");
    }
    const char point = mark == DECIMAL_COMMA ? '.' : ',';
    if (mark != DECIMAL_POINT && is_number_by(text, point))
        return mark == DECIMAL_COMMA
                   ? fail_number(cx, text, mark)
                   : fail_cell(cx, text,
                               "plainly a number or a text: --decimal , or --decimal . says which");
    return value_of_cell(cx, cell, text, mark);
}

/* ---- writing ---- */

/* Is it plain from the first letter that it will read as the text it is? It often is. */
static bool text_is_plain(const char *text)
{
    return *text && !strchr(" \t+-.,0123456789tTfFn\"[{", *text);
}

void cell_write(ix_buf *buf, const iots_json *value)
{
    const char *text = iots_json_string(value, "");
    ix_ctx cx;
    if (!value)
        return;
    if (text && text_is_plain(text)) {
        ix_buf_text(buf, text);
        return;
    }
    if (!text) {
        char *json = iots_json_text(value, 0);
        if (json)
            ix_buf_text(buf, json);
        else
            buf->failed = true;
        free(json);
        return;
    }
    if (!ix_ctx_init(&cx, 0)) {
        buf->failed = true;
        return;
    }
    if (text_is_mistakable(&cx, ix_str_of(text)))
        ix_json_write_text(buf, ix_str_of(text));
    else
        ix_buf_text(buf, text);
    if (ix_failed(&cx))
        buf->failed = true;
    ix_ctx_done(&cx);
}
