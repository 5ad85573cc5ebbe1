/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: a transport made of two arrays. The answers are given one after the other; what was
 * asked is noted.
 *
 *     fake fake = FAKE(SAYS(200, JSON({ "name": "Boilers" })));
 *     iots_api *api = fake_api(&fake);
 *     iots_reply_free(iots_category_get(..., NULL));
 *     CHECK_TEXT(asked(&fake, 0), "GET http://iots.test/spaces/farm/categories/Boilers");
 *     fake_done(&fake);
 */
#ifndef CLIENT_FAKE_TRANSPORT_TEST_H
#define CLIENT_FAKE_TRANSPORT_TEST_H

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

typedef struct fake {
    answer answers[STAGE_MAX]; /* then it is 500 with nothing in it */
    size_t count;              /* of what was asked */
    char *asked[STAGE_MAX];    /* "GET http://..." */
    char *headers[STAGE_MAX];  /* "Name: value\n" each */
    char *bodies[STAGE_MAX];
    iots_request last; /* its numbers; the pointers are gone */
    iots_transport transport;
    iots_api *api;
} fake;

// clang-format off
#define FAKE(...)           {.answers = {__VA_ARGS__}}
#define SAYS(s, b)           {.status = (s), .body = (b)}
#define SAYS_WITH(s, b, ...) {.status = (s), .body = (b), __VA_ARGS__}
#define FAILS(code)          {.failure = (code)}
// clang-format on

static inline iots_code fake_send(void *self, const iots_request *request, iots_response *response)
{
    fake *fake = self;
    const size_t now = fake->count < STAGE_MAX ? fake->count++ : STAGE_MAX - 1;
    ix_buf asked = {0};
    ix_buf headers = {0};
    ix_buf body = {0};
    ix_buf_format(&asked, "%s %s", request->method, request->url);
    for (const iots_param *header = request->headers; header->name; header++)
        ix_buf_format(&headers, "%s: %s\n", header->name, header->value);
    if (request->body)
        ix_buf_add(&body, request->body, request->body_size);
    free(fake->asked[now]);
    free(fake->headers[now]);
    free(fake->bodies[now]);
    fake->asked[now] = ix_buf_take(&asked, NULL);
    fake->headers[now] = ix_buf_take(&headers, NULL);
    fake->bodies[now] = ix_buf_take(&body, NULL);
    fake->last = *request;

    const answer *answer = &fake->answers[now];
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

/* An API on this fake, without a strategy; further options by the caller. */
static inline iots_api *fake_api_with(fake *fake, iots_api_opts opts)
{
    fake->transport = (iots_transport){.send = fake_send, .self = fake};
    opts.size = sizeof opts;
    opts.transport = &fake->transport;
    if (!opts.host)
        opts.host = "http://iots.test";
    return fake->api = iots_api_new(&opts);
}

/* An API with the token "secret-token". */
static inline iots_api *fake_api(fake *fake)
{
    iots_api *api = fake_api_with(fake, (iots_api_opts){0});
    iots_api_set_token(api, "secret-token");
    return api;
}

static inline iots_space fake_farm(fake *fake)
{
    return iots_api_space(fake_api(fake), "farm");
}

static inline void fake_done(fake *fake)
{
    iots_api_free(fake->api);
    for (size_t i = 0; i < STAGE_MAX; i++) {
        free(fake->asked[i]);
        free(fake->headers[i]);
        free(fake->bodies[i]);
    }
}

/* What was asked as number `index`; "" if there were fewer requests. */
static inline const char *asked(const fake *fake, size_t index)
{
    return index < fake->count ? fake->asked[index] : "";
}

static inline const char *sent_body(const fake *fake, size_t index)
{
    return index < fake->count ? fake->bodies[index] : "";
}

/* Was this line, "Name: value", among the headers of number `index`? */
static inline bool sent_header(const fake *fake, size_t index, const char *line)
{
    if (index >= fake->count)
        return false;
    const size_t len = strlen(line);
    for (const char *at = fake->headers[index]; *at; at = strchr(at, '\n') + 1) {
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
