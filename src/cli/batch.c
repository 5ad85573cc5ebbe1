/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches of a recording: sent all or nothing, so that one value at fault costs its batch.
 *
 * The server is asked to pass over what is stored already. To one that does not, and for what else may
 * be wrong, a value at fault is found and taken out, and the rest sent again: first the one that the
 * server names, then those that are stored already within the batch's range of time, and if all that
 * does not help, by halves.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli/import.h"
#include "cli/interrupt.h"
#include "cli/patient.h"

enum {
    NAMED_MAX = 2,     /* values taken out one by one, before looking for all of them */
    STORED_MAX = 5000, /* values to look through in search of those */
};

/* ---- items ---- */

bool batch_clear(import *import)
{
    ix_map_free(import->times);
    import->times = ix_map_new();
    import->item_count = 0;
    import->item_bytes = 0;
    ix_arena_reset(import->batch_cx.arena);
    ix_ctx_forgive(&import->batch_cx);
    return import->times || ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
}

static ix_str time_key(const int64_t *at_us)
{
    union {
        const int64_t *number;
        const char *bytes;
    } key = {.number = at_us};
    return (ix_str){key.bytes, sizeof *at_us};
}

static size_t item_values(const import *import, const item *item)
{
    size_t count = 0;
    for (size_t i = 0; i < import->mapping_count; i++)
        count += item->values[i] != NULL;
    return count;
}

static size_t items_values(const import *import, item *const *items, size_t count)
{
    size_t values = 0;
    for (size_t i = 0; i < count; i++)
        values += item_values(import, items[i]);
    return values;
}

static void value_drop(import *import, item *item, size_t mapping)
{
    item->values[mapping] = NULL;
    import->conflicts++;
}

bool batch_add(import *import, item *item)
{
    struct item *first = ix_map_find(import->times, time_key(&item->at_us));
    if (!first) {
        import->items[import->item_count++] = item;
        return ix_map_put(import->times, time_key(&item->at_us), item) ||
               ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
    }
    for (struct item *other = first; other; other = other->same) {
        for (size_t i = 0; i < import->mapping_count; i++) {
            if (!item->values[i] || !other->values[i])
                continue;
            if (!import->skips_conflicts)
                return ix_fail(import->session->cx, IOTS_CONFLICT,
                               "line %" PRIu64 ": line %" PRIu64
                               " has a value of '%s' at this time already",
                               item->line, other->line, import->mappings[i].property);
            value_drop(import, item, i);
        }
    }
    item->same = first->same;
    first->same = item;
    import->items[import->item_count++] = item;
    return true;
}

static void items_write(const import *import, item *const *items, size_t count, ix_buf *body)
{
    bool is_first = true;
    ix_buf_char(body, '[');
    for (size_t i = 0; i < count; i++) {
        if (item_values(import, items[i]) == 0)
            continue;
        ix_buf_text(body, is_first ? "{\"at\":\"" : ",{\"at\":\"");
        ix_buf_time(body, items[i]->at_us);
        ix_buf_text(body, "\",\"properties\":{");
        bool is_first_value = true;
        for (size_t j = 0; j < import->mapping_count; j++) {
            if (!items[i]->values[j])
                continue;
            if (!is_first_value)
                ix_buf_char(body, ',');
            ix_json_write_text(body, ix_str_of(import->mappings[j].property));
            ix_buf_char(body, ':');
            ix_buf_text(body, items[i]->values[j]);
            is_first_value = false;
        }
        ix_buf_text(body, "}}");
        is_first = false;
    }
    ix_buf_char(body, ']');
}

/* Is this item one of those being sent? The map knows all of the batch. */
static bool is_among(const item *item, struct item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] == item)
            return true;
    }
    return false;
}

/* A value that is being sent: whose it is, and which. */
typedef struct place {
    item *item; /* NULL: there is no such value */
    size_t mapping;
} place;

static place value_find(const import *import, item *const *items, size_t count, int64_t at_us,
                        const char *property)
{
    item *item = ix_map_find(import->times, time_key(&at_us));
    for (; item; item = item->same) {
        for (size_t i = 0; i < import->mapping_count; i++) {
            if (item->values[i] && strcmp(import->mappings[i].property, property) == 0 &&
                is_among(item, items, count))
                return (place){item, i};
        }
    }
    return (place){0};
}

