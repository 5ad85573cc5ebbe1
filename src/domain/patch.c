/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Patch and merge patch.
 *
 * Each operation is a row: its name, whether it needs a value or a source, and the function that
 * carries it out on a place. A place is where a JSON Pointer leads: a container and a key in it.
 */
#include "domain/patch.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What a pointer leads to. `key` is decoded. The whole document has no container. */
typedef struct place {
    ix_json *container;   /* NULL: the whole document */
    const char *key;      /* of an object */
    size_t index;         /* of an array; its count for "-" */
    const ix_json *value; /* what is there now, or NULL */
} place;

typedef struct work {
    ix_ctx *cx;
    ix_json *doc;
    size_t index; /* of the operation in hand */
    const char *op, *path;
    size_t copied; /* bytes that operations have copied within the document, or thereabouts */
} work;

/* A copy may hold earlier copies: thirty of them could make a billion values out of one. */
enum { COPIED_MAX = 64 * 1024 * 1024 };

/* Records why the operation in hand cannot be done. */
static bool refuse(work *work, const char *reason)
{
    ix_ctx *cx = work->cx;
    ix_json *details = ix_json_new_object(cx);
    if (!details || !ix_json_set(cx, details, "index", ix_json_new_int(cx, (int64_t)work->index)) ||
        !ix_json_set(cx, details, "op", ix_json_new_string(cx, work->op)) ||
        !ix_json_set(cx, details, "path", ix_json_new_string(cx, work->path)) ||
        !ix_json_set(cx, details, "reason", ix_json_new_string(cx, reason)))
        return false;
    ix_fail(cx, IOTS_INVALID, "%s", reason);
    cx->error.details = details;
    return false;
}

static bool spend(work *work, size_t steps)
{
    return ix_spend(work->cx, steps) ||
           ix_fail(work->cx, IOTS_TOO_LARGE, "this patch takes too much work");
}

/* Items behind the place of one that comes or goes are moved: eight of them are a step. */
static bool spend_move(work *work, const place *place)
{
    enum { MOVED_PER_STEP = IX_STEP_BYTES / sizeof(void *) };
    return spend(work, ix_json_count(place->container) / MOVED_PER_STEP);
}

/* One reference token of a pointer, with ~1 and ~0 decoded (RFC 6901 section 4). */
static const char *decode_token(work *work, ix_str token)
{
    char *out = ix_alloc(work->cx, token.len + 1);
    if (!out)
        return NULL;
    size_t len = 0;
    for (size_t i = 0; i < token.len; i++) {
        if (token.at[i] != '~') {
            out[len++] = token.at[i];
            continue;
        }
        char escape = '\0';
        if (i + 1 < token.len)
            escape = token.at[++i];
        if (escape != '0' && escape != '1') {
            refuse(work, "bad pointer");
            return NULL;
        }
        out[len++] = escape == '0' ? '~' : '/';
    }
    return out;
}

/* An array index: digits without leading zeros, or "-" for the end (RFC 6902 section 4.1). */
static bool read_index(const char *key, size_t count, size_t *ret)
{
    if (strcmp(key, "-") == 0) {
        *ret = count;
        return true;
    }
    int64_t number;
    if ((key[0] == '0' && key[1]) || key[0] == '-' || key[0] == '+' ||
        !ix_str_int(ix_str_of(key), &number))
        return false;
    *ret = (size_t)number;
    return true;
}

static bool find_place(work *work, const char *pointer, place *ret)
{
    *ret = (place){.value = work->doc};
    if (!*pointer)
        return true;
    if (*pointer != '/')
        return refuse(work, "bad pointer");
    ix_str rest = ix_str_of(pointer + 1);
    while (rest.at) {
        ix_str token;
        rest = ix_str_cut(rest, '/', &token);
        const char *key =
            spend(work, 1 + token.len / IX_STEP_BYTES) ? decode_token(work, token) : NULL;
        if (!key)
            return false;
        ret->container = ix_json_mutable(ret->value);
        ret->key = key;
        switch (ix_json_kind(ret->container)) {
        case IX_OBJECT:
            ret->value = ix_json_member(ret->container, key);
            break;
        case IX_ARRAY:
            if (!read_index(key, ix_json_count(ret->container), &ret->index) ||
                ret->index > ix_json_count(ret->container))
                return refuse(work, "path not found");
            ret->value = ix_json_item(ret->container, ret->index);
            break;
        default:
            return refuse(work, "path not found");
        }
    }
    return true;
}

