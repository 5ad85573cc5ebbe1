/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libiots: Things, their properties, actions, events and history, over HTTP.
 *
 *     iots_api *api = iots_api_new(IOTS_API_OPTS(.host = "https://iots.example.org"));
 *     iots_api_set_credentials(api, id, secret, "thing", NULL);
 *     iots_space farm = iots_api_space(api, "farm");
 *     iots_thing heater = iots_space_thing(farm, "01GQ2E9M2Y45BX9EW0F2BM032Q");
 *     iots_reply *set = iots_property_update(heater, "target", iots_number(17.5), NULL);
 *     if (!iots_ok(set))
 *         fprintf(stderr, "%s\n", iots_error(set));
 *     iots_reply_free(set);
 *     iots_api_free(api);
 *
 * The documents of the API as C structs are in <iots/models.h>.
 *
 * In this order: the API, who one is (security), addresses, calls and their options, replies, JSON,
 * values and documents, lists, the operations one by one, and last what a program needs that brings
 * its own way of authenticating or of sending.
 *
 * What holds everywhere:
 *
 * - A call returns a reply, never NULL. Free it, whatever it says.
 * - What failed may be handed on: an API that could not be made, an address with NULL in it, a
 *   document that could not be built give replies that say so. One check at the end is enough.
 * - Options are structs in which zero means "the default". IOTS_CALL(.timeout_ms = 2000) writes one in
 *   place and stamps it with its size; NULL means all defaults. C++ fills a variable and its
 *   `.size`.
 * - Pointers handed in are borrowed for the duration of the call. Pointers handed out belong to the
 *   first argument, unless it says "caller frees". Free functions accept NULL.
 * - Text is UTF-8 and ends with a zero byte. Where JSON is looked at or built, places in it are
 *   JSON Pointers (RFC 6901): "/properties/temperature/type"; "" is the whole.
 * - An iots_api may be used by several threads at once. Replies, pagers and documents belong to one
 *   thread at a time. Nothing here calls exit, writes to a terminal, or changes a signal handler.
 */
#ifndef IOTS_IOTS_H
#define IOTS_IOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iots/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define IOTS_API          __attribute__((visibility("default")))
#define IOTS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define IOTS_API
#define IOTS_PRINTF(f, a)
#endif

typedef struct iots_api iots_api;           /* a server, and who we are to it */
typedef struct iots_reply iots_reply;       /* what became of a call; free with iots_reply_free() */
typedef struct iots_pager iots_pager;       /* a list, fetched as one goes; free with
                                               iots_pager_free() */
typedef struct iots_json iots_json;         /* a JSON value inside a reply or document */
typedef struct iots_doc iots_doc;           /* a JSON document being built; free with
                                               iots_doc_free() */
typedef struct iots_security iots_security; /* a way to authenticate */
typedef struct iots_async iots_async;       /* a loop for calls that do not block: iots/async.h */
typedef struct iots_transport iots_transport;
typedef struct iots_request iots_request;
typedef struct iots_response iots_response;

/** The version of the library at hand, as "0.1.0". */
IOTS_API const char *iots_version(void);

/* ---- options ---- */

/* A name and a value: a query parameter, a header, a path variable. */
typedef struct iots_param {
    const char *name;  /* NULL ends a list */
    const char *value; /* NULL: as if the pair were not there */
} iots_param;

/* Yes, no, or the default. */
typedef enum iots_tristate {
    IOTS_DEFAULT = 0,
    IOTS_YES = 1,
    IOTS_NO = 2,
} iots_tristate;

/* For a timeout: wait for ever. */
#define IOTS_NO_LIMIT (-1)

/* How to make an API. */
typedef struct iots_api_opts {
    size_t size; /* sizeof(iots_api_opts); IOTS_API_OPTS sets it */

    const char *host; /* "https://iots.example.org:8443"; without a scheme, https:// is put in
                         front; http:// is fine. NULL: "https://api.swx.altairone.com" */
    iots_security *security;   /* as by iots_api_with_security(); taken. NULL: none yet */
    iots_tristate verify;      /* is the server's certificate checked? Default: yes */
    const char *ca_file;       /* certificates to trust, in PEM. NULL: the system's */
    int timeout_ms;            /* longest silence from the server. 0: 3000; negative: no limit */
    int connect_timeout_ms;    /* longest wait for a connection, its encryption included. 0:
                                  timeout_ms; negative: no limit */
    const iots_param *headers; /* sent with every request; they win over those of a call */
    int retries;       /* further tries, 0: none. Only where a repetition does no harm: GET, HEAD,
                          OPTIONS, PUT, DELETE (see "Was it done?" below), after 429, 502, 503, 504
                          or a failed connection */
    int retry_wait_ms; /* wait before the first further try; doubles each time, with chance in it.
                          Retry-After wins. 0: 200 */
    size_t reply_max_bytes;          /* a larger answer is refused. 0: 64 MiB */
    const iots_transport *transport; /* what sends and receives; copied. NULL: libcurl */
    const char *proxy; /* "http://gate:3128", for whatever host; "": none. NULL: as the environment
                          says (http_proxy, https_proxy, no_proxy) */
    size_t gzip_body_min_bytes; /* bodies of requests of so many bytes or more are sent in gzip, if
                                   that makes them smaller; 1024 is a good value on a slow or metered
                                   line. 0: none is, since only iotsd is known to take it: other
                                   servers of this API may answer 400 or 415. Takes 64 KiB of memory
                                   for as long as it compresses. IOTS_USAGE from all calls if the
                                   library was built without zlib */
} iots_api_opts;

/* How to make one call. */
typedef struct iots_call_opts {
    size_t size; /* sizeof(iots_call_opts); IOTS_CALL sets it */

    const iots_param *params;  /* query parameters, in order; a name may be repeated */
    const iots_param *headers; /* further headers. Content-Type: see "Bodies" below */
    int timeout_ms;            /* 0: the API's; negative: no limit */
    int connect_timeout_ms; /* 0: timeout_ms if that is set, else the API's; negative: no limit */
    iots_tristate auth;     /* is the security strategy applied? Default: if the operation needs
                               it; by iots_api_request(): yes */
    iots_tristate verify;   /* default: the API's */
    const char *ca_file;    /* NULL: the API's */
    int retries;            /* 0: the API's; negative: none */

    /* For a call that does not block (iots/async.h): the loop it runs in, what the reply is handed to
     * in the end, which frees it, and what else is handed to that. NULL: the call blocks, or nothing
     * is called. */
    iots_async *async;
    void (*done)(iots_reply *reply, void *user);
    void *user;
} iots_call_opts;

