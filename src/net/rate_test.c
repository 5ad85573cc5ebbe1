/* SPDX-License-Identifier: Apache-2.0 */
#include "net/rate.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/crypto.h"
#include "base/test.h"
#include "base/time.h"

enum { SOME_DAY_S = 1000 };

static void drop(void *rate)
{
    rate_free(rate);
}

static rate_limiter *limit(ix_ctx *cx, int64_t per_second)
{
    CHECK(ix_crypto_init());
    rate_limiter *rate = rate_new(cx, per_second);
    CHECK_OK(cx, rate != NULL);
    ix_arena_defer(cx->arena, drop, rate);
    return rate;
}

/* Seconds of the test's own clock. */
static int64_t at(double seconds)
{
    return SOME_DAY_S * IX_SECOND_US + (int64_t)(seconds * IX_SECOND_US);
}

static int take(rate_limiter *rate, const char *who, double seconds)
{
    return rate_take(rate, ix_str_of(who), at(seconds));
}

/* How many requests go through at one moment. */
static int count_taken(rate_limiter *rate, const char *who, double seconds)
{
    int count = 0;
    while (take(rate, who, seconds) == 0)
        count++;
    return count;
}

TEST("a client may ask at once for what it may ask for in the time of a burst")
{
    static const int64_t limits[] = {1, 3, 7, 100, 1000000};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        CHECK_INT(count_taken(limit(cx, limits[i]), "app::a", 0), RATE_BURST_S * limits[i]);
}

TEST("after that it may ask as often as the limit says")
{
    rate_limiter *rate = limit(cx, 4);
    CHECK_INT(count_taken(rate, "app::a", 0), 8);
    CHECK_INT(count_taken(rate, "app::a", 0.24), 0);
    CHECK_INT(count_taken(rate, "app::a", 0.25), 1);
    CHECK_INT(count_taken(rate, "app::a", 0.5), 1);
    CHECK_INT(count_taken(rate, "app::a", 1.5), 4);
    CHECK_INT(count_taken(rate, "app::a", 100), 8);
}

TEST("who asks too often hears for how many whole seconds to wait, at least one")
{
    rate_limiter *slow = limit(cx, 1), *quick = limit(cx, 50);
    count_taken(slow, "app::a", 0);
    CHECK_INT(take(slow, "app::a", 0), 1);
    CHECK_INT(take(slow, "app::a", 0.9), 1);
    CHECK_INT(take(slow, "app::a", 1), 0);
    count_taken(quick, "app::a", 0);
    CHECK_INT(take(quick, "app::a", 0.01), 1);
    CHECK_INT(take(quick, "app::a", 0.02), 0);
}

TEST("what was refused does not count")
{
    rate_limiter *rate = limit(cx, 1);
    count_taken(rate, "app::a", 0);
    for (int i = 0; i < 100; i++)
        CHECK_INT(take(rate, "app::a", 0.5), 1);
    CHECK_INT(take(rate, "app::a", 1), 0);
}

TEST("clients do not use up what is another's")
{
    rate_limiter *rate = limit(cx, 2);
    CHECK_INT(count_taken(rate, "app::a", 0), 4);
    CHECK_INT(count_taken(rate, "app::b", 0), 4);
    CHECK_INT(count_taken(rate, "farm::a", 0), 4);
    CHECK_INT(count_taken(rate, "app::a", 0), 0);
}

TEST("where the table is full an idle client is forgotten, and a busy one is not")
{
    rate_limiter *rate = limit(cx, 1);
    const int others = 4 * RATE_PLACES * RATE_WAYS;
    CHECK_INT(take(rate, "app::idle", 0), 0);
    CHECK_INT(count_taken(rate, "app::busy", 0), 2);
    for (int i = 0; i < others; i++) {
        char name[32];
        snprintf(name, sizeof name, "app::%d", i);
        CHECK_INT(take(rate, name, 0.5), 0);
        CHECK_INT(take(rate, "app::busy", 0.5), 1);
    }
    /* In its bucket of old there would be one. */
    CHECK_INT(count_taken(rate, "app::idle", 0.5), 2);
}

TEST("peers are distinguished by address, of IPv6 by network")
{
    // clang-format off
    static const struct {
        const char *one, *other;
        bool is_same;
    } cases[] = {
        {"192.0.2.1",        "192.0.2.1",               true},
        {"192.0.2.1",        "192.0.2.2",               false},
        {"192.0.2.1",        "::ffff:192.0.2.1",        true},
        {"2001:db8:1:2::1",  "2001:db8:1:2:ffff::",     true},
        {"2001:db8:1:2::1",  "2001:db8:1:3::1",         false},
        {"::1",              "127.0.0.1",               false},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *texts[] = {cases[i].one, cases[i].other};
        char names[2][RATE_PEER_MAX];
        ix_str peers[2];
        for (int k = 0; k < 2; k++) {
            struct sockaddr_storage address = {0};
            struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = (in_port_t)(i * 2)};
            struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = (in_port_t)k};
            if (inet_pton(AF_INET, texts[k], &in.sin_addr) == 1) {
                memcpy(&address, &in, sizeof in);
            } else {
                CHECK(inet_pton(AF_INET6, texts[k], &in6.sin6_addr) == 1);
                memcpy(&address, &in6, sizeof in6);
            }
            peers[k] = rate_peer((struct sockaddr *)&address, names[k]);
        }
        CHECK_INT(ix_str_equal(peers[0], peers[1]), cases[i].is_same);
    }
}

typedef struct crowd {
    rate_limiter *rate;
    _Atomic int taken;
} crowd;

static void *ask_often(void *arg)
{
    crowd *crowd = arg;
    for (int i = 0; i < 2000; i++)
        if (rate_take(crowd->rate, IX_STR("app::a"), at(0)) == 0)
            atomic_fetch_add(&crowd->taken, 1);
    return NULL;
}

TEST("many threads take no more than there is")
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    crowd crowd = {.rate = limit(cx, 1000)};
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, ask_often, &crowd) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(crowd.taken, 2000);
}
