/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "talk.h"

static const talk_step *only_step(ix_ctx *cx, const char *text)
{
    const talk *talk = talk_parse(cx, "x.talk", text);
    CHECK_OK(cx, talk != NULL);
    CHECK_INT(talk->count, 1);
    return &talk->steps[0];
}

TEST("a call has a request and the answer to it")
{
    const talk_step *step = only_step(cx, "PUT /spaces/farm/x?y=1\n"
                                          "Content-Type: text/plain\n"
                                          "Authorization:\n"
                                          "\n"
                                          "{ \"a\":\n"
                                          "\n"
                                          "  1 }\n"
                                          "400\n"
                                          "Allow: <nonempty>\n"
                                          "{ \"error\": {} }\n"
                                          "\n");
    CHECK_INT(step->kind, TALK_CALL);
    CHECK_INT(step->line, 1);
    CHECK_TEXT(step->method, "PUT");
    CHECK_TEXT(step->target, "/spaces/farm/x?y=1");
    CHECK_INT(step->header_count, 2);
    CHECK_TEXT(step->headers[0].value, "text/plain");
    CHECK_TEXT(step->headers[1].value, "");
    CHECK_TEXT(step->body, "\n{ \"a\":\n\n  1 }");
    CHECK_INT(step->status, 400);
    CHECK_TEXT(step->answer_headers[0].name, "Allow");
    CHECK_TEXT(step->answer, "{ \"error\": {} }");
    CHECK(!step->exactly);
}

TEST("an answer may be a page, of which only some is reported")
{
    const talk_step *step =
        only_step(cx, "GET /oauth2/auth\n400\nholding <h1>No</h1>\nholding x\n");
    CHECK(step->holding && !step->exactly);
    CHECK_TEXT(step->answer, "holding <h1>No</h1>\nholding x");
}

TEST("a call may have no body, and its answer none")
{
    const talk_step *step = only_step(cx, "DELETE /spaces/farm/things/$boiler\n204");
    CHECK(!step->body);
    CHECK(!step->answer);
    CHECK_INT(step->status, 204);
}

TEST("sentences, settings, commands and what is kept")
{
    const talk *talk = talk_parse(cx, "x.talk",
                                  "with IOTSD_BODY_LIMIT=1KiB\n"
                                  "# One sentence\n"
                                  "# on two lines.\n"
                                  "\n"
                                  "GET /health\n200\n\"<any>\"\n-> status /status\n"
                                  "$ iotsd space add barn\n"
                                  "GET /healthz\n200\nexactly {\"status\":\"ok\"}\n");
    CHECK_OK(cx, talk != NULL);
    CHECK_INT(talk->setting_count, 1);
    CHECK_TEXT(talk->settings[0], "IOTSD_BODY_LIMIT=1KiB");
    CHECK_INT(talk->count, 5);
    CHECK_TEXT(talk->steps[0].text, "One sentence on two lines.");
    CHECK_TEXT(talk->steps[1].answer, "\"<any>\"");
    CHECK_TEXT(talk->steps[2].name, "status");
    CHECK_TEXT(talk->steps[2].text, "/status");
    CHECK_TEXT(talk->steps[3].text, "$ iotsd space add barn");
    CHECK(talk->steps[4].exactly);
    CHECK_TEXT(talk->steps[4].answer, "{\"status\":\"ok\"}");
}

TEST("what is not understood is reported with its place")
{
    CHECK(!talk_parse(cx, "x.talk", "# Fine.\n\nhello\n"));
    CHECK_TEXT(cx->error.message, "x.talk:3: this line is not understood");
}

TEST("a call without a status is refused")
{
    CHECK(!talk_parse(cx, "x.talk", "GET /health\n\n"));
    CHECK_TEXT(cx->error.message, "x.talk:2: expected the status of the answer");
}

TEST("a setting after the first call is refused")
{
    CHECK(!talk_parse(cx, "x.talk", "GET /health\n200\n\"<any>\"\nwith A=b\n"));
    CHECK_TEXT(cx->error.message, "x.talk:4: settings come before the first call");
}

static http_reply reply_of(int status, const char *body)
{
    http_reply reply = {.status = status, .body = body, .body_len = strlen(body)};
    if (reply.body_len)
        reply.headers[reply.header_count++] = (http_header){"Content-Type", "application/json"};
    return reply;
}

TEST("an error must have the shape of errors, whatever was asked")
{
    http_reply good = reply_of(404, JSON({"error" : {"status" : 404, "message" : "Not found"}}));
    CHECK_OK(cx, talk_check_always(cx, "GET", "/spaces/x", &good));

    http_reply other = reply_of(404, JSON({"error" : {"status" : 400, "message" : "Not found"}}));
    CHECK_FAILS(cx, talk_check_always(cx, "GET", "/spaces/x", &other), IOTS_UNEXPECTED);
    http_reply mute = reply_of(404, JSON({"error" : {"status" : 404, "message" : ""}}));
    CHECK_FAILS(cx, talk_check_always(cx, "GET", "/spaces/x", &mute), IOTS_UNEXPECTED);
    http_reply bare = reply_of(404, "");
    CHECK_FAILS(cx, talk_check_always(cx, "GET", "/spaces/x", &bare), IOTS_UNEXPECTED);
    http_reply lost = reply_of(401, JSON({"error" : {"status" : 401, "message" : "x"}}));
    CHECK_FAILS(cx, talk_check_always(cx, "GET", "/spaces/x", &lost), IOTS_UNEXPECTED);
}

TEST("a body has a type, and no body has none")
{
    http_reply untyped = {.status = 200, .body = "{}", .body_len = 2};
    CHECK_FAILS(cx, talk_check_always(cx, "GET", "/health", &untyped), IOTS_UNEXPECTED);
    http_reply typed = {.status = 204, .body = ""};
    typed.headers[typed.header_count++] = (http_header){"Content-Type", "application/json"};
    CHECK_FAILS(cx, talk_check_always(cx, "GET", "/health", &typed), IOTS_UNEXPECTED);
}
