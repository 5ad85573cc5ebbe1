/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending what waits, by windows: the oldest records that may be sent, so many that they fit into memory
 * and a request. For each property in a window its values are added to the history, and the newest one
 * becomes its current value. Only then are they settled, all at once. Whatever stops it on the way leaves
 * them as they are, and values that have arrived already are found out when they are sent again.
 *
 * Their order is that in which they came. Their times follow it, whatever the clock did meanwhile: none
 * is later than one that came after it, nor than now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "client/buffer.h"
#include "client/reply.h"

enum {
    WINDOW_RECORDS = 256,
    WINDOW_BYTES = 256 << 10,
    LOOK_RECORDS = 4096, /* looked at for a window, in search of what may be sent */
    LIMITS_MAX = 16,     /* times that the clock was set back, as far as they are distinguished */
    NOW_US = 1000000,    /* a time ahead of now by less is none of the future */
    STORED_PAGE = 1000,  /* values of the history asked for at once */
    STORED_MAX = 5000,   /* and looked through, in search of ours */
    STEPS_MAX = 16,      /* microseconds that a value moves on, where the history has another */
};

/* A value on its way. */
typedef struct waiting {
    entry entry;
    ring_place at;
    const ix_json *parsed; /* once it had to be compared; NULL: not yet */
    int64_t at_us;
    int steps;       /* by which its time has moved on */
    bool is_grouped; /* it is being sent with others of its property, or was */
    bool is_settled; /* the history has it, or it was refused */
    bool is_refused;
} waiting;

/* The values of one property, oldest first. */
typedef struct group {
    iots_thing thing;
    const char *property;
    waiting **values;
    size_t count;
    bool was_looked_up;
    bool may_not_look; /* at the history: what is there already has to be passed over */
} group;

/* Records before this one are earlier than this. */
typedef struct limit {
    uint64_t number;
    int64_t at_us;
} limit;

/* Sending, from the first window to the last. */
typedef struct client_sending {
    iots_offline *buffer;
    bool is_all;
    stamp now;
    limit limits[LIMITS_MAX]; /* in the order of both */
    size_t limit_count;
    ring_place place, until;
    size_t held; /* records of the window at hand that are held back */
    ix_ctx cx;   /* of that window */
    waiting values[WINDOW_RECORDS];
    size_t count;
    bool is_held;        /* the group at hand is */
    iots_reply *stop;    /* it goes no further; NULL: all is well */
    iots_reply *held_by; /* the first answer that held a property back; NULL: none */
    iots_reply *refusal; /* the first one; NULL: none */
} client_sending;

static bool drain_stop(client_sending *sending, iots_reply *reply)
{
    sending->stop = reply;
    return false;
}

static bool stop_by_failure(client_sending *sending)
{
    const ix_error *error = &sending->cx.error;
    return drain_stop(sending, iots_failure(error->code, "%s", error->message));
}

/* Keeps the first reply of a kind. */
static void keep_first(iots_reply **kept, iots_reply *reply)
{
    if (*kept)
        iots_reply_free(reply);
    else
        *kept = reply;
}

/* ---- times ---- */

static void limit_add(client_sending *sending, uint64_t number, int64_t at_us)
{
    while (sending->limit_count > 0 && sending->limits[sending->limit_count - 1].at_us >= at_us)
        sending->limit_count--;
    if (sending->limit_count == LIMITS_MAX)
        sending->limit_count--;
    sending->limits[sending->limit_count++] = (limit){number, at_us};
}

/* Goes through all that waits, to see where the clock was set back. The lock is held. */
static bool limits_find(client_sending *sending)
{
    const client_ring *ring = sending->buffer->ring;
    ring_place place = ring_first(ring);
    int64_t latest_us = INT64_MIN;
    while (place.place < sending->until.place) {
        ring_record record;
        if (!ring_next(&sending->cx, ring, &place, &record))
            return false;
        if (!record.bytes.at)
            break;
        const int64_t at_us = clock_when(entry_of(record).stamp, sending->now);
        if (at_us < latest_us)
            limit_add(sending, record.at.number, at_us);
        latest_us = at_us > latest_us ? at_us : latest_us;
        ix_arena_reset(sending->cx.arena);
    }
    return true;
}

