/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever HTML comes in: what comes out is text and elements of a short list, properly nested and
 * without attributes, and no text in it looks like a link. The same input as plain text has no link
 * left either.
 *
 * The words are spelled out here once more, and the output is read by a reader of its own, so that a
 * mistake in the sanitiser's tables cannot hide.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "domain/sanitise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static const char elements[] =
    " p br b strong i em u s sub sup ul ol li h1 h2 h3 h4 h5 h6 blockquote pre code hr table thead "
    "tbody tr th td span div ";

/* A mere "mailto:" with nothing behind it is none. */
static void must_have_no_link(const char *text)
{
    static const char *const links[] = {"http://", "https://", "ftp://", "mailto:a",
                                        "javascript:a"};
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        must(!strcasestr(text, links[i]));
}

/* Elements under way, as "b/i/". */
static void enter(ix_buf *open, ix_str name)
{
    ix_buf_str(open, name);
    ix_buf_char(open, '/');
}

static void leave(ix_buf *open, ix_str name)
{
    const size_t len = name.len + 1;
    must(open->len >= len && memcmp(open->at + open->len - len, name.at, name.len) == 0 &&
         (open->len == len || open->at[open->len - len - 1] == '/'));
    open->len -= len;
}

/* Reads the tag behind "<"; returns what follows it. */
static const char *read_tag(const char *at, ix_buf *open)
{
    char word[16];
    const bool is_end = *at == '/';
    at += is_end;
    const ix_str name = {at, strcspn(at, ">")};
    must(at[name.len] == '>' && name.len > 0 && name.len < sizeof(word) - 3);
    snprintf(word, sizeof(word), " %.*s ", (int)name.len, name.at);
    must(strstr(elements, word) != NULL);
    const bool is_empty = ix_str_is(name, "br") || ix_str_is(name, "hr");
    must(!is_end || !is_empty);
    if (is_end)
        leave(open, name);
    else if (!is_empty)
        enter(open, name);
    return at + name.len + 1;
}

/* Reads the text up to the next tag. */
static const char *read_text(const char *at)
{
    ix_buf text = {0};
    for (; *at && *at != '<'; at++) {
        must(*at != '>');
        ix_buf_char(&text, *at);
        if (*at == '&')
            must(!strncmp(at, "&amp;", 5) || !strncmp(at, "&lt;", 4) || !strncmp(at, "&gt;", 4));
    }
    must_have_no_link(ix_buf_cstr(&text));
    ix_buf_done(&text);
    return at;
}

static void check_html(ix_ctx *cx, ix_str html)
{
    ix_str out;
    ix_buf open = {0};
    if (!sanitise_html(cx, html, &out)) {
        must(cx->error.code == IOTS_INVALID);
        ix_ctx_clear_error(cx);
        return;
    }
    must(strlen(out.at) == out.len);
    for (const char *at = out.at; *at;)
        at = *at == '<' ? read_tag(at + 1, &open) : read_text(at);
    must(open.len == 0);
    ix_buf_done(&open);
}

static void check_text(ix_ctx *cx, ix_str text)
{
    ix_str out;
    must(sanitise_text(cx, text, &out));
    must_have_no_link(out.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ix_str input = {(const char *)data, size};
    /* It comes out of JSON, so it is UTF-8 without U+0000. */
    if (!ix_str_is_utf8(input) || (size > 0 && memchr(data, 0, size)))
        return 0;
    ix_ctx cx;
    must(ix_ctx_init(&cx, 0));
    check_html(&cx, input);
    check_text(&cx, input);
    ix_ctx_done(&cx);
    return 0;
}
