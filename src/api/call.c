/* SPDX-License-Identifier: Apache-2.0 */
#include "api/call.h"

#include <string.h>

#include "api/api.h"
#include "base/time.h"

/* ---- what the path names ---- */

const thing_view *call_thing(api_call *call)
{
    thing_view *view = ix_new(call->cx, thing_view, 1);
    bool found;
    if (!view ||
        !store_thing_find(call->cx, call->store, call_space(call), call_category(call),
                          CALL_VAR(call, thing), call->args[IX_PARAM_times].flag, view, &found))
        return NULL;
    if (found)
        return view;
    ix_fail(call->cx, IOTS_NOT_FOUND, NULL);
    return NULL;
}

bool call_thing_exists(api_call *call)
{
    bool found;
    return store_thing_exists(call->cx, call->store, call_space(call), call_category(call),
                              CALL_VAR(call, thing), &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

bool call_category_exists(api_call *call)
{
    const char *name = CALL_VAR(call, category);
    category_row row;
    bool found;
    return !name ||
           (store_category_find(call->cx, call->store, call_space(call), name, &row, &found) &&
            (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL)));
}

bool call_model_exists(api_call *call)
{
    const char *name = CALL_VAR(call, model);
    model_row row;
    bool found;
    return !name ||
           (store_model_find(call->cx, call->store, call_space(call), name, &row, &found) &&
            (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL)));
}

bool call_property(api_call *call, property_row *ret)
{
    bool found;
    return store_property_find(call->cx, call->store, call_space(call), call_category(call),
                               CALL_VAR(call, thing), CALL_VAR(call, property), ret, &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

bool call_property_or_history(api_call *call)
{
    property_row row;
    bool found;
    if (!store_property_find(call->cx, call->store, call_space(call), call_category(call),
                             CALL_VAR(call, thing), CALL_VAR(call, property), &row, &found))
        return false;
    if (found)
        return true;
    return call_thing_exists(call) &&
           store_history_any(call->cx, call->store, call_space(call), CALL_VAR(call, thing),
                             CALL_VAR(call, property), &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

interaction_key call_interaction_key(const api_call *call, interaction_kind kind)
{
    return (interaction_key){
        .space = call_space(call),
        .thing = CALL_VAR(call, thing),
        .kind = kind,
        .name = kind == INTERACTION_ACTION ? CALL_VAR(call, action) : CALL_VAR(call, event),
    };
}

bool call_affordance(api_call *call, interaction_kind kind, ix_str *ret)
{
    const interaction_key key = call_interaction_key(call, kind);
    bool found;
    return store_affordance_find(call->cx, call->store, &key, call_category(call), ret, &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

bool call_affordance_or_interactions(api_call *call, interaction_kind kind)
{
    const interaction_key key = call_interaction_key(call, kind);
    ix_str affordance;
    bool found;
    if (!store_affordance_find(call->cx, call->store, &key, call_category(call), &affordance,
                               &found))
        return false;
    return found || (call_thing_exists(call) &&
                     store_interactions_any(call->cx, call->store, &key, &found) &&
                     (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL)));
}

bool call_interaction(api_call *call, interaction_kind kind, ix_str *ret)
{
    const interaction_key key = call_interaction_key(call, kind);
    const char *id =
        kind == INTERACTION_ACTION ? CALL_VAR(call, action_id) : CALL_VAR(call, event_id);
    bool found;
    return store_interaction_find(call->cx, call->store, &key, call_category(call), id, ret,
                                  &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

/* ---- the request ---- */

ix_str call_media_type(const api_call *call)
{
    ix_str type;
    ix_str_cut(call->request.content_type, ';', &type);
    return ix_str_trim(type);
}

/* ---- ids ---- */

/* A Host header is copied into ids, so it may hold nothing but what a host and a port are made of. */
static bool is_authority(ix_str host)
{
    for (size_t i = 0; i < host.len; i++) {
        const char c = host.at[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && !(c && strchr(".-_:[]", c)))
            return false;
    }
    return host.len > 0;
}

const char *call_base(api_call *call)
{
    const char *url = call->api->settings.public_url;
    if (url) {
        size_t len = strlen(url);
        while (len && url[len - 1] == '/')
            len--;
        return ix_strndup(call->cx, url, len);
    }
    const ix_str host = is_authority(call->request.host) ? call->request.host : IX_STR("localhost");
    return ix_format(call->cx, "%s://%.*s", call->request.is_tls ? "https" : "http", (int)host.len,
                     host.at);
}

/* ---- after the commit ---- */

bool call_on_commit(api_call *call, call_subscriber *committed)
{
    if (call->subscriber_count == CALL_SUBSCRIBERS_MAX)
        return ix_fail(call->cx, IOTS_INTERNAL, NULL);
    call->subscribers[call->subscriber_count++] = committed;
    return true;
}

/* ---- the reply ---- */

bool reply_empty(api_call *call)
{
    ix_buf_clear(&call->reply);
    call->reply_type = NULL;
    call->status = call->match.op->status;
    return true;
}

bool reply_json(api_call *call, const ix_json *json)
{
    ix_buf_clear(&call->reply);
    ix_json_write(&call->reply, json);
    return reply_written(call);
}

bool reply_written(api_call *call)
{
    if (call->reply.failed)
        return ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    call->reply_type = "application/json";
    call->status = call->match.op->status;
    return true;
}

bool call_add_header(api_call *call, const char *name, const char *value)
{
    if (call->header_count == CALL_HEADERS_MAX)
        return ix_fail(call->cx, IOTS_INTERNAL, "a reply has at most %d headers", CALL_HEADERS_MAX);
    call->headers[call->header_count++] = (call_header){name, value};
    return true;
}

bool reply_header(api_call *call, const char *name, const char *value)
{
    const char *copy = ix_strdup(call->cx, value);
    return copy && call_add_header(call, name, copy);
}

bool reply_location(api_call *call, const char *path)
{
    return reply_header(call, "Location", path);
}

void reply_no_store(api_call *call)
{
    /* Rather no reply than one that is kept where it must not be. */
    if (!call_add_header(call, "Cache-Control", "no-store") ||
        !call_add_header(call, "Pragma", "no-cache"))
        call->reply.failed = true;
}

void page_begin(api_call *call)
{
    ix_buf_clear(&call->reply);
    ix_buf_text(&call->reply, "{\"data\":[");
}

void page_item(api_call *call)
{
    if (call->reply.len && call->reply.at[call->reply.len - 1] != '[')
        ix_buf_char(&call->reply, ',');
}

bool page_end(api_call *call, const char *next_cursor_text, const char *previous_cursor_text)
{
    ix_buf_format(&call->reply, "],\"paging\":{\"next_cursor\":\"%s\",\"previous_cursor\":\"%s\"}}",
                  next_cursor_text, previous_cursor_text);
    return reply_written(call);
}

/* ---- in parts ---- */

call_part call_part_begin(const api_call *call)
{
    return (call_part){call->is_disk_full ? PART_STEP_ROWS : PART_ROWS,
                       ix_monotonic_us() + PART_MAX_US};
}

bool call_part_has_room(call_part *part, int rows)
{
    part->rows_left -= rows;
    return part->rows_left > 0 && ix_monotonic_us() < part->until_us;
}

bool call_next_part(api_call *call)
{
    call->next_phase = PHASE_WRITE;
    return true;
}
