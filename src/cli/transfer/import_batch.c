/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches of a recording: sent all or nothing, so that one value at fault costs its batch.
 *
 * The server is asked to pass over what is stored already; what it passed over is then compared
 * (stored.c). To a server that does not know that, and for what else may be wrong, a value at fault is
 * found and taken out, and the rest sent again: first the one that the server names, then those that are
 * stored already within the batch's range of time, and if all that does not help, by halves.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/transfer/import_history.h"
#include "cli/transfer/retry.h"

enum { NAMED_MAX = 2 }; /* values taken out one by one, before looking for all of them */

/* ---- values ---- */

bool batch_clear(cli_import *import)
{
    ix_map_free(import->places);
    ix_map_free(import->times);
    import->places = ix_map_new();
    import->times = ix_map_new();
    import->count = 0;
    import->bytes = 0;
    import->room = 0;
    import->values = NULL;
    ix_arena_reset(import->batch_cx.arena);
    ix_ctx_clear_error(&import->batch_cx);
    return (import->places && import->times) || ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
}

bool batch_is_full(const cli_import *import)
{
    return ix_map_count(import->times) >= BATCH_ITEMS || import->bytes >= BATCH_BYTES;
}

/* Where a value is: a key of the map, which copies it. */
typedef struct place {
    int64_t at_us;
    uint64_t target;
} place;

static ix_str place_key(const place *place)
{
    union {
        const struct place *place;
        const char *bytes;
    } key = {.place = place};
    return (ix_str){key.bytes, sizeof *place};
}

batch_value *batch_find(const cli_import *import, int64_t at_us, const target *target)
{
    const place place = {at_us, target->index};
    return ix_map_find(import->places, place_key(&place));
}

static bool room_make(cli_import *import)
{
    if (import->count < import->room)
        return true;
    const size_t room = import->room ? 2 * import->room : 1024;
    batch_value **values = ix_new(&import->batch_cx, batch_value *, room);
    if (!values)
        return false;
    if (import->count > 0)
        memcpy(values, import->values, import->count * sizeof(batch_value *));
    import->values = values;
    import->room = room;
    return true;
}

static bool value_add(cli_import *import, const reading *reading)
{
    ix_ctx *cx = &import->batch_cx;
    const place place = {reading->at_us, reading->target->index};
    const struct place time = {reading->at_us, 0};
    const batch_value *other = batch_find(import, reading->at_us, reading->target);
    batch_value *made = ix_new(cx, batch_value, 1);
    if (!made || !room_make(import))
        return ix_ctx_forward_error(import->session->cx, cx);
    made->reading = *reading;
    if (other)
        return value_settle(import, made, other->reading.json, other->reading.line);
    import->values[import->count++] = made;
    import->bytes += strlen(reading->json) + strlen(reading->target->property) + IX_TIME_TEXT;
    return (ix_map_put(import->places, place_key(&place), made) &&
            ix_map_put(import->times, place_key(&time), made)) ||
           ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
}

bool batch_add(cli_import *import, const record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        if (!value_add(import, &record->readings[i]))
            return false;
    }
    return true;
}

static int value_compare(const void *a, const void *b)
{
    const reading *one = &(*(const batch_value *const *)a)->reading;
    const reading *other = &(*(const batch_value *const *)b)->reading;
    const int by_time = (one->at_us > other->at_us) - (one->at_us < other->at_us);
    return by_time ? by_time
                   : (one->target->index > other->target->index) -
                         (one->target->index < other->target->index);
}

/* Those that are not settled, in order, in batch_cx. */
static batch_value **unsettled(cli_import *import, batch_value *const *values, size_t count,
                               size_t *ret_count)
{
    batch_value **left = ix_new(&import->batch_cx, batch_value *, count + 1);
    *ret_count = 0;
    for (size_t i = 0; left && i < count; i++) {
        if (!values[i]->is_settled)
            left[(*ret_count)++] = values[i];
    }
    if (!left)
        ix_ctx_forward_error(import->session->cx, &import->batch_cx);
    return left;
}

/* ---- items ---- */

/* An item for each time. */
static void items_write(batch_value *const *values, size_t count, ix_buf *body)
{
    ix_buf_char(body, '[');
    for (size_t i = 0; i < count; i++) {
        const reading *reading = &values[i]->reading;
        const bool is_next = i > 0 && values[i - 1]->reading.at_us == reading->at_us;
        if (!is_next) {
            ix_buf_text(body, i > 0 ? "}},{\"at\":\"" : "{\"at\":\"");
            ix_buf_time(body, reading->at_us);
            ix_buf_text(body, "\",\"properties\":{");
        } else {
            ix_buf_char(body, ',');
        }
        ix_json_write_text(body, ix_str_of(reading->target->property));
        ix_buf_char(body, ':');
        ix_buf_text(body, reading->json);
    }
    ix_buf_text(body, count > 0 ? "}}]" : "]");
}

