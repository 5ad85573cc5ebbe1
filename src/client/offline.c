/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that wait for the server. ring.c keeps them; here they are put there, and sent.
 *
 * A record is the address of a property and a value, as texts with a zero byte after each but the
 * last: space, Category ("" for none), Thing, property, JSON. All but the JSON is the key by which
 * records are of one property.
 *
 * Sending goes by windows: the oldest records, so many that they fit into memory and a request. For
 * each property in a window its values are added to the history, and the newest one becomes its
 * current value. Only then is the window let go of, all at once. Whatever stops it on the way leaves
 * it as it is, and values that have arrived already are found out when they are sent again.
 *
 * The lock is held for the file, never for the network. One thread at a time sends; others put values
 * behind those that are being sent.
 */
#include "iots/offline.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "client/opts.h"
#include "client/reply.h"
#include "client/ring.h"
#include "client/start.h"
#include "client/value.h"

enum {
    FILE_BYTES = 1 << 20, /* as usual */
    RETRY_MS = 10000,     /* likewise */
    WINDOW_RECORDS = 256,
    WINDOW_BYTES = 256 << 10,
    KEY_TEXTS = 4,
    STORED_PAGE = 1000, /* values of the history asked for at once */
    STORED_MAX = 5000,  /* and looked through, in search of ours */
    STEPS_MAX = 16,     /* microseconds that a value moves on, where the history has another */
};

struct iots_offline {
    iots_api *api;
    ix_ctx cx; /* its error: why the file could not be opened */
    iots_offline_opts opts;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t has_sent;
    ring *ring;
    bool is_sending;
    bool is_away;        /* the server could not be reached */
    int64_t next_try_us; /* on the monotonic clock: then it may be asked again */
};

/* ---- opening and closing ---- */

static bool opts_check(ix_ctx *cx, iots_offline_opts *opts)
{
    opts->max_bytes = opts->max_bytes ? opts->max_bytes : FILE_BYTES;
    opts->retry_ms = opts->retry_ms ? opts->retry_ms : RETRY_MS;
    if (opts->max_bytes < RING_FILE_MIN || opts->max_bytes > RING_FILE_MAX)
        return ix_fail(cx, IOTS_USAGE, "max_bytes: from %d to %zu", RING_FILE_MIN, RING_FILE_MAX);
    if (opts->when_full != IOTS_OFFLINE_DROP && opts->when_full != IOTS_OFFLINE_REFUSE)
        return ix_fail(cx, IOTS_USAGE, "when_full: IOTS_OFFLINE_DROP or IOTS_OFFLINE_REFUSE");
    return true;
}

static void buffer_begin(iots_offline *buffer, const char *path, const iots_offline_opts *opts)
{
    ix_ctx *cx = &buffer->cx;
    if (!opts_take(cx, "iots_offline_opts", opts, &buffer->opts, sizeof buffer->opts) ||
        !opts_check(cx, &buffer->opts))
        return;
    if (!path || !*path) {
        ix_fail(cx, IOTS_USAGE, "the path of the buffer is missing");
        return;
    }
    ix_ctx passing;
    if (ix_ctx_init(&passing, 0))
        buffer->ring =
            ring_open(&passing, path, buffer->opts.max_bytes, buffer->opts.sync != IOTS_NO);
    if (!buffer->ring)
        ix_fail(cx, passing.error.code, "%s: %s", path, passing.error.message);
    ix_ctx_done(&passing);
}

iots_offline *iots_offline_open(iots_api *api, const char *path, const iots_offline_opts *opts)
{
    library_start();
    iots_offline *buffer = calloc(1, sizeof *buffer);
    if (!buffer)
        return NULL;
    if (!ix_ctx_init(&buffer->cx, 0)) {
        free(buffer);
        return NULL;
    }
    buffer->api = api;
    pthread_mutex_init(&buffer->lock, NULL);
    pthread_cond_init(&buffer->has_sent, NULL);
    buffer_begin(buffer, path, opts);
    return buffer;
}

