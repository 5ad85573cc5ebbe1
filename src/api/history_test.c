/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

#define NOBODY "/spaces/farm/things/01JM000000000000000000ZZZZ"

static const char *probe(void)
{
    return thing_made(JSON({"properties" : {"a" : {"type" : "number"}, "b" : {}}}));
}

static const char *history(const char *thing, const char *query)
{
    return ix_format(world.cx, "%s/properties-history%s", thing, query);
}

static const char *data_at(const char *path)
{
    return json_at(ask("GET", path, NULL), "/data");
}

#define ITEM(at, properties) "{\"at\":\"" at "\",\"properties\":" properties "}"

/* 20 in May, 22 and b in June, 24 in July. */
static const char *year(void)
{
    const char *thing = probe();
    CHECK_ASK("201", "POST", history(thing, ""),
              "[" ITEM("2024-05-01T00:00:00Z", "{\"a\":20}") "," ITEM(
                  "2024-06-01T00:00:00Z", "{\"b\":true,\"a\":22}") "," ITEM("2024-07-01T00:00:00Z",
                                                                            "{\"a\":24}") "]");
    return thing;
}

static const char may[] = ITEM("2024-05-01T00:00:00Z", "{\"a\":20}");
static const char june_a[] = ITEM("2024-06-01T00:00:00Z", "{\"a\":22}");
static const char june_b[] = ITEM("2024-06-01T00:00:00Z", "{\"b\":true}");
static const char july[] = ITEM("2024-07-01T00:00:00Z", "{\"a\":24}");

static const char *array(const char *one, const char *two, const char *three, const char *four)
{
    const char *items[] = {one, two, three, four};
    const char *text = "";
    for (size_t i = 0; i < 4; i++)
        text = items[i] ? ix_format(world.cx, "%s%s%s", text, *text ? "," : "", items[i]) : text;
    return ix_format(world.cx, "[%s]", text);
}

/* ---- adding ---- */

TEST("added items come back as an array, in the order of the request, times in UTC")
{
    farm(cx);
    const char *thing = probe();
    const answer added = ask("POST", history(thing, ""),
                             "[" ITEM("2024-06-01T10:00:00+02:00",
                                      "{\"a\":22,\"b\":null}") "," ITEM("2024-05-01 10:00:00.250",
                                                                        "{\"a\":20.0}") "]");
    CHECK_INT(added.status, 201);
    CHECK_TEXT(added.text, "[" ITEM("2024-06-01T08:00:00Z", "{\"a\":22,\"b\":null}") "," ITEM(
                               "2024-05-01T10:00:00.25Z", "{\"a\":20.0}") "]");
    CHECK_TEXT(header_of(added, "Location"), "nothing");
}

TEST("what is added to the history is announced to nobody")
{
    farm(cx);
    const char *thing = probe();
    CHECK_INT(ask("POST", history(thing, ""), july).changes, 0);
    CHECK_INT(ask("POST", history(thing, "/a"), may).changes, 0);
    CHECK_INT(ask("PUT", path_to(thing, "/properties/a"), JSON({"a" : 1})).changes, 1);
}

TEST("a single item comes back as an array, too, and current values stay")
{
    farm(cx);
    const char *thing = probe();
    CHECK_TEXT(ask("POST", history(thing, "/a"), july).text, array(july, NULL, NULL, NULL));
    CHECK_TEXT(ask("GET", path_to(thing, "/properties/a"), NULL).text, "{\"a\":null}");
}

TEST("a moment that a property has a value at is taken, and nothing is stored")
{
    farm(cx);
    const char *thing = year();
    const answer refused =
        ask("POST", history(thing, ""),
            "[" ITEM("2025-01-01T00:00:00Z", "{\"a\":1}") "," ITEM("2024-06-01T02:00:00+02:00",
                                                                   "{\"a\":1}") "]");
    CHECK_TEXT(outcome(refused), "409 property already has a value at this time");
    CHECK_TEXT(json_at(refused, "/error/details"),
               "{\"property\":\"a\",\"at\":\"2024-06-01T00:00:00Z\"}");
    CHECK_TEXT(data_at(history(thing, "?at=2025%7C")), "[]");
}

TEST("a moment that comes twice in a request is taken as well")
{
    farm(cx);
    const char *thing = probe();
    CHECK_ASK("409 property already has a value at this time", "POST", history(thing, ""),
              array(july, june_a, july, NULL));
    CHECK_TEXT(data_at(history(thing, "")), "[]");
}

