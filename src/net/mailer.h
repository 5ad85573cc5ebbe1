/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailer: a thread that sends e-mail which was accepted (docs/api/http.md section 17) to a relay, or
 * writes it into a folder.
 *
 * What is accepted stands in the store until it is sent or given up, so a stop, a crash and a dead
 * relay lose nothing. An attempt is counted before it begins. A relay that says "later" (4xx), or
 * nothing at all, is asked again after a pause that doubles each time; one that says "never" (5xx) is
 * believed. Whatever is given up is logged. A message goes out twice only if the server dies
 * between the relay's last word and the next commit; both have the same Message-ID.
 *
 * What it writes goes through the committer, not over a connection of its own: there is one thread
 * that writes, nobody waits for a lock, and the committer does not take our commits for those of
 * another program, after which it would read all tokens again.
 */
#ifndef MAILER_H
#define MAILER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "net/committer.h"

enum {
    MAILER_FIRST_PAUSE_MS = 30 * 1000, /* before the second attempt; then it doubles, up to ... */
    MAILER_LONGEST_PAUSE_MS = 3600 * 1000,
    MAILER_ATTEMPTS_MAX = 100,    /* so four days, roughly */
    MAILER_AGAIN_MS = 300 * 1000, /* when an attempt is due again of which nothing was heard */
    MAILER_POLL_MS = 60 * 1000,   /* between two looks for mail that nobody announced */
    MAILER_STORE_PAUSE_MS = 1000, /* when the store cannot be written */
};

typedef struct mailer_settings {
    const char *smtp_url; /* smtp.h; NULL: none */
    const char *from;     /* sender's address; NULL: none */
    const char *spool;    /* folder for messages, in place of a relay; NULL: none */
    /* 0: the values above. Smaller ones are for tests. */
    int64_t first_pause_ms, longest_pause_ms;
    int attempts_max;
} mailer_settings;

typedef struct net_mailer net_mailer;

/* Is there anything to send with? */
bool mailer_is_set(const mailer_settings *settings);

/* One that does not send yet. Strings are borrowed. Fails if the spool folder cannot be used. */
net_mailer *mailer_new(ix_ctx *cx, const mailer_settings *settings);

/* Sends from now on, at once what was left by the last run. */
bool mailer_start(ix_ctx *cx, net_mailer *mailer, net_committer *committer);

/* There is something to send. Any thread, also before the start; `mailer` is void for api_settings. */
void mailer_wake(void *mailer);

/* Begins nothing more; what is under way is cut off soon after `until_us` (ix_monotonic_us). NULL is
 * fine. */
void mailer_quiesce(net_mailer *mailer, int64_t until_us);

/* Quiesced first; waits for the thread. The committer is stopped after it. NULL is fine. */
void mailer_stop(net_mailer *mailer);

/* Stopped first, and nobody rings any more. NULL is fine. */
void mailer_free(net_mailer *mailer);

#endif
