/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/interaction.h"

#include <string.h>

#include "base/time.h"

/* ---- in ---- */

bool interaction_read(ix_ctx *cx, const ix_json *body, const char *name, const ix_json **ret)
{
    *ret = ix_json_member(body, name);
    if (!*ret)
        return ix_fail_field(cx, IOTS_INVALID, "malformed body", name, "required");
    for (ix_member m = ix_members(body); m.name; m = ix_members_next(m)) {
        if (strcmp(m.name, name) != 0)
            return ix_fail_field(cx, IOTS_INVALID, NULL, m.name, "only '%s' is expected here",
                                 name);
    }
    return true;
}

bool interaction_check(ix_ctx *cx, const ix_json *affordance, const char *name, const char *member,
                       const ix_json *value, validate_mode mode)
{
    const ix_json *given = ix_json_member(value, member);
    const ix_json *schema = ix_json_member(affordance, member);
    if (!given || !schema)
        return true;
    const char *field = ix_format(cx, "%s/%s", name, member);
    return field && dataschema_check(cx, schema, given, mode, field);
}

/* ---- what is stored ---- */

static ix_json *time_new(ix_ctx *cx, int64_t time_us)
{
    char text[IX_TIME_TEXT];
    ix_time_write(time_us, text);
    return ix_json_new_string(cx, text);
}

/* A member that may be absent. */
static bool interaction_put(ix_ctx *cx, ix_json *object, const char *name, const ix_json *value)
{
    return !value || ix_json_set(cx, object, name, value);
}

/* The members of a request in their order; some may be absent. */
typedef struct request {
    const ix_json *input, *status, *output, *requested, *completed;
} request;

static ix_json *request_make(ix_ctx *cx, const request *request)
{
    ix_json *made = ix_json_new_object(cx);
    const bool ok = made && interaction_put(cx, made, "input", request->input) &&
                    interaction_put(cx, made, "status", request->status) &&
                    interaction_put(cx, made, "output", request->output) &&
                    interaction_put(cx, made, "timeRequested", request->requested) &&
                    interaction_put(cx, made, "timeCompleted", request->completed);
    return ok && !ix_failed(cx) ? made : NULL;
}

ix_json *action_new(ix_ctx *cx, const ix_json *value, int64_t now_us)
{
    return request_make(cx, &(request){
                                .input = ix_json_member(value, "input"),
                                .status = ix_json_new_string(cx, "pending"),
                                .requested = time_new(cx, now_us),
                            });
}

/* A status after which nothing more is to come. */
static bool is_last(const ix_json *status)
{
    static const char *const last[] = {"completed", "failed", "cancelled", "canceled"};
    for (size_t i = 0; i < sizeof last / sizeof last[0]; i++) {
        if (ix_str_is(ix_json_str(status), last[i]))
            return true;
    }
    return false;
}

/* The member as the body has it, else as it was. */
static const ix_json *newest(const ix_json *value, const ix_json *before, const char *name)
{
    const ix_json *given = ix_json_member(value, name);
    return given ? given : ix_json_member(before, name);
}

ix_json *action_updated(ix_ctx *cx, const ix_json *before, const ix_json *value, int64_t now_us)
{
    request request = {
        .input = ix_json_member(before, "input"),
        .status = newest(value, before, "status"),
        .output = newest(value, before, "output"),
        .requested = ix_json_member(before, "timeRequested"),
    };
    if (is_last(request.status)) {
        request.completed = ix_json_member(before, "timeCompleted");
        if (!request.completed)
            request.completed = time_new(cx, now_us);
    }
    return request_make(cx, &request);
}

static ix_json *occurrence_make(ix_ctx *cx, const ix_json *data, const ix_json *timestamp)
{
    ix_json *made = ix_json_new_object(cx);
    return made && interaction_put(cx, made, "data", data) &&
                   ix_json_set(cx, made, "timestamp", timestamp)
               ? made
               : NULL;
}

ix_json *event_new(ix_ctx *cx, const ix_json *value, int64_t now_us)
{
    return occurrence_make(cx, ix_json_member(value, "data"), time_new(cx, now_us));
}

/* The time in a member, as we write it; `otherwise` if there is none. */
static bool time_read(ix_ctx *cx, const ix_json *value, const char *member,
                      const ix_json *otherwise, const ix_json **ret)
{
    const ix_json *given = ix_json_member(value, member);
    int64_t time_us;
    *ret = otherwise;
    if (!given)
        return true;
    if (!ix_time_parse(ix_json_str(given), &time_us))
        return ix_fail_field(cx, IOTS_INVALID, NULL, member, "expected a time (RFC 3339)");
    *ret = time_new(cx, time_us);
    return *ret != NULL;
}

ix_json *action_preserved(ix_ctx *cx, const ix_json *value, int64_t now_us)
{
    const ix_json *status = ix_json_member(value, "status");
    request request = {
        .input = ix_json_member(value, "input"),
        .status = status ? status : ix_json_new_string(cx, "pending"),
        .output = ix_json_member(value, "output"),
    };
    return time_read(cx, value, "timeRequested", time_new(cx, now_us), &request.requested) &&
                   time_read(cx, value, "timeCompleted", NULL, &request.completed)
               ? request_make(cx, &request)
               : NULL;
}

ix_json *event_preserved(ix_ctx *cx, const ix_json *value, int64_t now_us)
{
    const ix_json *timestamp;
    return time_read(cx, value, "timestamp", time_new(cx, now_us), &timestamp)
               ? occurrence_make(cx, ix_json_member(value, "data"), timestamp)
               : NULL;
}

/* ---- out ---- */

void interaction_write(ix_buf *buf, ix_str name, ix_str stored, const char *path, ix_str id)
{
    ix_buf_char(buf, '{');
    ix_json_write_text(buf, name);
    ix_buf_char(buf, ':');
    ix_buf_add(buf, stored.at, stored.len - 1); /* reopened; never empty, it holds a time */
    ix_buf_text(buf, ",\"href\":\"");
    ix_buf_text(buf, path);
    ix_buf_char(buf, '/');
    ix_buf_str(buf, id);
    ix_buf_text(buf, "\"}}");
}
