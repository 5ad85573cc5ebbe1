/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reply and the response inside it: what a transport fills, and what a program reads. One cx holds
 * all of it; the first failure in that cx is the failure of the reply.
 */
#ifndef CLIENT_REPLY_H
#define CLIENT_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"
#include "contract/ops.h"
#include "iots/iots.h"

struct iots_response {
    ix_ctx *cx;          /* of the reply */
    int status;          /* 0: no answer */
    iots_param *headers; /* in cx */
    size_t header_count;
    size_t header_room;
    ix_buf body;
    size_t max_bytes;
};

/* A call that has not ended yet: what its reply knows of it. */
typedef struct client_pending {
    void (*give_up)(struct client_pending *pending);
} client_pending;

struct iots_reply {
    ix_ctx cx;               /* its memory, and why it failed */
    client_pending *pending; /* NULL: it has ended */
    iots_response response;
    const char *message; /* the server's sentence, or NULL: that of cx */
    const char *report;  /* all in one line, or NULL: the sentence */
    const char *method;  /* NULL: nothing was asked */
    const char *url;     /* NULL: nothing was asked */
    int64_t elapsed_us;  /* of the last request */
    int requests;
    bool is_for_token; /* it is about the token that was needed: the call was not made */
    bool is_once;      /* what was asked must not be asked twice */
    const ix_json *body;
    const ix_json *details;
};

/* A reply that is fine and empty. NULL only when out of memory. */
iots_reply *reply_new(size_t max_bytes);

/* As iots_response_add_header. */
bool response_add_header(iots_response *response, ix_str name, ix_str value);

/* The constant that says there is no memory. */
iots_reply *reply_no_memory(void);

/* Forgets answer and failure, for another try. */
void reply_clear(iots_reply *reply);

/* Looks at the answer and says what it means: the body, the code, the sentence. `op` is what was
 * asked for; NULL: nothing particular is expected. */
void reply_read(iots_reply *reply, const ix_op *op);

/* Has the reply fail for a reason found elsewhere, unless it has failed already. */
void reply_fail(iots_reply *reply, iots_code code, const char *sentence);

/* Takes the outcome of `other`, in place of its own. Takes `other`. */
void reply_become(iots_reply *reply, iots_reply *other);

/* As iots_reply_header, of a call that need not have ended. */
const char *reply_header(const iots_reply *reply, const char *name);

/* Replaces the sentence: "<front><what the answer says, or the present sentence>". */
void reply_reword(iots_reply *reply, const char *front);

static inline const iots_json *json_shown(const ix_json *json)
{
    return (const iots_json *)json;
}

static inline const ix_json *json_known(const iots_json *json)
{
    return (const ix_json *)json;
}

#endif
