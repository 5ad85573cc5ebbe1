/* SPDX-License-Identifier: Apache-2.0 */
/* An e-mail on its way out: what goes to whom, and what became of it for each of them. */
#ifndef LETTER_H
#define LETTER_H

#include <stddef.h>

#include "base/str.h"

typedef enum letter_fate {
    LETTER_LATER, /* not now: to be tried again */
    LETTER_TAKEN,
    LETTER_REFUSED, /* for good */
} letter_fate;

typedef struct letter_recipient {
    const char *mailbox;
    letter_fate fate; /* LETTER_LATER to begin with */
    const char *why;  /* unless it was taken */
} letter_recipient;

typedef struct letter {
    const char *id;
    const char *from; /* a mailbox */
    letter_recipient *recipients;
    size_t count;
    ix_str text; /* the whole message */
} letter;

#endif