/* How to go through a list. */
typedef struct iots_list_opts {
    size_t size; /* sizeof(iots_list_opts); IOTS_LIST sets it */

    int limit;                   /* items a page; 0: as the server likes (50) */
    const char *next_cursor;     /* begin after this cursor. NULL: at the beginning */
    const char *previous_cursor; /* or with the page before this mark */
    bool keep;                   /* keep the pages: items stay valid until the pager is freed, and
                                    iots_pager_rewind() asks the server nothing */
    const iots_param *params;    /* as in iots_call_opts, and so are those that follow */
    const iots_param *headers;
    int timeout_ms;
    int connect_timeout_ms;
    iots_tristate auth;
    iots_tristate verify;
    const char *ca_file;
    int retries;

    /* For a list whose pages are fetched without blocking (iots/async.h): the loop they are fetched
     * in, and what is called when a page that was asked for is there, or has failed. NULL:
     * iots_pager_next() blocks, or nothing is called. */
    iots_async *async;
    void (*ready)(iots_pager *pager, void *user);
    void *user;
} iots_list_opts;

/* How to exchange credentials for a token. */
typedef struct iots_oauth2_opts {
    size_t size; /* sizeof(iots_oauth2_opts); IOTS_OAUTH2 sets it */

    const char *token_url; /* a path of the API's host, or a full URL. NULL: "/oauth2/token" */
    const char *revoke_token_url; /* likewise; "": never revoke. NULL: see the functions */
    int refresh_threshold_s;      /* a token this close to its end is renewed. 0: 10; negative: 0 */
    iots_tristate verify;         /* for these two URLs. Default: the API's */
    bool lazy; /* fetch no token when the strategy is set: the first call that needs one does */
} iots_oauth2_opts;

#ifndef __cplusplus
#define IOTS_API_OPTS(...) (&(const iots_api_opts){.size = sizeof(iots_api_opts), __VA_ARGS__})
#define IOTS_CALL(...)     (&(const iots_call_opts){.size = sizeof(iots_call_opts), __VA_ARGS__})
#define IOTS_LIST(...)     (&(const iots_list_opts){.size = sizeof(iots_list_opts), __VA_ARGS__})
#define IOTS_OAUTH2(...)   (&(const iots_oauth2_opts){.size = sizeof(iots_oauth2_opts), __VA_ARGS__})

/* IOTS_PARAMS({ "title", "Boiler" }, { "sort", "-created" }): lives as long as the block around it.
 */
#define IOTS_PARAMS(...) ((const iots_param[]){__VA_ARGS__, {NULL, NULL}})
#endif

/* ---- the API ---- */

/**
 * Make an API. No request is made, unless `.security` exchanges tokens (iots_api_with_security).
 *
 * opts    IOTS_API_OPTS(...), or NULL; what it points at is copied, `.security` is taken
 *
 * Returns an API, never NULL; end it with iots_api_free() or iots_api_close(). If it could not be
 * made (a host that is none, no memory), every call through it says why, and so does
 * iots_api_error().
 */
IOTS_API iots_api *iots_api_new(const iots_api_opts *opts);

/**
 * End an API: its security strategy cleans up, which revokes a token that was obtained by exchange,
 * as leaving the `with` block does in the Python original. A failure to revoke is passed over.
 *
 * No other thread may use the API, nor a pager made with it, any more. Replies stay valid.
 * Blocks for at most one request.
 */
IOTS_API void iots_api_free(iots_api *api);

/**
 * As iots_api_free(), where it matters whether the token could be revoked.
 *
 * Returns a reply, never NULL; free it with iots_reply_free(). IOTS_OK if there was nothing to revoke.
 * The API is gone in any case.
 */
IOTS_API iots_reply *iots_api_close(iots_api *api);

/** The host in use, with scheme, without a trailing slash. */
IOTS_API const char *iots_api_host(const iots_api *api);

/**
 * Why the API could not be made, or why the last iots_api_with_security(), _set_token() or
 * _set_credentials() failed. "" if all is well. Valid until the next of those.
 */
IOTS_API const char *iots_api_error(const iots_api *api);

/**
 * Have a header sent with every request from now on. It wins over a header of the same name given
 * with a call. NULL as value: no longer. Safe from several threads.
 *
 * Returns IOTS_OK, IOTS_USAGE (no header can be called or say that), IOTS_NO_MEMORY.
 */
IOTS_API iots_code iots_api_set_header(iots_api *api, const char *name, const char *value);

/* ---- security: who one is ----
 *
 * The next three return IOTS_OK or what went wrong, and iots_api_error() then has the sentence. The
 * strategy that was set before is dropped in any case: its secrets are wiped, its token is not
 * revoked. A token that could not be fetched is tried for again by the next call that needs one; a
 * strategy that could not be set leaves the API without. Safe from several threads: calls under way
 * end with the strategy they began with.
 */

/**
 * Set the security strategy. One that exchanges tokens fetches one now, so that bad credentials
 * show here.
 *
 * security    taken, even on failure: its `free` is called when it is no longer needed
 *
 * Codes: IOTS_USAGE (NULL, or `.size` not set), those of its get_token.
 */
IOTS_API iots_code iots_api_with_security(iots_api *api, iots_security *security);

/** Use an access token that one has: iots_api_with_security(api, iots_access_token_new(token)). */
IOTS_API iots_code iots_api_set_token(iots_api *api, const char *token);

/**
 * Exchange a client's credentials for a token now (with `.lazy`, when the first call needs one), and
 * again whenever it is about to expire.
 *
 * scopes    blank-separated ("thing category.read"); NULL or "": all the client may have
 * opts      IOTS_OAUTH2(...), or NULL; without `.revoke_token_url`, "/oauth2/revoke" it is
 *
 * Codes: IOTS_USAGE (no ID or secret), IOTS_UNAUTHENTICATED and IOTS_INVALID (the server does not
 * accept them), and those of any call. Blocks for at most one request.
 */