void iots_offline_close(iots_offline *buffer)
{
    if (!buffer)
        return;
    ring_close(buffer->ring);
    pthread_cond_destroy(&buffer->has_sent);
    pthread_mutex_destroy(&buffer->lock);
    ix_ctx_done(&buffer->cx);
    free(buffer);
}

const char *iots_offline_error(const iots_offline *buffer)
{
    return buffer ? buffer->cx.error.message : iots_code_text(IOTS_NO_MEMORY);
}

uint64_t iots_offline_count(iots_offline *buffer, iots_offline_what what)
{
    if (!buffer || !buffer->ring)
        return 0;
    pthread_mutex_lock(&buffer->lock);
    const ring_counts counts = ring_count(buffer->ring);
    pthread_mutex_unlock(&buffer->lock);
    switch (what) {
    case IOTS_OFFLINE_WAITING:
        return counts.records;
    case IOTS_OFFLINE_DROPPED:
        return counts.dropped;
    case IOTS_OFFLINE_REFUSED:
        return counts.refused;
    case IOTS_OFFLINE_DAMAGED:
        return counts.damaged;
    }
    return 0;
}

static iots_reply *failure_of(const ix_ctx *cx)
{
    return iots_failure(cx->error.code, "%s", cx->error.message);
}

/* ---- what an answer means ---- */

typedef enum verdict {
    VERDICT_TAKEN,
    VERDICT_AWAY,     /* the server cannot be reached, or is in trouble */
    VERDICT_CONFLICT, /* there is a value at that time */
    VERDICT_REFUSED,  /* the server will never take it */
    VERDICT_STOP,     /* it takes nothing from us, or we cannot ask */
} verdict;

/* A refusal counts if it is the server's: what stands between it and us, a hotel's login page say,
 * answers as well, but not in the words of the API. */
static verdict refusal(const iots_reply *reply, verdict verdict)
{
    return iots_json_at(iots_reply_body(reply), "/error") ? verdict : VERDICT_AWAY;
}

static verdict verdict_on(const iots_reply *reply)
{
    switch (iots_reply_code(reply)) {
    case IOTS_OK:
        return VERDICT_TAKEN;
    case IOTS_TRANSPORT:
    case IOTS_TIMEOUT:
    case IOTS_OUTCOME_UNKNOWN: /* what did arrive is found out when it is sent again */
    case IOTS_TOO_MANY:
    case IOTS_INTERNAL:
    case IOTS_UNAVAILABLE:
    case IOTS_NO_ROOM:
    case IOTS_PARSE:
    case IOTS_UNEXPECTED:
        return VERDICT_AWAY;
    case IOTS_CONFLICT:
        return refusal(reply, VERDICT_CONFLICT);
    case IOTS_INVALID:
    case IOTS_NOT_FOUND:
        return refusal(reply, VERDICT_REFUSED);
    case IOTS_TOO_LARGE: /* whoever says it, smaller requests may go through */
        return VERDICT_REFUSED;
    case IOTS_UNAUTHENTICATED:
    case IOTS_FORBIDDEN:
        return refusal(reply, VERDICT_STOP);
    default:
        return VERDICT_STOP;
    }
}

/* ---- whether to ask the server ---- */

static bool is_due(const iots_offline *buffer)
{
    if (!buffer->is_away)
        return true;
    return buffer->opts.retry_ms > 0 && ix_monotonic_us() >= buffer->next_try_us;
}

/* Notes whether the server could be reached. */
static void note_away(iots_offline *buffer, bool is_away)
{
    pthread_mutex_lock(&buffer->lock);
    buffer->is_away = is_away;
    if (is_away && buffer->opts.retry_ms > 0)
        buffer->next_try_us = ix_monotonic_us() + (int64_t)buffer->opts.retry_ms * 1000;
    pthread_mutex_unlock(&buffer->lock);
}