static bool op_add(work *work, place *place, const ix_json *value)
{
    if (!place->container) {
        work->doc = ix_json_mutable(value);
        return true;
    }
    if (ix_json_kind(place->container) == IX_ARRAY)
        return spend_move(work, place) &&
               ix_json_insert(work->cx, place->container, place->index, value);
    return ix_json_set(work->cx, place->container, place->key, value);
}

static bool op_remove(work *work, place *place, const ix_json *value)
{
    (void)value;
    if (!place->value)
        return refuse(work, "path not found");
    if (!place->container)
        return refuse(work, "the whole document cannot be removed");
    if (ix_json_kind(place->container) == IX_ARRAY) {
        if (!spend_move(work, place))
            return false;
        ix_json_remove_item(place->container, place->index);
    } else {
        ix_json_remove(place->container, place->key);
    }
    return true;
}

static bool op_replace(work *work, place *place, const ix_json *value)
{
    if (!place->value)
        return refuse(work, "path not found");
    if (place->container && ix_json_kind(place->container) == IX_ARRAY)
        return ix_json_put(work->cx, place->container, place->index, value);
    return op_add(work, place, value);
}

static bool op_test(work *work, place *place, const ix_json *value)
{
    if (!place->value)
        return refuse(work, "path not found");
    return ix_json_equal(place->value, value) ? true : refuse(work, "the value is another one");
}

// clang-format off
static const struct operation {
    const char *name;
    bool has_from;      /* its value is what stands at `from` */
    bool takes_from;    /* and is taken away from there */
    bool (*run)(work *work, place *place, const ix_json *value);
} operations[] = {
    {"add",     false, false, op_add},
    {"remove",  false, false, op_remove},
    {"replace", false, false, op_replace},
    {"move",    true,  true,  op_add},
    {"copy",    true,  false, op_add},
    {"test",    false, false, op_test},
};
// clang-format on