IOTS_API iots_code iots_api_set_credentials(iots_api *api, const char *client_id,
                                            const char *client_secret, const char *scopes,
                                            const iots_oauth2_opts *opts);

/**
 * Revoke the token. One that was obtained by exchange is forgotten as well, and the next call
 * fetches another. One set by iots_api_set_token() can only be revoked in a client's name: without
 * the two, nothing happens to it.
 *
 * client_id, client_secret    of the client the token was issued to; NULL: as the strategy knows
 *
 * Returns a reply, never NULL; free it with iots_reply_free(). IOTS_OK if there was nothing to do.
 */
IOTS_API iots_reply *iots_api_revoke_token(iots_api *api, const char *client_id,
                                           const char *client_secret);

/**
 * The two strategies of the library. Hand them to iots_api_with_security(), which takes them.
 *
 * iots_access_token_new    sends `Authorization: Bearer <token>`; nothing if the token is ""
 * iots_oauth2_client_credentials_new    as iots_api_set_credentials(), but revokes only if
 *                                       opts->revoke_token_url says where
 *
 * Return NULL without memory or without a token, ID or secret; iots_api_with_security() takes that
 * too, and says what is missing. What they hold is wiped when they go.
 */
IOTS_API iots_security *iots_access_token_new(const char *token);
IOTS_API iots_security *iots_oauth2_client_credentials_new(const char *client_id,
                                                           const char *client_secret,
                                                           const char *scopes,
                                                           const iots_oauth2_opts *opts);

/* ---- addresses ----
 *
 * An address says where something is. Making one asks nothing of the server and cannot fail;
 * copying and forgetting it is free. It borrows its strings: keep them while you use it. Names are
 * given as they are; the library encodes them.
 */

/* A space. */
typedef struct iots_space {
    iots_api *api;
    const char *name;
} iots_space;

/* A Category. */
typedef struct iots_category {
    iots_api *api;
    const char *space;
    const char *name;
} iots_category;

/* A Model. */
typedef struct iots_model {
    iots_api *api;
    const char *space;
    const char *name;
} iots_model;

/* All Things of a space, or of a Category. */
typedef struct iots_things {
    iots_api *api;
    const char *space;
    const char *category; /* NULL: of the space */
} iots_things;

/* One Thing. */
typedef struct iots_thing {
    iots_api *api;
    const char *space;
    const char *category; /* NULL: reached by the space */
    const char *id;
} iots_thing;

/**
 * Make an address.
 *
 * iots_api_space         a space, by its name
 * iots_space_category    a Category, by its name
 * iots_space_model       a Model, by its name
 * iots_space_things      all Things of a space
 * iots_category_things   all Things of a Category
 *
 * NULL as a name is found out by the call that is given the address: IOTS_USAGE.
 */
IOTS_API iots_space iots_api_space(iots_api *api, const char *space);
IOTS_API iots_category iots_space_category(iots_space space, const char *name);
IOTS_API iots_model iots_space_model(iots_space space, const char *name);
IOTS_API iots_things iots_space_things(iots_space space);
IOTS_API iots_things iots_category_things(iots_category category);

/** The address of a Thing by its ID (`uid` in its description). By way of a Category
 * (iots_category_thing), a Thing that is not in it is not found. */
IOTS_API iots_thing iots_space_thing(iots_space space, const char *id);
IOTS_API iots_thing iots_category_thing(iots_category category, const char *id);

/* ---- replies ---- */

/** Did it work? True exactly if the code is IOTS_OK. */
IOTS_API bool iots_ok(const iots_reply *reply);

/** The code: IOTS_OK, one for each kind of refusal by the server, or one of our side. */
IOTS_API iots_code iots_reply_code(const iots_reply *reply);

/** One sentence for people: what the server said, or what went wrong on the way. "" if all is well.
 */
IOTS_API const char *iots_error(const iots_reply *reply);

/** The member or parameter at fault, and what is wrong with it (iots_error_reason), if the server
 * says so; else NULL. */
IOTS_API const char *iots_error_field(const iots_reply *reply);
IOTS_API const char *iots_error_reason(const iots_reply *reply);

/** All the server adds to its sentence (`error.details`), or NULL. */
IOTS_API const iots_json *iots_error_details(const iots_reply *reply);

/**
 * The whole story in one line: what was asked, of whom, and why it failed, as in
 * "PUT /spaces/farm/things/01GQ...: 400 malformed body (title: must be a string)".
 */
IOTS_API const char *iots_error_report(const iots_reply *reply);

/** The JSON of the answer; NULL if it has none. With a refusal: the error document. */
IOTS_API const iots_json *iots_reply_body(const iots_reply *reply);

/**
 * The raw answer. Without one (no connection, say) the status is 0, and there are no headers and no
 * bytes.
 *
 * iots_reply_status       the HTTP status
 * iots_reply_header       the value of a header, in any letter case; NULL if absent. Of several of
 *                         one name: the first
 * iots_reply_header_at    header number `index`, from 0; false beyond the last
 * iots_reply_bytes        the body, followed by a zero byte that is not counted
 * iots_reply_url          what was asked last, after redirects
 * iots_reply_method       "GET" and so on
 * iots_reply_elapsed_us   microseconds from the first byte sent to the last received, of the last
 *                         request
 * iots_reply_requests     requests made for this call: further tries, redirects and the repetition
 *                         with a fresh token included; those for the token are not
 *
 * Where libcurl can unpack gzip, it hears so to the server (`Accept-Encoding: gzip`), since most
 * answers become several times smaller; it takes about 40 KiB of memory for as long as such an answer
 * comes in. The body is the unpacked one, and .reply_max_bytes is the limit of that; the headers stay
 * as they came, Content-Encoding and Content-Length among them. A program that wants answers as they
 * are sends the header `Accept-Encoding: identity`.
 */
