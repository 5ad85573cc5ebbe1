/* SPDX-License-Identifier: Apache-2.0 */
#include "net/cors.h"

#include <string.h>

/* ---- origins ---- */

typedef struct scheme {
    const char *prefix, *own_port;
} scheme;

static const scheme schemes[] = {{"http://", ":80"}, {"https://", ":443"}};

bool cors_origin_check(ix_ctx *cx, const char *text)
{
    if (strcmp(text, "*") == 0)
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!ix_str_starts(ix_str_of(text), schemes[i].prefix))
            continue;
        const char *host = text + strlen(schemes[i].prefix);
        const char *port = strrchr(host, ':');
        if (!*host || *host == ':' || strcspn(host, "/?#@ \t") != strlen(host))
            break;
        return !port || strcmp(port, schemes[i].own_port) != 0 ||
               ix_fail(cx, IOTS_USAGE, "'%s': browsers leave out %s", text, port);
    }
    return ix_fail(cx, IOTS_USAGE, "'%s' is not an origin (https://host:port)", text);
}

/* What Access-Control-Allow-Origin says to a page of this origin; NULL: nothing. */
static const char *find_origin(const cors_rules *rules, const char *origin)
{
    for (size_t i = 0; origin && i < rules->count; i++) {
        if (strcmp(rules->origins[i], "*") == 0)
            return "*";
        if (ix_str_is_nocase(ix_str_of(origin), rules->origins[i]))
            return origin;
    }
    return NULL;
}

/* Does the answer depend on who asks? */
static bool is_selective(const cors_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->origins[i], "*") == 0)
            return false;
    return rules->count > 0;
}

/* ---- replies ---- */

/* The pages that we show to people are no business of other pages. */
static bool is_page(const api_call *call)
{
    const ix_op *op = call->match.op;
    ix_match match;
    ix_str path;
    if (op)
        return op->flags & IX_HTML;
    /* OPTIONS, or a method that the route does not have: is it the route of a page? */
    ix_str_cut(call->request.target, '?', &path);
    return !ix_ops_match(call->cx, IX_GET, path, &match) || (match.op && match.op->flags & IX_HTML);
}

/* Fetch, "CORS-preflight request". A route that is not there has no answer to it. */
static bool is_preflight(const cors_request *request, const api_call *call)
{
    return request->asks_first && call && call->method == IX_OPTIONS && call->status == 204;
}

static void cors_add(call_header ret[CORS_HEADERS_MAX], size_t *count, const char *name,
                     const char *value)
{
    if (value) /* else there is no memory, and the browser says no */
        ret[(*count)++] = (call_header){name, value};
}

size_t cors_headers(const cors_rules *rules, const cors_request *request, const api_call *call,
                    call_header ret[CORS_HEADERS_MAX])
{
    size_t count = 0;
    if (rules->count == 0 || (call && is_page(call)))
        return 0;
    /* Also for those who hear nothing, or a cache would hand this answer to others. */
    if (is_selective(rules))
        cors_add(ret, &count, "Vary", "Origin");
    const char *origin = find_origin(rules, request->origin);
    if (!origin)
        return count;
    cors_add(ret, &count, "Access-Control-Allow-Origin", origin);
    if (is_preflight(request, call)) {
        cors_add(ret, &count, "Access-Control-Allow-Methods",
                 ix_allow_header(call->cx, call->match.allowed));
        cors_add(ret, &count, "Access-Control-Allow-Headers",
                 "Authorization, Content-Type, Prefer");
        cors_add(ret, &count, "Access-Control-Max-Age",
                 ix_format(call->cx, "%d", CORS_PREFLIGHT_S));
    } else {
        cors_add(ret, &count, "Access-Control-Expose-Headers",
                 "Location, Retry-After, WWW-Authenticate");
    }
    return count;
}