/* What is to be sent, and what time it is. */
static bool pass_begin(client_sending *sending)
{
    iots_offline *buffer = sending->buffer;
    pthread_mutex_lock(&buffer->lock);
    sending->now = clock_now(&buffer->clock);
    sending->place = buffer->fresh;
    sending->until = ring_behind(buffer->ring);
    const ring_counts counts = ring_count(buffer->ring);
    /* Usually there is nothing to see. */
    const bool is_odd = !counts.is_ordered || counts.least_us < CLOCK_UNSET_US;
    bool ok = true;
    if (is_odd) {
        ok = ix_ctx_init(&sending->cx, 0) && limits_find(sending);
        ok = ok || stop_by_failure(sending);
        ix_ctx_done(&sending->cx);
    }
    pthread_mutex_unlock(&buffer->lock);
    return ok;
}

/* The time that a record gets. */
static int64_t time_of(const client_sending *sending, stamp stamp, uint64_t number)
{
    int64_t at_us = clock_when(stamp, sending->now);
    for (size_t i = 0; i < sending->limit_count; i++) {
        const limit *limit = &sending->limits[i];
        const int64_t latest_us = limit->at_us - (int64_t)(limit->number - number);
        if (limit->number > number && at_us > latest_us)
            at_us = latest_us;
    }
    if (at_us > sending->now.at_us + NOW_US)
        at_us = sending->now.at_us - (int64_t)(sending->until.number - number);
    return at_us;
}

/* ---- a window of what waits ---- */

/* Is this property held back for this pass? The lock is held. */
static bool is_passed_over(const client_sending *sending, ix_str key)
{
    const iots_offline *buffer = sending->buffer;
    const held *held = held_find(&buffer->held, key);
    return held && (sending->is_all ? held->pass == buffer->pass : held->next_us > buffer->pass_us);
}

static bool window_fill(client_sending *sending)
{
    const client_ring *ring = sending->buffer->ring;
    size_t bytes = 0;
    for (int i = 0; i < LOOK_RECORDS && sending->count < WINDOW_RECORDS && bytes < WINDOW_BYTES &&
                    sending->place.place < sending->until.place;
         i++) {
        ring_record record;
        if (!ring_next(&sending->cx, ring, &sending->place, &record))
            return false;
        if (!record.bytes.at)
            break;
        const entry entry = entry_of(record);
        if (is_passed_over(sending, entry.key)) {
            sending->held++;
            continue;
        }
        sending->values[sending->count++] =
            (waiting){.entry = entry,
                      .at = record.at,
                      .at_us = time_of(sending, entry.stamp, record.at.number)};
        bytes += record.bytes.len;
    }
    return true;
}

static bool window_read(client_sending *sending)
{
    iots_offline *buffer = sending->buffer;
    sending->count = 0;
    sending->held = 0;
    pthread_mutex_lock(&buffer->lock);
    const bool ok = window_fill(sending);
    pthread_mutex_unlock(&buffer->lock);
    return ok || stop_by_failure(sending);
}

static bool window_settle(client_sending *sending)
{
    iots_offline *buffer = sending->buffer;
    ring_place settled[WINDOW_RECORDS];
    size_t count = 0;
    uint64_t refused = 0;
    for (size_t i = 0; i < sending->count; i++) {
        if (sending->values[i].is_settled)
            settled[count++] = sending->values[i].at;
        refused += sending->values[i].is_refused;
    }
    pthread_mutex_lock(&buffer->lock);
    const bool ok = ring_settle(&sending->cx, buffer->ring, settled, count, refused);
    if (ok) {
        buffer->fresh = sending->place;
        buffer->held_records += sending->held + (sending->count - count);
    }
    pthread_mutex_unlock(&buffer->lock);
    return ok || stop_by_failure(sending);
}

/* ---- the values of one property ---- */

static void group_write(const group *group, ix_buf *body)
{
    ix_buf_char(body, '[');
    for (size_t i = 0; i < group->count; i++) {
        ix_buf_text(body, i ? ",{\"at\":\"" : "{\"at\":\"");
        ix_buf_time(body, group->values[i]->at_us);
        ix_buf_text(body, "\",\"properties\":{");
        ix_json_write_text(body, ix_str_of(group->property));
        ix_buf_char(body, ':');
        ix_buf_text(body, group->values[i]->entry.json);
        ix_buf_text(body, "}}");
    }
    ix_buf_char(body, ']');
}