IOTS_API int iots_reply_status(const iots_reply *reply);
IOTS_API const char *iots_reply_header(const iots_reply *reply, const char *name);
IOTS_API bool iots_reply_header_at(const iots_reply *reply, size_t index, iots_param *ret);
IOTS_API const char *iots_reply_bytes(const iots_reply *reply, size_t *ret_size);
IOTS_API const char *iots_reply_url(const iots_reply *reply);
IOTS_API const char *iots_reply_method(const iots_reply *reply);
IOTS_API int64_t iots_reply_elapsed_us(const iots_reply *reply);
IOTS_API int iots_reply_requests(const iots_reply *reply);

/** Release the reply and all that was borrowed from it. The bytes of the answer are wiped. A call that
 * has not ended (IOTS_PENDING) is given up, and nothing is called for it any more. */
IOTS_API void iots_reply_free(iots_reply *reply);

/**
 * A reply of one's own that says what failed: for security strategies.
 *
 * Returns a reply, never NULL; free it with iots_reply_free(), or hand it on where that is asked for.
 * NULL as format: the code's default sentence.
 */
IOTS_API iots_reply *iots_failure(iots_code code, const char *format, ...) IOTS_PRINTF(2, 3);

/** The default sentence of a code, and its name (iots_code_name: "IOTS_NOT_FOUND"). Both are
 * constant. */
IOTS_API const char *iots_code_text(iots_code code);
IOTS_API const char *iots_code_name(iots_code code);

/* ---- JSON: looking ----
 *
 * Looking never fails: what is missing, of another kind, or below something missing gives
 * `otherwise` or NULL. All borrow from the reply or document the value is in.
 */

/* Kinds of values. */
typedef enum iots_kind {
    IOTS_KIND_NONE, /* no value at all */
    IOTS_KIND_NULL,
    IOTS_KIND_BOOL,
    IOTS_KIND_INTEGER, /* fits int64_t */
    IOTS_KIND_NUMBER,  /* with a fraction or exponent */
    IOTS_KIND_TEXT,
    IOTS_KIND_ARRAY,
    IOTS_KIND_OBJECT,
} iots_kind;

/**
 * What is at a place.
 *
 * iots_json_at         any value; NULL if there is none
 * iots_json_kind       what kind of value it is
 * iots_json_string     a text; NULL if it is none
 * iots_json_number     a number, with a fraction or without
 * iots_json_integer    a number without fraction and exponent
 * iots_json_bool       true or false
 *
 * json         borrowed, and so is what is returned; NULL: nothing is there
 * pointer      a JSON Pointer; "" or NULL: the value itself
 * otherwise    what is returned if it is of another kind, or not there
 */
IOTS_API const iots_json *iots_json_at(const iots_json *json, const char *pointer);
IOTS_API iots_kind iots_json_kind(const iots_json *json, const char *pointer);
IOTS_API const char *iots_json_string(const iots_json *json, const char *pointer);
IOTS_API double iots_json_number(const iots_json *json, const char *pointer, double otherwise);
IOTS_API int64_t iots_json_integer(const iots_json *json, const char *pointer, int64_t otherwise);
IOTS_API bool iots_json_bool(const iots_json *json, const char *pointer, bool otherwise);

/** Items of an array, members of an object; 0 for anything else. */
IOTS_API size_t iots_json_count(const iots_json *json, const char *pointer);

/** Item `index` of an array, from 0. */
IOTS_API const iots_json *iots_json_item(const iots_json *json, size_t index);

/**
 * Going through the members of an object:
 *
 *     for (iots_member m = iots_json_members(json); m.name; m = iots_json_members_next(m))
 *         printf("%s\n", m.name);
 */
typedef struct iots_member {
    const char *name; /* NULL after the last */
    const iots_json *value;
    const void *object; /* the library's */
    void *place;        /* the library's */
} iots_member;

/** The first member of an object, and the one behind another (iots_json_members_next). Name and value
 * are borrowed from the object, which must not be changed meanwhile. */
IOTS_API iots_member iots_json_members(const iots_json *object);
IOTS_API iots_member iots_json_members_next(iots_member member);

/** The JSON as text, for other libraries. indent 0: on one line. Caller frees, with free(); NULL
 * without memory. */
IOTS_API char *iots_json_text(const iots_json *json, int indent);

/* ---- values: what goes out ----
 *
 * Small, passed as they are, and copied before the call they are given to returns. Types are kept:
 * a 5.0 stays a number with a fraction, "on" a text, null null.
 */

/* A value. */
typedef struct iots_value {
    int kind; /* the library's, and so is what follows; {0} is iots_none() */
    union {
        double number;
        int64_t integer;
        bool boolean;
        const void *pointer;
    } as;
    union {
        size_t size;
        const void *of;
    };
} iots_value;

/**
 * A value.
 *
 * iots_none          no value at all: no body, no input
 * iots_null          null
 * iots_bool          true or false
 * iots_integer       a number without fraction
 * iots_number        a number with one, also if that is zero (21.0). It must be finite
 * iots_text          a text; NULL: null
 * iots_raw           JSON as text
 * iots_doc_value     what a document holds
 * iots_json_value    JSON of a reply or document; NULL: null
 * iots_bytes         bytes for a whole body, sent as they are. Where an operation wants JSON, they
 *                    must be JSON
 *
 * What a value points at is borrowed until the call it is given to returns, which also says if it is
 * wrong: IOTS_USAGE (not finite, not UTF-8, no JSON).
 */
IOTS_API iots_value iots_none(void);
IOTS_API iots_value iots_null(void);
IOTS_API iots_value iots_bool(bool value);
IOTS_API iots_value iots_integer(int64_t value);
IOTS_API iots_value iots_number(double value);
IOTS_API iots_value iots_text(const char *text);
IOTS_API iots_value iots_raw(const char *json);
IOTS_API iots_value iots_doc_value(const iots_doc *doc);
IOTS_API iots_value iots_json_value(const iots_json *json);
IOTS_API iots_value iots_bytes(const void *bytes, size_t size);

/* ---- documents: JSON being built ----
 *
 *     iots_doc *td = iots_doc_new();
 *     iots_doc_set(td, "/title", iots_text("Boiler 7"));
 *     iots_doc_set(td, "/properties/temperature/type", iots_text("number"));
 *     iots_doc_set(td, "/links/-/href", iots_text("/spaces/farm/things/01GQ..."));
 *     iots_reply *made = iots_things_create(things, iots_doc_value(td), NULL);
 *     iots_doc_free(td);
 *
 * The first thing that goes wrong is remembered, later steps do nothing, and a call that is given
 * the document says it.
 */

