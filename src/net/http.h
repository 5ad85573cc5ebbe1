/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP: requests become calls, replies become bytes.
 *
 * The threads of the loops (loop.h) read requests and run the calls that only read, each on a reader
 * of its own. A call that writes or takes its time is handed over (workers.h, committer.h); its
 * connection waits meanwhile and costs nothing.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dispatch.h"
#include "net/cors.h"
#include "net/metrics.h"
#include "net/readers.h"
#include "net/workers.h"

enum {
    HTTP_CONNECTIONS_MOST = 65536, /* however many open files there may be */
    HTTP_CONNECTIONS_MAX = 4096,   /* open at one time, unless the settings say otherwise */
    HTTP_IDLE_S = 60,              /* a connection without a request is closed */
    HTTP_STALLED_S = 15,           /* so is one with a request on which nothing moves */
    HTTP_PROGRESS_MS = 30 * 1000,  /* head, body and reply must each be through after this and the
                                        time they take at the slowest (LOOP_SLOWEST_BYTES_PER_S) */
    HTTP_DRAIN_MAX = 8 << 20,      /* bytes of a refused body that are read and dropped, so that the
                                        client hears why it was refused */
    HTTP_BODIES_MAX = 64 << 20,    /* memory for the bodies of all requests under way */
    HTTP_REPLIES_MAX = 64 << 20,   /* memory for all large replies that are being read */
    HTTP_SMALL_BYTES = 64 << 10,   /* smaller replies do not count, and of the memory for bodies
                                        a quarter is left to smaller ones */
};

typedef struct http_server http_server;

typedef struct http_settings {
    const char *const *listen; /* addresses (address.h) */
    size_t listen_count;
    const char *tls_certificate, *tls_key; /* PEM files; both, or none: clear text */
    unsigned threads;                      /* at least 1 */
    cors_rules cors;
    int64_t rate_limit;   /* requests a second for each client (rate.h); 0: any */
    bool has_access_log;  /* one line in the log for each request */
    net_metrics *metrics; /* counts requests; borrowed; NULL: nobody does */
    /* 0: the values above. */
    unsigned connections_max, idle_s, stalled_s, progress_ms;
    size_t bodies_max, replies_max;
    int64_t (*monotonic_us)(void); /* the rate's clock; NULL: ix_monotonic_us */
} http_settings;

/* Takes the addresses and reads the certificate; whoever connects waits. Settings are copied, their
 * strings are borrowed. */
http_server *http_open(ix_ctx *cx, const http_settings *settings);

/* The pair for connections that begin from now on; those that there are keep theirs. False: the
 * pair before stays in force, cx says why. Any thread; not where it was opened without a
 * certificate. */
bool http_change_certificate(ix_ctx *cx, http_server *http, const char *certificate_file,
                             const char *key_file);

/* Serves from now on. Everything is borrowed. */
void http_serve(http_server *http, api_state *api, net_readers *readers, net_workers *workers);

/* "127.0.0.1:8080", with the real port; NULL from listen_count on. */
const char *http_address(const http_server *http, size_t index);

/* Connections that are open. Any thread. */
unsigned http_connections(const http_server *http);

/* Bytes of bodies_max and of replies_max that are in use. Any thread. */
size_t http_bodies(http_server *http);
size_t http_replies(http_server *http);

/* Accepts no more connections, closes those without a request, and each other one after its reply, or
 * when its client is too slow (loop.h). */
void http_quiesce(http_server *http);

/* After http_quiesce: waits until every connection is closed. False: it was `until_us`
 * (ix_monotonic_us) first. */
bool http_wait(http_server *http, int64_t until_us);

/* Closes every connection and frees. Workers and committer are stopped before, so that no call is with
 * them any more, and freed after. NULL is fine. */
void http_stop(http_server *http);

#endif
