/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/model.h"

#include <string.h>

#include "base/buf.h"
#include "contract/json_path.h"
#include "contract/placeholder.h"

static bool refuse(ix_ctx *cx, const model_need *need)
{
    if (need->model.version)
        return ix_fail(cx, IOTS_CONFLICT, "the Category '%s' asks for version %lld of Model '%s'",
                       need->category, (long long)need->model.version, need->model.name);
    return ix_fail(cx, IOTS_CONFLICT, "the Category '%s' asks for Model '%s'", need->category,
                   need->model.name);
}

/* Rule 2. */
static int64_t choose_version(const model_ref *wanted, const model_ref *present,
                              const model_need *needs, size_t count, const char *name)
{
    if (wanted->version)
        return wanted->version;
    for (size_t i = 0; i < count; i++) {
        if (needs[i].model.version)
            return needs[i].model.version;
    }
    return present->name && strcmp(present->name, name) == 0 ? present->version : 0;
}

bool model_choose(ix_ctx *cx, const model_ref *wanted, const model_ref *present,
                  const model_need *needs, size_t count, model_ref *ret)
{
    model_ref chosen = {.name = wanted->name};
    if (!chosen.name && count)
        chosen.name = needs[0].model.name;
    if (!chosen.name) {
        if (wanted->version)
            return ix_fail_field(cx, IOTS_INVALID, NULL, "model/name", "required with a version");
        *ret = chosen;
        return true;
    }
    chosen.version = choose_version(wanted, present, needs, count, chosen.name);

    /* Who disagrees with the choice disagrees with the input, or with another Category. */
    for (size_t i = 0; i < count; i++) {
        const model_ref *needed = &needs[i].model;
        if (strcmp(needed->name, chosen.name) != 0 ||
            (needed->version && needed->version != chosen.version))
            return refuse(cx, &needs[i]);
    }
    *ret = chosen;
    return true;
}

/* ---- filling in ---- */

typedef struct filling {
    ix_ctx *cx;
    const ix_json *values;
    size_t left; /* bytes that may still be put in */
} filling;

/* The value of a placeholder, and its JSON text in `buf`. */
static const ix_json *value_of(filling *filling, ix_str name, ix_buf *buf)
{
    ix_ctx *cx = filling->cx;
    const ix_json *value = ix_json_member_str(filling->values, name);
    ix_buf_clear(buf);
    if (!value) {
        const char *text = ix_strndup(cx, name.at, name.len);
        const ix_place model = {.name = "model"}, values = {&model, "values", 0};
        const ix_place at = {&values, text, 0};
        if (text)
            ix_place_fail(cx, &at, NULL, "required by the Model");
        return NULL;
    }
    ix_json_write(buf, value);
    if (buf->len > filling->left) {
        ix_fail(cx, IOTS_TOO_LARGE, "the values of the Model come to more than %d bytes",
                (int)MODEL_FILLED_MAX);
        return NULL;
    }
    filling->left -= buf->len;
    return value;
}

static const ix_json *fill_text(filling *filling, const ix_json *json)
{
    ix_placeholder found;
    ix_str rest = ix_json_str(json);
    ix_buf text = {0}, buf = {0};
    const ix_json *ret = json;
    if (!ix_placeholder_find(rest, &found))
        return json;
    if (!found.before.len && !found.behind.len) {
        ret = value_of(filling, found.name, &buf);
    } else {
        const ix_json *value = json;
        for (; value && ix_placeholder_find(rest, &found); rest = found.behind) {
            value = value_of(filling, found.name, &buf);
            ix_buf_str(&text, found.before);
            ix_buf_str(&text, ix_json_kind(value) == IX_TEXT ? ix_json_str(value)
                                                             : (ix_str){buf.at, buf.len});
        }
        ix_buf_str(&text, rest);
        ret = value && !text.failed ? ix_json_new_text(filling->cx, (ix_str){text.at, text.len})
                                    : NULL;
    }
    if ((text.failed || buf.failed) && !ix_failed(filling->cx)) {
        ix_fail(filling->cx, IOTS_NO_MEMORY, NULL);
        ret = NULL;
    }
    ix_buf_done(&text);
    ix_buf_done(&buf);
    return ret;
}

/* Recursion ends with the template, which has a depth. */
static const ix_json *model_fill_one(filling *filling, const ix_json *json)
{
    const ix_kind kind = ix_json_kind(json);
    if (kind == IX_TEXT)
        return fill_text(filling, json);
    if (kind != IX_OBJECT && kind != IX_ARRAY)
        return json;
    ix_json *ret =
        kind == IX_OBJECT ? ix_json_new_object(filling->cx) : ix_json_new_array(filling->cx);
    for (ix_member m = ix_members(json); kind == IX_OBJECT && ret && m.name;
         m = ix_members_next(m)) {
        if (!ix_json_set(filling->cx, ret, m.name, model_fill_one(filling, m.value)))
            return NULL;
    }
    for (size_t i = 0; kind == IX_ARRAY && ret && i < ix_json_count(json); i++) {
        if (!ix_json_append(filling->cx, ret, model_fill_one(filling, ix_json_item(json, i))))
            return NULL;
    }
    return ret;
}

const ix_json *model_fill(ix_ctx *cx, const ix_json *template, const ix_json *values)
{
    filling filling = {cx, values, MODEL_FILLED_MAX};
    const ix_json *filled = model_fill_one(&filling, template);
    const char *text = filled ? ix_json_text(cx, filled) : NULL;
    return text ? ix_json_parse(cx, text, strlen(text)) : NULL; /* which looks at the depth */
}
