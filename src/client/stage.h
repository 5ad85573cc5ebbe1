/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: a transport made of two arrays. The answers are given one after the other; what was
 * asked is noted.
 *
 *     stage stage = STAGE(SAYS(200, JSON({ "name": "Boilers" })));
 *     iots_api *api = stage_api(&stage);
 *     iots_reply_free(iots_category_get(..., NULL));
 *     CHECK_TEXT(asked(&stage, 0), "GET http://iots.test/spaces/farm/categories/Boilers");
 *     stage_done(&stage);
 */
#ifndef CLIENT_STAGE_H
#define CLIENT_STAGE_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "iots/iots.h"

enum { STAGE_MAX = 16 };

typedef struct answer {
    const char *body;
    const char *type;  /* NULL: application/json if there is a body; "": no Content-Type */
    iots_param header; /* one more */
    int status;        /* 0: no answer, `failure` says why */
    iots_code failure;
} answer;

typedef struct stage {
    answer answers[STAGE_MAX]; /* then it is 500 with nothing in it */
    size_t count;              /* of what was asked */
    char *asked[STAGE_MAX];    /* "GET http://..." */
    char *headers[STAGE_MAX];  /* "Name: value\n" each */
    char *bodies[STAGE_MAX];
    iots_request last; /* its numbers; the pointers are gone */
    iots_transport transport;
    iots_api *api;
} stage;

// clang-format off
#define STAGE(...)           {.answers = {__VA_ARGS__}}
#define SAYS(s, b)           {.status = (s), .body = (b)}
#define SAYS_WITH(s, b, ...) {.status = (s), .body = (b), __VA_ARGS__}
#define FAILS(code)          {.failure = (code)}
// clang-format on

static inline iots_code stage_send(void *self, const iots_request *request, iots_response *response)
{
    stage *stage = self;
    const size_t now = stage->count < STAGE_MAX ? stage->count++ : STAGE_MAX - 1;
    ix_buf asked = {0};
    ix_buf headers = {0};
    ix_buf body = {0};
    ix_buf_format(&asked, "%s %s", request->method, request->url);
    for (const iots_param *header = request->headers; header->name; header++)
        ix_buf_format(&headers, "%s: %s\n", header->name, header->value);
    if (request->body)
        ix_buf_add(&body, request->body, request->body_size);
    free(stage->asked[now]);
    free(stage->headers[now]);
    free(stage->bodies[now]);
    stage->asked[now] = ix_buf_take(&asked, NULL);
    stage->headers[now] = ix_buf_take(&headers, NULL);
    stage->bodies[now] = ix_buf_take(&body, NULL);
    stage->last = *request;

    const answer *answer = &stage->answers[now];
    if (answer->failure)
        return iots_response_fail(response, answer->failure, "it did not work");
    const char *type = answer->type ? answer->type : answer->body ? "application/json" : "";
    iots_response_set_status(response, answer->status ? answer->status : 500);
    if (*type)
        iots_response_add_header(response, "Content-Type", type);
    if (answer->header.name)
        iots_response_add_header(response, answer->header.name, answer->header.value);
    if (answer->body && !iots_response_add_body(response, answer->body, strlen(answer->body)))
        return iots_response_fail(response, IOTS_UNEXPECTED, NULL);
    return IOTS_OK;
}

/* An API on this stage, without a strategy; further options by the caller. */
static inline iots_api *stage_api_with(stage *stage, iots_api_opts opts)
{
    stage->transport = (iots_transport){.send = stage_send, .self = stage};
    opts.size = sizeof opts;
    opts.transport = &stage->transport;
    if (!opts.host)
        opts.host = "http://iots.test";
    return stage->api = iots_api_new(&opts);
}

/* An API with the token "secret-token". */
static inline iots_api *stage_api(stage *stage)
{
    iots_api *api = stage_api_with(stage, (iots_api_opts){0});
    iots_api_set_token(api, "secret-token");
    return api;
}

static inline iots_space stage_farm(stage *stage)
{
    return iots_api_space(stage_api(stage), "farm");
}

static inline void stage_done(stage *stage)
{
    iots_api_free(stage->api);
    for (size_t i = 0; i < STAGE_MAX; i++) {
        free(stage->asked[i]);
        free(stage->headers[i]);
        free(stage->bodies[i]);
    }
}

/* What was asked as number `index`; "" if there were fewer requests. */
static inline const char *asked(const stage *stage, size_t index)
{
    return index < stage->count ? stage->asked[index] : "";
}

static inline const char *sent_body(const stage *stage, size_t index)
{
    return index < stage->count ? stage->bodies[index] : "";
}

/* Was this line, "Name: value", among the headers of number `index`? */
static inline bool sent_header(const stage *stage, size_t index, const char *line)
{
    if (index >= stage->count)
        return false;
    const size_t len = strlen(line);
    for (const char *at = stage->headers[index]; *at; at = strchr(at, '\n') + 1) {
        if (strncmp(at, line, len) == 0 && at[len] == '\n')
            return true;
    }
    return false;
}

/* Takes the code out of a reply, and frees it. */
static inline iots_code code_of(iots_reply *reply)
{
    const iots_code code = iots_reply_code(reply);
    iots_reply_free(reply);
    return code;
}

#endif
