/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small mail relay for tests: takes messages over SMTP on a port of its own and keeps them, or does
 * what a test says it to do instead.
 *
 *     sink *sink = sink_new(cx);
 *     sink_say(sink, "RCPT TO:<b@x>", "451 4.3.0 Come back", 1);
 *     sink_listen(sink);
 *     ... sink_url(sink) ...
 *     CHECK_TEXT(sink_envelope(cx, sink, 0), "farm@x: a@x b@x");
 *
 * One connection at a time. What a test waits for, it waits for here and not for a time.
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"

typedef struct sink sink;

/* Has a port, on which it refuses connections until sink_listen. NULL on failure. */
sink *sink_new(ix_ctx *cx);
void sink_free(sink *sink); /* NULL is fine */

bool sink_listen(ix_ctx *cx, sink *sink);

const char *sink_address(const sink *sink); /* 127.0.0.1:PORT; borrowed */
const char *sink_url(const sink *sink);     /* smtp://127.0.0.1:PORT; borrowed */

/* The next `times` commands that begin with `command` are answered so. "CONNECT" stands for a new
 * connection, "." for the end of a message. The answer "" hangs up; SINK_SILENT says nothing any more
 * until the other side hangs up. What is said last is looked at first. */
#define SINK_SILENT "-"
void sink_say(sink *sink, const char *command, const char *answer, int times);

/* Takes nothing from those who do not give these (AUTH PLAIN). */
void sink_want_login(sink *sink, const char *user, const char *password);

/* Waits until so many commands that begin with `command` have come in. False: it takes too long. */
bool sink_wait(sink *sink, const char *command, size_t count);

/* How many have come in so far. */
size_t sink_count(sink *sink, const char *command);

/* Message `index`, which is waited for: sender and recipients, "from: to to", and its text as sent. In
 * cx; NULL if it takes too long. */
const char *sink_envelope(ix_ctx *cx, sink *sink, size_t index);
const char *sink_text(ix_ctx *cx, sink *sink, size_t index);

/* Messages taken so far. */
size_t sink_messages(sink *sink);

#endif