static iots_reply *items_post(const cli_import *import, batch_value *const *values, size_t count)
{
    const iots_thing thing = import->thing;
    const char *skips = import->on_conflict == CONFLICT_FAILS ? NULL : "true";
    const iots_param *params = IOTS_PARAMS({"space", thing.space}, {"category", thing.category},
                                           {"thing", thing.id}, {"skip_existing", skips});
    ix_buf body = {0};
    items_write(values, count, &body);
    iots_reply *reply = body.failed ? iots_failure(IOTS_NO_MEMORY, NULL)
                                    : retry_call(import->session, IX_OP_history_create, params,
                                                 iots_bytes(body.at, body.len), import->timeout_ms);
    ix_buf_done(&body);
    return reply;
}

/* ---- answers ---- */

/* What to do after an answer. */
typedef enum next {
    NEXT_DONE,   /* these values are settled */
    NEXT_AGAIN,  /* what was at fault is out: send the rest */
    NEXT_HALVES, /* something is at fault, but not known what */
    NEXT_STOP,   /* it cannot go on */
} next;

/* How the values at fault were looked for among these values. */
typedef struct search {
    size_t named;
    bool was_looked_up;
} search;

/* The value that the server names in its refusal, if it is among those that were sent. */
static batch_value *named_find(const cli_import *import, batch_value *const *values, size_t count,
                               const iots_reply *refusal)
{
    const iots_json *details = iots_error_details(refusal);
    const char *at = iots_json_string(details, "/at");
    const char *property = iots_json_string(details, "/property");
    int64_t at_us;
    if (!at || !property || !ix_time_parse(ix_str_of(at), &at_us))
        return NULL;
    const target *target = targets_property(&import->targets, ix_str_of(property));
    batch_value *found = target ? batch_find(import, at_us, target) : NULL;
    for (size_t i = 0; found && i < count; i++) {
        if (values[i] == found)
            return found;
    }
    return NULL;
}

static next conflict_settle(cli_import *import, batch_value *const *values, size_t count,
                            const iots_reply *refusal, search *search)
{
    size_t settled = 0;
    batch_value *named = named_find(import, values, count, refusal);
    if (named && search->named++ < NAMED_MAX && !stored_settle(import, &named, 1, &settled))
        return NEXT_STOP;
    if (settled == 0 && !search->was_looked_up) {
        search->was_looked_up = true;
        if (!stored_settle(import, values, count, &settled))
            return NEXT_STOP;
    }
    if (settled > 0)
        return NEXT_AGAIN;
    if (count > 1)
        return NEXT_HALVES;
    session_ok(import->session, refusal);
    return NEXT_STOP;
}

/* The answer has what was stored; the rest was there already, and is looked at. */
static next stored_take(cli_import *import, batch_value *const *values, size_t count,
                        const iots_reply *reply)
{
    const iots_json *answer = iots_reply_body(reply), *item;
    size_t left_count, settled = 0;
    for (size_t i = 0; (item = iots_json_item(answer, i)); i++) {
        const char *at = iots_json_string(item, "/at");
        const iots_json *stored = iots_json_at(item, "/properties");
        int64_t at_us;
        if (!at || !ix_time_parse(ix_str_of(at), &at_us))
            continue;
        for (iots_member m = iots_json_members(stored); m.name; m = iots_json_members_next(m)) {
            const target *target = targets_property(&import->targets, ix_str_of(m.name));
            batch_value *value = target ? batch_find(import, at_us, target) : NULL;
            if (!value || value->is_settled)
                continue;
            value->is_settled = true;
            import->stored++;
        }
    }
    batch_value **left = unsettled(import, values, count, &left_count);
    if (!left || !stored_settle(import, left, left_count, &settled))
        return NEXT_STOP;
    if (settled < left_count) {
        left = unsettled(import, values, count, &left_count);
        const ix_error error = {.code = IOTS_UNEXPECTED,
                                .message = "the server neither stored this value nor has another"};
        fail_line(import, left ? left[0]->reading.line : 0, &error);
        return NEXT_STOP;
    }
    /* What was stored already for this batch will be for the next: look before that is sent. */
    import->expects_stored = settled > count / 2;
    return NEXT_DONE;
}

/* A JSON Pointer's name, in cx. */
static const char *name_decode(ix_ctx *cx, const char *name)
{
    char *copy = ix_strdup(cx, name), *to = copy;
    for (const char *from = copy; from && *from; from++) {
        const bool is_escape = from[0] == '~' && (from[1] == '0' || from[1] == '1');
        *to++ = (char)(!is_escape ? *from : from[1] == '0' ? '~' : '/');
        from += is_escape;
    }
    if (copy)
        *to = '\0';
    return copy;
}

/* The value that a refusal is about. Its field begins with the place of the item among those that were
 * sent, and ends with the property; NULL if it does not say. */
