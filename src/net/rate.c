/* SPDX-License-Identifier: Apache-2.0 */
#include "net/rate.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/time.h"

#define SECOND_NS INT64_C(1000000000)

enum { KEY_LEN = 16 };

typedef struct bucket {
    uint8_t key[KEY_LEN];
    int64_t full_ns; /* when it is full again; in the past: it is */
} bucket;

struct rate_limiter {
    int64_t interval_ns; /* in which one request flows in; cut to nanoseconds */
    /* Of the digests, so that nobody can choose names that drive each other out. */
    uint8_t salt[IX_DIGEST_LEN];
    pthread_mutex_t locks[RATE_LOCKS]; /* each over every RATE_LOCKS-th place */
    bucket buckets[RATE_PLACES][RATE_WAYS];
};

rate_limiter *rate_new(ix_ctx *cx, int64_t per_second)
{
    rate_limiter *rate = calloc(1, sizeof *rate);
    if (!rate) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    rate->interval_ns = SECOND_NS / per_second;
    ix_random(rate->salt, sizeof rate->salt);
    for (int i = 0; i < RATE_LOCKS; i++)
        pthread_mutex_init(&rate->locks[i], NULL);
    return rate;
}

void rate_free(rate_limiter *rate)
{
    if (!rate)
        return;
    for (int i = 0; i < RATE_LOCKS; i++)
        pthread_mutex_destroy(&rate->locks[i]);
    free(rate);
}

/* The client's bucket. One that has none gets that which is full, or will be first; it is made
 * full. */
static bucket *rate_limiter_find(bucket place[RATE_WAYS], const uint8_t key[KEY_LEN],
                                 int64_t now_ns)
{
    bucket *fullest = place;
    for (int i = 0; i < RATE_WAYS; i++) {
        if (memcmp(place[i].key, key, KEY_LEN) == 0)
            return &place[i];
        if (place[i].full_ns < fullest->full_ns)
            fullest = &place[i];
    }
    memcpy(fullest->key, key, KEY_LEN);
    fullest->full_ns = now_ns;
    return fullest;
}

/* How much too early a request is, or 0: then it is taken out of the bucket. */
static int64_t rate_limiter_take(const rate_limiter *rate, bucket *bucket, int64_t now_ns)
{
    const int64_t from_ns = bucket->full_ns > now_ns ? bucket->full_ns : now_ns;
    const int64_t full_ns = from_ns + rate->interval_ns;
    const int64_t early_ns = full_ns - now_ns - RATE_BURST_S * SECOND_NS;
    if (early_ns > 0)
        return early_ns;
    bucket->full_ns = full_ns;
    return 0;
}

int rate_take(rate_limiter *rate, ix_str who, int64_t now_us)
{
    const int64_t now_ns = now_us * 1000;
    uint8_t digest[IX_DIGEST_LEN];
    ix_digest_keyed(rate->salt, who, digest);
    const unsigned number =
        ((unsigned)digest[KEY_LEN] << 8 | digest[KEY_LEN + 1]) % (unsigned)RATE_PLACES;
    pthread_mutex_t *lock = &rate->locks[number % RATE_LOCKS];

    pthread_mutex_lock(lock);
    const int64_t early_ns =
        rate_limiter_take(rate, rate_limiter_find(rate->buckets[number], digest, now_ns), now_ns);
    pthread_mutex_unlock(lock);
    return (int)((early_ns + SECOND_NS - 1) / SECOND_NS);
}

/* ---- peers ---- */

enum { IPV4_BYTES = 4, IPV6_NETWORK_BYTES = 8 };

/* Begins with a zero, which no client ID has. */
static ix_str peer_name(char name[RATE_PEER_MAX], char kind, const void *bytes, size_t len)
{
    name[0] = 0;
    name[1] = kind;
    memcpy(name + 2, bytes, len);
    return (ix_str){name, 2 + len};
}

ix_str rate_peer(const struct sockaddr *address, char name[RATE_PEER_MAX])
{
    if (address && address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return peer_name(name, '4', &in.sin_addr, IPV4_BYTES);
    }
    if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        const uint8_t *bytes = in6.sin6_addr.s6_addr;
        return IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)
                   ? peer_name(name, '4', bytes + sizeof in6.sin6_addr - IPV4_BYTES, IPV4_BYTES)
                   : peer_name(name, '6', bytes, IPV6_NETWORK_BYTES);
    }
    return peer_name(name, '?', "", 0);
}
