/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/interaction.h"

#include "base/test.h"
#include "base/time.h"

/* ---- words ---- */

#define NOON INT64_C(1741089600000000) /* 2025-03-04T12:00:00Z */

static const char *written(ix_ctx *cx, const ix_json *json)
{
    CHECK_OK(cx, json != NULL);
    return ix_json_text(cx, json);
}

/* A request after these PUTs, one a second, the first at noon. */
static const char *after(ix_ctx *cx, const char *first, const char *second)
{
    const ix_json *request = action_new(cx, json_of(cx, "{}"), NOON - IX_SECOND_US);
    request = action_updated(cx, request, json_of(cx, first), NOON);
    if (second)
        request = action_updated(cx, request, json_of(cx, second), NOON + IX_SECOND_US);
    return written(cx, request);
}

static bool reads(ix_ctx *cx, const char *body)
{
    const ix_json *value;
    return interaction_read(cx, json_of(cx, body), "go", &value);
}

static bool fits(ix_ctx *cx, const char *affordance, const char *value)
{
    return interaction_check(cx, json_of(cx, affordance), "go", "input", json_of(cx, value),
                             VALIDATE_STRICT);
}

/* ---- in ---- */

TEST("a body holds the one interaction that the path speaks of, and no other")
{
    CHECK_OK(cx, reads(cx, JSON({"go" : {}})));
    CHECK_FAILS(cx, reads(cx, "{}"), IOTS_INVALID);
    CHECK_FAILS(cx, reads(cx, JSON({"come" : {}})), IOTS_INVALID);
    CHECK_FAILS(cx, reads(cx, JSON({"go" : {}, "come" : {}})), IOTS_INVALID);
}

TEST("a value that is given must fit its schema; one that is not given need not")
{
    static const char whole[] = JSON({"input" : {"type" : "integer"}});
    CHECK_OK(cx, fits(cx, whole, JSON({"input" : 5})));
    CHECK_OK(cx, fits(cx, whole, "{}"));
    CHECK_OK(cx, fits(cx, "{}", JSON({"input" : "anything"})));
    CHECK_OK(cx, interaction_check(cx, NULL, "go", "input", json_of(cx, JSON({"input" : 5})),
                                   VALIDATE_STRICT));
    CHECK(!fits(cx, whole, JSON({"input" : "five"})));
    CHECK_TEXT(cx->error.field, "go/input");
}

TEST("null is a value like any other, unlike that of a property")
{
    CHECK_FAILS(cx, fits(cx, JSON({"input" : {"type" : "integer"}}), JSON({"input" : null})),
                IOTS_INVALID);
    CHECK_OK(cx, fits(cx, JSON({"input" : {"type" : "null"}}), JSON({"input" : null})));
}

/* ---- what is stored ---- */

TEST("a new request is pending and has what it was given")
{
    CHECK_TEXT(written(cx, action_new(cx, json_of(cx, JSON({"input" : [ 1.0, null ]})), NOON)),
               "{\"input\":[1.0,null],\"status\":\"pending\","
               "\"timeRequested\":\"2025-03-04T12:00:00Z\"}");
    CHECK_TEXT(written(cx, action_new(cx, json_of(cx, "{}"), NOON)),
               "{\"status\":\"pending\",\"timeRequested\":\"2025-03-04T12:00:00Z\"}");
}

TEST("a new event has its data and the time")
{
    CHECK_TEXT(written(cx, event_new(cx, json_of(cx, JSON({"data" : null})), NOON)),
               "{\"data\":null,\"timestamp\":\"2025-03-04T12:00:00Z\"}");
    CHECK_TEXT(written(cx, event_new(cx, json_of(cx, "{}"), NOON)),
               "{\"timestamp\":\"2025-03-04T12:00:00Z\"}");
}

/* OUR CHOICE (docs/api/http.md section 13) */
TEST("timeCompleted is set on the first change to an end, and cleared on a change back")
{
    static const struct {
        const char *first, *second, *completed; /* NULL: absent */
    } cases[] = {
        {JSON({"status" : "running"}), NULL, NULL},
        {JSON({"status" : "completed"}), NULL, "2025-03-04T12:00:00Z"},
        {JSON({"status" : "failed"}), NULL, "2025-03-04T12:00:00Z"},
        {JSON({"status" : "cancelled"}), NULL, "2025-03-04T12:00:00Z"},
        {JSON({"status" : "canceled"}), NULL, "2025-03-04T12:00:00Z"},
        {JSON({"status" : "COMPLETED"}), NULL, NULL},
        {JSON({"output" : 1}), NULL, NULL},
        {JSON({"status" : "completed"}), "{}", "2025-03-04T12:00:00Z"},
        {JSON({"status" : "completed"}), JSON({"output" : 1}), "2025-03-04T12:00:00Z"},
        {JSON({"status" : "completed"}), JSON({"status" : "failed"}), "2025-03-04T12:00:00Z"},
        {JSON({"status" : "completed"}), JSON({"status" : "again"}), NULL},
        {JSON({"status" : "running"}), JSON({"status" : "completed"}), "2025-03-04T12:00:01Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const ix_json *now = json_of(cx, after(cx, cases[i].first, cases[i].second));
        const char *completed = ix_json_string(ix_json_member(now, "timeCompleted"));
        CHECK_TEXT(completed ? completed : "absent",
                   cases[i].completed ? cases[i].completed : "absent");
    }
}

TEST("an update keeps what it does not speak of, and the order of members")
{
    CHECK_TEXT(after(cx, JSON({"output" : 7, "status" : "failed"}), JSON({"output" : null})),
               "{\"status\":\"failed\",\"output\":null,"
               "\"timeRequested\":\"2025-03-04T11:59:59Z\","
               "\"timeCompleted\":\"2025-03-04T12:00:00Z\"}");
}

/* ---- out ---- */

TEST("an interaction is shown under its name, with its place")
{
    ix_buf buf = {0};
    interaction_write(&buf, IX_STR("a \"b\""), IX_STR("{\"timestamp\":\"x\"}"),
                      "/events/a%20%22b%22", IX_STR("01JM"));
    CHECK_TEXT(ix_buf_cstr(&buf),
               "{\"a \\\"b\\\"\":{\"timestamp\":\"x\",\"href\":\"/events/a%20%22b%22/01JM\"}}");
    ix_buf_done(&buf);
}
