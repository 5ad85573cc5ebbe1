/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"

#include "base/test.h"
#include "client/fake_transport_test.h"

#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

/* ---- where requests go ---- */

TEST("an address becomes a path, with every name encoded")
{
    fake fake = FAKE(SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_space farm = fake_farm(&fake);
    iots_thing one = iots_category_thing(iots_space_category(farm, "Boilers"), THING);
    CHECK_INT(code_of(iots_thing_get(iots_space_thing(farm, THING), NULL)), IOTS_OK);
    CHECK_INT(code_of(iots_property_get(one, "a b\"\xC3\xA9?", NULL)), IOTS_OK);
    CHECK_INT(code_of(iots_action_get(one, "flush", THING, NULL)), IOTS_OK);
    CHECK_TEXT(asked(&fake, 0), "GET http://iots.test/spaces/farm/things/" THING);
    CHECK_TEXT(asked(&fake, 1), "GET http://iots.test/spaces/farm/categories/Boilers/things/" THING
                                "/properties/a%20b%22%C3%A9%3F");
    CHECK_TEXT(asked(&fake, 2), "GET http://iots.test/spaces/farm/categories/Boilers/things/" THING
                                "/actions/flush/" THING);
    fake_done(&fake);
}

TEST("a missing or treacherous name is refused before anything is sent")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_space farm = fake_farm(&fake);
    iots_things in_none = iots_category_things(iots_space_category(farm, NULL));
    CHECK_INT(code_of(iots_thing_get(iots_space_thing(farm, NULL), NULL)), IOTS_USAGE);
    CHECK_INT(code_of(iots_thing_delete(iots_space_thing(farm, ".."), NULL)), IOTS_USAGE);
    CHECK_INT(code_of(iots_thing_delete(iots_space_thing(farm, ""), NULL)), IOTS_USAGE);
    CHECK_INT(code_of(iots_things_delete(in_none, NULL)), IOTS_USAGE);
    CHECK_INT(code_of(iots_event_get(iots_space_thing(farm, THING), NULL, THING, NULL)),
              IOTS_USAGE);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}