/** A new document: {} until something is set. Never NULL; free it with iots_doc_free(). */
IOTS_API iots_doc *iots_doc_new(void);

/** A document read from text, or a copy of JSON from a reply (iots_doc_copy), to be changed. Never
 * NULL; free it with iots_doc_free(). */
IOTS_API iots_doc *iots_doc_parse(const char *text);
IOTS_API iots_doc *iots_doc_copy(const iots_json *json);

/**
 * Put a value in its place. Objects and arrays on the way are made if missing: an array where the
 * next step is "-", an object otherwise. "-" stands for a new item at the end of an array; an index
 * replaces the item there. iots_none() as value does nothing.
 *
 * Returns false if this or an earlier step went wrong.
 */
IOTS_API bool iots_doc_set(iots_doc *doc, const char *pointer, iots_value value);

/** Take something out. True as well if it was not there. */
IOTS_API bool iots_doc_remove(iots_doc *doc, const char *pointer);

/** What has been built, borrowed until the next change. */
IOTS_API const iots_json *iots_doc_json(const iots_doc *doc);

/** What went wrong first; "" if nothing did. */
IOTS_API const char *iots_doc_error(const iots_doc *doc);

/** Release a document, and all that was borrowed from it. */
IOTS_API void iots_doc_free(iots_doc *doc);

/* ---- lists ----
 *
 *     iots_pager *all = iots_things_list(things, NULL);
 *     for (const iots_json *thing; (thing = iots_pager_next(all));)
 *         puts(iots_json_string(thing, "/title"));
 *     if (!iots_ok(iots_pager_reply(all)))
 *         fprintf(stderr, "the list stopped early: %s\n", iots_error(iots_pager_reply(all)));
 *     iots_pager_free(all);
 *
 * Making a pager asks nothing of the server; it copies what it needs but the API. It repeats the
 * parameters, headers and timeouts it was given with each page. n items in pages of p take n / p
 * requests, rounded up, and at least one.
 */

/** The next item, fetching a page if need be; valid until the next step (for good, with .keep).
 * NULL at the end and on failure: iots_pager_reply() says which. */
IOTS_API const iots_json *iots_pager_next(iots_pager *pager);

/** The page after, or before (iots_pager_previous_page), the one at hand (the first one, if there is
 * none yet), as the server sent it. iots_pager_next() goes on with its items. It belongs to the pager,
 * valid as an item is. NULL if there is none, and on failure. */
IOTS_API const iots_reply *iots_pager_next_page(iots_pager *pager);
IOTS_API const iots_reply *iots_pager_previous_page(iots_pager *pager);

/** How the last request went. Before the first: a reply that is fine and empty. Never NULL; it belongs
 * to the pager, until the next step. */
IOTS_API const iots_reply *iots_pager_reply(const iots_pager *pager);

/** Back to where the pager began. With .keep, the pages at hand are not fetched again. */
IOTS_API void iots_pager_rewind(iots_pager *pager);

/** Release a pager, with its pages and their items. */
IOTS_API void iots_pager_free(iots_pager *pager);

/* ---- calls ----
 *
 * What holds for each of them:
 *
 * - Returns a reply, never NULL; free it with iots_reply_free(). A list is a pager, never NULL; free
 *   that with iots_pager_free(). The pager's reply then has the code.
 * - Blocks, unless opts->async says where it runs meanwhile (iots/async.h). opts->timeout_ms is the
 *   longest silence, not a limit for the whole.
 * - Safe from several threads.
 * - Redirects are followed for GET and HEAD, within the host.
 * - A 401 to a token that was obtained by exchange is answered once with a fresh token.
 *
 * Codes of any call: IOTS_UNAUTHENTICATED, IOTS_FORBIDDEN, IOTS_TOO_MANY, IOTS_INTERNAL,
 * IOTS_UNAVAILABLE (the server refuses or is in trouble), IOTS_TRANSPORT, IOTS_TIMEOUT (it cannot
 * be reached, or is silent), IOTS_PARSE, IOTS_UNEXPECTED (the answer is not what was agreed),
 * IOTS_USAGE (what was asked makes no sense; nothing was sent), IOTS_NO_MEMORY; in a loop also
 * IOTS_PENDING and IOTS_CANCELLED. Of a POST or PATCH also IOTS_OUTCOME_UNKNOWN.
 *
 * Was it done? What must not be done twice, POST and PATCH, is sent once, whatever .retries says. If
 * the answer is lost (the connection ends, the server is silent for too long, half of an answer
 * comes, a proxy says 502 or 504), the code is IOTS_OUTCOME_UNKNOWN. With IOTS_TRANSPORT and
 * IOTS_TIMEOUT the server has not done it: no connection came about, or part of the body could not be
 * sent. When the outcome is unknown, either look before asking again (for a Thing, by a title or
 * property that only this one has; for an action or event, in the list), or ask so that a second time
 * does no harm: a Thing with a "uid" of one's own and preserve_uid=true, where IOTS_CONFLICT then
 * means that it is there; history with skip_existing=true, or of all properties with
 * preserve_uid=true. GET, PUT and DELETE are the same done twice, and may be sent again when a kept
 * connection turns out to have ended. Then a DELETE may say IOTS_NOT_FOUND of what it has deleted,
 * and a PUT of values leave two entries in the history.
 *
 * Bodies. Each operation with a body has one content type: application/json-patch+json for patches,
 * application/json for the rest. Naming another in .headers sends iots_raw() and iots_bytes() as
 * they are, unchecked, with that type (application/merge-patch+json, say).
 */

/**
 * Perform any operation by its name: `iots --help` and the API reference list them.
 *
 * operation    "things_list", "property_update", ...
 * params       path variables ("space", "category", "thing", "property", ...) and query parameters,
 *              mixed; NULL if there are none. "category" leads things and what is below by way of
 *              the Category
 * body         the whole body, iots_none() if there is none
 * opts         IOTS_CALL(...), or NULL; its params are sent as well
 *
 * A paged operation gives its first page only; see iots_api_list(). IOTS_USAGE: no such operation,
 * a path variable missing.
 */