static iots_reply *group_post(const group *group)
{
    ix_buf body = {0};
    group_write(group, &body);
    const char *skips = group->may_not_look ? "true" : NULL;
    iots_reply *reply =
        body.failed
            ? iots_failure(IOTS_NO_MEMORY, NULL)
            : iots_history_create(group->thing, group->property, iots_bytes(body.at, body.len),
                                  IOTS_CALL(.params = IOTS_PARAMS({"skip_existing", skips})));
    ix_buf_done(&body);
    return reply;
}

/* Leaves out what is settled. */
static void group_trim(group *group)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        if (!group->values[i]->is_settled)
            group->values[count++] = group->values[i];
    }
    group->count = count;
}

static void group_settle(group *group)
{
    for (size_t i = 0; i < group->count; i++)
        group->values[i]->is_settled = true;
    group->count = 0;
}

static void group_refuse(client_sending *sending, group *group, iots_reply *refusal)
{
    for (size_t i = 0; i < group->count; i++) {
        group->values[i]->is_refused = true;
        report(sending->buffer, IOTS_OFFLINE_REFUSED, &group->values[i]->entry, refusal);
    }
    group_settle(group);
    keep_first(&sending->refusal, refusal);
}

/* The server does not take values of this property, for now: they wait, and others go on. */
static bool group_hold(client_sending *sending, const group *group, iots_reply *reply)
{
    if (!property_hold(sending->buffer, group->values[0]->entry.key, reply))
        return drain_stop(sending, reply);
    sending->is_held = true;
    keep_first(&sending->held_by, reply);
    return true;
}

/* Settles the value that the history shows to have at this time, if it is ours. */
static bool stored_settle(client_sending *sending, const group *group, const iots_json *stored)
{
    ix_ctx *cx = &sending->cx;
    int64_t at_us;
    const char *at = iots_json_string(stored, "/at");
    if (!at || !ix_time_parse(ix_str_of(at), &at_us))
        return true;
    const ix_json *value =
        ix_json_member(ix_json_member(json_known(stored), "properties"), group->property);
    for (size_t i = 0; i < group->count; i++) {
        waiting *ours = group->values[i];
        if (ours->at_us != at_us)
            continue;
        if (!ours->parsed)
            ours->parsed = ix_json_parse(cx, ours->entry.json, strlen(ours->entry.json));
        if (!ours->parsed)
            return false;
        ours->is_settled = ix_json_equal(ours->parsed, value);
        return true;
    }
    return true;
}

static iots_pager *stored_list(const group *group)
{
    char first[IX_TIME_TEXT], last[IX_TIME_TEXT], range[2 * IX_TIME_TEXT + 2];
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < group->count; i++) {
        const int64_t at_us = group->values[i]->at_us;
        first_us = at_us < first_us ? at_us : first_us;
        last_us = at_us > last_us ? at_us : last_us;
    }
    ix_time_write(first_us, first);
    ix_time_write(last_us, last);
    snprintf(range, sizeof range, "%s|%s", first, last);
    return iots_history_list(group->thing, group->property,
                             IOTS_LIST(.limit = STORED_PAGE, .params = IOTS_PARAMS({"at", range})));
}

/* Settles those of a group that the history has. One who may not look at it hears so. */
static bool stored_find(client_sending *sending, group *group)
{
    iots_pager *stored = stored_list(group);
    const iots_json *item;
    bool ok = true;
    for (size_t i = 0; ok && i < STORED_MAX && (item = iots_pager_next(stored)); i++)
        ok = stored_settle(sending, group, item);
    const iots_reply *reply = iots_pager_reply(stored);
    const iots_code code = iots_reply_code(reply);
    const verdict verdict = verdict_on(reply);
    iots_reply *failure = iots_failure(code, "%s", iots_error(reply));
    iots_pager_free(stored);
    if (ok && (verdict == VERDICT_AWAY || verdict == VERDICT_STOP))
        return drain_stop(sending, failure);
    if (ok && verdict == VERDICT_HELD && code != IOTS_FORBIDDEN)
        return group_hold(sending, group, failure);
    iots_reply_free(failure);
    group->may_not_look = verdict != VERDICT_TAKEN;
    group_trim(group);
    return ok || stop_by_failure(sending);
}

static bool group_send(client_sending *sending, group group);