TEST("without an API at the root, a call says so")
{
    iots_reply *reply = iots_thing_get((iots_thing){NULL, "farm", NULL, THING}, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
    CHECK_TEXT(iots_error(reply), "API instance is missing");
    iots_reply_free(reply);
}

TEST("parameters are encoded, may be repeated, and go after those of the operation")
{
    fake fake = FAKE(SAYS(204, NULL));
    iots_thing thing = iots_space_thing(fake_farm(&fake), THING);
    iots_reply_free(iots_history_delete(
        thing, NULL, "2025-03|2025-04",
        IOTS_CALL(.params = IOTS_PARAMS({"property_name[]", "a b"}, {"none", NULL},
                                        {"property_name[]", "c+d"}))));
    CHECK_TEXT(asked(&fake, 0), "DELETE http://iots.test/spaces/farm/things/" THING
                                "/properties-history?at=2025-03%7C2025-04"
                                "&property_name%5B%5D=a%20b&property_name%5B%5D=c%2Bd");
    fake_done(&fake);
}

TEST("any operation can be called by its name: parameters fill the path, the rest is the query")
{
    fake fake = FAKE(SAYS(200, "{\"data\": []}"), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_api *api = fake_api(&fake);
    iots_reply_free(iots_api_call(api, "things_list",
                                  IOTS_PARAMS({"space", "farm"}, {"category", "Boilers"},
                                              {"model", "M"}, {"property:t", "gt:20"}),
                                  iots_none(), NULL));
    iots_reply_free(iots_api_call(api, "model_get", IOTS_PARAMS({"space", "farm"}, {"model", "M"}),
                                  iots_none(), NULL));
    iots_reply_free(iots_api_call(
        api, "property_update", IOTS_PARAMS({"space", "farm"}, {"thing", THING}, {"property", "t"}),
        iots_raw("{\"t\":1}"), IOTS_CALL(.params = IOTS_PARAMS({"update_history", "false"}))));
    CHECK_TEXT(asked(&fake, 0), "GET http://iots.test/spaces/farm/categories/Boilers/things"
                                "?model=M&property%3At=gt%3A20");
    CHECK_TEXT(asked(&fake, 1), "GET http://iots.test/spaces/farm/models/M");
    CHECK_TEXT(asked(&fake, 2), "PUT http://iots.test/spaces/farm/things/" THING
                                "/properties/t?update_history=false");

    iots_reply *unknown = iots_api_call(api, "things_fly", NULL, iots_none(), NULL);
    CHECK_INT(iots_reply_code(unknown), IOTS_USAGE);
    CHECK_TEXT(iots_error(unknown), "there is no operation 'things_fly'");
    iots_reply_free(unknown);
    fake_done(&fake);
}

/* ---- what they carry ---- */

/* The body that a property's update sends for a value. */
static const char *update_of(fake *fake, iots_value value)
{
    iots_thing thing = iots_space_thing(fake_farm(fake), THING);
    iots_reply_free(iots_property_update(thing, "t", value, NULL));
    return sent_body(fake, 0);
}

TEST("a value keeps its type on the way out")
{
    const struct {
        iots_value value;
        const char *body;
    } table[] = {
        {iots_number(5.7), "{\"t\":5.7}"},
        {iots_number(5), "{\"t\":5.0}"},
        {iots_integer(1), "{\"t\":1}"},
        {iots_integer(INT64_MIN), "{\"t\":-9223372036854775808}"},
        {iots_bool(false), "{\"t\":false}"},
        {iots_text("on"), "{\"t\":\"on\"}"},
        {iots_text("5"), "{\"t\":\"5\"}"},
        {iots_text("\"\\\n\xC3\xA9"), "{\"t\":\"\\\"\\\\\\n\xC3\xA9\"}"},
        {iots_null(), "{\"t\":null}"},
        {iots_text(NULL), "{\"t\":null}"},
        {iots_raw(" [1, {\"a\": 2}] "), "{\"t\":[1,{\"a\":2}]}"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fake fake = FAKE(SAYS(200, "{}"));
        CHECK_TEXT(update_of(&fake, table[i].value), table[i].body);
        fake_done(&fake);
    }
}

TEST("a value that cannot be JSON is refused before anything is sent")
{
    const struct {
        iots_value value;
        const char *sentence;
    } table[] = {
        {iots_number(1e308 * 10), "a number that is not finite cannot be sent"},
        {iots_text("\xFF"), "a text that is not UTF-8 cannot be sent"},
        {iots_none(), "property 't': a value is missing"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fake fake = FAKE(SAYS(200, "{}"));
        iots_thing thing = iots_space_thing(fake_farm(&fake), THING);
        iots_reply *reply = iots_property_update(thing, "t", table[i].value, NULL);
        CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
        CHECK_TEXT(iots_error(reply), table[i].sentence);
        CHECK_INT(fake.count, 0);
        iots_reply_free(reply);
        fake_done(&fake);
    }
}

TEST("names with a quote, a slash or a tilde stay whole in the body")
{
    fake fake = FAKE(SAYS(200, "{}"), SAYS(201, "{}"), SAYS(200, "{}"), SAYS(201, "{}"));
    iots_thing thing = iots_space_thing(fake_farm(&fake), THING);
    iots_reply_free(iots_property_update(thing, "a\"b~c/d", iots_integer(1), NULL));
    iots_reply_free(iots_actions_create(thing, "-", iots_none(), NULL));
    iots_reply_free(iots_action_update(thing, "x~1", THING, "completed", iots_number(2.5), NULL));
    iots_reply_free(iots_events_create(thing, "dry", iots_null(), NULL));
    CHECK_TEXT(sent_body(&fake, 0), "{\"a\\\"b~c/d\":1}");
    CHECK_TEXT(sent_body(&fake, 1), "{\"-\":{}}");
    CHECK_TEXT(sent_body(&fake, 2), "{\"x~1\":{\"status\":\"completed\",\"output\":2.5}}");
    CHECK_TEXT(sent_body(&fake, 3), "{\"dry\":{\"data\":null}}");
    fake_done(&fake);
}

TEST("each operation has its content type, and the program's own wins")
{
    fake fake = FAKE(SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_thing thing = iots_space_thing(fake_farm(&fake), THING);
    const iots_param merge[] = {{"content-type", "application/merge-patch+json"}, {NULL, NULL}};
    const iots_param charset[] = {{"Content-Type", "Application/JSON; charset=utf-8"},
                                  {NULL, NULL}};
    iots_reply_free(iots_thing_update(thing, iots_raw("{}"), NULL));
    iots_reply_free(iots_thing_patch(thing, iots_raw("[]"), NULL));
    iots_reply_free(
        iots_thing_patch(thing, iots_raw("{ not checked"), IOTS_CALL(.headers = merge)));
    iots_reply_free(iots_thing_update(thing, iots_raw("{}"), IOTS_CALL(.headers = charset)));
    CHECK(sent_header(&fake, 0, "Content-Type: application/json"));
    CHECK(sent_header(&fake, 1, "Content-Type: application/json-patch+json"));
    CHECK(sent_header(&fake, 2, "content-type: application/merge-patch+json"));
    CHECK_TEXT(sent_body(&fake, 2), "{ not checked");
    CHECK(sent_header(&fake, 3, "Content-Type: Application/JSON; charset=utf-8"));
    CHECK_TEXT(merge[0].value, "application/merge-patch+json"); /* and nobody touched the list */
    fake_done(&fake);
}

TEST("text given as JSON is sent to the byte, but must be JSON")
{
    fake fake = FAKE(SAYS(201, "{}"));
    iots_space farm = fake_farm(&fake);
    iots_reply_free(iots_categories_create(farm, iots_raw("{ \"n\":  1.50 }"), NULL));
    CHECK_TEXT(sent_body(&fake, 0), "{ \"n\":  1.50 }");

    iots_reply *bad = iots_categories_create(farm, iots_raw("{ oops"), NULL);
    CHECK_INT(iots_reply_code(bad), IOTS_USAGE);
    CHECK(strstr(iots_error(bad), "Unexpected data format: line 1"));
    CHECK_INT(fake.count, 1);
    iots_reply_free(bad);
    CHECK_INT(code_of(iots_categories_create(farm, iots_none(), NULL)), IOTS_USAGE);
    fake_done(&fake);
}

TEST("an optional body may be missing")
{
    fake fake = FAKE(SAYS(201, "{}"), SAYS(201, "{}"));
    iots_thing thing = iots_space_thing(fake_farm(&fake), THING);
    CHECK_INT(code_of(iots_thing_mqtt_create(thing, iots_none(), NULL)), IOTS_OK);
    CHECK_INT(code_of(iots_thing_reset_secret(thing, NULL)), IOTS_OK);
    CHECK_TEXT(sent_body(&fake, 0), "");
    CHECK(!strstr(fake.headers[0], "Content-Type"));
    fake_done(&fake);
}

/* ---- what comes back ---- */

/* The reply to "GET a Category" if the server answers so. */
static iots_reply *reply_to(fake *fake)
{
    iots_category boilers = iots_space_category(fake_farm(fake), "Boilers");
    iots_reply *reply = iots_category_get(boilers, NULL);
    fake_done(fake);
    return reply;
}

TEST("a good answer is its body, and the raw answer is there as well")
{
    fake fake =
        FAKE(SAYS_WITH(200, "{\"name\": \"Boilers\", \"n\": 7}", .header = {"X-Trace", "abc"}));
    iots_reply *reply = reply_to(&fake);
    CHECK(iots_ok(reply));
    CHECK_TEXT(iots_error(reply), "");
    CHECK_TEXT(iots_error_report(reply), "");
    CHECK_TEXT(iots_json_string(iots_reply_body(reply), "/name"), "Boilers");
    CHECK_INT(iots_json_integer(iots_reply_body(reply), "/n", 0), 7);
    CHECK_INT(iots_reply_status(reply), 200);
    CHECK_TEXT(iots_reply_header(reply, "x-trace"), "abc");
    CHECK(!iots_reply_header(reply, "X-Other"));
    size_t size;
    CHECK_TEXT(iots_reply_bytes(reply, &size), "{\"name\": \"Boilers\", \"n\": 7}");
    CHECK_INT(size, 27);
    CHECK_TEXT(iots_reply_method(reply), "GET");
    CHECK_TEXT(iots_reply_url(reply), "http://iots.test/spaces/farm/categories/Boilers");
    CHECK_INT(iots_reply_requests(reply), 1);
    CHECK(iots_reply_elapsed_us(reply) >= 0);
    iots_reply_free(reply);
}

TEST("a refusal says what, where and why")
{
    fake fake = FAKE(SAYS(400, JSON({
                              "error" : {
                                  "status" : 400,
                                  "message" : "malformed body",
                                  "details" : {"field" : "name", "reason" : "required"}
                              }
                          })));
    iots_reply *reply = reply_to(&fake);
    CHECK_INT(iots_reply_code(reply), IOTS_INVALID);
    CHECK_INT(iots_reply_status(reply), 400);
    CHECK_TEXT(iots_error(reply), "malformed body");
    CHECK_TEXT(iots_error_field(reply), "name");
    CHECK_TEXT(iots_error_reason(reply), "required");
    CHECK_TEXT(iots_json_string(iots_error_details(reply), "/reason"), "required");
    CHECK_TEXT(iots_error_report(reply),
               "GET /spaces/farm/categories/Boilers: 400 malformed body (name: required)");
    iots_reply_free(reply);
}

TEST("the report of a patch that failed names the operation")
{
    fake fake = FAKE(SAYS(
        400, JSON({
            "error" : {
                "status" : 400,
                "message" : "path not found",
                "details" :
                    {"index" : 2, "op" : "remove", "path" : "/nope", "reason" : "path not found"}
            }
        })));
    iots_reply *reply = reply_to(&fake);
    CHECK_TEXT(iots_error_report(reply), "GET /spaces/farm/categories/Boilers: 400 path not found "
                                         "(operation 2: remove /nope)");
    iots_reply_free(reply);
}

TEST("no refusal loses what the server said, whatever its status and content type")
{
    static const char body[] = "{\"error\": {\"status\": 0, \"message\": \"because\"}}";
    static const struct {
        const char *type;
        int status;
        iots_code code;
    } cases[] = {
        {NULL, 400, IOTS_INVALID},          {"", 401, IOTS_UNAUTHENTICATED},
        {"text/html", 403, IOTS_FORBIDDEN}, {NULL, 404, IOTS_NOT_FOUND},
        {NULL, 409, IOTS_CONFLICT},         {NULL, 413, IOTS_TOO_LARGE},
        {NULL, 418, IOTS_UNEXPECTED},       {NULL, 429, IOTS_TOO_MANY},
        {"", 503, IOTS_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = FAKE(SAYS_WITH(cases[i].status, body, .type = cases[i].type));
        iots_thing thing = iots_space_thing(fake_farm(&fake), THING);
        iots_reply *reply = iots_thing_delete(thing, NULL); /* which expects no body at all */
        CHECK_INT(iots_reply_code(reply), cases[i].code);
        CHECK_TEXT(iots_error(reply), "because");
        CHECK_INT(iots_reply_status(reply), cases[i].status);
        iots_reply_free(reply);
        fake_done(&fake);
    }
}

TEST("a refusal without words has the words of its status")
{
    static const struct {
        answer answer;
        const char *sentence;
    } cases[] = {
        {SAYS(404, NULL), "Item not found"},
        {SAYS_WITH(503, "<html>", .type = "text/html"), "Service unavailable"},
        {SAYS(418, NULL), "Unexpected response status code (418)"},
        {SAYS(400, "{\"error\": \"invalid_client\"}"), "invalid_client"},
        {SAYS(401, "{\"error\": \"invalid_client\", \"error_description\": \"no such client\"}"),
         "no such client (invalid_client)"},
        {SAYS(500, "[1]"), "Something went wrong"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = {.answers = {cases[i].answer}};
        iots_reply *reply = reply_to(&fake);
        CHECK(!iots_ok(reply));
        CHECK_TEXT(iots_error(reply), cases[i].sentence);
        iots_reply_free(reply);
    }
}

TEST("a success that is not what was agreed is a failure")
{
    static const struct {
        answer answer;
        iots_code code;
        const char *sentence;
    } cases[] = {
        {SAYS_WITH(200, "{}", .type = "text/plain"), IOTS_UNEXPECTED,
         "Unexpected response content type (text/plain)"},
        {SAYS_WITH(200, "{", .type = NULL), IOTS_PARSE, NULL},
        {SAYS(200, NULL), IOTS_PARSE, "The answer is empty, where JSON was expected"},
        {SAYS(304, NULL), IOTS_UNEXPECTED, "Unexpected response status code (304)"},
        {FAILS(IOTS_TRANSPORT), IOTS_TRANSPORT, "it did not work"},
        {FAILS(IOTS_TIMEOUT), IOTS_TIMEOUT, "it did not work"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake fake = {.answers = {cases[i].answer}};
        iots_reply *reply = reply_to(&fake);
        CHECK_INT(iots_reply_code(reply), cases[i].code);
        if (cases[i].sentence)
            CHECK_TEXT(iots_error(reply), cases[i].sentence);
        CHECK_INT(iots_reply_status(reply), cases[i].answer.status);
        iots_reply_free(reply);
    }
}

TEST("another success of the same kind is taken, with or without a content type")
{
    static const answer answers[] = {
        SAYS_WITH(201, "{\"a\": 1}", .type = NULL),
        SAYS_WITH(200, "{\"a\": 1}", .type = ""),
        SAYS_WITH(200, "{\"a\": 1}", .type = "application/td+json"),
        SAYS_WITH(200, "{\"a\": 1}", .type = "application/json; charset=utf-8"),
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        fake fake = {.answers = {answers[i]}};
        iots_reply *reply = reply_to(&fake);
        CHECK(iots_ok(reply));
        CHECK_INT(iots_json_integer(iots_reply_body(reply), "/a", 0), 1);
        iots_reply_free(reply);
    }
}

TEST("an answer larger than allowed is refused")
{
    fake fake = FAKE(SAYS(200, "{\"a\": \"0123456789\"}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){.reply_max_bytes = 10});
    iots_reply *reply = iots_health_get(api, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_UNEXPECTED);
    CHECK_TEXT(iots_error(reply), "The answer is larger than 10 bytes");
    iots_reply_free(reply);
    fake_done(&fake);
}

/* ---- requests of one's own ---- */

TEST("make_request takes a path or a full URL of the same host, and encodes what has to be")
{
    fake fake = FAKE(SAYS_WITH(200, "x", .type = "text/plain"), SAYS(200, NULL), SAYS(200, NULL),
                     SAYS(404, "{}"));
    iots_api *api = fake_api_with(&fake, (iots_api_opts){.host = "http://iots.test:80/base//"});
    iots_api_set_token(api, "t");
    iots_reply *reply = iots_api_request(api, "GET", "/a b?c=d", iots_none(), NULL);
    CHECK(iots_ok(reply));
    CHECK(!iots_reply_body(reply));
    CHECK_TEXT(iots_reply_bytes(reply, NULL), "x");
    iots_reply_free(reply);
    iots_reply_free(iots_api_request(api, "OPTIONS", "HTTP://IOTS.test/x?a=1", iots_none(),
                                     IOTS_CALL(.params = IOTS_PARAMS({"b", "2"}))));
    iots_reply_free(iots_api_request(api, "POST", "//evil.test/x", iots_bytes("\0\1", 2), NULL));
    CHECK_INT(code_of(iots_api_request(api, "PUT", "/x", iots_integer(1), NULL)), IOTS_NOT_FOUND);
    CHECK_TEXT(asked(&fake, 0), "GET http://iots.test:80/base/a%20b?c=d");
    CHECK_TEXT(asked(&fake, 1), "OPTIONS http://iots.test:80/x?a=1&b=2");
    CHECK_TEXT(asked(&fake, 2), "POST http://iots.test:80/base//evil.test/x");
    CHECK(!strstr(fake.headers[2], "Content-Type"));
    CHECK(sent_header(&fake, 3, "Content-Type: application/json"));
    CHECK_TEXT(sent_body(&fake, 3), "1");
    fake_done(&fake);
}

TEST("another host is refused before anything, the token above all, is sent")
{
    static const char *const elsewhere[] = {
        "https://iots.test/x",
        "http://iots.test:8080/x",
        "http://evil.test/x",
        "http://iots.test@evil.test",
        "ftp://iots.test/",
        "iots.test/x",
        "http://iots.test.evil.test",
        "http://iots.test\\@evil.test/",
        "",
    };
    fake fake = FAKE(SAYS(200, NULL));
    iots_api *api = fake_api(&fake);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        CHECK_INT(code_of(iots_api_request(api, "GET", elsewhere[i], iots_none(), NULL)),
                  IOTS_USAGE);
    CHECK_INT(code_of(iots_api_request(api, "get", "/", iots_none(), NULL)), IOTS_USAGE);
    CHECK_INT(code_of(iots_api_request(api, "TRACE", "/", iots_none(), NULL)), IOTS_USAGE);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}

TEST("a header cannot be used to write another one")
{
    fake fake = FAKE(SAYS(200, NULL));
    iots_api *api = fake_api(&fake);
    CHECK_INT(code_of(iots_api_request(api, "GET", "/", iots_none(),
                                       IOTS_CALL(.headers = IOTS_PARAMS({"X-A", "1\r\nX-B: 2"})))),
              IOTS_USAGE);
    CHECK_INT(code_of(iots_api_request(api, "GET", "/", iots_none(),
                                       IOTS_CALL(.headers = IOTS_PARAMS({"X: A", "1"})))),
              IOTS_USAGE);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}

TEST("options without a size, or from the future, are refused")
{
    fake fake = FAKE(SAYS(200, NULL));
    iots_api *api = fake_api(&fake);
    const iots_call_opts unstamped = {.timeout_ms = 1};
    CHECK_INT(code_of(iots_health_get(api, &unstamped)), IOTS_USAGE);

    struct {
        iots_call_opts now;
        int lazy;
    } newer = {.now = {.size = sizeof newer}, .lazy = 1};
    iots_reply *reply = iots_health_get(api, &newer.now);
    CHECK_TEXT(iots_error(reply), "iots_call_opts: this library is too old for an option in it");
    iots_reply_free(reply);
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
}

TEST("options of an older program are taken, what it does not know is as usual")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_api *api = fake_api(&fake);
    iots_call_opts older = {.size = offsetof(iots_call_opts, timeout_ms), .timeout_ms = 77};
    CHECK_INT(code_of(iots_health_get(api, &older)), IOTS_OK);
    CHECK_INT(fake.last.read_timeout_ms, 3000);
    fake_done(&fake);
}

TEST("timeouts and the checking of certificates: of the call, else of the API, else the usual")
{
    fake fake = FAKE(SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"), SAYS(200, "{}"));
    iots_api *api = fake_api_with(
        &fake, (iots_api_opts){.timeout_ms = 5000, .connect_timeout_ms = 700, .ca_file = "/ca"});
    iots_reply_free(iots_health_get(api, NULL));
    CHECK_INT(fake.last.read_timeout_ms, 5000);
    CHECK_INT(fake.last.connect_timeout_ms, 700);
    CHECK(fake.last.verify);

    iots_reply_free(iots_health_get(api, IOTS_CALL(.timeout_ms = 200, .verify = IOTS_NO)));
    CHECK_INT(fake.last.read_timeout_ms, 200);
    CHECK_INT(fake.last.connect_timeout_ms, 200);
    CHECK(!fake.last.verify);

    iots_reply_free(iots_health_get(api, IOTS_CALL(.timeout_ms = IOTS_NO_LIMIT)));
    CHECK_INT(fake.last.read_timeout_ms, 0);
    CHECK_INT(fake.last.connect_timeout_ms, 0);

    iots_reply_free(iots_health_get(api, IOTS_CALL(.connect_timeout_ms = IOTS_NO_LIMIT)));
    CHECK_INT(fake.last.read_timeout_ms, 5000);
    CHECK_INT(fake.last.connect_timeout_ms, 0);
    fake_done(&fake);
}
