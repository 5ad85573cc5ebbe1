/* SPDX-License-Identifier: Apache-2.0 */
#include "client/url.h"

#include <string.h>

#include "base/buf.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_of_scheme(char c)
{
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

/* Length of the scheme in front of a colon; 0 if there is none (RFC 3986 3.1). */
static size_t scheme_len(const char *text)
{
    size_t len = 0;
    if (is_letter(*text)) {
        while (is_of_scheme(text[len]))
            len++;
    }
    return text[len] == ':' ? len : 0;
}

bool url_has_scheme(const char *text)
{
    return scheme_len(text) > 0;
}

static bool is_of_host(char c)
{
    return is_letter(c) || is_digit(c) || (c && strchr("-._~%!$&'()*+,;=", c)) ||
           (unsigned char)c >= 0x80;
}

static bool is_of_address(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

/* Length of the host at `at`; 0 if there is none. */
static size_t host_len(const char *at)
{
    size_t len = 0;
    if (*at == '[') {
        len++;
        while (is_of_address(at[len]))
            len++;
        return len > 1 && at[len] == ']' ? len + 1 : 0;
    }
    while (is_of_host(at[len]))
        len++;
    return len;
}

/* Reads ":8443" at `*at`, if it is there; *at then points behind it. */
static bool port_parse(const char **at, int *ret)
{
    if (**at != ':')
        return true;
    int port = 0;
    const char *digit = *at + 1;
    while (is_digit(*digit) && port <= 65535)
        port = port * 10 + (*digit++ - '0');
    if (digit != *at + 1)
        *ret = port;
    *at = digit;
    return *ret >= 1 && *ret <= 65535;
}

bool url_parse(ix_ctx *cx, const char *text, client_url *ret)
{
    const size_t scheme = scheme_len(text);
    client_url found = {.scheme = {text, scheme}};
    const bool is_https = ix_str_is_nocase(found.scheme, "https");
    if (!is_https && !ix_str_is_nocase(found.scheme, "http"))
        return ix_fail(cx, IOTS_USAGE, "%s: a URL begins with https:// or http://", text);
    if (strncmp(text + scheme, "://", 3) != 0)
        return ix_fail(cx, IOTS_USAGE, "%s: expected // after the scheme", text);

    const char *at = text + scheme + 3;
    found.host = (ix_str){at, host_len(at)};
    found.port = is_https ? 443 : 80;
    at += found.host.len;
    if (!found.host.len || !port_parse(&at, &found.port) || (*at && !strchr("/?#", *at)))
        return ix_fail(cx, IOTS_USAGE, "%s: expected a host, and perhaps a port, after //", text);

    found.origin = (ix_str){text, (size_t)(at - text)};
    found.rest = (ix_str){at, strcspn(at, "#")};
    *ret = found;
    return true;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_nocase(ix_str a, ix_str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    }
    return a.len == b.len;
}

bool url_same_origin(const client_url *a, const client_url *b)
{
    return a->port == b->port && same_nocase(a->host, b->host) && same_nocase(a->scheme, b->scheme);
}

/* May the byte stand in a path or query as it is? */
static bool is_of_url(char c)
{
    return is_letter(c) || is_digit(c) || (c && strchr("-._~:/?[]@!$&'()*+,;=%", c));
}

const char *url_join(ix_ctx *cx, ix_str front, ix_str rest)
{
    ix_buf buf = {0};
    ix_buf_str(&buf, front);
    for (size_t i = 0; i < rest.len && rest.at[i] != '#'; i++) {
        if (is_of_url(rest.at[i]))
            ix_buf_char(&buf, rest.at[i]);
        else
            ix_buf_format(&buf, "%%%02X", (unsigned)(unsigned char)rest.at[i]);
    }
    ix_str joined;
    ix_buf_take_in(cx, &buf, &joined);
    return joined.at;
}

/* The path of `rest` up to its last slash, "/" at least. */
static ix_str folder_of(ix_str rest)
{
    size_t end = 0;
    for (size_t i = 0; i < rest.len && rest.at[i] != '?'; i++) {
        if (rest.at[i] == '/')
            end = i + 1;
    }
    return end ? (ix_str){rest.at, end} : IX_STR("/");
}

const char *url_follow(ix_ctx *cx, const char *from, const char *location)
{
    client_url here = {0};
    if (!url_parse(cx, from, &here))
        return NULL;

    const bool has_host = strncmp(location, "//", 2) == 0;
    if (has_host || url_has_scheme(location)) {
        const char *complete = location;
        if (has_host)
            complete = ix_format(cx, "%.*s:%s", (int)here.scheme.len, here.scheme.at, location);
        client_url there = {0};
        if (!complete)
            return NULL;
        if (!url_parse(cx, complete, &there) || !url_same_origin(&here, &there)) {
            ix_ctx_clear_error(cx);
            ix_fail(cx, IOTS_UNEXPECTED, "Redirected to another host, which is not followed: %s",
                    location);
            return NULL;
        }
        return url_join(cx, here.origin, there.rest);
    }

    ix_str front = {0};
    if (*location == '?')
        ix_str_cut(here.rest, '?', &front);
    else if (*location != '/')
        front = folder_of(here.rest);
    const char *rest = ix_format(cx, "%.*s%s", (int)front.len, front.len ? front.at : "", location);
    return rest ? url_join(cx, here.origin, ix_str_of(rest)) : NULL;
}
