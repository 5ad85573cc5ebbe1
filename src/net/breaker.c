/* SPDX-License-Identifier: Apache-2.0 */
#include "net/breaker.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"

struct breaker {
    const char *url;
    int64_t statement_us;
    bool is_remote;
    _Atomic bool is_open;
    _Atomic int64_t stop_us; /* of all connections: store_stop_at */
};

breaker *breaker_new(ix_ctx *cx, const char *url, int64_t statement_us)
{
    breaker *breaker = calloc(1, sizeof *breaker);
    if (!breaker) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    breaker->url = url;
    breaker->statement_us = statement_us;
    breaker->is_remote = store_is_remote(url);
    breaker->stop_us = INT64_MAX;
    return breaker;
}

void breaker_free(breaker *breaker)
{
    free(breaker);
}

bool breaker_is_open(const breaker *breaker)
{
    return atomic_load_explicit(&breaker->is_open, memory_order_relaxed);
}

bool breaker_is_remote(const breaker *breaker)
{
    return breaker->is_remote;
}

static void set_open(breaker *breaker, bool is_open)
{
    if (atomic_exchange(&breaker->is_open, is_open) == is_open)
        return;
    if (is_open)
        ix_log(IX_LOG_ERROR, "the database does not answer: whoever needs it is refused meanwhile");
    else
        ix_log(IX_LOG_INFO, "the database answers again");
}

void breaker_answered(breaker *breaker)
{
    if (breaker_is_open(breaker))
        set_open(breaker, false);
}

static bool connect_now(ix_ctx *cx, const breaker *breaker, store_mode mode, store_handle **ret)
{
    store_handle *opened;
    if (!store_open(cx, breaker->url, mode, &opened))
        return false;
    if (!store_limit(cx, opened, breaker->statement_us)) {
        store_close(opened);
        return false;
    }
    store_stop_at(opened, &breaker->stop_us);
    *ret = opened;
    return true;
}

bool breaker_connect(ix_ctx *cx, breaker *breaker, store_mode mode, breaker_role role,
                     store_handle **ret)
{
    if (role == BREAKER_USER && breaker_is_open(breaker))
        return ix_fail(cx, IOTS_UNAVAILABLE, "the database does not answer");
    const int64_t begun_us = ix_monotonic_us();
    const bool ok = connect_now(cx, breaker, mode, ret);
    const bool was_slow = ix_monotonic_us() - begun_us > (int64_t)BREAKER_SLOW_MS * 1000;
    if (ok)
        set_open(breaker, false);
    else if (was_slow && breaker->is_remote)
        set_open(breaker, true);
    return ok;
}

void breaker_stop_at(breaker *breaker, int64_t until_us)
{
    if (breaker)
        atomic_store(&breaker->stop_us, until_us);
}

void breaker_disconnect(breaker *breaker, store_handle *store)
{
    if (store && store_is_silent(store))
        set_open(breaker, true);
    store_close(store);
}