IOTS_API iots_reply *iots_api_call(iots_api *api, const char *operation, const iots_param *params,
                                   iots_value body, const iots_call_opts *opts);

/** Go through any paged operation, by its name. Never NULL. */
IOTS_API iots_pager *iots_api_list(iots_api *api, const char *operation, const iots_param *params,
                                   const iots_list_opts *opts);

/**
 * Make a request of one's own. `make_request` in the Python original.
 *
 * method    GET OPTIONS HEAD POST PUT PATCH DELETE
 * url       a path from "/", or a full URL of the API's host. Another host is refused before
 *           anything is sent (IOTS_USAGE)
 * body      JSON is sent as application/json unless .headers say otherwise; iots_bytes() without
 *           any type of ours
 *
 * Nothing is expected of the answer: any status and any type will do, JSON is parsed if it is JSON.
 * Only the code says that a status is a refusal.
 */
IOTS_API iots_reply *iots_api_request(iots_api *api, const char *method, const char *url,
                                      iots_value body, const iots_call_opts *opts);

/* ---- calls: spaces ---- */

/** The spaces that the token may see: {"name": ...}. */
IOTS_API iots_pager *iots_spaces_list(iots_api *api, const iots_list_opts *opts);

/* ---- calls: Categories, named groups of Things ---- */

/** Create one: {"name": ..., "description": ..., "model": {...}}. Codes: IOTS_CONFLICT (the name is
 * taken), IOTS_INVALID. */
IOTS_API iots_reply *iots_categories_create(iots_space space, iots_value category,
                                            const iots_call_opts *opts);
/** List them, by name. */
IOTS_API iots_pager *iots_categories_list(iots_space space, const iots_list_opts *opts);
/** One Category: {"name": ..., "created": ..., "modified": ...}. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_category_get(iots_category category, const iots_call_opts *opts);
/** Replace description and Model; a Category cannot be renamed. Codes: IOTS_NOT_FOUND,
 * IOTS_CONFLICT (Things in it disagree about the Model), IOTS_INVALID. */
IOTS_API iots_reply *iots_category_update(iots_category category, iots_value description,
                                          const iots_call_opts *opts);
/** Delete one; its Things stay. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_category_delete(iots_category category, const iots_call_opts *opts);

/* ---- calls: Models and their versions, templates of Things ---- */

/** Create one: {"name": ..., "description": ...}. Codes: IOTS_CONFLICT (the name is taken),
 * IOTS_INVALID. */
IOTS_API iots_reply *iots_models_create(iots_space space, iots_value model,
                                        const iots_call_opts *opts);
/** List them, by name. */
IOTS_API iots_pager *iots_models_list(iots_space space, const iots_list_opts *opts);
/** One Model. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_model_get(iots_model model, const iots_call_opts *opts);
/** Replace the description; a Model cannot be renamed. Codes: IOTS_NOT_FOUND, IOTS_INVALID. */
IOTS_API iots_reply *iots_model_update(iots_model model, iots_value description,
                                       const iots_call_opts *opts);
/** Delete one with its versions. Codes: IOTS_FORBIDDEN (Categories or Things use it). */
IOTS_API iots_reply *iots_model_delete(iots_model model, const iots_call_opts *opts);
/** Create the next version: {"title": ..., "template": {"properties": {...}, ...}}. Body of the reply:
 * the version; "/version" is its number. Codes: IOTS_NOT_FOUND, IOTS_INVALID. */
IOTS_API iots_reply *iots_versions_create(iots_model model, iots_value version,
                                          const iots_call_opts *opts);
/** List them, by number. */
IOTS_API iots_pager *iots_versions_list(iots_model model, const iots_list_opts *opts);
/** One version, by its number, from 1. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_version_get(iots_model model, int64_t version,
                                      const iots_call_opts *opts);

/* ---- calls: Things ---- */

/**
 * Create a Thing from its description (a W3C Thing Description; every member may be missing).
 *
 * Body of the reply: the Thing; "/uid" is its ID. In a Category it belongs to that from the start.
 * Parameters: preserve_uid ("true": it is put back as another iotsd had it, ID and times included; so
 * too for Models, versions, Categories, history, actions and events), update_history. Codes: IOTS_INVALID, IOTS_NOT_FOUND (a Category or Model it names), IOTS_CONFLICT (its Categories
 * disagree about the Model).
 */
IOTS_API iots_reply *iots_things_create(iots_things things, iots_value description,
                                        const iots_call_opts *opts);

/**
 * List Things. Parameters: title, @type, model, version, thingID[], category[], in_category,
 * links.rel, links.href, property:<name> ("gt:20"), property_at:<name> ("lt:-10m": last written more than
 * ten minutes ago), any_of ("true": one of the last two kinds is enough), search ("pump": in title,
 * description, @type or uid), sort ("+title,-created"). Sorted by uid, as they are without, each Thing
 * comes once while pages are turned; sorted by what changes meanwhile, one may come twice or not at all.
 */
IOTS_API iots_pager *iots_things_list(iots_things things, const iots_list_opts *opts);

/** Change many: [{"id": ..., "patch": [...]}]. The reply is IOTS_OK if the server looked at all of
 * them; "/has_errors" of its body has the indexes of those that failed. */
IOTS_API iots_reply *iots_things_patch(iots_things things, iots_value patches,
                                       const iots_call_opts *opts);

/** Delete all that match. Parameters: @type, thingID[], category[], property:<name>; at least one,
 * or IOTS_INVALID. Body of the reply: the IDs of those that are gone. */
IOTS_API iots_reply *iots_things_delete(iots_things things, const iots_call_opts *opts);

/** Its description, with the values of its properties in "/status". Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_thing_get(iots_thing thing, const iots_call_opts *opts);
/** Replace the description; what is left out is removed. Codes: as for iots_things_create(). */
IOTS_API iots_reply *iots_thing_update(iots_thing thing, iots_value description,
                                       const iots_call_opts *opts);
/** Change it by a JSON Patch: [{"op": "replace", "path": "/title", "value": "Boiler 8"}]. Codes:
 * IOTS_INVALID (nothing is changed; iots_error_details() says which step). */
IOTS_API iots_reply *iots_thing_patch(iots_thing thing, iots_value patch,
                                      const iots_call_opts *opts);
