/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cell.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/json.h"

static bool is_digit(ix_str text, size_t at)
{
    return at < text.len && isdigit((unsigned char)text.at[at]);
}

/* Recorders write numbers that JSON does not know: +5, 007.5, .5, 5. These are the same in JSON:
 * the digits stay, and with them the precision. Nothing is written for what begins like no number. */
static void number_write(ix_buf *buf, ix_str text)
{
    const bool has_sign = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    size_t i = has_sign;
    while (i < text.len && text.at[i] == '0' && is_digit(text, i + 1))
        i++;
    const bool is_bare = i < text.len && text.at[i] == '.';
    if (!is_digit(text, i + is_bare))
        return;
    if (has_sign && text.at[0] == '-')
        ix_buf_char(buf, '-');
    if (is_bare)
        ix_buf_char(buf, '0');
    for (; i < text.len; i++) {
        ix_buf_char(buf, text.at[i]);
        if (text.at[i] == '.' && !is_digit(text, i + 1))
            ix_buf_char(buf, '0');
    }
}

/* The cell as a JSON number; NULL if it is none. */
static const char *number_of_cell(ix_ctx *cx, ix_str cell)
{
    ix_buf number = {0};
    number_write(&number, cell);
    const ix_json *json = number.len > 0 ? ix_json_parse(cx, number.at, number.len) : NULL;
    const char *text = json && ix_json_is_number(json) ? ix_json_text(cx, json) : NULL;
    ix_buf_done(&number);
    if (!text && cx->error.code == IOTS_INVALID)
        ix_ctx_forgive(cx);
    return text;
}

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

static const char *fail_cell(ix_ctx *cx, ix_str cell, const char *what)
{
    ix_fail(cx, IOTS_INVALID, "'%.*s' is no %s", (int)(cell.len > 100 ? 100 : cell.len), cell.at,
            what);
    return NULL;
}

const char *cell_value(ix_ctx *cx, ix_str cell, const char *type)
{
    const ix_str text = ix_str_trim(cell);
    const ix_str kind = ix_str_of(type);
    if (text.len == 0)
        return NULL;
    if (ix_str_is(kind, "string"))
        return text_of_cell(cx, cell);
    if (ix_str_is(kind, "number") || ix_str_is(kind, "integer")) {
        const char *number = number_of_cell(cx, text);
        return number || ix_failed(cx) ? number : fail_cell(cx, text, "number");
    }
    if (ix_str_is(kind, "boolean")) {
        const char *truth = ix_str_is(text, "1")   ? "true"
                            : ix_str_is(text, "0") ? "false"
                                                   : truth_of_cell(text);
        return truth ? truth : fail_cell(cx, text, "boolean: expected true, false, 1 or 0");
    }
    if (ix_str_is(kind, "object") || ix_str_is(kind, "array") || ix_str_is(kind, "null")) {
        const ix_json *json = ix_json_parse(cx, text.at, text.len);
        if (json)
            return ix_json_text(cx, json);
        ix_ctx_forgive(cx);
        return fail_cell(cx, text, type);
    }
    /* No type is declared: what reads as a number is one. */
    const char *value = number_of_cell(cx, text);
    if (!value && !ix_failed(cx))
        value = truth_of_cell(text);
    return value || ix_failed(cx) ? value : text_of_cell(cx, cell);
}
