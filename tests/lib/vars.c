/* SPDX-License-Identifier: Apache-2.0 */
#include "vars.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { VARS_FIRST = 16, VARS_NAME_MAX = 64, REPEAT_MAX = 8 << 20 };

const char *vars_find(const vars *vars, const char *name)
{
    for (size_t i = 0; i < vars->count; i++) {
        if (strcmp(vars->names[i], name) == 0)
            return vars->values[i];
    }
    return NULL;
}

static bool vars_grow(ix_ctx *cx, vars *vars)
{
    const size_t size = vars->size ? 2 * vars->size : VARS_FIRST;
    const char **names = ix_new(cx, const char *, size);
    const char **values = ix_new(cx, const char *, size);
    if (!names || !values)
        return false;
    for (size_t i = 0; i < vars->count; i++) {
        names[i] = vars->names[i];
        values[i] = vars->values[i];
    }
    vars->names = names;
    vars->values = values;
    vars->size = size;
    return true;
}

bool vars_set(ix_ctx *cx, vars *vars, const char *name, const char *value)
{
    value = ix_strdup(cx, value);
    if (!value)
        return false;
    for (size_t i = 0; i < vars->count; i++) {
        if (strcmp(vars->names[i], name) == 0) {
            vars->values[i] = value;
            return true;
        }
    }
    if (vars->count == vars->size && !vars_grow(cx, vars))
        return false;
    name = ix_strdup(cx, name);
    if (!name)
        return false;
    vars->names[vars->count] = name;
    vars->values[vars->count++] = value;
    return true;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Adds the value of the variable whose name is the first `len` bytes of `name`. */
static bool add_value(ix_ctx *cx, const vars *vars, const char *name, size_t len, ix_buf *out)
{
    char key[VARS_NAME_MAX];
    if (len == 0 || len >= sizeof(key))
        return ix_fail(cx, IOTS_USAGE, "'%.20s' is not a name of a variable", name);
    memcpy(key, name, len);
    key[len] = '\0';
    const char *value = vars_find(vars, key);
    if (!value)
        return ix_fail(cx, IOTS_USAGE, "the variable %s has no value", key);
    ix_buf_text(out, value);
    return true;
}

/* "repeat(N,text)": adds text N times; returns what follows, or NULL. */
static const char *add_repeated(ix_ctx *cx, const char *at, ix_buf *out)
{
    char *comma;
    const long times = strtol(at + strlen("repeat("), &comma, 10);
    const char *end = *comma == ',' ? strchr(comma, ')') : NULL;
    if (!end || times < 0 || times > REPEAT_MAX) {
        ix_fail(cx, IOTS_USAGE, "$repeat(N,text) is not understood");
        return NULL;
    }
    for (long i = 0; i < times; i++)
        ix_buf_add(out, comma + 1, (size_t)(end - comma - 1));
    return end + 1;
}

/* Adds what stands at a dollar; returns what follows, or NULL. */
static const char *add_dollar(ix_ctx *cx, const vars *vars, const char *at, ix_buf *out)
{
    at++;
    if (*at == '$') {
        ix_buf_char(out, '$');
        return at + 1;
    }
    if (strncmp(at, "repeat(", strlen("repeat(")) == 0)
        return add_repeated(cx, at, out);
    size_t len = 0;
    while (is_name(at[len]))
        len++;
    return add_value(cx, vars, at, len, out) ? at + len : NULL;
}

/* Adds what stands at two braces; returns what follows, or NULL. */
static const char *add_braces(ix_ctx *cx, const vars *vars, const char *at, ix_buf *out)
{
    const char *end = strstr(at, "}}");
    if (!end) {
        ix_fail(cx, IOTS_USAGE, "{{ without }}");
        return NULL;
    }
    return add_value(cx, vars, at + 2, (size_t)(end - at - 2), out) ? end + 2 : NULL;
}

char *vars_expand(ix_ctx *cx, const vars *vars, vars_style style, const char *text)
{
    const char *mark = style == VARS_DOLLAR ? "$" : "{{";
    char *ret = NULL;
    ix_buf out = {0};
    for (const char *at; (at = strstr(text, mark));) {
        ix_buf_add(&out, text, (size_t)(at - text));
        text =
            style == VARS_DOLLAR ? add_dollar(cx, vars, at, &out) : add_braces(cx, vars, at, &out);
        if (!text)
            goto out;
    }
    ix_buf_text(&out, text);
    if (out.failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else
        ret = ix_strndup(cx, ix_buf_cstr(&out), out.len);
out:
    ix_buf_done(&out);
    return ret;
}

bool vars_capture(ix_ctx *cx, vars *vars, const char *name, const char *pointer,
                  const ix_json *json)
{
    static const char last_segment[] = "#last-segment";
    char *path = ix_strdup(cx, pointer);
    if (!path)
        return false;
    char *suffix = strstr(path, last_segment);
    if (suffix)
        *suffix = '\0';

    const ix_json *found = ix_json_at(json, path);
    if (!found)
        return ix_fail(cx, IOTS_UNEXPECTED, "the answer has no %s to keep as %s", path, name);
    const char *value = ix_json_string(found);
    if (!value)
        value = ix_json_text(cx, found);
    if (!value)
        return false;
    const char *slash = suffix ? strrchr(value, '/') : NULL;
    return vars_set(cx, vars, name, slash ? slash + 1 : value);
}
