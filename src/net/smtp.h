/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handing e-mail to a relay, over libcurl. The only place in the server that knows it.
 *
 *     smtp://[user:password@]host[:port][/?starttls=required]
 *     smtps://[user:password@]host[:port]
 *
 * With smtp:// the line is encrypted if the relay offers it (STARTTLS); with starttls=required it is,
 * or nothing is sent. A certificate that does not stand for the host is never accepted.
 */
#ifndef SMTP_H
#define SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "net/outgoing_mail.h"

enum {
    SMTP_CONNECT_S = 30, /* longest wait for a connection */
    SMTP_ANSWER_S = 60,  /* longest wait for an answer */
    SMTP_MAIL_S = 120,   /* a mail must be through after this */
};

typedef struct net_smtp net_smtp;

/* Is it such a url? Else IOTS_USAGE; the sentence does not repeat it, because of the password. */
bool smtp_url_check(ix_ctx *cx, const char *url);

net_smtp *smtp_new(ix_ctx *cx, const char *url);
void smtp_free(net_smtp *smtp); /* NULL is fine */

/* Hands the mail over and says what became of it for each recipient. One thread at a time. */
void smtp_send(ix_ctx *cx, net_smtp *smtp, outgoing_mail *outgoing_mail);

/* Whatever is under way is cut off at this moment (ix_monotonic_us), or a second or two later. Any
 * thread. */
void smtp_cut_off(net_smtp *smtp, int64_t at_us);

#endif