TEST("every item is checked before one is stored")
{
    farm(cx);
    const char *thing = probe();
    static const struct {
        const char *second, *field;
    } cases[] = {
        {ITEM("2024-05-01T00:00:00Z", "{\"a\":\"warm\"}"), "1/a"},
        {ITEM("2024-05-01T00:00:00Z", "{\"nope\":1}"), "1/nope"},
        {ITEM("2024-05-01T00:00:00Z", "{}"), "1/properties"},
        {ITEM("yesterday", "{\"a\":1}"), "1/at"},
        {"{\"properties\":{\"a\":1}}", "1/at"},
        {"{\"at\":\"2024-05-01T00:00:00Z\"}", "1/properties"},
        {"7", "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const answer refused =
            ask("POST", history(thing, ""), array(july, cases[i].second, NULL, NULL));
        CHECK_INT(refused.status, 400);
        CHECK_TEXT(text_at(refused, "/error/details/field"), cases[i].field);
    }
    CHECK_INT(ask("POST", history(thing, ""), "[]").status, 400);
    CHECK_TEXT(data_at(history(thing, "")), "[]");
}

TEST("at most a thousand items come at once")
{
    farm(cx);
    const char *thing = probe();
    for (int count = 1000; count <= 1001; count++) {
        ix_buf body = {0};
        for (int i = 0; i < count; i++)
            ix_buf_format(&body, "%s{\"at\":\"20%02d-01-01T00:00:%02dZ\",\"properties\":{\"b\":1}}",
                          i ? "," : "[", i / 60 + (count == 1000 ? 10 : 40), i % 60);
        ix_buf_char(&body, ']');
        CHECK_INT(ask("POST", history(thing, ""), ix_buf_cstr(&body)).status,
                  count == 1000 ? 201 : 400);
        ix_buf_done(&body);
    }
}

/* `moments` items of a thousand values each, all of names of their own. */
static answer restored(const char *thing, int timestamps)
{
    ix_buf body = {0};
    for (int i = 0; i < timestamps; i++) {
        ix_buf_format(&body, "%s{\"at\":\"2024-05-01T00:00:%02dZ\",\"properties\":{", i ? "," : "[",
                      i);
        for (int j = 0; j < 1000; j++)
            ix_buf_format(&body, "%s\"%d\":1", j ? "," : "", 1000 * i + j);
        ix_buf_add(&body, "}}", 2);
    }
    ix_buf_char(&body, ']');
    const answer made = ask("POST", history(thing, "?preserve_uid=true"), ix_buf_cstr(&body));
    ix_buf_done(&body);
    return made;
}

TEST("history that is put back is of ten thousand properties at most, and 50,000 values at once")
{
    farm(cx);
    const char *thing = probe();
    CHECK_INT(restored(thing, 11).status, 400);
    CHECK_INT(restored(thing, 51).status, 413);
    CHECK_TEXT(data_at(history(thing, "")), "[]");
    CHECK_INT(restored(thing, 10).status, 201);
    CHECK_INT(restored(thing, 10).status, 201); /* the same again is there already */
    CHECK_ASK("400 a Thing has the history of at most 10000 properties", "POST",
              history(thing, "?preserve_uid=true"),
              ITEM("2024-05-02T00:00:00Z", "{\"one more\":1}"));
}

TEST("by way of a property items hold that one and no other")
{
    farm(cx);
    const char *thing = probe();
    CHECK_INT(ask("POST", history(thing, "/a"), june_b).status, 400);
    CHECK_INT(
        ask("POST", history(thing, "/a"), ITEM("2024-05-01T00:00:00Z", "{\"a\":1,\"b\":1}")).status,
        400);
    CHECK_ASK("404 Item not found", "POST", history(thing, "/nope"), july);
    CHECK_ASK("404 Item not found", "POST", NOBODY "/properties-history/a", july);
    CHECK_ASK("404 Item not found", "POST", NOBODY "/properties-history", july);
    CHECK_TEXT(data_at(history(thing, "")), "[]");
}

/* ---- listing ---- */

TEST("history is listed newest first, then by name, one property an item")
{
    farm(cx);
    const char *thing = year();
    CHECK_TEXT(data_at(history(thing, "")), array(july, june_a, june_b, may));
    CHECK_TEXT(data_at(history(thing, "/a")), array(july, june_a, may, NULL));
    CHECK_TEXT(data_at(history(thing, "?group=true")),
               array(july, ITEM("2024-06-01T00:00:00Z", "{\"a\":22,\"b\":true}"), may, NULL));
}

TEST("a range holds both its ends; a moment gives what was known by then")
{
    farm(cx);
    const char *thing = year();
    CHECK_TEXT(data_at(history(thing, "/a?at=2024-05%7C2024-06")), array(june_a, may, NULL, NULL));
    CHECK_TEXT(data_at(history(thing, "/a?at=2024-06|")), array(july, june_a, NULL, NULL));
    CHECK_TEXT(data_at(history(thing, "?at=2024-06-15")), array(june_a, june_b, NULL, NULL));
    CHECK_TEXT(data_at(history(thing, "?at=2024-08")), array(july, june_b, NULL, NULL));
    CHECK_ASK("400 invalid at", "GET", history(thing, "?at=2025%7C2024"), NULL);
    CHECK_ASK("400 invalid at", "GET", history(thing, "/a?at="), NULL);
    CHECK_ASK("400 invalid group", "GET", history(thing, "?group=maybe"), NULL);
}

/* The next page of a list, as its data; *cursor moves on. */
static const char *turn(const char *path, const char *way, const char **cursor)
{
    const answer page =
        ask("GET", ix_format(world.cx, "%s&%s_cursor=%s", path, way, *cursor), NULL);
    CHECK_INT(page.status, 200);
    *cursor = text_at(page, ix_format(world.cx, "/paging/%s_cursor", way));
    return json_at(page, "/data");
}

TEST("pages of history lead both ways")
{
    farm(cx);
    const char *path = history(year(), "?limit=2");
    const char *cursor = "";
    CHECK_TEXT(turn(path, "next", &cursor), array(july, june_a, NULL, NULL));
    const char *second = cursor;
    CHECK_TEXT(turn(path, "next", &cursor), array(june_b, may, NULL, NULL));
    CHECK_TEXT(cursor, "");
    const answer last = ask("GET", ix_format(cx, "%s&next_cursor=%s", path, second), NULL);
    cursor = text_at(last, "/paging/previous_cursor");
    CHECK_TEXT(turn(path, "previous", &cursor), array(july, june_a, NULL, NULL));
    CHECK_TEXT(cursor, "");
}

TEST("pages of moments lead on, too; their cursors are good for nothing else")
{
    farm(cx);
    const char *thing = year();
    const char *path = history(thing, "?limit=1&group=true");
    const char *cursor = "";
    CHECK_TEXT(turn(path, "next", &cursor), array(july, NULL, NULL, NULL));
    const char *first = cursor;
    CHECK_TEXT(turn(path, "next", &cursor),
               array(ITEM("2024-06-01T00:00:00Z", "{\"a\":22,\"b\":true}"), NULL, NULL, NULL));
    CHECK_TEXT(turn(path, "next", &cursor), array(may, NULL, NULL, NULL));
    CHECK_TEXT(cursor, "");
    CHECK_ASK("400 invalid cursor", "GET", history(thing, ix_format(cx, "?next_cursor=%s", first)),
              NULL);
    CHECK_ASK("400 invalid cursor", "GET",
              history(thing, ix_format(cx, "/a?next_cursor=%s", first)), NULL);
}

TEST("a property without definition or history is not found; one with history is")
{
    farm(cx);
    const char *thing = year();
    CHECK_ASK("404 Item not found", "GET", history(thing, "/nope"), NULL);
    CHECK_ASK("404 Item not found", "GET", history(thing, "/nope?at=x"), NULL);
    CHECK_ASK("404 Item not found", "GET", NOBODY "/properties-history", NULL);
    CHECK_ASK("404 Item not found", "GET", NOBODY "/properties-history/a", NULL);
    CHECK_ASK("200", "PUT", thing, "{}");
    CHECK_TEXT(data_at(history(thing, "/b")), array(june_b, NULL, NULL, NULL));
    CHECK_ASK("404 Item not found", "POST", history(thing, "/b"), june_b);
    CHECK_INT(ask("POST", history(thing, ""), june_b).status, 400);
}

/* ---- deleting ---- */

TEST("a delete needs to know what")
{
    farm(cx);
    const char *thing = year();
    const answer refused = ask("DELETE", history(thing, ""), NULL);
    CHECK_TEXT(outcome(refused), "400 invalid at");
    CHECK_TEXT(json_at(refused, "/error/details"), "{\"field\":\"at\",\"reason\":\"required\"}");
    CHECK_ASK("400 invalid at", "DELETE", history(thing, "?at="), NULL);
    CHECK_ASK("400 invalid at", "DELETE", history(thing, "/a"), NULL);
    CHECK_ASK("400 invalid query", "DELETE", history(thing, "/a?at=2024&property_name[]=a"), NULL);
    CHECK_ASK("404 Item not found", "DELETE", history(thing, "/nope"), NULL);
    CHECK_ASK("404 Item not found", "DELETE", NOBODY "/properties-history?at=2024", NULL);
}

TEST("a moment deletes what was recorded exactly then")
{
    farm(cx);
    const char *thing = year();
    CHECK_ASK("204", "DELETE", history(thing, "?at=2024-06-15"), NULL);
    CHECK_TEXT(data_at(history(thing, "")), array(july, june_a, june_b, may));
    CHECK_ASK("204", "DELETE", history(thing, "?at=2024-06"), NULL);
    CHECK_TEXT(data_at(history(thing, "")), array(july, may, NULL, NULL));
}

TEST("a range deletes all that is in it, or that of some properties")
{
    farm(cx);
    const char *thing = year();
    CHECK_ASK("204", "DELETE",
              history(thing, "?at=2024-05|2024-06&property_name[]=b&property_name%5B%5D=nope"),
              NULL);
    CHECK_TEXT(data_at(history(thing, "")), array(july, june_a, may, NULL));
    CHECK_ASK("204", "DELETE", history(thing, "/a?at=2024-06|"), NULL);
    CHECK_TEXT(data_at(history(thing, "")), array(may, NULL, NULL, NULL));
    CHECK_ASK("204", "DELETE", history(thing, "?at=0001|9999"), NULL);
    CHECK_TEXT(data_at(history(thing, "")), "[]");
}

/* Removing these values takes several parts. */
static const char *with_much_history(void)
{
    const char *thing = probe();
    const char *uid = strrchr(thing, '/') + 1;
    CHECK_OK(world.cx, store_begin(world.cx, world.store));
    for (int i = 0; i < 2 * PART_ROWS; i++) {
        bool taken;
        CHECK_OK(world.cx,
                 store_history_add(world.cx, world.store, "farm", uid, i % 2 ? "a" : "b",
                                   IX_SECOND_US + i, ix_json_new_int(world.cx, i), &taken));
    }
    CHECK_OK(world.cx, store_commit(world.cx, world.store));
    return thing;
}

static bool count_item(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    int *count = arg;
    (void)at_us;
    (void)name;
    (void)values;
    return ++*count > 0;
}

static int values_left(const char *thing)
{
    const page_range page = {.limit = 3 * PART_ROWS};
    int count = 0;
    bool more;
    CHECK_OK(world.cx, store_history_list(world.cx, world.store, "farm", strrchr(thing, '/') + 1,
                                          &(history_query){0}, &page, count_item, &count, &more));
    return count;
}

TEST("a delete of very many values goes in parts, and none of them is large")
{
    farm(cx);
    const char *thing = with_much_history();
    world.parts = 0;
    CHECK_INT(ask("DELETE", history(thing, "?at=1970|1971"), NULL).status, 204);
    CHECK(world.parts >= 2);
    CHECK_TEXT(data_at(history(thing, "")), "[]");
}

TEST("a delete of history that ends too early leaves what it has not come to, and a second one "
     "goes on")
{
    farm(cx);
    const char *thing = with_much_history();
    api_call *call = call_for("DELETE", history(thing, "?at=1970|1971"));
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, (ix_str){0}), PHASE_WRITE);
    CHECK_INT(write_part(call), PHASE_WRITE);
    call_free(call);
    const int left = values_left(thing);
    CHECK(left < 2 * PART_ROWS && left >= PART_ROWS - PART_STEP_ROWS);
    CHECK_INT(ask("DELETE", history(thing, "?at=1970|1971"), NULL).status, 204);
    CHECK_TEXT(data_at(history(thing, "")), "[]");
}
