/* SPDX-License-Identifier: Apache-2.0 */
/* An e-mail on its way out: what goes to whom, and what became of it for each of them. */
#ifndef OUTGOING_MAIL_H
#define OUTGOING_MAIL_H

#include <stddef.h>

#include "base/str.h"

typedef enum delivery_status {
    DELIVERY_RETRY, /* not now: to be tried again */
    DELIVERY_DONE,
    DELIVERY_REFUSED, /* for good */
} delivery_status;

typedef struct mail_recipient {
    const char *mailbox;
    delivery_status status; /* DELIVERY_RETRY to begin with */
    const char *why;        /* unless it was taken */
} mail_recipient;

typedef struct outgoing_mail {
    const char *id;
    const char *from; /* a mailbox */
    mail_recipient *recipients;
    size_t count;
    ix_str text; /* the whole message */
} outgoing_mail;

#endif