/** Delete it with its values, history, actions and events. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_thing_delete(iots_thing thing, const iots_call_opts *opts);
/** Give it a client of its own, or that client a new secret: "/client_id", "/client_secret" of the
 * body, which is the only place where the secret is shown. */
IOTS_API iots_reply *iots_thing_reset_secret(iots_thing thing, const iots_call_opts *opts);

/* ---- calls: properties ---- */

/** All values: {"temperature": 21.5, "valve": null}. */
IOTS_API iots_reply *iots_properties_get(iots_thing thing, const iots_call_opts *opts);

/** Set several at once, all or none: {"temperature": 21.5, "valve": "open"}. Parameters and codes
 * as for iots_property_update(); a name that is not a property is IOTS_INVALID. */
IOTS_API iots_reply *iots_properties_update(iots_thing thing, iots_value values,
                                            const iots_call_opts *opts);

/** One value, as {"temperature": 21.5}. Codes: IOTS_NOT_FOUND (no such Thing or property). */
IOTS_API iots_reply *iots_property_get(iots_thing thing, const char *name,
                                       const iots_call_opts *opts);

/**
 * Set one property of a Thing.
 *
 * The server checks the value against the property's description. One that does not fit is refused
 * with IOTS_INVALID, and the reply points at the fault.
 *
 * thing    where; no request is made to see whether it exists beforehand
 * name     the property, as written in the Thing Description
 * value    copied before the call returns; iots_null() clears the property
 * opts     IOTS_CALL(...), or NULL. Parameter update_history: "false" keeps the value out of the
 *          history
 *
 * Body of the reply: the value as stored, as {"<name>": value}. Codes: IOTS_NOT_FOUND (no such
 * Thing or property), IOTS_INVALID, and those of any call.
 */
IOTS_API iots_reply *iots_property_update(iots_thing thing, const char *name, iots_value value,
                                          const iots_call_opts *opts);

/* ---- calls: history of properties ----
 *
 * property    one of them, or NULL for all
 */

/** Add values of the past: {"at": "2025-03-04T05:06:07Z", "properties": {"temperature": 21.5}} or
 * an array of such. Current values are not touched. Parameters: skip_existing ("true": what is there
 * already is passed over, and the body of the reply has the rest). Codes: IOTS_CONFLICT (there is a
 * value at that time; nothing is stored), IOTS_INVALID, IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_history_create(iots_thing thing, const char *property, iots_value items,
                                         const iots_call_opts *opts);
/** List it, newest first. Parameters: at ("2025-03" or "2025|2026"), group (not for one property).
 */
IOTS_API iots_pager *iots_history_list(iots_thing thing, const char *property,
                                       const iots_list_opts *opts);
/** Delete a moment or a range ("2025-03|2025-04") from it. Parameters: property_name[] (not for one
 * property). */
IOTS_API iots_reply *iots_history_delete(iots_thing thing, const char *property, const char *at,
                                         const iots_call_opts *opts);

/* ---- calls: actions, what a Thing is asked to do ----
 *
 * In bodies, an action is an object of one member: {"flush": {"input": ..., "status": "pending",
 * "href": ...}}. The last part of href is its ID.
 */

/** Ask for an action. input: what it is given; iots_none() for nothing. */
IOTS_API iots_reply *iots_actions_create(iots_thing thing, const char *name, iots_value input,
                                         const iots_call_opts *opts);
/** List what was asked, oldest first. name: of one action, or NULL for all. */
IOTS_API iots_pager *iots_actions_list(iots_thing thing, const char *name,
                                       const iots_list_opts *opts);
/** One request of an action. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_action_get(iots_thing thing, const char *name, const char *id,
                                     const iots_call_opts *opts);
/** Say how it goes. status: "running", "completed", ..., or NULL to leave it; output: iots_none()
 * to leave it. */
IOTS_API iots_reply *iots_action_update(iots_thing thing, const char *name, const char *id,
                                        const char *status, iots_value output,
                                        const iots_call_opts *opts);
/** Delete one. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_action_delete(iots_thing thing, const char *name, const char *id,
                                        const iots_call_opts *opts);

/* ---- calls: events, what happened to a Thing ---- */

/** Report an event. data: iots_none() for none. */
IOTS_API iots_reply *iots_events_create(iots_thing thing, const char *name, iots_value data,
                                        const iots_call_opts *opts);
/** List them, oldest first. name: of one event, or NULL for all. */
IOTS_API iots_pager *iots_events_list(iots_thing thing, const char *name,
                                      const iots_list_opts *opts);
/** One event. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_event_get(iots_thing thing, const char *name, const char *id,
                                    const iots_call_opts *opts);
/** Delete one. Codes: IOTS_NOT_FOUND. */
IOTS_API iots_reply *iots_event_delete(iots_thing thing, const char *name, const char *id,
                                       const iots_call_opts *opts);

/* ---- calls: MQTT credentials of Categories and Things ----
 *
 * With them, a device speaks MQTT to its server.
 */

/**
 * MQTT credentials of a Category.
 *
 * iots_category_mqtt_create    make credentials. Codes: IOTS_CONFLICT (there are some already, or the
 *                              user name is taken)
 * iots_category_mqtt_get       look at them; the password is hidden
 * iots_category_mqtt_update    change what is given; nothing: a new password
 * iots_category_mqtt_delete    remove them
 *
 * And of a Thing: iots_thing_mqtt_create, iots_thing_mqtt_get, iots_thing_mqtt_update,
 * iots_thing_mqtt_delete.
 *
 * credentials    {"username": ..., "password": ..., "enabled": ..., "description": ...}, or
 *                iots_none(): all made up by the server. The password is shown only in the answer
 *                to create and update
 *
 * Codes: IOTS_NOT_FOUND, IOTS_INVALID.
 */
IOTS_API iots_reply *iots_category_mqtt_create(iots_category category, iots_value credentials,
                                               const iots_call_opts *opts);
IOTS_API iots_reply *iots_category_mqtt_get(iots_category category, const iots_call_opts *opts);
IOTS_API iots_reply *iots_category_mqtt_update(iots_category category, iots_value credentials,
                                               const iots_call_opts *opts);
