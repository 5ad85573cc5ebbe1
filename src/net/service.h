/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a running server: front ends, workers, committer and the state they share, started and
 * stopped in the right order.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/admin_effect.h"
#include "api/dispatch.h"
#include "net/admin.h"
#include "net/committer.h"
#include "net/http.h"
#include "net/mailer.h"

/*
 * A stop has one clock for all, which begins when service_stop is called. Nobody is asked to go one after
 * the other: each knows its deadline from the beginning.
 *
 *   from   who          does what
 *   0      acceptor     accepts who waits already, then closes the sockets it listens on
 *   0      connections  close if they wait for a request; each other one is closed after its reply
 *   0      mailer       begins no other message
 *   0      commands     of administration end, whatever they do
 *   1 s    connections  close if the rest of a request is not there yet (LOOP_STOP_RECEIVE_MS)
 *   2 s *  connections  close if nothing of a reply is read any more (LOOP_STOP_STALLED_MS)
 *   4 s    mailer       leaves the relay, whose silence takes a second or two more to be noticed
 *   5 s    workers      begin no call; those that wait are answered 503
 *   5 s    committer    the same; a PATCH of many ends with what is on disk, and 503 for the other items
 *   6 s    store        a statement that still runs fails, and its call is answered 503
 *   8 s    connections  close, whatever is on them
 *   9 s    the process  ends (serve.c), though something of ours hangs: exit status 1
 *
 *   * since something moved
 *
 * Usually all is over in milliseconds: service_stop ends as soon as the last connection is closed.
 */
enum {
    SERVICE_STOP_MAIL_MS = 4000,
    SERVICE_STOP_CALLS_MS = 5000,
    SERVICE_STOP_STORE_MS = 6000,
    SERVICE_STOP_REPLIES_MS = 8000,
    SERVICE_STOP_S = 9,
};

typedef struct net_service net_service;

/* Commands of administration come in by a socket. */
typedef struct service_admin {
    const char *socket; /* its path; NULL: there is none */
    /* As admin_settings.run. */
    bool (*run)(ix_ctx *cx, net_service *service, admin_session *session, void *arg);
    void *arg;
} service_admin;

typedef struct service_settings {
    const char *store_url;    /* of a store that is locked (store.h) */
    int64_t store_timeout_us; /* for each statement (store_limit); 0: as long as it takes */
    api_settings api;
    http_settings http;
    mailer_settings mail;
    service_admin admin;
    int64_t reserve_bytes; /* kept on the disk for when it is full; 0: none */
    int64_t retention_us;  /* history older than this goes; 0: all of it stays */
} service_settings;

/* Makes sure of all that is ours alone, addresses and certificate, without looking at the store. The
 * settings are copied, their strings are borrowed. NULL on failure. */
net_service *service_open(ix_ctx *cx, const service_settings *settings);

/* Serves from now on. The store must exist. */
bool service_serve(ix_ctx *cx, net_service *service);

/* "127.0.0.1:8080", with the real port; NULL beyond the last one. */
const char *service_address(const net_service *service, size_t index);

/* What a command writes: runs `task` in a transaction of its own, as committer_do; then whatever it has
 * noted in `effect` (which is part of `arg`) holds for the next call. Any thread but the committer's. */
bool service_administer(ix_ctx *cx, net_service *service, committer_job *task, void *arg,
                        const admin_effect *effect);

/* As http_change_certificate. */
bool service_change_certificate(ix_ctx *cx, net_service *service, const char *certificate_file,
                                const char *key_file);

/* Accepts nothing more, finishes what is under way, commits and frees, by the deadlines above. False:
 * a reply was cut off. NULL is fine. */
bool service_stop(net_service *service);

#endif