/* Nothing is in the way of a value that is sent by itself. */
static bool is_open(iots_offline *buffer)
{
    pthread_mutex_lock(&buffer->lock);
    const bool ret = ring_count(buffer->ring).records == 0 && is_due(buffer);
    pthread_mutex_unlock(&buffer->lock);
    return ret;
}

/* ---- keeping ---- */

/* Adds a text of the key, and the zero byte that ends it. */
static void add_text(ix_buf *record, const char *text)
{
    ix_buf_text(record, text ? text : "");
    ix_buf_add(record, "", 1);
}

/* Keeps a record in the file; with the lock held. */
static bool record_keep(ix_ctx *cx, iots_offline *buffer, int64_t at_us, ix_str record)
{
    ring *ring = buffer->ring;
    const ring_counts counts = ring_count(ring);
    if (counts.records > 0 && at_us <= counts.newest_us)
        at_us = counts.newest_us + 1;
    if (!ring_could_hold(ring, record.len))
        return ix_fail(cx, IOTS_TOO_LARGE, "a value of %zu bytes cannot wait in the buffer",
                       record.len);
    if (!ring_has_room(ring, record.len)) {
        if (buffer->opts.when_full == IOTS_OFFLINE_REFUSE)
            return ix_fail(cx, IOTS_NO_ROOM, "the buffer is full: %llu values wait for the server",
                           (unsigned long long)counts.records);
        if (!ring_make_room(cx, ring, record.len))
            return false;
    }
    return ring_append(cx, ring, at_us, record);
}

static bool value_keep(ix_ctx *cx, iots_offline *buffer, int64_t at_us, iots_thing thing,
                       const char *name, iots_value value)
{
    const ix_json *json = value_json(cx, value);
    if (!json)
        return false;
    ix_buf record = {0};
    add_text(&record, thing.space);
    add_text(&record, thing.category);
    add_text(&record, thing.id);
    add_text(&record, name);
    ix_json_write(&record, json);
    bool ok = !record.failed || ix_fail(cx, IOTS_NO_MEMORY, NULL);
    if (ok) {
        pthread_mutex_lock(&buffer->lock);
        ok = record_keep(cx, buffer, at_us, (ix_str){record.at, record.len});
        pthread_mutex_unlock(&buffer->lock);
    }
    ix_buf_done(&record);
    return ok;
}

/* ---- a window of what waits ---- */

/* A value on its way. */
typedef struct waiting {
    ix_str key;
    const char *json;
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
} group;

/* Sending, from the first window to the last. */
typedef struct sending {
    iots_offline *buffer;
    ix_ctx cx; /* of the window at hand */
    waiting values[WINDOW_RECORDS];
    size_t count;
    ring_place behind;   /* the window */
    iots_reply *stop;    /* it goes no further; NULL: all is well */
    iots_reply *refusal; /* the first one; NULL: none */
} sending;

static bool stop(sending *sending, iots_reply *reply)
{
    sending->stop = reply;
    return false;
}

/* Takes a record apart. One that is none of ours does no harm: its key is empty. */
static waiting waiting_of(ring_record record)
{
    const char *at = record.bytes.at, *end = at + record.bytes.len;
    for (int i = 0; i < KEY_TEXTS; i++) {
        const char *zero = memchr(at, '\0', (size_t)(end - at));
        if (!zero)
            return (waiting){.json = end, .at_us = record.at_us};
        at = zero + 1;
    }
    return (waiting){
        .key = {record.bytes.at, (size_t)(at - record.bytes.at)},
        .json = at,
        .at_us = record.at_us,
    };
}

/* Reads the oldest records, none behind `until`. */
static bool window_read(sending *sending, ring_place until)
{
    iots_offline *buffer = sending->buffer;
    bool ok = true;
    size_t bytes = 0;
    sending->count = 0;
    pthread_mutex_lock(&buffer->lock);
    sending->behind = ring_first(buffer->ring);
    while (ok && sending->count < WINDOW_RECORDS && bytes < WINDOW_BYTES &&
           sending->behind.place < until.place) {
        ring_record record;
        ok = ring_next(&sending->cx, buffer->ring, &sending->behind, &record);
        if (ok && record.bytes.at) {
            sending->values[sending->count++] = waiting_of(record);
            bytes += record.bytes.len;
        }
    }
    pthread_mutex_unlock(&buffer->lock);
    return ok || stop(sending, failure_of(&sending->cx));
}

