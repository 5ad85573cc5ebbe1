/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversations: text files that say what is asked of a server and what it answers.
 *
 *     with IOTSD_TOKEN_LIFETIME=5                  a setting of the server, before the first call
 *
 *     # A value that does not fit the property is refused, and the old value stays.
 *
 *     PUT /spaces/farm/things/$boiler/properties/target
 *     { "target": "warm" }
 *     400
 *     { "error": { "status": 400 } }
 *
 *     POST /spaces/farm/things                     method and target
 *     Content-Type: text/plain                     headers; one without value is not sent at all
 *     { "title": "Boiler" }                        the body, sent as it stands
 *     201                                          the status
 *     Location: <nonempty>                         headers of the answer
 *     { "uid": "<ulid>" }                          its body, as tests/lib/match.h explains; nothing
 *                                                  here means that the answer has no body
 *     -> boiler /uid                               kept as $boiler for what follows
 *     -> code after code=                          the word after "code=" in body or headers
 *
 *     exactly {"n":5.0}                            in place of the body: this text and no other
 *     holding <h1>Log in</h1>                      this text is somewhere in the body; one a line
 *
 *     $ iotsd client add --space barn              an administration command on the server's store
 *     -> barn_id client_id                         the word after "client_id" in what it printed
 *
 * $name is a variable; $$ a dollar; $repeat(5,ab) is ababababab. $token, $client_id and
 * $client_secret stand for the client of the first start; calls carry $token unless they say
 * otherwise, and a body is sent as application/json unless a header says otherwise.
 */
#ifndef TALK_H
#define TALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "http.h"
#include "vars.h"

typedef enum talk_kind {
    TALK_SENTENCE, /* text */
    TALK_CALL,     /* a request and the answer to it */
    TALK_ADMIN,    /* text: the arguments of iotsd */
    TALK_KEEP,     /* name, text: where to find it in the last answer */
} talk_kind;

typedef struct talk_step {
    talk_kind kind;
    int line;
    const char *text;
    const char *name;
    /* of a call */
    const char *method, *target;
    http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    const char *body; /* NULL: none */
    int status;
    http_header answer_headers[HTTP_HEADERS_MAX];
    size_t answer_header_count;
    const char *answer; /* NULL: none */
    bool exactly;       /* the answer is a text, not a pattern */
    bool holding;       /* the answer is lines "holding TEXT" */
} talk_step;

enum { TALK_SETTINGS_MAX = 16 };

typedef struct talk {
    const char *file;
    const char *settings[TALK_SETTINGS_MAX]; /* NAME=VALUE */
    size_t setting_count;
    talk_step *steps;
    size_t count, size;
} talk;

/* Reads a conversation; everything lives in cx. NULL with "file:line: ..." in cx. */
talk *talk_parse(ix_ctx *cx, const char *file, const char *text);
talk *talk_read(ix_ctx *cx, const char *file);

/* Where a conversation takes place. */
typedef struct talk_place {
    const char *url;
    const char *client_id, *client_secret;
    /* Runs `iotsd args...`, for TALK_ADMIN; NULL where that cannot be done. */
    bool (*admin)(ix_ctx *cx, void *arg, const char *const *args, const char **ret_out);
    void *arg;
} talk_place;

typedef struct talk_score {
    size_t passed, failed; /* calls and commands */
} talk_score;

/* Leads the conversation, saying standard output how it goes. False if anything was not as written,
 * or could not be done at all. */
bool talk_run(ix_ctx *cx, const talk *talk, const talk_place *place, talk_score *score);

/* What holds for every answer, whatever was asked (docs/api/http.md sections 1 and 2). */
bool talk_check_always(ix_ctx *cx, const char *method, const char *target, const http_reply *reply);

#endif
