/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pagers. A pager has a row of pages at hand (one, unless it keeps them) and a place: a page and an
 * item in it. Going on means moving the place, and asking the server only where the row ends.
 */
#include "client/pager.h"

#include <stdlib.h>
#include <string.h>

#include "client/opts.h"

struct iots_pager {
    iots_api *api;
    ix_ctx cx;           /* memory of the four that follow */
    client_call call;    /* without limit and cursors */
    iots_list_opts opts; /* of these, all but those */
    const char *limit;   /* as text, or NULL, and so the next two */
    const char *next_cursor;
    const char *previous_cursor;

    iots_reply **pages; /* on the heap, and each of them */
    size_t page_count;
    size_t first; /* the page it began with: earlier ones may have been put before it */
    size_t page;  /* the page at hand, if there are any */
    size_t item;  /* the next one of it */

    iots_reply *coming;      /* a page that was asked for, in a loop; NULL: none */
    size_t coming_to;        /* its place in the row */
    const char *coming_next; /* the mark it was asked for by, or NULL; borrowed */
    iots_reply *failure;     /* it goes no further; NULL: all is well */
    iots_reply *empty;       /* before the first request */
};

static const iots_pager no_memory;

static iots_pager *pager_no_memory(void)
{
    union {
        const iots_pager *from;
        iots_pager *to;
    } hold = {.from = &no_memory}; /* nothing writes to it: see `is_stuck` */
    return hold.to;
}

static bool is_stuck(const iots_pager *pager)
{
    return !pager || pager == &no_memory || pager->failure || pager->coming;
}

/* ---- making ---- */

static const char *copy_text(ix_ctx *cx, const char *text)
{
    return text ? ix_strdup(cx, text) : NULL;
}

/* A copy of parameters, without those that change from page to page: they are noted instead. */
static const iots_param *take_params(iots_pager *pager, const iots_param *given)
{
    iots_param *copy = opts_copy(&pager->cx, given);
    iots_param *kept = copy;
    for (iots_param *param = copy; param && param->name; param++) {
        if (strcmp(param->name, "limit") == 0)
            pager->limit = param->value;
        else if (strcmp(param->name, "next_cursor") == 0)
            pager->next_cursor = param->value;
        else if (strcmp(param->name, "previous_cursor") == 0)
            pager->previous_cursor = param->value;
        else
            *kept++ = *param;
    }
    if (kept)
        *kept = (iots_param){NULL, NULL};
    return copy;
}

static void take_call(iots_pager *pager, const client_call *given)
{
    pager->call = *given;
    for (int var = 0; var < IX_VAR_COUNT; var++)
        pager->call.vars[var] = copy_text(&pager->cx, given->vars[var]);
    for (int i = 0; i < CALL_PARAMS; i++) {
        if (given->params[i])
            pager->call.params[i] = take_params(pager, given->params[i]);
    }
}

static void take_opts(iots_pager *pager, const iots_list_opts *given)
{
    ix_ctx *cx = &pager->cx;
    iots_list_opts *opts = &pager->opts;
    if (!opts_take(cx, "iots_list_opts", given, opts, sizeof *opts))
        return;
    opts->params = take_params(pager, opts->params);
    opts->headers = opts_copy(cx, opts->headers);
    opts->ca_file = copy_text(cx, opts->ca_file);
    if (opts->ready && !opts->async)
        ix_fail(cx, IOTS_USAGE, "iots_list_opts: .ready is set, but not .async");
    if (opts->limit)
        pager->limit = ix_format(cx, "%d", opts->limit);
    if (opts->next_cursor)
        pager->next_cursor = ix_strdup(cx, opts->next_cursor);
    if (opts->previous_cursor)
        pager->previous_cursor = ix_strdup(cx, opts->previous_cursor);
}