/* Two halves: what is at fault in one of them does not hold up the other. */
static bool halves_send(client_sending *sending, group whole)
{
    const size_t half = whole.count / 2;
    group first = whole, second = whole;
    first.count = half;
    first.was_looked_up = second.was_looked_up = false;
    second.values += half;
    second.count -= half;
    return group_send(sending, first) && (sending->is_held || group_send(sending, second));
}

/* The history has a value at the time of one of ours: it may be ours, sent before. */
static bool conflict_settle(client_sending *sending, group *group)
{
    const bool is_one = group->count == 1;
    waiting *first = group->values[0];
    if (!group->may_not_look && (is_one || !group->was_looked_up)) {
        group->was_looked_up = true;
        if (!stored_find(sending, group))
            return false;
        if (group->may_not_look)
            return true;
    }
    if (is_one && !first->is_settled) { /* it is somebody else's */
        first->at_us++;
        first->steps++;
    }
    return true;
}

/* Adds the values of a group to the history. False: it cannot go on. */
static bool group_send(client_sending *sending, group group)
{
    while (group.count > 0 && !sending->is_held) {
        iots_reply *reply = group_post(&group);
        time_hear(sending->buffer, reply);
        const verdict verdict = verdict_on(reply);
        const size_t count = group.count;
        if (verdict == VERDICT_AWAY || verdict == VERDICT_STOP)
            return drain_stop(sending, reply);
        if (verdict == VERDICT_HELD)
            return group_hold(sending, &group, reply);

        const bool is_hopeless = count == 1 && group.values[0]->steps == STEPS_MAX;
        if ((verdict == VERDICT_REFUSED &&
             (count == 1 || iots_reply_code(reply) == IOTS_NOT_FOUND)) ||
            (verdict == VERDICT_CONFLICT && is_hopeless)) {
            group_refuse(sending, &group, reply);
            return true;
        }
        iots_reply_free(reply);
        if (verdict == VERDICT_TAKEN) {
            group_settle(&group);
            return true;
        }
        const bool is_conflict = verdict == VERDICT_CONFLICT;
        if (!is_conflict || ((group.was_looked_up || group.may_not_look) && count > 1))
            return halves_send(sending, group);
        if (!conflict_settle(sending, &group))
            return false;
    }
    return true;
}

/* The newest value of a property in the window that the history has; NULL if there is none. */
static waiting *newest_of(client_sending *sending, ix_str key)
{
    for (size_t i = sending->count; i-- > 0;) {
        waiting *value = &sending->values[i];
        if (value->is_settled && !value->is_refused && ix_str_equal(value->entry.key, key))
            return value;
    }
    return NULL;
}

/* Makes a value the current one of its property. */
static bool current_set(client_sending *sending, const group *group, waiting *newest)
{
    iots_reply *reply =
        iots_property_update(group->thing, group->property, iots_raw(newest->entry.json),
                             IOTS_CALL(.params = IOTS_PARAMS({"update_history", "false"})));
    time_hear(sending->buffer, reply);
    const verdict verdict = verdict_on(reply);
    const bool may_not = iots_reply_code(reply) == IOTS_FORBIDDEN; /* but the history has it */
    if (verdict == VERDICT_AWAY || verdict == VERDICT_STOP)
        return drain_stop(sending, reply);
    if (verdict == VERDICT_HELD && !may_not) {
        newest->is_settled = false; /* it is sent once more, and found in the history */
        return group_hold(sending, group, reply);
    }
    iots_reply_free(reply);
    return true;
}

/* ---- all that waits ---- */

/* All of the window that are of the property of value number `first`. */
static group group_of(client_sending *sending, waiting **room, size_t first)
{
    const ix_str key = sending->values[first].entry.key;
    group group = {.values = room};
    for (size_t i = first; i < sending->count; i++) {
        waiting *value = &sending->values[i];
        if (value->is_grouped || !ix_str_equal(value->entry.key, key))
            continue;
        value->is_grouped = true;
        group.values[group.count++] = value;
    }
    group.thing = key_thing(sending->buffer->api, key, &group.property);
    return group;
}

static void property_release(iots_offline *buffer, ix_str key)
{
    pthread_mutex_lock(&buffer->lock);
    held_remove(&buffer->held, key);
    pthread_mutex_unlock(&buffer->lock);
}

