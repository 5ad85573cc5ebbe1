/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line to the PostgreSQL of the tests that can be cut at a commit, or go dead.
 *
 *     proxy *proxy = proxy_start(cx, database);
 *     proxy_cut(proxy, PROXY_AFTER_COMMIT);
 *     ... a request that writes ...
 *     proxy_wait_cut(proxy);
 *
 * The port is the kernel's choice. Failures end the test program.
 */
#ifndef PROXY_H
#define PROXY_H

#include "base/ctx.h"

typedef struct proxy proxy;

typedef enum proxy_cut_at {
    PROXY_BEFORE_COMMIT, /* COMMIT does not arrive; both sides notice */
    PROXY_AFTER_COMMIT,  /* COMMIT arrives, its answer does not; both sides notice */
    PROXY_LATE_COMMIT,   /* only the client notices; COMMIT is kept for proxy_deliver */
} proxy_cut_at;

proxy *proxy_start(ix_ctx *cx, const char *folder, const char *database);
void proxy_stop(proxy *proxy);

/* What iotsd's setting `store` is to be; in cx. */
const char *proxy_url(const proxy *proxy);

/* Cuts the line once, at the next commit. */
void proxy_cut(proxy *proxy, proxy_cut_at at);
/* As proxy_cut, and freezes the line at the same moment. */
void proxy_cut_and_freeze(proxy *proxy, proxy_cut_at at);
/* Returns when it was cut. */
void proxy_wait_cut(proxy *proxy);

/* Brings the server the COMMIT that was kept. */
void proxy_deliver(proxy *proxy);

/* Nothing is carried, also on new connections, until the thaw; nobody is reported. */
void proxy_freeze(proxy *proxy);
void proxy_thaw(proxy *proxy);

#endif