static bool window_release(sending *sending)
{
    iots_offline *buffer = sending->buffer;
    uint64_t refused = 0;
    for (size_t i = 0; i < sending->count; i++)
        refused += sending->values[i].is_refused;
    pthread_mutex_lock(&buffer->lock);
    const bool ok = ring_release(&sending->cx, buffer->ring, sending->behind, refused);
    pthread_mutex_unlock(&buffer->lock);
    return ok || stop(sending, failure_of(&sending->cx));
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
        ix_buf_text(body, group->values[i]->json);
        ix_buf_text(body, "}}");
    }
    ix_buf_char(body, ']');
}

static iots_reply *group_post(const group *group)
{
    ix_buf body = {0};
    group_write(group, &body);
    iots_reply *reply = body.failed ? iots_failure(IOTS_NO_MEMORY, NULL)
                                    : iots_history_create(group->thing, group->property,
                                                          iots_bytes(body.at, body.len), NULL);
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

static void group_refuse(sending *sending, group *group, iots_reply *refusal)
{
    for (size_t i = 0; i < group->count; i++)
        group->values[i]->is_refused = true;
    group_settle(group);
    if (sending->refusal)
        iots_reply_free(refusal);
    else
        sending->refusal = refusal;
}

/* Settles the value that the history shows to have at this time, if it is ours. */
static bool stored_settle(sending *sending, const group *group, const iots_json *stored)
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
            ours->parsed = ix_json_parse(cx, ours->json, strlen(ours->json));
        if (!ours->parsed)
            return false;
        ours->is_settled = ix_json_equal(ours->parsed, value);
        return true;
    }
    return true;
}

/* Settles those of a group that the history has. */
static bool stored_find(sending *sending, const group *group)
{
    char first[IX_TIME_TEXT], last[IX_TIME_TEXT], range[2 * IX_TIME_TEXT + 2];
    ix_time_write(group->values[0]->at_us, first);
    ix_time_write(group->values[group->count - 1]->at_us, last);
    snprintf(range, sizeof range, "%s|%s", first, last);
    iots_pager *stored =
        iots_history_list(group->thing, group->property,
                          IOTS_LIST(.limit = STORED_PAGE, .params = IOTS_PARAMS({"at", range})));
    const iots_json *item;
    bool ok = true;
    for (size_t i = 0; ok && i < STORED_MAX && (item = iots_pager_next(stored)); i++)
        ok = stored_settle(sending, group, item);
    const iots_reply *reply = iots_pager_reply(stored);
    iots_reply *failure = NULL;
    if (!ok)
        failure = failure_of(&sending->cx);
    else if (!iots_ok(reply))
        failure = iots_failure(iots_reply_code(reply), "%s", iots_error(reply));
    iots_pager_free(stored);
    return !failure || stop(sending, failure);
}

static bool group_send(sending *sending, group group);

/* Two halves: what is at fault in one of them does not hold up the other. */
static bool halves_send(sending *sending, group whole)
{
    const size_t half = whole.count / 2;
    group first = whole, second = whole;
    first.count = half;
    second.values += half;
    second.count -= half;
    return group_send(sending, first) && group_send(sending, second);
}

/* The history has a value at the time of one of ours: it may be ours, sent before. */
static bool conflict_settle(sending *sending, group *group, bool *was_looked_up)
{
    const bool is_one = group->count == 1;
    waiting *first = group->values[0];
    if (is_one || !*was_looked_up) {
        *was_looked_up = true;
        if (!stored_find(sending, group))
            return false;
        group_trim(group);
    }
    if (is_one && !first->is_settled) { /* it is somebody else's */
        first->at_us++;
        first->steps++;
    }
    return true;
}

