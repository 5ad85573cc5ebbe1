/* SPDX-License-Identifier: Apache-2.0 */
#include "api/brake.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/time.h"

enum { KEY_LEN = 16 };

/* A name that failed. failures 0: the place is free. */
typedef struct culprit {
    uint8_t key[KEY_LEN];
    int failures;
    int64_t last_us;  /* the last failure */
    int64_t until_us; /* it must wait until then */
} culprit;

struct brake {
    pthread_mutex_t lock;
    /* Of the digests, so that nobody can choose names that drive each other out. */
    uint8_t salt[IX_DIGEST_LEN];
    culprit culprits[BRAKE_PLACES][BRAKE_WAYS];
};

brake *brake_new(ix_ctx *cx)
{
    brake *brake = calloc(1, sizeof *brake);
    if (!brake) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    ix_random(brake->salt, sizeof brake->salt);
    pthread_mutex_init(&brake->lock, NULL);
    return brake;
}

void brake_free(brake *brake)
{
    if (!brake)
        return;
    pthread_mutex_destroy(&brake->lock);
    free(brake);
}

static culprit *place_of(brake *brake, const uint8_t key[IX_DIGEST_LEN])
{
    const unsigned number = (unsigned)key[KEY_LEN] << 8 | key[KEY_LEN + 1];
    return brake->culprits[number % BRAKE_PLACES];
}

/* The name's own place, or NULL. One that has not failed for long is as good as none. */
static culprit *find(brake *brake, const uint8_t key[IX_DIGEST_LEN], int64_t now_us)
{
    culprit *place = place_of(brake, key);
    for (int i = 0; i < BRAKE_WAYS; i++) {
        if (!place[i].failures || memcmp(place[i].key, key, KEY_LEN) != 0)
            continue;
        if (now_us - place[i].last_us > BRAKE_FORGET_S * IX_SECOND_US)
            place[i].failures = 0;
        return place[i].failures ? &place[i] : NULL;
    }
    return NULL;
}

/* A place for one more name: a free one, else that of whoever failed longest ago. */
static culprit *make_room(brake *brake, const uint8_t key[IX_DIGEST_LEN])
{
    culprit *place = place_of(brake, key), *oldest = place;
    for (int i = 0; i < BRAKE_WAYS; i++) {
        if (!place[i].failures)
            return &place[i];
        if (place[i].last_us < oldest->last_us)
            oldest = &place[i];
    }
    return oldest;
}

int brake_wait_s(brake *brake, ix_str name, int64_t now_us)
{
    uint8_t key[IX_DIGEST_LEN];
    ix_digest_keyed(brake->salt, name, key);
    pthread_mutex_lock(&brake->lock);
    const culprit *culprit = find(brake, key, now_us);
    const int64_t wait_us = culprit ? culprit->until_us - now_us : 0;
    pthread_mutex_unlock(&brake->lock);
    return wait_us > 0 ? (int)((wait_us + IX_SECOND_US - 1) / IX_SECOND_US) : 0;
}

/* Seconds to wait after so many failures. */
static int wait_after(int failures)
{
    int wait_s = failures < BRAKE_FREE ? 0 : 1;
    for (int i = BRAKE_FREE; i < failures && wait_s < BRAKE_WAIT_MAX_S; i++)
        wait_s *= 2;
    return wait_s < BRAKE_WAIT_MAX_S ? wait_s : BRAKE_WAIT_MAX_S;
}

void brake_failed(brake *brake, ix_str name, int64_t now_us)
{
    uint8_t key[IX_DIGEST_LEN];
    ix_digest_keyed(brake->salt, name, key);
    pthread_mutex_lock(&brake->lock);
    culprit *culprit = find(brake, key, now_us);
    if (!culprit) {
        culprit = make_room(brake, key);
        culprit->failures = 0;
        memcpy(culprit->key, key, KEY_LEN);
    }
    if (culprit->failures < INT32_MAX)
        culprit->failures++;
    culprit->last_us = now_us;
    culprit->until_us = now_us + wait_after(culprit->failures) * IX_SECOND_US;
    pthread_mutex_unlock(&brake->lock);
}

void brake_worked(brake *brake, ix_str name)
{
    uint8_t key[IX_DIGEST_LEN];
    ix_digest_keyed(brake->salt, name, key);
    pthread_mutex_lock(&brake->lock);
    culprit *culprit = find(brake, key, 0);
    if (culprit)
        culprit->failures = 0;
    pthread_mutex_unlock(&brake->lock);
}