static batch_value *value_refused(cli_import *import, batch_value *const *values, size_t count,
                                  const iots_reply *refusal)
{
    ix_str place, rest = ix_str_cut(ix_str_of(iots_error_field(refusal)), '/', &place);
    int64_t index;
    if (count == 1)
        return values[0];
    if (!ix_str_int(place, &index) || !rest.at)
        return NULL;
    if (ix_str_starts(rest, "properties/"))
        rest = ix_str_of(rest.at + strlen("properties/"));
    const target *target = targets_property(&import->targets, rest);
    const char *decoded = target ? NULL : name_decode(&import->batch_cx, rest.at);
    if (decoded)
        target = targets_property(&import->targets, ix_str_of(decoded));
    batch_value *first = NULL;
    for (size_t i = 0; i < count; i++) {
        index -= i > 0 && values[i]->reading.at_us != values[i - 1]->reading.at_us;
        if (index == 0 && values[i]->reading.target == target)
            return values[i];
        if (index == 0 && !first)
            first = values[i];
    }
    return first;
}

/* The line goes by: it is reported, and none of its values is sent. */
static void line_settle(cli_import *import, batch_value *const *values, size_t count, uint64_t line,
                        const char *message)
{
    remark_line(import, line, message);
    import->unreadable++;
    for (size_t i = 0; i < count; i++) {
        if (values[i]->reading.line == line)
            values[i]->is_settled = true;
    }
}

/* A value that the server does not want. */
static next invalid_settle(cli_import *import, batch_value *const *values, size_t count,
                           const iots_reply *refusal)
{
    const batch_value *value = value_refused(import, values, count, refusal);
    if (!value && import->skips_errors)
        return NEXT_HALVES;
    if (!value) {
        session_ok(import->session, refusal);
        return NEXT_STOP;
    }
    const char *reason = iots_error_reason(refusal);
    ix_error error = {.code = IOTS_INVALID};
    if (reason)
        snprintf(error.message, sizeof error.message, "%.100s: %.300s",
                 value->reading.target->property, reason);
    else
        snprintf(error.message, sizeof error.message, "%.480s", iots_error(refusal));
    if (!import->skips_errors) {
        import->unreadable++;
        fail_line(import, value->reading.line, &error);
        return NEXT_STOP;
    }
    line_settle(import, values, count, value->reading.line, error.message);
    return NEXT_AGAIN;
}

/* More than the server takes at once. */
static next large_settle(cli_import *import, batch_value *const *values, size_t count)
{
    if (count > 1)
        return NEXT_HALVES;
    ix_error error = {.code = IOTS_TOO_LARGE};
    snprintf(error.message, sizeof error.message,
             "%.100s: the value has %zu bytes, more than the server takes in a request (its "
             "setting body_limit)",
             values[0]->reading.target->property, strlen(values[0]->reading.json));
    if (!import->skips_errors) {
        import->unreadable++;
        fail_line(import, values[0]->reading.line, &error);
        return NEXT_STOP;
    }
    line_settle(import, values, count, values[0]->reading.line, error.message);
    return NEXT_AGAIN;
}

static next answer_take(cli_import *import, batch_value *const *values, size_t count,
                        const iots_reply *reply, search *search)
{
    switch (iots_reply_code(reply)) {
    case IOTS_OK:
        return stored_take(import, values, count, reply);
    case IOTS_CONFLICT:
        return conflict_settle(import, values, count, reply, search);
    case IOTS_INVALID:
        return invalid_settle(import, values, count, reply);
    case IOTS_TOO_LARGE:
        return large_settle(import, values, count);
    default:
        session_ok(import->session, reply);
        return NEXT_STOP;
    }
}

/* Has values stored, which are in order, except for what is at fault. False when it cannot go on. */
static bool values_send(cli_import *import, batch_value *const *values, size_t count)
{
    search search = {0};
    for (;;) {
        size_t left_count;
        batch_value **left = unsettled(import, values, count, &left_count);
        if (!left || left_count == 0 || interrupt_seen())
            return left && left_count == 0;
        iots_reply *reply = items_post(import, left, left_count);
        const next next = answer_take(import, left, left_count, reply, &search);
        iots_reply_free(reply);
        import_show(import);
        if (next == NEXT_STOP)
            return false;
        if (next == NEXT_HALVES) {
            /* Halves of time: what is stored in each of them is fewer to look through. */
            const size_t half = left_count / 2;
            return values_send(import, left, half) &&
                   values_send(import, left + half, left_count - half);
        }
    }
}

bool batch_send(cli_import *import, uint64_t last_line)
{
    size_t settled = 0;
    if (import->count > 0)
        qsort(import->values, import->count, sizeof(batch_value *), value_compare);
    if (import->expects_stored) {
        if (!stored_settle(import, import->values, import->count, &settled))
            return false;
        import->expects_stored = settled > import->count / 2;
    }
    if (!values_send(import, import->values, import->count) || interrupt_seen())
        return false;
    import->line = last_line;
    return batch_clear(import);
}
