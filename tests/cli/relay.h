/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay to a server that replaces a word in what is asked: with it, a server that does not know a
 * parameter can be had.
 *
 *     relay *relay = relay_start(cx, server_url(server), "preserve_uid", "preserve_xyz");
 *
 * Both words have the same length. Without the second one the relay carries on what has the first one in
 * it, and hangs up when the answer comes: the server did it, and the client never hears of it. The port is the kernel's choice; the relay ends with the test
 * program at the latest.
 */
#ifndef RELAY_H
#define RELAY_H

#include "base/ctx.h"

typedef struct relay relay;

/* In cx. Ends the test program if that fails. */
relay *relay_start(ix_ctx *cx, const char *url, const char *word, const char *other);
const char *relay_url(const relay *relay);
void relay_stop(relay *relay);

#endif