static const struct operation *find_operation(const char *name)
{
    for (size_t i = 0; name && i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

/* What a value weighs in bytes, or thereabouts; more than COPIED_MAX if it is nested deeper than
 * `depth` or heavier than that. */
static size_t weigh(const ix_json *value, size_t depth)
{
    enum { BYTES_EACH = 64 };
    size_t weight = BYTES_EACH + ix_json_str(value).len;
    const bool is_array = ix_json_kind(value) == IX_ARRAY;
    if (!is_array && ix_json_kind(value) != IX_OBJECT)
        return weight;
    if (depth == 0)
        return COPIED_MAX + (size_t)1;
    for (size_t i = 0; is_array && i < ix_json_count(value) && weight <= COPIED_MAX; i++)
        weight += weigh(ix_json_item(value, i), depth - 1);
    for (ix_member m = ix_members(value); m.name && weight <= COPIED_MAX; m = ix_members_next(m))
        weight += strlen(m.name) + weigh(m.value, depth - 1);
    return weight;
}

/* May the value stand at the path of the operation in hand? */
static bool check_room(work *work, const ix_json *value, bool is_of_the_document)
{
    size_t depth = IX_JSON_DEPTH;
    for (const char *c = work->path; *c; c++)
        depth -= *c == '/' && depth > 0;
    const size_t weight = weigh(value, depth);
    if (weight > COPIED_MAX)
        return refuse(work, "too deep or too large");
    if (!spend(work, weight / IX_STEP_BYTES))
        return false;
    work->copied += is_of_the_document ? weight : 0;
    return work->copied <= COPIED_MAX || refuse(work, "too much is copied");
}

/* Where an operation copies or moves from; the public Python client calls it from_ (docs/api/http.md
 * section 1). NULL if that is not text. */
static const char *from_of(const ix_json *item)
{
    const ix_json *from = ix_json_member(item, "from");
    if (!from || ix_json_kind(from) == IX_NULL)
        from = ix_json_member(item, "from_");
    return ix_json_string(from);
}

/* The value an operation works with: a copy of its own, so that no two places share one. */
static ix_json *operation_value(work *work, const struct operation *operation, const ix_json *item)
{
    if (!operation->has_from) {
        const ix_json *value = ix_json_member(item, "value");
        if (!check_room(work, value, false))
            return NULL;
        return value ? ix_json_copy(work->cx, value) : ix_json_new_null(work->cx);
    }
    const char *from = from_of(item);
    size_t len = strlen(from);
    if (operation->takes_from && strncmp(work->path, from, len) == 0 && work->path[len] == '/') {
        refuse(work, "a value cannot be moved into itself");
        return NULL;
    }
    place source;
    if (!find_place(work, from, &source))
        return NULL;
    if (!source.value) {
        refuse(work, "from not found");
        return NULL;
    }
    if (!check_room(work, source.value, true))
        return NULL;
    ix_json *value = ix_json_copy(work->cx, source.value);
    /* Moving something onto itself changes nothing; the whole document can only move there. */
    if (value && operation->takes_from && source.container && !op_remove(work, &source, NULL))
        return NULL;
    return value;
}

static bool malformed(ix_ctx *cx, size_t index, const char *member, const char *reason)
{
    char field[64];
    snprintf(field, sizeof field, "%zu/%s", index, member);
    return ix_fail_field(cx, IOTS_INVALID, "malformed body", field, "%s", reason);
}

/* Is every item an operation that could be tried? */
static bool check_form(ix_ctx *cx, const ix_json *list)
{
    if (ix_json_kind(list) != IX_ARRAY)
        return ix_fail_field(cx, IOTS_INVALID, "malformed body", "", "must be an array");
    if (ix_json_count(list) > PATCH_OPERATIONS_MAX)
        return ix_fail(cx, IOTS_INVALID, "at most %d operations", PATCH_OPERATIONS_MAX);
    for (size_t i = 0; i < ix_json_count(list); i++) {
        const ix_json *item = ix_json_item(list, i);
        const struct operation *operation =
            find_operation(ix_json_string(ix_json_member(item, "op")));
        if (!operation)
            return malformed(cx, i, "op", "must be add, remove, replace, move, copy or test");
        if (!ix_json_string(ix_json_member(item, "path")))
            return malformed(cx, i, "path", "required");
        if (operation->has_from && !from_of(item))
            return malformed(cx, i, "from", "required");
    }
    return true;
}

bool patch_apply(ix_ctx *cx, const ix_json *doc, const ix_json *list, ix_json **ret)
{
    if (!check_form(cx, list))
        return false;
    work work = {.cx = cx};
    if (!spend(&work, ix_json_weight(doc)) || !(work.doc = ix_json_copy(cx, doc)))
        return false;
    for (work.index = 0; work.index < ix_json_count(list); work.index++) {
        const ix_json *item = ix_json_item(list, work.index);
        work.op = ix_json_string(ix_json_member(item, "op"));
        work.path = ix_json_string(ix_json_member(item, "path"));
        const struct operation *operation = find_operation(work.op);
        const ix_json *value = operation_value(&work, operation, item);
        place place;
        if (!value || !find_place(&work, work.path, &place) ||
            !operation->run(&work, &place, value))
            return false;
    }
    *ret = work.doc;
    return true;
}

/* ---- looking at operations ---- */

/* Is one of these places the other, or inside it? */
static bool is_inside(const char *pointer, const char *other)
{
    const size_t len = strlen(other);
    return strncmp(pointer, other, len) == 0 && (!pointer[len] || pointer[len] == '/');
}

/* Where operation `item` writes: `path`, and what a move takes away. NULL: nowhere. */
typedef struct written {
    const char *at, *from;
} written;

static written written_by(const ix_json *item)
{
    const struct operation *operation = find_operation(ix_json_string(ix_json_member(item, "op")));
    if (operation->run == op_test)
        return (written){0};
    return (written){
        .at = ix_json_string(ix_json_member(item, "path")),
        .from = operation->takes_from ? from_of(item) : NULL,
    };
}

static bool touches(const char *place, const char *pointer)
{
    return place && (is_inside(place, pointer) || is_inside(pointer, place));
}

size_t patch_writer(const ix_json *list, const char *pointer)
{
    for (size_t i = ix_json_count(list); i > 0; i--) {
        const written written = written_by(ix_json_item(list, i - 1));
        if (touches(written.at, pointer) || touches(written.from, pointer))
            return i - 1;
    }
    return ix_json_count(list);
}

/* Notes the member of `of` at `place` or around it. */
static bool note_name(ix_ctx *cx, const char *place, const char *of, ix_json *names, bool *ret_all)
{
    if (!place || !touches(place, of))
        return true;
    if (is_inside(of, place)) {
        *ret_all = true;
        return true;
    }
    ix_str token;
    ix_str_cut(ix_str_of(place + strlen(of) + 1), '/', &token);
    const char *name = decode_token(&(work){.cx = cx}, token);
    return name && ix_json_set(cx, names, name, ix_json_new_null(cx));
}

bool patch_names_written(ix_ctx *cx, const ix_json *list, const char *of, ix_json *names,
                         bool *ret_all)
{
    const char *pointer = ix_format(cx, "/%s", of);
    *ret_all = false;
    if (!pointer)
        return false;
    for (size_t i = 0; i < ix_json_count(list); i++) {
        const written written = written_by(ix_json_item(list, i));
        if (!note_name(cx, written.at, pointer, names, ret_all) ||
            !note_name(cx, written.from, pointer, names, ret_all))
            return false;
    }
    return true;
}

bool patch_refuse(ix_ctx *cx, const ix_json *list, size_t index, const char *reason)
{
    const ix_json *item = ix_json_item(list, index);
    return refuse(&(work){.cx = cx,
                          .index = index,
                          .op = ix_json_string(ix_json_member(item, "op")),
                          .path = ix_json_string(ix_json_member(item, "path"))},
                  reason);
}

/* ---- merge patch ---- */

/* RFC 7396 section 2, MergePatch, of an object that is ours to change. */
static bool merge_into(ix_ctx *cx, ix_json *target, const ix_json *patch)
{
    for (ix_member m = ix_members(patch); m.name; m = ix_members_next(m)) {
        const ix_json *present = ix_json_member(target, m.name);
        if (ix_json_kind(m.value) == IX_NULL) {
            ix_json_remove(target, m.name);
        } else if (ix_json_kind(m.value) != IX_OBJECT) {
            if (!ix_json_set(cx, target, m.name, ix_json_copy(cx, m.value)))
                return false;
        } else {
            ix_json *inner = ix_json_kind(present) == IX_OBJECT ? ix_json_mutable(present)
                                                                : ix_json_new_object(cx);
            if (!inner || !merge_into(cx, inner, m.value) ||
                (inner != present && !ix_json_set(cx, target, m.name, inner)))
                return false;
        }
    }
    return true;
}

bool patch_merge(ix_ctx *cx, const ix_json *doc, const ix_json *patch, ix_json **ret)
{
    if (ix_json_kind(patch) != IX_OBJECT)
        return ix_fail_field(cx, IOTS_INVALID, "malformed body", "", "must be an object");
    const bool is_object = ix_json_kind(doc) == IX_OBJECT;
    if (!spend(&(work){.cx = cx}, ix_json_weight(doc) + ix_json_weight(patch)))
        return false;
    *ret = is_object ? ix_json_copy(cx, doc) : ix_json_new_object(cx);
    return *ret && merge_into(cx, *ret, patch);
}
