/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that wait for the server. ring.c keeps them; here they are put there, and drain.c sends them.
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
#include "client/buffer.h"
#include "client/opts.h"
#include "client/reply.h"
#include "client/start.h"
#include "client/transfer_handle.h"
#include "client/value.h"

enum {
    FILE_BYTES = 1 << 20,   /* as usual */
    RETRY_MS = 10000,       /* likewise */
    STAMP_MARK = 1,         /* no name begins with this byte */
    TIME_STEP_US = 1000000, /* a clock that goes back by less is kept right, not set */
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
    if (buffer->ring)
        buffer->fresh = ring_first(buffer->ring);
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
    buffer->clock = clock_begin(clock_boot());
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
    held_done(&buffer->held);
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
    const uint64_t held = buffer->held_records;
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
    case IOTS_OFFLINE_HELD:
        return held;
    }
    return 0;
}

static iots_reply *failure_of(const ix_ctx *cx)
{
    return iots_failure(cx->error.code, "%s", cx->error.message);
}

/* ---- records ---- */

/* Adds a text of the key, and the zero byte that ends it. */
static void add_text(ix_buf *record, const char *text)
{
    ix_buf_text(record, text ? text : "");
    ix_buf_add(record, "", 1);
}

static void add_number(ix_buf *record, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        ix_buf_char(record, (char)(number >> (8 * i) & 0xFF));
}