/* The value that the server names in its refusal. */
static place named_find(const import *import, item *const *items, size_t count,
                        const iots_reply *refusal)
{
    const iots_json *details = iots_error_details(refusal);
    const char *at = iots_json_string(details, "/at");
    const char *property = iots_json_string(details, "/property");
    int64_t at_us;
    if (!at || !property || !ix_time_parse(ix_str_of(at), &at_us))
        return (place){0};
    return value_find(import, items, count, at_us, property);
}

/* Takes out what is stored already between the first and the last time of these items. */
static bool stored_remove(import *import, item *const *items, size_t count, size_t *ret_removed)
{
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        first_us = items[i]->at_us < first_us ? items[i]->at_us : first_us;
        last_us = items[i]->at_us > last_us ? items[i]->at_us : last_us;
    }
    char first[IX_TIME_TEXT], last[IX_TIME_TEXT], range[2 * IX_TIME_TEXT + 2];
    ix_time_write(first_us, first);
    ix_time_write(last_us, last);
    snprintf(range, sizeof range, "%s|%s", first, last);

    const char *only = import->mapping_count == 1 ? import->mappings[0].property : NULL;
    iots_pager *stored =
        iots_history_list(import->thing, only,
                          IOTS_LIST(.limit = BATCH_ITEMS, .timeout_ms = import->timeout_ms,
                                    .params = IOTS_PARAMS({"at", range})));
    size_t removed = 0;
    const iots_json *found;
    for (size_t i = 0; i < STORED_MAX && (found = iots_pager_next(stored)); i++) {
        const char *at = iots_json_string(found, "/at");
        int64_t at_us;
        if (!at || !ix_time_parse(ix_str_of(at), &at_us))
            continue;
        const iots_json *values = iots_json_at(found, "/properties");
        for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
            const place place = value_find(import, items, count, at_us, m.name);
            if (!place.item)
                continue;
            value_drop(import, place.item, place.mapping);
            removed++;
        }
    }
    const bool ok = session_ok(import->session, iots_pager_reply(stored));
    iots_pager_free(stored);
    import->expects_stored = removed > count / 2;
    *ret_removed = removed;
    return ok;
}

static int item_compare(const void *a, const void *b)
{
    const item *const *one = a, *const *other = b;
    return ((*one)->at_us > (*other)->at_us) - ((*one)->at_us < (*other)->at_us);
}

/* ---- sending ---- */

/* What to do after an answer. */
typedef enum next {
    NEXT_DONE,   /* these items are settled */
    NEXT_AGAIN,  /* what was at fault is out: send the rest */
    NEXT_HALVES, /* something is at fault, but not known what */
    NEXT_STOP,   /* it cannot go on */
} next;

/* How the values at fault were looked for among these items. */
typedef struct search {
    size_t named;
    bool was_looked_up;
} search;

static void item_empty(const import *import, item *item)
{
    for (size_t i = 0; i < import->mapping_count; i++)
        item->values[i] = NULL;
}

static next conflict_settle(import *import, item *const *items, size_t count,
                            const iots_reply *refusal, search *search)
{
    const place named = named_find(import, items, count, refusal);
    if (named.item && !import->skips_conflicts) {
        ix_fail(import->session->cx, IOTS_CONFLICT,
                "line %" PRIu64 ": there is a value of '%s' at this time already", named.item->line,
                import->mappings[named.mapping].property);
        return NEXT_STOP;
    }
    if (!import->skips_conflicts) {
        session_ok(import->session, refusal);
        return NEXT_STOP;
    }
    if (named.item && search->named < NAMED_MAX) {
        value_drop(import, named.item, named.mapping);
        search->named++;
        return NEXT_AGAIN;
    }
    size_t removed = 0;
    if (!search->was_looked_up) {
        search->was_looked_up = true;
        if (!stored_remove(import, items, count, &removed))
            return NEXT_STOP;
    }
    if (removed > 0)
        return NEXT_AGAIN;
    if (count > 1)
        return NEXT_HALVES;
    import->conflicts += item_values(import, items[0]);
    item_empty(import, items[0]);
    return NEXT_DONE;
}

/* The item that a refusal is about: its field begins with the place among those that were sent. */
static item *item_refused(const import *import, item *const *items, size_t count,
                          const iots_reply *refusal)
{
    if (count == 1)
        return items[0];
    const char *field = iots_error_field(refusal);
    ix_str place;
    int64_t index;
    ix_str_cut(ix_str_of(field), '/', &place);
    if (!ix_str_int(place, &index))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (item_values(import, items[i]) > 0 && index-- == 0)
            return items[i];
    }
    return NULL;
}

