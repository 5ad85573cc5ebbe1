/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/operation.h"

#include <string.h>

#include "cli/op_show.h"
#include "cli/session.h"
#include "cli/show/view.h"
#include "cli/thing_lookup.h"

/* ---- lists ---- */

enum { PAGE_ITEMS = 500, PAGE_MAX = 1000 };

typedef struct paging {
    int limit;
    int64_t max; /* items to print */
    const char *next_cursor, *previous_cursor;
} paging;

static bool paging_read(cli_session *session, paging *ret)
{
    const cli_args *args = session->args;
    int64_t max, limit;
    if (!args_int(session->cx, args, "max", 1, INT64_MAX, INT64_MAX, &max) ||
        !args_int(session->cx, args, "limit", 1, PAGE_MAX, max < PAGE_ITEMS ? max : PAGE_ITEMS,
                  &limit))
        return false;
    *ret = (paging){(int)limit, max, args_value(args, "next-cursor"),
                    args_value(args, "previous-cursor")};
    return true;
}

static bool fail_memory(cli_session *session)
{
    return ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
}

/* One page, as the server sent it. */
static bool page_print(cli_session *session, iots_pager *pager, const ix_schema *schema)
{
    const iots_reply *page = iots_pager_next_page(pager);
    if (!session_ok(session, iots_pager_reply(pager)))
        return false;
    const iots_json *body = iots_reply_body(page);
    if (format_is_json(session->format))
        return document_print(session, schema, body) || fail_memory(session);
    if (!document_print(session, schema, iots_json_at(body, "/data")))
        return fail_memory(session);
    const char *next = iots_json_string(body, "/paging/next_cursor");
    const char *previous = iots_json_string(body, "/paging/previous_cursor");
    if (previous && *previous)
        session_remark(session, "before this page: --previous-cursor %s", previous);
    if (next && *next)
        session_remark(session, "after this page: --next-cursor %s", next);
    return true;
}

static bool items_print(cli_session *session, iots_pager *pager, const ix_schema *schema,
                        int64_t max)
{
    cli_listing *listing = listing_new(session, schema);
    const iots_json *item = NULL;
    for (int64_t i = 0; i < max && (item = iots_pager_next(pager)); i++)
        listing_item(listing, item);
    const bool is_whole = item || session_ok(session, iots_pager_reply(pager));
    return listing_end(listing, is_whole) ? is_whole : fail_memory(session);
}

static bool list_run(cli_session *session, const cli_request *request)
{
    paging paging;
    if (!paging_read(session, &paging))
        return false;
    iots_pager *pager =
        iots_api_list(session->api, request->op->name, request->params,
                      IOTS_LIST(.limit = paging.limit, .next_cursor = paging.next_cursor,
                                .previous_cursor = paging.previous_cursor));
    const bool ok = args_has(session->args, "page")
                        ? page_print(session, pager, request->op->reply)
                        : items_print(session, pager, request->op->reply, paging.max);
    iots_pager_free(pager);
    return ok;
}

/* ---- queries: lists in batches ---- */

/* Prints the items of a batch until `*left` is used up. */
static void batch_print(cli_listing *listing, const iots_json *batch, int64_t *left)
{
    const iots_json *items = iots_json_at(batch, "/result");
    const size_t count = iots_json_count(items, "");
    for (size_t i = 0; i<count && * left> 0; i++, --*left)
        listing_item(listing, iots_json_item(items, i));
}

static bool query_run(cli_session *session, const cli_request *request)
{
    int64_t left;
    if (!args_int(session->cx, session->args, "max", 1, INT64_MAX, INT64_MAX, &left))
        return false;
    iots_reply *reply = iots_api_call(session->api, request->op->name, request->params,
                                      iots_raw(request->body), NULL);
    if (!session_ok(session, reply)) {
        iots_reply_free(reply);
        return false;
    }
    cli_listing *listing = listing_new(session, NULL);
    const iots_space space = iots_api_space(session->api, session->profile.values[SETTING_space]);
    bool ok = true;
    for (;;) {
        batch_print(listing, iots_reply_body(reply), &left);
        const char *cursor = iots_json_string(iots_reply_body(reply), "/id");
        if (left == 0 || !cursor || !iots_json_bool(iots_reply_body(reply), "/hasMore", false))
            break;
        iots_reply *next = iots_query_next(space, cursor, iots_none(), NULL);
        iots_reply_free(reply);
        reply = next;
        ok = session_ok(session, reply);
        if (!ok)
            break;
    }
    iots_reply_free(reply);
    return listing_end(listing, ok) ? ok : fail_memory(session);
}

/* ---- one call ---- */

/* The answer to a change of many: each has a status of its own. */
static bool many_print(cli_session *session, const iots_json *body)
{
    const size_t failed = iots_json_count(body, "/has_errors");
    const size_t all = iots_json_count(body, "/results");
    if (failed > 0) {
        session_remark(session, "iots: %zu of %zu Things were not changed", failed, all);
        session->exit_code = EXIT_OTHER;
    }
    if (format_is_json(session->format))
        return document_print(session, NULL, body);

    static const cli_column columns[] = {{"item", NULL, true},
                                         {"status", NULL, true},
                                         {"uid", NULL, true},
                                         {"message", NULL, false}};
    cli_sheet *sheet = sheet_of(session, columns, 4);
    for (size_t i = 0; i < all; i++) {
        const iots_json *result = iots_json_item(iots_json_at(body, "/results"), i);
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        sheet_cell(sheet, ix_str_of(index), true);
        sheet_value(sheet, iots_json_at(result, "/status"));
        sheet_value(sheet, iots_json_at(result, "/response/uid"));
        sheet_value(sheet, iots_json_at(result, "/response/error/message"));
    }
    return sheet_end(sheet);
}

static bool call_run(cli_session *session, const cli_request *request)
{
    const ix_op *op = request->op;
    const iots_param headers[] = {{"Content-Type", request->content_type}, {NULL, NULL}};
    iots_reply *reply = iots_api_call(session->api, op->name, request->params,
                                      request->body ? iots_raw(request->body) : iots_none(),
                                      IOTS_CALL(.headers = headers));
    bool ok = session_ok(session, reply);
    if (ok) {
        const iots_json *body = iots_reply_body(reply);
        ok = (show_of(op)->reply == REPLY_RESULTS ? many_print(session, body)
                                                  : document_print(session, op->reply, body)) ||
             fail_memory(session);
    }
    iots_reply_free(reply);
    return ok;
}

bool operation_read(cli_session *session, cli_request *ret)
{
    const ix_op *op = session->command->op;
    if (!request_read(session->cx, session->command, session->args,
                      session->profile.values[SETTING_space], ret) ||
        !(op->scopes ? session_open(session) : session_open_anonymous(session)))
        return false;
    const char *thing = ret->vars[IX_VAR_thing];
    if (!thing)
        return true;
    if (!thing_find(session, ret->vars[IX_VAR_category], thing, ret->is_title, &thing))
        return false;
    request_set_thing(ret, thing);
    return true;
}

bool operation_run(cli_session *session)
{
    cli_request request;
    if (!operation_read(session, &request))
        return false;
    if (request.op->flags & IX_PAGED)
        return list_run(session, &request);
    if (show_of(request.op)->reply == REPLY_BATCHES)
        return query_run(session, &request);
    return call_run(session, &request);
}
