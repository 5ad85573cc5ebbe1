/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/operation.h"

#include <string.h>

#include "cli/session.h"
#include "cli/show/view.h"
#include "cli/thing_lookup.h"

/* ---- examples ---- */

typedef struct example {
    ix_op_id op;
    const char *lines;
} example;

// clang-format off
#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"
static const example examples[] = {
    {IX_OP_spaces_list, "iots spaces"},
    {IX_OP_categories_list, "iots categories\niots categories list --csv > categories.csv"},
    {IX_OP_category_get, "iots category get Boilers"},
    {IX_OP_category_update, "iots category update Boilers description='All that is hot' model='{\"name\": \"Boiler\"}'"},
    {IX_OP_category_delete, "iots category delete Boilers"},
    {IX_OP_models_create, "iots models create name=Boiler description='What boilers have in common'"},
    {IX_OP_models_list, "iots models"},
    {IX_OP_model_get, "iots model get Boiler"},
    {IX_OP_model_update, "iots model update Boiler description='What boilers have in common'"},
    {IX_OP_model_delete, "iots model delete Boiler"},
    {IX_OP_versions_create, "iots versions create Boiler --body @version.json # {\"template\": {...}}"},
    {IX_OP_versions_list, "iots versions list Boiler"},
    {IX_OP_version_get, "iots version get Boiler 2 --json"},
    {IX_OP_categories_create, "iots categories create name=Boilers description='All that is hot'"},
    {IX_OP_things_create,
        "iots things create title='Boiler 7' categories='[\"Boilers\"]'\n"
        "iots things create --body @boiler.json # a whole Thing Description"},
    {IX_OP_things_list,
        "iots things\n"
        "iots things list --property temperature=gt:20 --sort=-created --max 10\n"
        "iots things list --category Boilers --json\n"
        "iots things list --columns title,status.temperature --watch 2s"},
    {IX_OP_things_patch, "iots things patch --body @patches.json # [{\"id\": ..., \"patch\": [...]}]"},
    {IX_OP_things_delete, "iots things delete --in Boilers --property target=null"},
    {IX_OP_thing_get, "iots thing get " THING "\niots thing get 01GQ2E9M --json\niots thing get --title 'Boiler 7'"},
    {IX_OP_thing_update, "iots thing update " THING " --body @boiler.json"},
    {IX_OP_thing_patch,
        "iots thing patch " THING " title='Boiler 8'\n"
        "iots thing patch " THING " --body '[{\"op\": \"remove\", \"path\": \"/events/dry\"}]'"},
    {IX_OP_thing_delete, "iots thing delete " THING "\niots thing delete --title 'Boiler 7'"},
    {IX_OP_thing_reset_secret, "iots thing reset-secret " THING " # its own client: ID and secret"},
    {IX_OP_properties_get, "iots properties get " THING},
    {IX_OP_properties_update, "iots properties update " THING " target=21.5 mode=auto"},
    {IX_OP_property_get, "iots property get " THING " temperature"},
    {IX_OP_property_update,
        "iots property update " THING " target 21.5\n"
        "iots property update " THING " target 21.5 --update-history=false # not in the history"},
    {IX_OP_history_create, "iots history create " THING " at=2025-03-04T05:06:07Z temperature=21.5"},
    {IX_OP_history_list, "iots history list " THING " --at '2025-03|2025-04' --group"},
    {IX_OP_history_delete, "iots history delete " THING " --at '|2024' # all before 2024"},
    {IX_OP_property_history_create,
        "iots property-history create " THING " temperature at=2025-03-04T05:06:07Z 21.5"},
    {IX_OP_property_history_list,
        "iots property-history list " THING " temperature --max 100\n"
        "iots property-history list --title 'Boiler 7' temperature --csv > temperature.csv"},
    {IX_OP_property_history_delete, "iots property-history delete " THING " temperature --at '|2024' # all before 2024"},
    {IX_OP_all_actions_list, "iots all-actions list " THING},
    {IX_OP_actions_create,
        "iots actions create " THING " flush seconds=5\n"
        "iots actions create " THING " flush # without input"},
    {IX_OP_actions_list,
        "iots actions list " THING " flush\n"
        "iots actions list " THING " # of all actions"},
    {IX_OP_action_update,
        "iots action update " THING " flush 01JM2QHX6S0T1V2W3X4Y5Z6A7B status=completed"},
    {IX_OP_action_get, "iots action get " THING " flush 01JM2QHX6S0T1V2W3X4Y5Z6A7B"},
    {IX_OP_action_delete, "iots action delete " THING " flush 01JM2QHX6S0T1V2W3X4Y5Z6A7B"},
    {IX_OP_all_events_list, "iots all-events list " THING},
    {IX_OP_events_list, "iots events list " THING " dry\niots events list " THING " --csv # of all events"},
    {IX_OP_event_get, "iots event get " THING " dry 01JM2QHX6S0T1V2W3X4Y5Z6A7B"},
    {IX_OP_event_delete, "iots event delete " THING " dry 01JM2QHX6S0T1V2W3X4Y5Z6A7B"},
    {IX_OP_events_create, "iots events create " THING " dry 12.5"},
    {IX_OP_category_mqtt_create, "iots category-mqtt create Boilers"},
    {IX_OP_category_mqtt_get, "iots category-mqtt get Boilers"},
    {IX_OP_category_mqtt_update, "iots category-mqtt update Boilers # a new password"},
    {IX_OP_category_mqtt_delete, "iots category-mqtt delete Boilers"},
    {IX_OP_thing_mqtt_create, "iots thing-mqtt create " THING " username=boiler7"},
    {IX_OP_thing_mqtt_get, "iots thing-mqtt get " THING},
    {IX_OP_thing_mqtt_update, "iots thing-mqtt update " THING " # a new password"},
    {IX_OP_thing_mqtt_delete, "iots thing-mqtt delete " THING},
    {IX_OP_query_create,
        "iots query create 'FOR t IN things FILTER t.status.temperature > 20 RETURN t.title'"},
    {IX_OP_query_next, "iots query next 42 # the ID of a query that has more"},
    {IX_OP_email_send,
        "iots email send to='[\"ops@example.org\"]' subject='Boiler 7 is dry' body='{\"text\": \"Go and look.\"}'"},
    {IX_OP_health_get, "iots health get\niots health get --watch 10s --jsonl"},
    {IX_OP_openapi_get, "iots openapi get --json > openapi.json"},
};
// clang-format on

const char *operation_examples(const ix_op *op)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        if (examples[i].op == ix_op_index(op))
            return examples[i].lines;
    }
    return NULL;
}

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
        const bool is_many = ix_op_index(op) == IX_OP_things_patch;
        ok = (is_many ? many_print(session, body) : document_print(session, op->reply, body)) ||
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
    if (ix_op_index(request.op) == IX_OP_query_create)
        return query_run(session, &request);
    return call_run(session, &request);
}