static bool window_send(client_sending *sending)
{
    waiting *room[WINDOW_RECORDS];
    for (size_t i = 0; i < sending->count; i++) {
        waiting *value = &sending->values[i];
        const ix_str key = value->entry.key;
        if (value->is_grouped)
            continue;
        if (key.len == 0) {
            value->is_refused = value->is_settled = true;
            continue;
        }
        const group group = group_of(sending, room, i);
        sending->is_held = false;
        if (!group_send(sending, group))
            return false;
        waiting *newest = newest_of(sending, key);
        if (newest && !current_set(sending, &group, newest))
            return false;
        if (!sending->is_held)
            property_release(sending->buffer, key);
    }
    return true;
}

/* The next window, from reading to settling. */
static bool window_pass(client_sending *sending)
{
    if (!ix_ctx_init(&sending->cx, 0))
        return stop_by_failure(sending);
    const bool ok = window_read(sending) && window_send(sending) && window_settle(sending);
    ix_ctx_done(&sending->cx);
    return ok;
}

/* A clock that is wrong is to be known before times are reported by it. */
static bool time_ask(client_sending *sending)
{
    iots_offline *buffer = sending->buffer;
    pthread_mutex_lock(&buffer->lock);
    const bool is_known = buffer->clock.knows_server || buffer->has_asked_time;
    pthread_mutex_unlock(&buffer->lock);
    if (is_known)
        return true;
    iots_reply *reply =
        iots_health_get(buffer->api,
                        IOTS_CALL(.headers = IOTS_PARAMS({"Cache-Control", "no-cache"})));
    time_hear(buffer, reply);
    if (!iots_ok(reply) && iots_reply_status(reply) == 0)
        return drain_stop(sending, reply);
    iots_reply_free(reply); /* one that does not serve this may take values all the same */
    pthread_mutex_lock(&buffer->lock);
    buffer->has_asked_time = true;
    pthread_mutex_unlock(&buffer->lock);
    return true;
}

/* Becomes the thread that sends. False: another one is, and is not waited for, or there is nothing to
 * send. */
static bool sending_begin(iots_offline *buffer, bool is_all)
{
    pthread_mutex_lock(&buffer->lock);
    while (buffer->is_sending && is_all)
        pthread_cond_wait(&buffer->has_sent, &buffer->lock);
    bool ret = !buffer->is_sending && (is_all || is_due(buffer));
    const int64_t now_us = ix_monotonic_us();
    const bool is_from_first = is_all || held_any_due(&buffer->held, now_us);
    if (ret && is_from_first) {
        buffer->fresh = ring_first(buffer->ring);
        buffer->held_records = 0;
        buffer->is_away = false;
    }
    ret = ret && buffer->fresh.place < ring_behind(buffer->ring).place;
    if (ret) {
        buffer->is_sending = true;
        buffer->pass_us = now_us;
        buffer->is_from_first = is_from_first;
        buffer->pass++;
    }
    pthread_mutex_unlock(&buffer->lock);
    return ret;
}

static void sending_end(iots_offline *buffer, bool is_whole)
{
    pthread_mutex_lock(&buffer->lock);
    /* What was due as it began was sent, or held back anew, or is not there any more. */
    if (is_whole && buffer->is_from_first)
        held_remove_due(&buffer->held, buffer->pass_us);
    buffer->is_sending = false;
    pthread_cond_broadcast(&buffer->has_sent);
    pthread_mutex_unlock(&buffer->lock);
}

iots_reply *drain(iots_offline *buffer, bool all)
{
    if (!sending_begin(buffer, all))
        return iots_failure(IOTS_OK, NULL);
    client_sending *sending = calloc(1, sizeof *sending);
    if (!sending) {
        sending_end(buffer, false);
        return iots_failure(IOTS_NO_MEMORY, NULL);
    }
    sending->buffer = buffer;
    sending->is_all = all;
    bool ok = time_ask(sending) && pass_begin(sending);
    bool has_more = true;
    while (ok && has_more) {
        ok = window_pass(sending);
        has_more = all && sending->place.place < sending->until.place;
    }
    note_away(buffer, !ok);
    sending_end(buffer, ok && sending->place.place >= sending->until.place);

    iots_reply *const replies[] = {sending->stop, sending->held_by, sending->refusal};
    free(sending);
    iots_reply *ret = NULL;
    for (int i = 0; i < 3; i++) {
        if (replies[i])
            keep_first(&ret, replies[i]);
    }
    return ret ? ret : iots_failure(IOTS_OK, NULL);
}