/* Adds the values of a group to the history. False: it cannot go on. */
static bool group_send(sending *sending, group group)
{
    bool was_looked_up = false;
    while (group.count > 0) {
        iots_reply *reply = group_post(&group);
        const verdict verdict = verdict_on(reply);
        const size_t count = group.count;
        if (verdict == VERDICT_AWAY || verdict == VERDICT_STOP)
            return stop(sending, reply);

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
        if (!is_conflict || (was_looked_up && count > 1))
            return halves_send(sending, group);
        if (!conflict_settle(sending, &group, &was_looked_up))
            return false;
    }
    return true;
}

/* The newest value of a property in the window that was not refused; NULL if all were. */
static const waiting *newest_of(const sending *sending, ix_str key)
{
    for (size_t i = sending->count; i-- > 0;) {
        const waiting *value = &sending->values[i];
        if (!value->is_refused && ix_str_equal(value->key, key))
            return value;
    }
    return NULL;
}

/* Makes a value the current one of its property. */
static bool current_set(sending *sending, const group *group, const waiting *newest)
{
    iots_reply *reply =
        iots_property_update(group->thing, group->property, iots_raw(newest->json),
                             IOTS_CALL(.params = IOTS_PARAMS({"update_history", "false"})));
    const verdict verdict = verdict_on(reply);
    const bool may_not = iots_reply_code(reply) == IOTS_FORBIDDEN; /* but the history has it */
    if (verdict == VERDICT_AWAY || (verdict == VERDICT_STOP && !may_not))
        return stop(sending, reply);
    iots_reply_free(reply);
    return true;
}

/* ---- all that waits ---- */

/* The address that a key is. */
static void group_address(group *group, const sending *sending, ix_str key)
{
    const char *texts[KEY_TEXTS];
    const char *at = key.at;
    for (int i = 0; i < KEY_TEXTS; i++) {
        texts[i] = at;
        at += strlen(at) + 1;
    }
    group->thing = (iots_thing){
        .api = sending->buffer->api,
        .space = texts[0],
        .category = *texts[1] ? texts[1] : NULL,
        .id = texts[2],
    };
    group->property = texts[3];
}

/* All of the window that are of the property of value number `first`. */
static group group_of(sending *sending, waiting **room, size_t first)
{
    const ix_str key = sending->values[first].key;
    group group = {.values = room};
    for (size_t i = first; i < sending->count; i++) {
        waiting *value = &sending->values[i];
        if (value->is_grouped || !ix_str_equal(value->key, key))
            continue;
        value->is_grouped = true;
        group.values[group.count++] = value;
    }
    group_address(&group, sending, key);
    return group;
}

static bool window_send(sending *sending)
{
    waiting *room[WINDOW_RECORDS];
    for (size_t i = 0; i < sending->count; i++) {
        waiting *value = &sending->values[i];
        if (value->is_grouped)
            continue;
        if (value->key.len == 0) {
            value->is_refused = true;
            continue;
        }
        const group group = group_of(sending, room, i);
        if (!group_send(sending, group))
            return false;
        const waiting *newest = newest_of(sending, value->key);
        if (newest && !current_set(sending, &group, newest))
            return false;
    }
    return true;
}

/* The next window, from reading to letting go. */
static bool window_pass(sending *sending, ring_place until)
{
    if (!ix_ctx_init(&sending->cx, 0))
        return stop(sending, failure_of(&sending->cx));
    const bool ok = window_read(sending, until) && window_send(sending) && window_release(sending);
    ix_ctx_done(&sending->cx);
    return ok;
}