static uint64_t number_at(const char *at, int bytes)
{
    uint64_t number = 0;
    for (int i = bytes; i-- > 0;)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

/* A record without its value: stamp and key. */
static void record_begin(ix_buf *record, stamp stamp, iots_thing thing, const char *name)
{
    ix_buf_char(record, STAMP_MARK);
    add_number(record, stamp.boot, 4);
    add_number(record, (uint64_t)stamp.offset_us, 8);
    add_text(record, thing.space);
    add_text(record, thing.category);
    add_text(record, thing.id);
    add_text(record, name);
}

/* Of records of libiots 0.1.0 the stamp is not there. */
entry entry_of(ring_record record)
{
    const char *at = record.bytes.at, *end = at + record.bytes.len;
    entry entry = {.json = end, .stamp = {.at_us = record.at_us}};
    if (record.bytes.len >= STAMP_BYTES && *at == STAMP_MARK) {
        entry.stamp.boot = (uint32_t)number_at(at + 1, 4);
        entry.stamp.offset_us = (int64_t)number_at(at + 5, 8);
        at += STAMP_BYTES;
    }
    const char *key = at;
    for (int i = 0; i < KEY_TEXTS; i++) {
        const char *zero = memchr(at, '\0', (size_t)(end - at));
        if (!zero)
            return entry;
        at = zero + 1;
    }
    entry.key = (ix_str){key, (size_t)(at - key)};
    entry.json = at;
    return entry;
}

iots_thing key_thing(iots_api *api, ix_str key, const char **ret_property)
{
    const char *texts[KEY_TEXTS];
    const char *at = key.at;
    for (int i = 0; i < KEY_TEXTS; i++) {
        texts[i] = at;
        at += strlen(at) + 1;
    }
    *ret_property = texts[3];
    return (iots_thing){
        .api = api,
        .space = texts[0],
        .category = *texts[1] ? texts[1] : NULL,
        .id = texts[2],
    };
}

/* ---- what an answer means ---- */

/* A refusal counts if it is the server's: what stands between it and us, a hotel's login page say,
 * answers as well, but not in the words of the API. */
static verdict refusal(const iots_reply *reply, verdict verdict)
{
    return iots_json_at(iots_reply_body(reply), "/error") ? verdict : VERDICT_AWAY;
}

static verdict verdict_by_code(const iots_reply *reply)
{
    switch (iots_reply_code(reply)) {
    case IOTS_OK:
        return VERDICT_TAKEN;
    case IOTS_TRANSPORT:
    case IOTS_TIMEOUT:
    case IOTS_OUTCOME_UNKNOWN: /* what did arrive is found out when it is sent again */
    case IOTS_UNAUTHENTICATED:
    case IOTS_TOO_MANY:
    case IOTS_UNAVAILABLE:
    case IOTS_NO_ROOM:
    case IOTS_PARSE:
    case IOTS_UNEXPECTED:
        return VERDICT_AWAY;
    case IOTS_FORBIDDEN:
    case IOTS_METHOD_NOT_ALLOWED:
    case IOTS_UNSUPPORTED_MEDIA_TYPE:
    case IOTS_INTERNAL:
    case IOTS_NOT_IMPLEMENTED:
        return refusal(reply, VERDICT_HELD);
    case IOTS_CONFLICT:
        return refusal(reply, VERDICT_CONFLICT);
    case IOTS_INVALID:
    case IOTS_NOT_FOUND:
        return refusal(reply, VERDICT_REFUSED);
    case IOTS_TOO_LARGE: /* whoever says it, smaller requests may go through */
        return VERDICT_REFUSED;
    default:
        return VERDICT_STOP;
    }
}

verdict verdict_on(const iots_reply *reply)
{
    const verdict verdict = verdict_by_code(reply);
    return reply->is_for_token && verdict != VERDICT_STOP ? VERDICT_AWAY : verdict;
}

void time_hear(iots_offline *buffer, const iots_reply *reply)
{
    const char *date = iots_reply_header(reply, "Date");
    int64_t server_us, ahead_us;
    if (!date || verdict_on(reply) == VERDICT_AWAY || !http_date_parse(date, &server_us))
        return;
    pthread_mutex_lock(&buffer->lock);
    const bool is_news = clock_hear(&buffer->clock, server_us, &ahead_us);
    pthread_mutex_unlock(&buffer->lock);
    if (is_news && buffer->opts.clock_wrong)
        buffer->opts.clock_wrong(ahead_us / 1000, buffer->opts.user);
}

/* ---- whether to ask the server ---- */

bool is_due(const iots_offline *buffer)
{
    if (!buffer->is_away)
        return true;
    return buffer->opts.retry_ms > 0 && ix_monotonic_us() >= buffer->next_try_us;
}

void note_away(iots_offline *buffer, bool is_away)
{
    pthread_mutex_lock(&buffer->lock);
    buffer->is_away = is_away;
    if (is_away && buffer->opts.retry_ms > 0)
        buffer->next_try_us = ix_monotonic_us() + (int64_t)buffer->opts.retry_ms * 1000;
    pthread_mutex_unlock(&buffer->lock);
}

/* Nothing is in the way of a value of this property that is sent by itself. */
static bool is_open(iots_offline *buffer, ix_str key)
{
    pthread_mutex_lock(&buffer->lock);
    const bool is_passed =
        buffer->fresh.place == ring_behind(buffer->ring).place && !held_find(&buffer->held, key);
    const bool ret = (ring_count(buffer->ring).records == 0 || is_passed) && is_due(buffer);
    pthread_mutex_unlock(&buffer->lock);
    return ret;
}

void report(const iots_offline *buffer, iots_offline_what what, const entry *entry,
            const iots_reply *reply)
{
    if (!buffer->opts.report || entry->key.len == 0)
        return;
    iots_offline_report report = {.size = sizeof report,
                                  .what = what,
                                  .json = entry->json,
                                  .at_us = entry->stamp.at_us,
                                  .reply = reply};
    report.thing = key_thing(buffer->api, entry->key, &report.property);
    buffer->opts.report(&report, buffer->opts.user);
}

bool property_hold(iots_offline *buffer, ix_str key, const iots_reply *reply)
{
    pthread_mutex_lock(&buffer->lock);
    const bool is_news = !held_find(&buffer->held, key);
    const int retry_ms = buffer->opts.retry_ms;
    const bool ok =
        held_put(&buffer->held, key, buffer->pass, retry_ms < 0 ? -1 : (int64_t)retry_ms * 1000);
    pthread_mutex_unlock(&buffer->lock);
    if (ok && is_news)
        report(buffer, IOTS_OFFLINE_HELD, &(entry){.key = key}, reply);
    return ok;
}

/* ---- keeping ---- */

/* What had to go to make room, to be reported once the lock is not held any more. */
typedef struct dropped_record {
    entry entry;
    iots_offline_what what;
    struct dropped_record *next;
} dropped_record;

static bool dropped_add(ix_ctx *cx, const iots_offline *buffer, ring_record record,
                        dropped_record ***end)
{
    dropped_record *added = ix_new(cx, dropped_record, 1);
    if (!added)
        return false;
    const bool is_held = record.at.place < buffer->fresh.place;
    added->entry = entry_of(record);
    added->what = is_held ? IOTS_OFFLINE_REFUSED : IOTS_OFFLINE_DROPPED;
    **end = added;
    *end = &added->next;
    return true;
}

/* Makes room for a record: what the server does not take goes for good, and other values if that is how
 * it is to be. The oldest first. The lock is held. */
static bool room_make(ix_ctx *cx, iots_offline *buffer, size_t bytes, dropped_record **ret)
{
    client_ring *ring = buffer->ring;
    ring_place place = ring_first(ring);
    uint64_t dropped = 0, refused = 0;
    dropped_record *all = NULL, **end = &all;
    while (!ring_has_room(ring, place, bytes)) {
        ring_record record;
        if (!ring_next(cx, ring, &place, &record))
            return false;
        if (!record.bytes.at)
            break; /* nothing is left, or nothing that can be read */
        const bool is_held = record.at.place < buffer->fresh.place;
        if (!is_held && buffer->opts.when_full == IOTS_OFFLINE_REFUSE)
            return ix_fail(cx, IOTS_NO_ROOM, "the buffer is full: %llu values wait for the server",
                           (unsigned long long)ring_count(ring).records);
        if (!dropped_add(cx, buffer, record, &end))
            return false;
        *(is_held ? &refused : &dropped) += 1;
    }
    if (!ring_drop(cx, ring, place, dropped, refused))
        return false;
    *ret = all;
    buffer->held_records -= refused < buffer->held_records ? refused : buffer->held_records;
    if (buffer->fresh.place < place.place)
        buffer->fresh = place;
    return true;
}

/* Keeps a record in the file; with the lock held. */
static bool record_keep(ix_ctx *cx, iots_offline *buffer, int64_t at_us, ix_str record,
                        dropped_record **ret)
{
    client_ring *ring = buffer->ring;
    const ring_counts counts = ring_count(ring);
    if (counts.records > 0 && at_us <= counts.newest_us && counts.newest_us - at_us < TIME_STEP_US)
        at_us = counts.newest_us + 1;
    if (!ring_could_hold(ring, record.len))
        return ix_fail(cx, IOTS_TOO_LARGE, "a value of %zu bytes cannot wait in the buffer",
                       record.len);
    return (ring_has_room(ring, ring_first(ring), record.len) ||
            room_make(cx, buffer, record.len, ret)) &&
           ring_append(cx, ring, at_us, record);
}

/* Keeps a value, of which `record` has the beginning. */
static bool value_keep(ix_ctx *cx, iots_offline *buffer, int64_t at_us, ix_buf *record,
                       iots_value value)
{
    const ix_json *json = value_json(cx, value);
    if (!json)
        return false;
    ix_json_write(record, json);
    if (record->failed)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    dropped_record *dropped = NULL;
    pthread_mutex_lock(&buffer->lock);
    const bool ok = record_keep(cx, buffer, at_us, (ix_str){record->at, record->len}, &dropped);
    pthread_mutex_unlock(&buffer->lock);
    for (; dropped; dropped = dropped->next)
        report(buffer, dropped->what, &dropped->entry, NULL);
    return ok;
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

/* Sends a value by itself. NULL: it has to be kept. */
static iots_reply *value_send(iots_offline *buffer, ix_str key, iots_thing thing, const char *name,
                              iots_value value)
{
    iots_reply *reply = iots_property_update(thing, name, value, NULL);
    time_hear(buffer, reply);
    verdict verdict = verdict_on(reply);
    if (verdict == VERDICT_HELD && !property_hold(buffer, key, reply))
        verdict = VERDICT_AWAY;
    note_away(buffer, verdict == VERDICT_AWAY);
    if (verdict != VERDICT_AWAY && verdict != VERDICT_HELD)
        return reply;
    iots_reply_free(reply);
    return NULL;
}

iots_reply *iots_offline_update(iots_offline *buffer, iots_thing thing, const char *name,
                                iots_value value)
{
    iots_reply *reply = buffer_check(buffer);
    if (!reply)
        reply = address_check(buffer, thing, name);
    if (reply)
        return reply;

    pthread_mutex_lock(&buffer->lock);
    const stamp stamp = clock_now(&buffer->clock);
    pthread_mutex_unlock(&buffer->lock);
    ix_buf record = {0};
    record_begin(&record, stamp, thing, name);
    const ix_str key = {record.at + STAMP_BYTES, record.len - STAMP_BYTES};
    ix_ctx cx;
    bool is_kept = false;
    if (record.failed)
        reply = iots_failure(IOTS_NO_MEMORY, NULL);
    else if (is_open(buffer, key))
        reply = value_send(buffer, key, thing, name, value);
    if (!reply) {
        is_kept = ix_ctx_init(&cx, 0) && value_keep(&cx, buffer, stamp.at_us, &record, value);
        reply = is_kept ? iots_failure(IOTS_OK, NULL) : failure_of(&cx);
        ix_ctx_done(&cx);
    }
    ix_buf_done(&record);
    if (is_kept)
        iots_reply_free(drain(buffer, false)); /* what is refused is counted */
    return reply;
}

iots_reply *iots_offline_flush(iots_offline *buffer)
{
    iots_reply *failure = buffer_check(buffer);
    return failure ? failure : drain(buffer, true);
}
