/* SPDX-License-Identifier: Apache-2.0 */
/* What each operation that writes adds to the feed of changes. */
#include "api/api_test.h"
#include "api/run.h"

/* What one good call of the operation changes. NULL in `method`: it changes nothing that is followed; its
 * handlers write no Thing, value, action or event. */
static const struct row {
    ix_op_id op;
    const char *method, *target, *body, *feed;
} rows[] = {
    {IX_OP_categories_create, "POST", "/spaces/farm/categories", "{\"name\":\"Pumps\"}", ""},
    {IX_OP_category_update, "PUT", "/spaces/farm/categories/Pumps",
     "{\"name\":\"Pumps\",\"description\":\"x\"}", ""},
    {IX_OP_models_create, "POST", "/spaces/farm/models", "{\"name\":\"M\"}", ""},
    {IX_OP_model_update, "PUT", "/spaces/farm/models/M", "{\"name\":\"M\",\"description\":\"x\"}",
     ""},
    {IX_OP_versions_create, NULL, NULL, NULL, NULL},
    {IX_OP_model_delete, "DELETE", "/spaces/farm/models/M", NULL, ""},
    {IX_OP_things_create, "POST", "/spaces/farm/things",
     "{\"title\":\"new\",\"properties\":{\"a\":{}},"
     "\"status\":{\"a\":1}}",
     "thing-created properties"},
    {IX_OP_thing_update, "PUT", "$",
     "{\"title\":\"t\",\"categories\":[\"Pumps\"],"
     "\"properties\":{\"a\":{},\"b\":{}},\"actions\":{\"go\":{}},\"events\":{\"dry\":{}}}",
     "thing-updated"},
    {IX_OP_thing_patch, "PATCH", "$", "{\"title\":\"u\"}", "thing-updated"},
    {IX_OP_properties_update, "PUT", "$/properties", "{\"a\":1,\"b\":2}", "properties"},
    {IX_OP_property_update, "PUT", "$/properties/a", "{\"a\":1}", "properties"},
    {IX_OP_history_create, "POST", "$/properties-history",
     "{\"at\":\"2020-01-01T00:00:00Z\",\"properties\":{\"a\":1}}", ""},
    {IX_OP_history_delete, "DELETE", "$/properties-history?at=2019", NULL, ""},
    {IX_OP_property_history_create, NULL, NULL, NULL, NULL},
    {IX_OP_property_history_delete, "DELETE", "$/properties-history/a?at=2019", NULL, ""},
    {IX_OP_actions_create, "POST", "$/actions/go", "{\"go\":{\"input\":1}}", "action"},
    {IX_OP_action_update, "PUT", "@", "{\"go\":{\"status\":\"running\"}}", "action"},
    {IX_OP_action_delete, "DELETE", "@", NULL, "action-gone"},
    {IX_OP_events_create, "POST", "$/events/dry", "{\"dry\":{\"data\":1}}", "event"},
    {IX_OP_event_delete, "DELETE", "@", NULL, ""},
    {IX_OP_category_delete, "DELETE", "/spaces/farm/categories/Pumps", NULL, "thing-updated"},
    {IX_OP_things_patch, "PATCH", "/spaces/farm/things", "#", "thing-updated properties"},
    {IX_OP_thing_delete, "DELETE", "$", NULL, "thing-deleted"},
    {IX_OP_things_delete, "DELETE", "/spaces/farm/things?property:a=eq:1", NULL, "thing-deleted"},
    {IX_OP_thing_reset_secret, NULL, NULL, NULL, NULL},
    {IX_OP_category_mqtt_create, NULL, NULL, NULL, NULL},
    {IX_OP_category_mqtt_update, NULL, NULL, NULL, NULL},
    {IX_OP_category_mqtt_delete, NULL, NULL, NULL, NULL},
    {IX_OP_thing_mqtt_create, NULL, NULL, NULL, NULL},
    {IX_OP_thing_mqtt_update, NULL, NULL, NULL, NULL},
    {IX_OP_thing_mqtt_delete, NULL, NULL, NULL, NULL},
    {IX_OP_query_create, NULL, NULL, NULL, NULL},
    {IX_OP_query_next, NULL, NULL, NULL, NULL},
    {IX_OP_email_send, NULL, NULL, NULL, NULL},
    {IX_OP_token_create, NULL, NULL, NULL, NULL},
    {IX_OP_token_revoke, NULL, NULL, NULL, NULL},
    {IX_OP_login_submit, NULL, NULL, NULL, NULL},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

TEST("every operation that writes says what it changes")
{
    for (size_t op = 0; op < IX_OP_COUNT; op++) {
        size_t found = 0;
        for (size_t i = 0; i < ROWS; i++)
            found += (size_t)rows[i].op == op;
        if (found != run_writes(run_of(&ix_ops[op])))
            print_error("the table of changes_test.c needs one row for %s %s if it writes\n",
                        "operation", ix_ops[op].path);
        CHECK_INT(found, run_writes(run_of(&ix_ops[op])));
    }
}

TEST("after every operation that writes the feed has what changed, with rising numbers")
{
    farm(cx);
    const char *thing = "", *interaction = "";
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        if (!row->method)
            continue;
        const char *target = *row->target == '$'   ? path_to(thing, row->target + 1)
                             : *row->target == '@' ? interaction
                                                   : row->target;
        const char *body = row->body;
        if (body && *body == '#')
            body = ix_format(cx,
                             "[{\"id\":\"%s\",\"patch\":[{\"op\":\"replace\",\"path\":\"/"
                             "title\",\"value\":\"v\"},"
                             "{\"op\":\"replace\",\"path\":\"/status/a\",\"value\":3}]}]",
                             strrchr(thing, '/') + 1);
        if (row->op == IX_OP_things_delete)
            thing_made("{\"title\":\"w\",\"properties\":{\"a\":{}},\"status\":{\"a\":1}}");
        const answer answer = ask(row->method, target, body);
        if (answer.status >= 300 || strcmp(answer.feed, row->feed) != 0)
            print_error("%s %s: %d %s\n", row->method, target, answer.status, answer.text);
        CHECK(answer.status < 300);
        CHECK_TEXT(answer.feed, row->feed);
        if (row->op == IX_OP_things_create)
            thing = text_at(answer, "/href");
        if (row->op == IX_OP_actions_create)
            interaction = text_at(answer, "/go/href");
        if (row->op == IX_OP_events_create)
            interaction = text_at(answer, "/dry/href");
    }
}

TEST("a call that is refused changes nothing, and no number is given twice after a restart")
{
    farm(cx);
    const char *thing = thing_made("{\"title\":\"t\",\"properties\":{\"a\":{}}}");
    CHECK_TEXT(ask("PUT", path_to(thing, "/properties/b"), "{\"b\":1}").feed, "");
    const int64_t last = world.last_number;
    store_close(world.store);
    CHECK_OK(cx, store_open(cx, world.url, STORE_WRITE, &world.store));
    CHECK_OK(cx, store_note_changes(cx, world.store));
    CHECK_TEXT(ask("PUT", path_to(thing, "/properties/a"), "{\"a\":1}").feed, "properties");
    CHECK(world.last_number > last);
}
