/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH of one Thing and of many (http-api.md section 9). */
#include "api/wishes.h"
#include "base/ulid.h"
#include "domain/thing_patch.h"

/* ---- one ---- */

/* A Thing as GET shows it. */
static const ix_json *shown(call *call, const thing_view *view)
{
    ix_buf buf = {0};
    const ix_json *json =
        view_append(call, view, &buf) ? ix_json_parse(call->cx, buf.at, buf.len) : NULL;
    ix_buf_done(&buf);
    return json;
}

static bool apply(call *call, const thing_view *before, thing_change *change)
{
    thing_wish *wish = &change->wish;
    if (!change->is_only_of_values)
        return wish_replace(call, before, wish);
    return values_may_change(call, wish->properties, wish->status) &&
           wish_check_values(call, wish) && wish_set_values(call, wish, CALL_VAR(call, thing));
}

/* Changes the Thing of the path. */
static bool patch_thing(call *call, patch_form form, const ix_json *patch)
{
    const thing_view *before = call_thing(call);
    const ix_json *doc = before ? shown(call, before) : NULL;
    thing_change change;
    return doc && thing_patch(call->cx, call->match.in_category, doc, form, patch, &change) &&
           apply(call, before, &change);
}

/* The type of the body says what it is; plain JSON is what it looks like. */
static patch_form form_of(const call *call)
{
    const ix_str type = call_media_type(call);
    if (ix_str_is_nocase(type, "application/merge-patch+json"))
        return PATCH_MERGE;
    if (ix_str_is_nocase(type, "application/json-patch+json"))
        return PATCH_OPERATIONS;
    return ix_json_kind(call->body) == IX_OBJECT ? PATCH_MERGE : PATCH_OPERATIONS;
}

bool on_thing_patch(call *call)
{
    return patch_thing(call, form_of(call), call->body) && thing_append(call, &call->reply) &&
           reply_written(call);
}

/* ---- many ---- */

/* So many bytes may the answer to one request take before its other items are refused. */
enum { RESULTS_BYTES_MAX = 64 << 20 };

/* The operations of an item; lists of them inside the list are joined. */
static const ix_json *operations_of(ix_ctx *cx, const ix_json *item)
{
    const ix_json *given = ix_json_member(item, "patch");
    if (ix_json_kind(given) != IX_ARRAY) {
        ix_fail_field(cx, IOTS_INVALID, "malformed body", "patch",
                      given ? "must be an array" : "required");
        return NULL;
    }
    ix_json *joined = ix_json_new_array(cx);
    for (size_t i = 0; joined && i < ix_json_count(given); i++) {
        const ix_json *part = ix_json_item(given, i);
        const bool is_list = ix_json_kind(part) == IX_ARRAY;
        for (size_t j = 0; j < (is_list ? ix_json_count(part) : 1); j++) {
            if (!ix_json_append(cx, joined, is_list ? ix_json_item(part, j) : part))
                return NULL;
        }
    }
    return joined;
}

/* Puts the item's Thing into the path. */
static bool address(call *call, const ix_json *item)
{
    const ix_json *id = ix_json_member(item, "id");
    ix_ulid uid;
    if (ix_json_kind(id) != IX_TEXT)
        return ix_fail_field(call->cx, IOTS_INVALID, "malformed body", "id",
                             id ? "expected a string" : "required");
    if (!ix_ulid_parse(ix_json_str(id), &uid))
        return ix_fail_field(call->cx, IOTS_INVALID, "invalid id", "id", "expected a ULID");
    call->match.vars[IX_VAR_thing] = ix_strdup(call->cx, uid.text);
    return CALL_VAR(call, thing) != NULL;
}

static bool patch_item(call *call, const ix_json *item)
{
    if (call->reply.len > RESULTS_BYTES_MAX)
        return ix_fail(call->cx, IOTS_TOO_LARGE, "the answer is too large; ask for fewer Things");
    if (ix_json_kind(item) != IX_OBJECT)
        return ix_fail_field(call->cx, IOTS_INVALID, "malformed body", "", "expected an object");
    const ix_json *operations = operations_of(call->cx, item);
    return operations && address(call, item) && patch_thing(call, PATCH_OPERATIONS, operations);
}

/* All or nothing of one item. False: the item failed, or something else did. */
static bool patch_item_whole(call *call, const ix_json *item)
{
    if (!store_savepoint(call->cx, call->store))
        return false;
    if (patch_item(call, item) && store_release(call->cx, call->store))
        return true;
    if (store_in_transaction(call->store))
        store_rollback_to(call->store);
    return false;
}

static void write_failed(call *call, const ix_error *error)
{
    ix_buf_format(&call->reply, "{\"status\":%d,\"response\":", error_status(error));
    error_write(&call->reply, error);
    ix_buf_char(&call->reply, '}');
}

static bool write_patched(call *call)
{
    ix_buf_text(&call->reply, "{\"status\":200,\"response\":");
    if (!thing_append(call, &call->reply))
        return false;
    ix_buf_char(&call->reply, '}');
    return true;
}

/* The changes that an item noted outlive it: they go behind those of the items before it. */
static bool keep_changes(call *call, change *before)
{
    const change *noted = call->changes;
    call->changes = before;
    for (; noted; noted = noted->next) {
        const char *thing = ix_strdup(call->cx, noted->thing);
        const ix_json *values = ix_json_copy(call->cx, noted->values);
        if (!thing || !values || !call_note_change(call, thing, values))
            return false;
    }
    return true;
}

/* Patches one item, with memory of its own in `cx`, and writes its result; *ret_ok tells which. False:
 * something failed that is not the item's fault, and with it the call. */
static bool patch_next(call *call, ix_ctx *cx, const ix_json *item, bool *ret_ok)
{
    ix_ctx *whole = call->cx;
    change *changes = call->changes;
    call->cx = cx;
    call->changes = NULL;
    *ret_ok = patch_item_whole(call, item) && write_patched(call);
    call->cx = whole;
    call->match.vars[IX_VAR_thing] = NULL;

    if (*ret_ok)
        return keep_changes(call, changes);
    call->changes = changes;
    if (error_status(&cx->error) >= 500)
        return ix_ctx_pass(whole, cx);
    write_failed(call, &cx->error);
    return true;
}

/* The results of all items, and in `failed` the indexes of those that failed. */
static bool patch_items(call *call, ix_ctx *cx, ix_buf *failed)
{
    for (size_t i = 0; i < ix_json_count(call->body); i++) {
        bool ok;
        if (i)
            ix_buf_char(&call->reply, ',');
        if (!patch_next(call, cx, ix_json_item(call->body, i), &ok))
            return false;
        if (!ok)
            ix_buf_format(failed, "%s%zu", failed->len ? "," : "", i);
        ix_arena_reset(cx->arena);
        ix_ctx_forgive(cx);
    }
    return !failed->failed || ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
}

bool on_things_patch(call *call)
{
    ix_ctx of_item;
    ix_buf failed = {0};
    if (!call_category_exists(call))
        return false;
    if (!ix_ctx_init(&of_item, CALL_ARENA_BYTES))
        return ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    ix_buf_text(&call->reply, "{\"results\":[");
    const bool ok = patch_items(call, &of_item, &failed);
    ix_buf_format(&call->reply, "],\"has_errors\":[%s]}", ix_buf_cstr(&failed));
    ix_buf_done(&failed);
    ix_ctx_done(&of_item);
    return ok && reply_written(call);
}