/* A value that the server does not want. */
static next invalid_settle(import *import, item *const *items, size_t count,
                           const iots_reply *refusal)
{
    item *item = item_refused(import, items, count, refusal);
    if (!item && import->skips_errors)
        return NEXT_HALVES;
    if (!item) {
        session_ok(import->session, refusal);
        return NEXT_STOP;
    }
    const char *field = iots_error_field(refusal), *reason = iots_error_reason(refusal);
    const char *name = field ? strrchr(field, '/') : NULL;
    ix_error error = {.code = IOTS_INVALID};
    if (name && reason)
        snprintf(error.message, sizeof error.message, "%.100s: %.300s", name + 1, reason);
    else
        snprintf(error.message, sizeof error.message, "%s", iots_error(refusal));
    if (!import->skips_errors) {
        fail_line(import, item->line, &error);
        return NEXT_STOP;
    }
    remark_line(import, item->line, error.message);
    import->unreadable++;
    item_empty(import, item);
    return NEXT_AGAIN;
}

/* The answer has what was stored; the rest was there already. */
static void stored_count(import *import, item *const *items, size_t count, const iots_reply *reply)
{
    const size_t sent = items_values(import, items, count);
    const iots_json *answer = iots_reply_body(reply), *item;
    size_t stored = 0;
    for (size_t i = 0; (item = iots_json_item(answer, i)); i++)
        stored += iots_json_count(item, "/properties");
    if (stored > sent || iots_json_kind(answer, "") != IOTS_KIND_ARRAY)
        stored = sent;
    import->stored += stored;
    import->conflicts += sent - stored;
}

static next answer_take(import *import, item *const *items, size_t count, const iots_reply *reply,
                        search *search)
{
    switch (iots_reply_code(reply)) {
    case IOTS_OK:
        stored_count(import, items, count, reply);
        return NEXT_DONE;
    case IOTS_CONFLICT:
        return conflict_settle(import, items, count, reply, search);
    case IOTS_INVALID:
        return invalid_settle(import, items, count, reply);
    case IOTS_TOO_LARGE:
        if (count > 1)
            return NEXT_HALVES;
        break;
    default:
        break;
    }
    session_ok(import->session, reply);
    return NEXT_STOP;
}

static iots_reply *items_post(const import *import, item *const *items, size_t count)
{
    const iots_thing thing = import->thing;
    const char *skips = import->skips_conflicts ? "true" : NULL;
    const iots_param *params = IOTS_PARAMS({"space", thing.space}, {"category", thing.category},
                                           {"thing", thing.id}, {"skip_existing", skips});
    ix_buf body = {0};
    items_write(import, items, count, &body);
    iots_reply *reply = body.failed
                            ? iots_failure(IOTS_NO_MEMORY, NULL)
                            : patient_call(import->session, IX_OP_history_create, params,
                                           iots_bytes(body.at, body.len), import->timeout_ms);
    ix_buf_done(&body);
    return reply;
}

/* Has items stored, except for what is at fault; sorts them on the way if need be. False when it
 * cannot go on. */
static bool items_send(import *import, item **items, size_t count)
{
    search search = {0};
    next next = NEXT_AGAIN;
    while (next == NEXT_AGAIN && items_values(import, items, count) > 0) {
        iots_reply *reply = items_post(import, items, count);
        next = answer_take(import, items, count, reply, &search);
        iots_reply_free(reply);
        import_show(import);
    }
    if (next != NEXT_HALVES)
        return next != NEXT_STOP;

    /* Halves of time: what is stored in each of them is fewer to look through. */
    const size_t half = count / 2;
    qsort(items, count, sizeof(struct item *), item_compare);
    return items_send(import, items, half) && !interrupt_seen() &&
           items_send(import, items + half, count - half);
}

bool batch_send(import *import, uint64_t last_line)
{
    /* What was stored already for the last batch will be for this one: then look before it is sent. */
    size_t removed;
    if (import->expects_stored && import->item_count > 0 &&
        !stored_remove(import, import->items, import->item_count, &removed))
        return false;
    if (!items_send(import, import->items, import->item_count) || interrupt_seen())
        return false;
    import->line = last_line;
    return batch_clear(import);
}