/* Becomes the thread that sends. False: another one is, and is not waited for. */
static bool sending_begin(iots_offline *buffer, bool waits, ring_place *ret_until)
{
    pthread_mutex_lock(&buffer->lock);
    while (buffer->is_sending && waits)
        pthread_cond_wait(&buffer->has_sent, &buffer->lock);
    const bool ret = !buffer->is_sending && (waits || is_due(buffer));
    if (ret)
        buffer->is_sending = true;
    *ret_until = ring_behind(buffer->ring);
    pthread_mutex_unlock(&buffer->lock);
    return ret;
}

static void sending_end(iots_offline *buffer)
{
    pthread_mutex_lock(&buffer->lock);
    buffer->is_sending = false;
    pthread_cond_broadcast(&buffer->has_sent);
    pthread_mutex_unlock(&buffer->lock);
}

static bool has_waiting(iots_offline *buffer, ring_place until)
{
    pthread_mutex_lock(&buffer->lock);
    const bool ret = ring_first(buffer->ring).place < until.place;
    pthread_mutex_unlock(&buffer->lock);
    return ret;
}

/* Sends what waits, or one window of it. */
static iots_reply *send_waiting(iots_offline *buffer, bool all)
{
    ring_place until;
    if (!sending_begin(buffer, all, &until))
        return iots_failure(IOTS_OK, NULL);
    sending *sending = calloc(1, sizeof *sending);
    if (!sending) {
        sending_end(buffer);
        return iots_failure(IOTS_NO_MEMORY, NULL);
    }
    sending->buffer = buffer;
    bool ok = true;
    do {
        ok = !has_waiting(buffer, until) || window_pass(sending, until);
    } while (all && ok && has_waiting(buffer, until));
    iots_reply *stopped = sending->stop, *refusal = sending->refusal;
    free(sending);
    note_away(buffer, stopped != NULL);
    sending_end(buffer);
    if (stopped) {
        iots_reply_free(refusal);
        return stopped;
    }
    return refusal ? refusal : iots_failure(IOTS_OK, NULL);
}

/* ---- what programs call ---- */

/* NULL, or a reply that says why the buffer is of no use. */
static iots_reply *buffer_check(const iots_offline *buffer)
{
    if (!buffer)
        return iots_failure(IOTS_NO_MEMORY, NULL);
    return buffer->ring ? NULL : failure_of(&buffer->cx);
}

/* What no call would send must not wait for one: it would be in the way of all behind it. */
static bool is_name(const char *text)
{
    return text && *text && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static iots_reply *address_check(const iots_offline *buffer, iots_thing thing, const char *name)
{
    if (thing.api != buffer->api)
        return iots_failure(IOTS_USAGE, "the Thing is of another API than the buffer");
    if (!is_name(thing.space) || !is_name(thing.id) || !is_name(name) ||
        (thing.category && !is_name(thing.category)))
        return iots_failure(IOTS_USAGE, "space, Category, Thing or property: missing, or no name");
    return NULL;
}

iots_reply *iots_offline_update(iots_offline *buffer, iots_thing thing, const char *name,
                                iots_value value)
{
    const int64_t at_us = ix_now_us();
    iots_reply *reply = buffer_check(buffer);
    if (!reply)
        reply = address_check(buffer, thing, name);
    if (reply)
        return reply;

    if (is_open(buffer)) {
        reply = iots_property_update(thing, name, value, NULL);
        const bool is_away = verdict_on(reply) == VERDICT_AWAY;
        note_away(buffer, is_away);
        if (!is_away)
            return reply;
        iots_reply_free(reply);
    }

    ix_ctx cx;
    const bool is_kept = ix_ctx_init(&cx, 0) && value_keep(&cx, buffer, at_us, thing, name, value);
    reply = is_kept ? iots_failure(IOTS_OK, NULL) : failure_of(&cx);
    ix_ctx_done(&cx);
    if (is_kept)
        iots_reply_free(send_waiting(buffer, false)); /* what is refused is counted */
    return reply;
}

iots_reply *iots_offline_flush(iots_offline *buffer)
{
    iots_reply *failure = buffer_check(buffer);
    return failure ? failure : send_waiting(buffer, true);
}