iots_pager *pager_new(iots_api *api, const client_call *call, const iots_list_opts *opts)
{
    iots_pager *pager = calloc(1, sizeof *pager);
    if (!pager)
        return pager_no_memory();
    pager->api = api;
    pager->empty = reply_new(0);
    if (!pager->empty || !ix_ctx_init(&pager->cx, 0)) {
        iots_pager_free(pager);
        return pager_no_memory();
    }
    take_call(pager, call);
    take_opts(pager, opts);
    if (ix_failed(&pager->cx))
        pager->failure = iots_failure(pager->cx.error.code, "%s", pager->cx.error.message);
    return pager;
}

iots_pager *iots_api_list(iots_api *api, const char *operation, const iots_param *params,
                          const iots_list_opts *opts)
{
    ix_ctx cx;
    client_call call = {0};
    if (ix_ctx_init(&cx, 0) && call_by_name(&cx, operation, params, &call) &&
        !(call.op->flags & IX_PAGED))
        ix_fail(&cx, IOTS_USAGE, "%s gives no list", operation);
    iots_pager *pager = pager_new(api, &call, opts);
    if (ix_failed(&cx) && !is_stuck(pager))
        pager->failure = iots_failure(cx.error.code, "%s", cx.error.message);
    ix_ctx_done(&cx);
    return pager;
}

void iots_pager_free(iots_pager *pager)
{
    if (!pager || pager == &no_memory)
        return;
    for (size_t i = 0; i < pager->page_count; i++)
        iots_reply_free(pager->pages[i]);
    free(pager->pages);
    iots_reply_free(pager->coming);
    iots_reply_free(pager->failure);
    iots_reply_free(pager->empty);
    ix_ctx_done(&pager->cx);
    free(pager);
}

/* ---- pages ---- */

static const iots_reply *page_at_hand(const iots_pager *pager)
{
    return pager->page_count ? pager->pages[pager->page] : NULL;
}

/* A cursor of the page at hand; NULL if there is no such page. */
static const char *mark_of(const iots_pager *pager, const char *pointer)
{
    const char *mark = iots_json_string(iots_reply_body(page_at_hand(pager)), pointer);
    return mark && *mark ? mark : NULL;
}

/* Puts a page at `index` of the row, or in place of the row if pages are not kept, and goes there. */
static bool place_page(iots_pager *pager, iots_reply *page, size_t index)
{
    iots_reply **pages = pager->pages;
    if (pager->opts.keep)
        pages = realloc(pages, (pager->page_count + 1) * sizeof(iots_reply *));
    else if (!pages)
        pages = calloc(1, sizeof(iots_reply *));
    if (!pages) {
        iots_reply_free(page);
        pager->failure = reply_no_memory();
        return false;
    }
    pager->pages = pages;
    if (pager->opts.keep) {
        memmove(pages + index + 1, pages + index,
                (pager->page_count - index) * sizeof(iots_reply *));
        if (pager->page_count && index <= pager->first)
            pager->first++;
        pager->page_count++;
    } else {
        iots_reply_free(pages[0]); /* NULL: there is none */
        index = 0;
        pager->page_count = 1;
    }
    pages[index] = page;
    pager->page = index;
    pager->item = 0;
    return true;
}

/* Looks at a page that was asked for by the mark `next`, if there was one, and takes it. */
static bool take_page(iots_pager *pager, iots_reply *page, const char *next, size_t index)
{
    if (iots_ok(page) && iots_json_kind(iots_reply_body(page), "/data") != IOTS_KIND_ARRAY)
        reply_fail(page, IOTS_UNEXPECTED, "The answer is not a page: it has no data");
    const char *mark = iots_json_string(iots_reply_body(page), "/paging/next_cursor");
    if (iots_ok(page) && next && mark && strcmp(mark, next) == 0)
        reply_fail(page, IOTS_UNEXPECTED, "The server gives the same page again");
    if (iots_ok(page))
        return place_page(pager, page, index);
    pager->failure = page;
    return false;
}

/* The page that was asked for in a loop is there. */
static void on_page(iots_reply *page, void *user)
{
    iots_pager *pager = user;
    pager->coming = NULL;
    take_page(pager, page, pager->coming_next, pager->coming_to);
    if (pager->opts.ready)
        pager->opts.ready(pager, pager->opts.user);
}

