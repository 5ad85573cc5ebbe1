/* SPDX-License-Identifier: Apache-2.0 */
#include "api/throttle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/time.h"

enum { KEY_LEN = 16 };

/* What failures are counted by. */
typedef enum kind {
    PAIR, /* an address and a name */
    NAME,
    PEER, /* an address */
    KINDS,
} kind;

// clang-format off
static const struct {
    int free, wait_max_s;
} limits[KINDS] = {
    [PAIR] = {THROTTLE_PAIR_FREE, THROTTLE_PAIR_WAIT_MAX_S},
    [NAME] = {THROTTLE_NAME_FREE, THROTTLE_NAME_WAIT_MAX_S},
    [PEER] = {THROTTLE_PEER_FREE, THROTTLE_PEER_WAIT_MAX_S},
};
// clang-format on

typedef struct secret_key {
    uint8_t bytes[KEY_LEN];
} secret_key;

/* touched_us 0: it is free. */
typedef struct record {
    uint8_t key[KEY_LEN];
    int64_t touched_us;
    int64_t failed_us; /* the last failure */
    int64_t until_us;  /* who comes must wait until then */
    int failures;      /* in a row */
    bool has_worked;   /* of a pair */
    /* Of a pair: secrets that failed, the oldest of which is replaced first. Of a name: the one that
     * works, if `secret_count` is 1. */
    secret_key secrets[THROTTLE_WRONG_KEPT];
    int secret_count, oldest;
    int64_t full_us; /* of a pair: when comparisons with the right secret are free again */
} record;

struct throttle {
    int64_t (*monotonic_us)(void);
    /* Of the keys, so that nobody can choose names that drive each other out. */
    uint8_t salt[IX_DIGEST_LEN];
    pthread_mutex_t lock;
    record records[KINDS][THROTTLE_PLACES][THROTTLE_WAYS];
};

throttle *throttle_new(ix_ctx *cx, int64_t (*monotonic_us)(void))
{
    throttle *throttle = calloc(1, sizeof *throttle);
    if (!throttle) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    throttle->monotonic_us = monotonic_us ? monotonic_us : ix_monotonic_us;
    ix_random(throttle->salt, sizeof throttle->salt);
    pthread_mutex_init(&throttle->lock, NULL);
    return throttle;
}

