/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An e-mail as it travels: header lines and MIME parts (RFC 5322, 2045 to 2047).
 *
 * Written here and not by the library that sends it, because that library hands its message to
 * nobody, and the spool folder gets the same one. Whatever comes from outside is either plain
 * characters of one line, quoted, or encoded, so nobody can add a line to the header.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"

typedef struct message {
    const char *id;     /* a ULID; part of the Message-ID */
    const char *from;   /* an address */
    const ix_json *doc; /* of mail.h */
    int64_t created_us; /* the Date */
} message;

/* Appends the message, its lines ending with CRLF. */
bool message_write(ix_ctx *cx, const message *message, ix_buf *out);

#endif