/* Asks for a page, to be put at `index`. False: it is coming, or `failure` says why not. */
static bool fetch(iots_pager *pager, const char *next, const char *previous, size_t index)
{
    const iots_list_opts *opts = &pager->opts;
    const iots_param marks[] = {{"limit", pager->limit},
                                {"next_cursor", next},
                                {"previous_cursor", next ? NULL : previous},
                                {NULL, NULL}};
    client_call call = pager->call;
    call.params[CALL_PARAMS - 1] = marks;
    call.opts =
        IOTS_CALL(.params = opts->params, .headers = opts->headers, .timeout_ms = opts->timeout_ms,
                  .connect_timeout_ms = opts->connect_timeout_ms, .auth = opts->auth,
                  .verify = opts->verify, .ca_file = opts->ca_file, .retries = opts->retries,
                  .async = opts->async, .done = opts->async ? on_page : NULL, .user = pager);
    iots_reply *page = call_make(pager->api, &call);
    if (iots_reply_code(page) != IOTS_PENDING)
        return take_page(pager, page, next, index);
    pager->coming = page;
    pager->coming_to = index;
    pager->coming_next = next;
    return false;
}

/* The page it begins with. */
static bool pager_begin(iots_pager *pager)
{
    return fetch(pager, pager->next_cursor, pager->previous_cursor, 0);
}

static bool go_on(iots_pager *pager)
{
    if (!pager->page_count)
        return pager_begin(pager);
    if (pager->page + 1 < pager->page_count) {
        pager->page++;
        pager->item = 0;
        return true;
    }
    const char *mark = mark_of(pager, "/paging/next_cursor");
    return mark && fetch(pager, mark, NULL, pager->page_count);
}

static bool go_back(iots_pager *pager)
{
    if (!pager->page_count)
        return pager_begin(pager);
    if (pager->page > 0) {
        pager->page--;
        pager->item = 0;
        return true;
    }
    const char *mark = mark_of(pager, "/paging/previous_cursor");
    return mark && fetch(pager, NULL, mark, 0);
}

iots_reply *pager_page(iots_pager *pager)
{
    return pager->pages[pager->page];
}

void pager_fail(iots_pager *pager, iots_code code, const char *sentence)
{
    if (!is_stuck(pager))
        pager->failure = iots_failure(code, "%s", sentence);
}

/* ---- what programs see ---- */

const iots_json *iots_pager_next(iots_pager *pager)
{
    if (is_stuck(pager))
        return NULL;
    do {
        const iots_json *data = iots_json_at(iots_reply_body(page_at_hand(pager)), "/data");
        const iots_json *item = iots_json_item(data, pager->item);
        if (item) {
            pager->item++;
            return item;
        }
    } while (go_on(pager)); /* past empty pages as well */
    return NULL;
}

const iots_reply *iots_pager_next_page(iots_pager *pager)
{
    return !is_stuck(pager) && go_on(pager) ? page_at_hand(pager) : NULL;
}

const iots_reply *iots_pager_previous_page(iots_pager *pager)
{
    return !is_stuck(pager) && go_back(pager) ? page_at_hand(pager) : NULL;
}

const iots_reply *iots_pager_reply(const iots_pager *pager)
{
    if (!pager || pager == &no_memory)
        return reply_no_memory();
    if (pager->failure)
        return pager->failure;
    if (pager->coming)
        return pager->coming;
    return pager->page_count ? page_at_hand(pager) : pager->empty;
}

void iots_pager_rewind(iots_pager *pager)
{
    if (!pager || pager == &no_memory || ix_failed(&pager->cx) || !pager->call.op)
        return;
    iots_reply_free(pager->coming);
    pager->coming = NULL;
    iots_reply_free(pager->failure);
    pager->failure = NULL;
    pager->item = 0;
    pager->page = pager->first;
    if (!pager->opts.keep && pager->page_count) {
        iots_reply_free(pager->pages[0]);
        pager->pages[0] = NULL;
        pager->page_count = 0;
        pager->page = 0;
    }
}