void throttle_free(throttle *throttle)
{
    if (!throttle)
        return;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

/* ---- keys ---- */

/* Of two texts, in this order. */
static void digest_two(const throttle *throttle, char kind, ix_str a, ix_str b,
                       uint8_t out[IX_DIGEST_LEN])
{
    char both[1 + 2 * IX_DIGEST_LEN];
    both[0] = kind;
    ix_digest_keyed(throttle->salt, a, (uint8_t *)both + 1);
    ix_digest_keyed(throttle->salt, b, (uint8_t *)both + 1 + IX_DIGEST_LEN);
    ix_digest_keyed(throttle->salt, (ix_str){both, sizeof both}, out);
}

static secret_key key_of_secret(const throttle *throttle, const throttle_try *try)
{
    uint8_t digest[IX_DIGEST_LEN];
    secret_key key;
    digest_two(throttle, 's', try->hash, try->secret, digest);
    memcpy(key.bytes, digest, KEY_LEN);
    return key;
}

/* ---- records ---- */

/* One without failures for long is as good as one that never failed. */
static void forget_failures(record *record, int64_t now_us)
{
    if (!record->failures || now_us - record->failed_us <= THROTTLE_FORGET_S * IX_SECOND_US)
        return;
    record->failures = 0;
    record->until_us = 0;
}

/* The record of this kind for the try; if there was none, in the place of the one that was not asked
 * for longest. */
static record *get_record(throttle *throttle, kind kind, const throttle_try *try, int64_t now_us)
{
    static const ix_str nothing = {"", 0};
    uint8_t digest[IX_DIGEST_LEN];
    digest_two(throttle, (char)('0' + kind), kind == NAME ? nothing : try->peer,
               kind == PEER ? nothing : try->name, digest);
    const unsigned number = (unsigned)digest[KEY_LEN] << 8 | digest[KEY_LEN + 1];
    record *place = throttle->records[kind][number % THROTTLE_PLACES], *found = place;
    for (int i = 0; i < THROTTLE_WAYS; i++) {
        if (place[i].touched_us && memcmp(place[i].key, digest, KEY_LEN) == 0) {
            found = &place[i];
            forget_failures(found, now_us);
            found->touched_us = now_us;
            return found;
        }
        if (place[i].touched_us < found->touched_us)
            found = &place[i];
    }
    *found = (record){.touched_us = now_us};
    memcpy(found->key, digest, KEY_LEN);
    return found;
}

/* Seconds to wait after so many failures. */
static int wait_after(kind kind, int failures)
{
    const int most_s = limits[kind].wait_max_s;
    int wait_s = failures < limits[kind].free ? 0 : 1;
    for (int i = limits[kind].free; i < failures && wait_s < most_s; i++)
        wait_s *= 2;
    return wait_s < most_s ? wait_s : most_s;
}

static void count_failure(record *record, kind kind, int64_t now_us)
{
    if (record->failures < INT32_MAX)
        record->failures++;
    record->failed_us = now_us;
    record->until_us = now_us + wait_after(kind, record->failures) * IX_SECOND_US;
}

/* After a try that worked. The failures of others stay. */
static void take_failure_back(record *record, kind kind)
{
    if (record->failures > 0)
        record->failures--;
    if (record->failures < limits[kind].free)
        record->until_us = 0;
}

static bool has_secret(const record *record, secret_key key)
{
    bool has = false;
    for (int i = 0; i < record->secret_count; i++)
        has |= ix_same_bytes(record->secrets[i].bytes, key.bytes, KEY_LEN);
    return has;
}

static void keep_secret(record *record, secret_key key, int most)
{
    if (record->secret_count < most) {
        record->secrets[record->secret_count++] = key;
        return;
    }
    record->secrets[record->oldest] = key;
    record->oldest = (record->oldest + 1) % most;
}

/* May the secret of a pair that waits be compared with the known right one? */
static bool may_compare(record *pair, int64_t now_us)
{
    static const int64_t interval_us = IX_SECOND_US / THROTTLE_KNOWN_PER_S;
    const int64_t from_us = pair->full_us > now_us ? pair->full_us : now_us;
    if (from_us + interval_us - now_us > THROTTLE_KNOWN_BURST * interval_us)
        return false;
    pair->full_us = from_us + interval_us;
    return true;
}

/* ---- asking ---- */

typedef struct three {
    record *of[KINDS];
    secret_key secret;
    int64_t now_us;
} three;

/* With the lock held. */
static three find_three(throttle *throttle, const throttle_try *try)
{
    three three = {.secret = key_of_secret(throttle, try), .now_us = throttle->monotonic_us()};
    for (int kind = 0; kind < KINDS; kind++)
        three.of[kind] = get_record(throttle, (enum kind)kind, try, three.now_us);
    return three;
}

/* Who has succeeded from here does not wait because of others. */
static int64_t until_us(const three *three)
{
    int64_t latest_us = three->of[PAIR]->until_us;
    for (int kind = 0; kind < KINDS && !three->of[PAIR]->has_worked; kind++) {
        if (three->of[kind]->until_us > latest_us)
            latest_us = three->of[kind]->until_us;
    }
    return latest_us;
}

static throttle_verdict judge(const three *three, bool is_program, int64_t wait_us)
{
    record *pair = three->of[PAIR];
    if (is_program && (wait_us <= 0 || may_compare(pair, three->now_us)) &&
        has_secret(three->of[NAME], three->secret))
        return THROTTLE_RIGHT;
    if (has_secret(pair, three->secret))
        return THROTTLE_WRONG;
    return wait_us > 0 ? THROTTLE_WAIT : THROTTLE_CHECK;
}

throttle_verdict throttle_ask(throttle *throttle, const throttle_try *try, int *ret_wait_s)
{
    pthread_mutex_lock(&throttle->lock);
    const three three = find_three(throttle, try);
    const int64_t wait_us = until_us(&three) - three.now_us;
    const throttle_verdict verdict = judge(&three, try->is_program, wait_us);
    for (int kind = 0; kind < KINDS && verdict == THROTTLE_CHECK; kind++)
        count_failure(three.of[kind], (enum kind)kind, three.now_us);
    pthread_mutex_unlock(&throttle->lock);
    *ret_wait_s = verdict == THROTTLE_WAIT ? (int)((wait_us + IX_SECOND_US - 1) / IX_SECOND_US) : 0;
    return verdict;
}

void throttle_failed(throttle *throttle, const throttle_try *try)
{
    pthread_mutex_lock(&throttle->lock);
    const three three = find_three(throttle, try);
    if (!has_secret(three.of[PAIR], three.secret))
        keep_secret(three.of[PAIR], three.secret, THROTTLE_WRONG_KEPT);
    pthread_mutex_unlock(&throttle->lock);
}

void throttle_worked(throttle *throttle, const throttle_try *try)
{
    pthread_mutex_lock(&throttle->lock);
    const three three = find_three(throttle, try);
    three.of[PAIR]->failures = 0;
    three.of[PAIR]->has_worked = true;
    for (int kind = 0; kind < KINDS; kind++)
        take_failure_back(three.of[kind], (enum kind)kind);
    if (try->is_program)
        keep_secret(three.of[NAME], three.secret, 1);
    pthread_mutex_unlock(&throttle->lock);
}