IOTS_API iots_reply *iots_category_mqtt_delete(iots_category category, const iots_call_opts *opts);
IOTS_API iots_reply *iots_thing_mqtt_create(iots_thing thing, iots_value credentials,
                                            const iots_call_opts *opts);
IOTS_API iots_reply *iots_thing_mqtt_get(iots_thing thing, const iots_call_opts *opts);
IOTS_API iots_reply *iots_thing_mqtt_update(iots_thing thing, iots_value credentials,
                                            const iots_call_opts *opts);
IOTS_API iots_reply *iots_thing_mqtt_delete(iots_thing thing, const iots_call_opts *opts);

/* ---- calls: queries, e-mail, health ---- */

/** Run a query: {"query": "FOR t IN things RETURN t.title", "batchSize": 100}. While "/hasMore" of
 * the body is true, "/id" is the cursor for iots_query_next(). */
IOTS_API iots_reply *iots_query_create(iots_space space, iots_value query,
                                       const iots_call_opts *opts);
/** then: {"then": {...}}, or iots_none(). */
IOTS_API iots_reply *iots_query_next(iots_space space, const char *cursor, iots_value then,
                                     const iots_call_opts *opts);

/** Send an e-mail: {"to": [...], "subject": ..., "body": {"text": ...}}. IOTS_OK: accepted, not yet
 * delivered. */
IOTS_API iots_reply *iots_email_send(iots_space space, iots_value email,
                                     const iots_call_opts *opts);

/** Does the server serve? Needs no token. */
IOTS_API iots_reply *iots_health_get(iots_api *api, const iots_call_opts *opts);

/* ---- bringing one's own: requests ---- */

/* A request about to be sent. Strategies and transports look at it; it changes by the functions
 * below only. */
struct iots_request {
    size_t size;               /* as the library knows this struct */
    const char *method;        /* "GET" ... */
    const char *url;           /* complete, encoded */
    const iots_param *headers; /* ended by a NULL name; values have no line breaks */
    const void *body;          /* NULL: none */
    size_t body_size;
    int connect_timeout_ms; /* 0 or negative: no limit */
    int read_timeout_ms;    /* longest silence; 0 or negative: no limit */
    bool verify;
    const char *ca_file;    /* NULL: the system's */
    size_t reply_max_bytes; /* stop beyond this many bytes of body */
    const char *proxy;      /* NULL: as the environment says; "": none */
    bool may_repeat;        /* it is the same to send it once or twice. If not, a transport sends it
                               once, and says IOTS_OUTCOME_UNKNOWN if there is no answer although
                               all of it may have arrived */
};

/** The value of a header, in any letter case; NULL if absent. */
IOTS_API const char *iots_request_header(const iots_request *request, const char *name);

/** Set a header, replacing one of the same name, or add a query parameter (iots_request_add_param).
 * Copied. False if that cannot be: the call then fails with the reason. */
IOTS_API bool iots_request_set_header(iots_request *request, const char *name, const char *value);
IOTS_API bool iots_request_add_param(iots_request *request, const char *name, const char *value);

/* ---- bringing one's own: security ----
 *
 * Fill one of these and hand it to iots_api_with_security(). Every function is called from whatever
 * thread makes a call, several at once: a strategy guards its own state. Each may make requests of
 * its own through `api`, with .auth = IOTS_NO. NULL for a function: nothing to do.
 *
 * A function that returns a reply returns NULL if all is well; else a reply that says why not, from
 * iots_failure() or from a call that failed. The library frees it, or hands it to whoever made the
 * call.
 */
struct iots_security {
    size_t size; /* sizeof(iots_security) */
    void *self;  /* the strategy's own */

    /* Adds what authenticates the request. Called before each request that wants it. Must be there.
     */
    iots_reply *(*apply)(iots_security *security, iots_api *api, iots_request *request);

    /* The server answered 401. True: forget what this request carried; the library applies the
     * strategy again and repeats the request, once. */
    bool (*refused)(iots_security *security, const iots_request *request);

    /* Of strategies that exchange tokens: fetches one now, whatever it holds. Called when the
     * strategy is set. The host and the checking of certificates are those of `api`. */
    iots_reply *(*get_token)(iots_security *security, iots_api *api);

    /* Revokes the token. The two may be NULL (iots_api_revoke_token). */
    iots_reply *(*revoke_token)(iots_security *security, iots_api *api, const char *client_id,
                                const char *client_secret);

    /* The API ends: revokes what should not live on, and drops secrets from memory. */
    iots_reply *(*clean)(iots_security *security, iots_api *api);

    /* Last call: releases the strategy itself. */
    void (*free)(iots_security *security);
};

/* ---- bringing one's own: transport ----
 *
 * One request out, one response in. No redirects, no retries, no tokens: that is done above. Called
 * from several threads at once.
 */
struct iots_transport {
    /* Sends `request` and puts the answer, of whatever status, into `response`. Returns IOTS_OK
     * once there is an answer; else what iots_response_fail() returned. */
    iots_code (*send)(void *self, const iots_request *request, iots_response *response);
    void *self;
    void (*done)(void *self); /* the API ends; NULL: nothing to do */
};

/**
 * What came back. Everything is copied.
 *
 * iots_response_set_status    the status; begins the answer anew, which is how interim answers (1xx)
 *                             are passed over
 * iots_response_add_header    a header
 * iots_response_add_body      more of the body
 *
 * The last two return false if there is no memory for it, or more of it than the library takes: stop
 * then, and return iots_response_fail(response, IOTS_UNEXPECTED, NULL).
 */
IOTS_API void iots_response_set_status(iots_response *response, int status);
IOTS_API bool iots_response_add_header(iots_response *response, const char *name,
                                       const char *value);
IOTS_API bool iots_response_add_body(iots_response *response, const void *bytes, size_t size);

/** Say why there is no answer: IOTS_TRANSPORT, IOTS_TIMEOUT, IOTS_OUTCOME_UNKNOWN (see `.may_repeat` of
 * the request), IOTS_UNEXPECTED, IOTS_NO_MEMORY. Returns the code. The first one counts. */
IOTS_API iots_code iots_response_fail(iots_response *response, iots_code code, const char *format,
                                      ...) IOTS_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
