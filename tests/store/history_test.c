/* SPDX-License-Identifier: Apache-2.0 */
/* Values of properties, and what they were. */
#include "store/sql/migrate.h"
#include "store/store_test.h"

/* ---- words ---- */

/* A store with thing 1, which has the properties a, b and c. */
static store_handle *store_with_thing(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, JSON({"properties" : {"b" : {"type" : "number"}, "a" : {}, "c" : {}}}));
    return store;
}

static bool set(ix_ctx *cx, store_handle *store, const char *values, int64_t now_us, bool history)
{
    return store_values_set(cx, store, "farm", uid_of(cx, 1), json_of(cx, values), NULL, now_us,
                            history);
}

static bool add(ix_ctx *cx, store_handle *store, const char *name, int64_t at_us, const char *value)
{
    bool taken;
    CHECK_OK(cx, store_history_add(cx, store, "farm", uid_of(cx, 1), name, at_us,
                                   json_of(cx, value), &taken));
    return !taken;
}

static bool has(ix_ctx *cx, store_handle *store, const char *name, int64_t at_us, const char *value)
{
    bool same;
    CHECK_OK(cx, store_history_has(cx, store, "farm", uid_of(cx, 1), name, at_us,
                                   json_of(cx, value), &same));
    return same;
}

TEST("a value is there only with its type, its property and its moment")
{
    store_handle *store = store_with_thing(cx);
    CHECK(add(cx, store, "a", 1, "5"));
    CHECK(has(cx, store, "a", 1, "5"));
    CHECK(!has(cx, store, "a", 1, "5.0"));
    CHECK(!has(cx, store, "a", 2, "5"));
    CHECK(!has(cx, store, "b", 1, "5"));
}

/* The history of the tests that list: a at 1..5, b at 2, 4 and 6, c at 4. */
static store_handle *store_with_history(ix_ctx *cx)
{
    store_handle *store = store_with_thing(cx);
    for (int64_t at = 1; at <= 5; at++)
        CHECK(add(cx, store, "a", at, ix_format(cx, "%d", (int)at)));
    for (int64_t at = 2; at <= 6; at += 2)
        CHECK(add(cx, store, "b", at, "true"));
    CHECK(add(cx, store, "c", 4, "[]"));
    return store;
}

typedef struct history_heard {
    heard heard;
    bool is_grouped;
    const ix_json *first, *last; /* cursors */
} history_heard;

/* An item is heard as time and names: 4ab. */
static bool hear_item(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    history_heard *history = arg;
    ix_ctx *cx = history->heard.cx;
    const char *word = ix_format(cx, "%d", (int)at_us);
    const ix_json *members = ix_json_parse(cx, values.at, values.len);
    for (ix_member m = ix_members(members); m.name; m = ix_members_next(m))
        word = ix_format(cx, "%s%s", word, m.name);

    ix_json *mark = ix_json_new_array(cx);
    CHECK(ix_json_append(cx, mark, ix_json_new_int(cx, at_us)));
    if (!history->is_grouped)
        CHECK(ix_json_append(cx, mark, ix_json_new_text(cx, name)));
    history->last = mark;
    if (history->heard.count == 0)
        history->first = mark;
    return hear_word(&history->heard, word);
}

/* All pages of this size, there and back again, in brackets. */
static const char *walk(ix_ctx *cx, store_handle *store, const history_query *query, int limit)
{
    history_heard history = {.heard.cx = cx, .is_grouped = query->group};
    ix_buf pages = {0};
    page_range page = {.limit = limit};
    bool more;
    for (int backward = 0; backward <= 1; backward++) {
        page.is_backward = backward;
        do {
            CHECK_OK(cx, store_history_list(cx, store, "farm", uid_of(cx, 1), query, &page,
                                            hear_item, &history, &more));
            page.boundary = backward || more ? history.last : history.first;
            ix_buf_format(&pages, "[%s]", words_of_page(cx, &history.heard, &page));
        } while (more);
        ix_buf_text(&pages, backward ? "" : " ");
    }
    const char *text = ix_strdup(cx, ix_buf_cstr(&pages));
    ix_buf_done(&pages);
    return text;
}

/* The whole history in one page. */
static const char *history(ix_ctx *cx, store_handle *store)
{
    const history_query query = {0};
    history_heard history = {.heard.cx = cx};
    const page_range page = {.limit = 1000};
    bool more;
    CHECK_OK(cx, store_history_list(cx, store, "farm", uid_of(cx, 1), &query, &page, hear_item,
                                    &history, &more));
    CHECK(!more);
    return words_of(cx, &history.heard);
}

/* Of these properties, or of all. */
static void remove_all(ix_ctx *cx, store_handle *store, const char *const *names, size_t count,
                       const time_span *at)
{
    const char **stored;
    size_t next = 0;
    int done;
    if (!names) {
        CHECK_OK(cx, store_history_names(cx, store, "farm", uid_of(cx, 1), &stored, &count));
        names = stored;
    }
    CHECK_OK(cx, store_history_remove(cx, store, "farm", uid_of(cx, 1), names, count, at, 1000,
                                      &next, &done));
    CHECK_INT(next, count);
}

static const char *values(ix_ctx *cx, store_handle *store)
{
    ix_str text;
    CHECK_OK(cx, store_values_get(cx, store, "farm", uid_of(cx, 1), VALUES_ONLY, &text));
    return text.at;
}

/* ---- values ---- */

TEST("values are given in the order in which properties are defined")
{
    store_handle *store = store_with_thing(cx);
    CHECK_TEXT(values(cx, store), "{\"b\":null,\"a\":null,\"c\":null}");
    CHECK_OK(cx, set(cx, store, JSON({"a" : "x", "b" : 1.0}), 1, true));
    CHECK_TEXT(values(cx, store), "{\"b\":1.0,\"a\":\"x\",\"c\":null}");
    CHECK_OK(cx, set(cx, store, JSON({"a" : null, "c" : {"d" : [ 1, null ]}}), 2, true));
    CHECK_TEXT(values(cx, store), "{\"b\":1.0,\"a\":null,\"c\":{\"d\":[1,null]}}");
}

TEST("a thing without properties has an empty object of values")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, "{}");
    CHECK_TEXT(values(cx, store), "{}");
}

TEST("a property is found with its definition and value")
{
    store_handle *store = store_with_thing(cx);
    property_row row;
    bool found;
    CHECK_OK(cx, set(cx, store, JSON({"b" : 9007199254740993}), 1, false));
    CHECK_OK(cx, store_property_find(cx, store, "farm", NULL, uid_of(cx, 1), "b", &row, &found));
    CHECK(found && ix_str_is(row.affordance, "{\"type\":\"number\"}"));
    CHECK(ix_str_is(row.value, "9007199254740993"));
    CHECK_OK(cx, store_property_find(cx, store, "farm", NULL, uid_of(cx, 1), "x", &row, &found));
    CHECK(!found);
    CHECK_OK(cx, store_property_find(cx, store, "farm", "A", uid_of(cx, 1), "b", &row, &found));
    CHECK(!found);
    CHECK_OK(cx, store_property_find(cx, store, "farm", NULL, uid_of(cx, 2), "b", &row, &found));
    CHECK(!found);
}

TEST("a value of an undefined property is refused by name")
{
    store_handle *store = store_with_thing(cx);
    CHECK(!set(cx, store, JSON({"x" : 1}), 1, true));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_TEXT(cx->error.message, "x: is not a property of this thing");
}

TEST("many values, too, are given in the order of their definitions")
{
    store_handle *store = fresh_store(cx);
    const char *status = "";
    for (int i = 40; i > 0; i--)
        status = ix_format(cx, "%s%s\"p%d\":%d", status, *status ? "," : "", i * 7 % 41, i);
    status = ix_format(cx, "{%s}", status);
    add_values(cx, store, 1, status);
    CHECK_TEXT(values(cx, store), status);
}

/* ---- when they were written ---- */

static const char *times(ix_ctx *cx, store_handle *store)
{
    ix_str text;
    CHECK_OK(cx, store_values_get(cx, store, "farm", uid_of(cx, 1), VALUES_TIMES, &text));
    return text.at;
}

static property_row row_of_property(ix_ctx *cx, store_handle *store, const char *name)
{
    property_row row;
    bool found;
    CHECK_OK(cx, store_property_find(cx, store, "farm", NULL, uid_of(cx, 1), name, &row, &found));
    CHECK(found);
    return row;
}

TEST("a value has the time at which it was last written, with or without a trace in the history")
{
    store_handle *store = store_with_thing(cx);
    CHECK_TEXT(times(cx, store), "{\"b\":null,\"a\":null,\"c\":null}");
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1, "b" : 2}), 1000000, true));
    CHECK_OK(cx, set(cx, store, JSON({"b" : 3}), 2000000, false));
    CHECK_TEXT(times(cx, store), "{\"b\":\"1970-01-01T00:00:02Z\",\"a\":\"1970-01-01T00:00:01Z\""
                                 ",\"c\":null}");
}

TEST("a value that is written again is as old as its last writing, the same or not, null or not")
{
    store_handle *store = store_with_thing(cx);
    for (int64_t second = 1; second < 40; second += 3) {
        for (int i = 0; i < 3; i++) {
            const int64_t at = (second + i) * 1000000;
            CHECK_OK(cx, set(cx, store,
                             i == 0   ? "{\"a\":1}"
                             : i == 1 ? "{\"a\":1}"
                                      : "{\"a\":null}",
                             at, second % 2));
            CHECK_INT(row_of_property(cx, store, "a").at_us, at);
        }
    }
}

TEST("the time of a value is that of its entry in the history, moved on or not")
{
    store_handle *store = store_with_thing(cx);
    CHECK(add(cx, store, "a", 1000000, "1"));
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1, "b" : 2}), 1000000, true));
    CHECK_INT(row_of_property(cx, store, "a").at_us, 1000001);
    CHECK_INT(row_of_property(cx, store, "b").at_us, 1000001);
}

TEST("what is added to the history or taken from it does not change when a value was written")
{
    store_handle *store = store_with_thing(cx);
    const time_span all = {true, ix_time_first_us, ix_time_last_us};
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1}), 5, true));
    CHECK(add(cx, store, "a", 9, "2"));
    remove_all(cx, store, NULL, 0, &all);
    CHECK_INT(row_of_property(cx, store, "a").at_us, 5);
}

TEST("the time in the index is never after the time, and never much before it, whatever the clock "
     "does")
{
    enum { S = 1000000 };
    static const int64_t clock[] = {1 * S,   2 * S,  10 * S, 11 * S, 11 * S + 1, 12 * S,
                                    500 * S, 90 * S, 95 * S, 89 * S, 99 * S,     99 * S};
    store_handle *store = store_with_thing(cx);
    for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
        const property_row before = row_of_property(cx, store, "b");
        const ix_json *values = json_of(cx, i % 3 ? "{\"b\":1}" : "{\"b\":2}");
        CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, 1), values,
                                      i % 2 ? &before : NULL, clock[i], false));
        const property_row row = row_of_property(cx, store, "b");
        CHECK_INT(row.at_us, clock[i]);
        CHECK(row.floor_us <= row.at_us && row.at_us <= row.floor_us + VALUE_TIME_SLACK_US);
        CHECK_TEXT(row.value.at, i % 3 ? "1" : "2");
    }
}

TEST("a property that stays keeps the time of its value, one that is new has none")
{
    store_handle *store = store_with_thing(cx);
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1, "b" : 1}), 1000000, true));
    const thing_row row = row_of(cx, 1, JSON({"properties" : {"a" : {"title" : "A"}, "d" : {}}}));
    CHECK_OK(cx, store_thing_set(cx, store, "farm", &row));
    CHECK_TEXT(times(cx, store), "{\"a\":\"1970-01-01T00:00:01Z\",\"d\":null}");
}

TEST("the time of a value that comes from elsewhere is set, or taken away")
{
    store_handle *store = store_with_thing(cx);
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1, "b" : null}), 9, true));
    CHECK_OK(cx, store_value_time_set(cx, store, "farm", uid_of(cx, 1), "a", 3000000));
    CHECK_OK(cx, store_value_time_set(cx, store, "farm", uid_of(cx, 1), "b", 0));
    CHECK_OK(cx, store_value_time_set(cx, store, "farm", uid_of(cx, 1), "x", 1));
    CHECK_TEXT(times(cx, store), "{\"b\":null,\"a\":\"1970-01-01T00:00:03Z\",\"c\":null}");
}

TEST("values of a store from before there were times have that of the entry they came with, if any")
{
    static const char thing_sql[] =
        "INSERT INTO things (space, uid, title, categories, version, created, modified, doc)"
        " VALUES ('farm', $1, '', '[]', 0, 1, 1, '')";
    static const char value_sql[] =
        "INSERT INTO properties (space, thing, name, ord, key, value, affordance)"
        " VALUES ('farm', $1, $2, 0, $3, $4, '{}')";
    static const char *const values[][2] = {{"a", "1"}, {"b", "2"}, {"c", "null"}, {"d", "4"}};
    const char *place;
    const db_driver *driver = db_driver_for(fresh_url(cx), &place);
    db_conn *db;
    CHECK_OK(cx, driver->open(cx, place, DB_CREATE, &db));
    CHECK_OK(cx, migrate_to(cx, db, "here", 5));
    CHECK_OK(cx, driver->begin(cx, db));
    struct store_handle store = {.db = db};
    CHECK_OK(cx, sql_do(cx, &store, "INSERT INTO spaces VALUES ('farm', 1)", NULL, 0));
    CHECK_OK(cx, sql_do(cx, &store, thing_sql, ARGS(db_text(uid_of(cx, 1)))));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        CHECK_OK(cx, sql_do(cx, &store, value_sql,
                            ARGS(db_text(uid_of(cx, 1)), db_text(values[i][0]), db_blob("k", 1),
                                 db_text(values[i][1]))));
    CHECK(add(cx, &store, "a", 1000000, "9"));
    CHECK(add(cx, &store, "a", 2000000, "1"));
    CHECK(add(cx, &store, "b", 1000000, "2"));
    CHECK(add(cx, &store, "b", 2000000, "9"));
    CHECK(add(cx, &store, "c", 4000000, "null"));
    CHECK_OK(cx, store_commit(cx, &store));

    CHECK_OK(cx, migrate_run(cx, db, "here"));
    CHECK_INT(row_of_property(cx, &store, "a").at_us, 2000000);
    CHECK_INT(row_of_property(cx, &store, "a").floor_us, 2000000);
    CHECK_INT(row_of_property(cx, &store, "b").at_us, 0);
    CHECK_INT(row_of_property(cx, &store, "c").at_us, 4000000);
    CHECK_INT(row_of_property(cx, &store, "d").at_us, 0);
    CHECK_OK(cx, store_check(cx, &store));
    db->driver->close(db);
}

/* ---- adding to history ---- */

TEST("a value that is set again is remembered again, and a number in another form is another")
{
    store_handle *store = store_with_thing(cx);
    for (int at = 10; at < 12; at++)
        CHECK_OK(cx, set(cx, store, JSON({"a" : 2}), at, true));
    CHECK_OK(cx, set(cx, store, JSON({"a" : 2.0}), 12, true));
    CHECK_TEXT(values(cx, store), "{\"b\":null,\"a\":2.0,\"c\":null}");
    CHECK_TEXT(history(cx, store), "12a 11a 10a");
}

TEST("a value is remembered only if asked")
{
    store_handle *store = store_with_thing(cx);
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1, "b" : 2}), 10, true));
    CHECK_OK(cx, set(cx, store, JSON({"a" : 2}), 11, false));
    CHECK_TEXT(history(cx, store), "10a 10b");
}

TEST("values of one call share the first moment that is free for all of them")
{
    store_handle *store = store_with_thing(cx);
    CHECK(add(cx, store, "b", 10, "0"));
    CHECK(add(cx, store, "a", 11, "0"));
    CHECK_OK(cx, set(cx, store, JSON({"a" : 1, "b" : 2}), 10, true));
    CHECK_TEXT(history(cx, store), "12a 12b 11a 10b");
    CHECK_OK(cx, set(cx, store, JSON({"c" : 1}), 10, true));
    CHECK_TEXT(history(cx, store), "12a 12b 11a 10b 10c");
}

TEST("a moment that is taken is left as it was")
{
    store_handle *store = store_with_thing(cx);
    CHECK(add(cx, store, "a", 10, "1"));
    CHECK(!add(cx, store, "a", 10, "2"));
    CHECK(add(cx, store, "a", -10, "3"));
    CHECK_TEXT(history(cx, store), "10a -10a");
}

/* ---- listing ---- */

TEST("history is paged newest first, names ascending at one time")
{
    store_handle *store = store_with_history(cx);
    const history_query query = {0};
    CHECK_TEXT(walk(cx, store, &query, 4),
               "[6b 5a 4a 4b][4c 3a 2a 2b][1a] [4c 3a 2a 2b][6b 5a 4a 4b]");
    CHECK_TEXT(walk(cx, store, &query, 9), "[6b 5a 4a 4b 4c 3a 2a 2b 1a] []");
    CHECK_TEXT(walk(cx, store, &query, 1),
               "[6b][5a][4a][4b][4c][3a][2a][2b][1a] [2b][2a][3a][4c][4b][4a][5a][6b]");
}

TEST("history is paged oldest first if asked, names ascending at one time all the same")
{
    store_handle *store = store_with_history(cx);
    const history_query query = {.is_oldest_first = true};
    const history_query grouped = {.group = true, .is_oldest_first = true};
    const history_query one = {.name = "a", .is_oldest_first = true};
    CHECK_TEXT(walk(cx, store, &query, 4),
               "[1a 2a 2b 3a][4a 4b 4c 5a][6b] [4a 4b 4c 5a][1a 2a 2b 3a]");
    CHECK_TEXT(walk(cx, store, &query, 1),
               "[1a][2a][2b][3a][4a][4b][4c][5a][6b] [5a][4c][4b][4a][3a][2b][2a][1a]");
    CHECK_TEXT(walk(cx, store, &grouped, 2), "[1a 2ab][3a 4abc][5a 6b] [3a 4abc][1a 2ab]");
    CHECK_TEXT(walk(cx, store, &one, 2), "[1a 2a][3a 4a][5a] [3a 4a][1a 2a]");
}

TEST("oldest first, too, a range has both its ends and a moment the newest values up to it")
{
    store_handle *store = store_with_history(cx);
    const time_span middle = {true, 2, 4};
    const time_span timestamp = {false, 4, 4};
    const time_span early = {false, 3, 3};
    const history_query range = {.at = &middle, .is_oldest_first = true};
    const history_query then = {.at = &timestamp, .is_oldest_first = true};
    const history_query before = {.at = &early, .is_oldest_first = true};
    CHECK_TEXT(walk(cx, store, &range, 3), "[2a 2b 3a][4a 4b 4c] [2a 2b 3a]");
    CHECK_TEXT(walk(cx, store, &then, 2), "[4a 4b][4c] [4a 4b]");
    CHECK_TEXT(walk(cx, store, &before, 1), "[2b][3a] [2b]");
}

TEST("history of one property")
{
    store_handle *store = store_with_history(cx);
    const history_query query = {.name = "a"};
    const history_query nothing = {.name = "x"};
    CHECK_TEXT(walk(cx, store, &query, 2), "[5a 4a][3a 2a][1a] [3a 2a][5a 4a]");
    CHECK_TEXT(walk(cx, store, &nothing, 2), "[] []");
}

TEST("history in groups of one time")
{
    store_handle *store = store_with_history(cx);
    const history_query query = {.group = true};
    CHECK_TEXT(walk(cx, store, &query, 2), "[6b 5a][4abc 3a][2ab 1a] [4abc 3a][6b 5a]");
    CHECK_TEXT(walk(cx, store, &query, 1), "[6b][5a][4abc][3a][2ab][1a] [2ab][3a][4abc][5a][6b]");
}

TEST("a range has both its ends")
{
    store_handle *store = store_with_history(cx);
    const time_span middle = {true, 2, 4};
    const time_span start = {true, ix_time_first_us, 2};
    const history_query query = {.at = &middle};
    const history_query from_start = {.at = &start, .name = "a"};
    CHECK_TEXT(walk(cx, store, &query, 3), "[4a 4b 4c][3a 2a 2b] [4a 4b 4c]");
    CHECK_TEXT(walk(cx, store, &from_start, 3), "[2a 1a] []");
}

TEST("a moment has the newest value of each property up to it")
{
    store_handle *store = store_with_history(cx);
    const time_span five = {false, 5, 5};
    const time_span three = {false, 3, 3};
    const time_span zero = {false, 0, 0};
    const history_query at_five = {.at = &five};
    const history_query at_three = {.at = &three, .name = "b"};
    const history_query grouped = {.at = &five, .group = true};
    const history_query before = {.at = &zero};
    CHECK_TEXT(walk(cx, store, &at_five, 5), "[5a 4b 4c] []");
    CHECK_TEXT(walk(cx, store, &at_five, 2), "[5a 4b][4c] [5a 4b]");
    CHECK_TEXT(walk(cx, store, &at_three, 5), "[2b] []");
    CHECK_TEXT(walk(cx, store, &grouped, 1), "[5a][4bc] [5a]");
    CHECK_TEXT(walk(cx, store, &before, 1), "[] []");
}

TEST("long histories of many properties are merged in order")
{
    store_handle *store = fresh_store(cx);
    const history_query query = {0};
    const history_query grouped = {.group = true};
    add_thing(cx, store, 1, "{}");
    for (int at = 1; at <= 100; at++) {
        for (int n = 0; n < 5; n++) {
            if ((at + n) % 3)
                CHECK(add(cx, store, ix_format(cx, "p%d", n), at, "0"));
        }
    }
    const char *by_seven = walk(cx, store, &query, 7);
    const char *all = walk(cx, store, &query, 1000);
    ix_buf joined = {0};
    const char *end = strstr(by_seven, " ["); /* of the way there */
    for (const char *at = by_seven; at < end; at++) {
        if (at[0] == ']' && at[1] == '[')
            ix_buf_char(&joined, ' ');
        else if (at[0] != '[' && at[0] != ']')
            ix_buf_char(&joined, *at);
    }
    CHECK_TEXT(ix_format(cx, "[%s] []", ix_buf_cstr(&joined)), all);
    ix_buf_done(&joined);
    CHECK(strncmp(walk(cx, store, &grouped, 3), "[100p0p1p3p4 99p1p2p4 98p0p2p3]", 31) == 0);
}

TEST("a listener may stop early")
{
    store_handle *store = store_with_history(cx);
    const history_query query = {0};
    const page_range page = {.limit = 5};
    history_heard history = {.heard = {.cx = cx, .limit = 2}};
    bool more = false;
    CHECK_OK(cx, store_history_list(cx, store, "farm", uid_of(cx, 1), &query, &page, hear_item,
                                    &history, &more));
    CHECK(more);
    CHECK_TEXT(words_of(cx, &history.heard), "6b 5a");
}

TEST("a mark that is not ours is refused")
{
    static const char *const marks[] = {"[]", "[\"x\"]", "[5]", "[5,6]",
                                        "[9223372036854775807,\"a\"]"};
    store_handle *store = store_with_history(cx);
    const history_query query = {0};
    history_heard history = {.heard.cx = cx};
    bool more;
    for (size_t i = 0; i < 5; i++) {
        const page_range page = {.limit = 5, .boundary = json_of(cx, marks[i])};
        CHECK_FAILS(cx,
                    store_history_list(cx, store, "farm", uid_of(cx, 1), &query, &page, hear_item,
                                       &history, &more),
                    IOTS_INVALID);
    }
}

static bool see_item(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    (void)at_us;
    (void)name;
    *(size_t *)arg += values.len;
    return true;
}

TEST("what a history takes in memory is bounded, however large its values are")
{
    enum { VALUES = 60, SIZE = 500000, MEMORY = 24 << 20 };
    store_handle *store = store_with_thing(cx);
    char *text = ix_alloc(cx, SIZE + 3);
    memset(text, 'x', SIZE);
    text[0] = text[SIZE - 1] = '"';
    text[SIZE] = '\0';
    for (int i = 0; i < VALUES; i++)
        CHECK(add(cx, store, i % 2 ? "a" : "b", i / 2, text));
    static const history_query queries[] = {{0}, {.group = true}, {.name = "a"}};
    for (size_t i = 0; i < 6; i++) {
        const history_query *query = &queries[i / 2];
        const page_range page = {.limit = 1000, .is_backward = i % 2};
        ix_ctx small;
        size_t bytes = 0;
        bool more;
        CHECK(ix_ctx_init(&small, MEMORY));
        CHECK_OK(&small, store_history_list(&small, store, "farm", uid_of(cx, 1), query, &page,
                                            see_item, &bytes, &more));
        CHECK(!more && bytes > (query->name ? 1U : 2U) * VALUES / 2 * SIZE);
        ix_ctx_done(&small);
    }
}

/* ---- removing ---- */

TEST("history is removed at a moment, in a range, of all or some properties")
{
    store_handle *store = store_with_history(cx);
    const time_span four = {false, 4, 4};
    const time_span early = {true, ix_time_first_us, 3};
    const time_span all = {true, ix_time_first_us, ix_time_last_us};
    const char *names[] = {"b", "c"};
    remove_all(cx, store, NULL, 0, &four);
    CHECK_TEXT(history(cx, store), "6b 5a 3a 2a 2b 1a");
    remove_all(cx, store, names, 2, &early);
    CHECK_TEXT(history(cx, store), "6b 5a 3a 2a 1a");
    remove_all(cx, store, NULL, 0, &all);
    CHECK_TEXT(history(cx, store), "");
}

TEST("so many values are removed at a time, of one property after the other, oldest first")
{
    static const char *const left[] = {"6b 5a 4a 4b 4c 3a 2b", "6b 5a 4b 4c 2b", "6b 5a 4b 4c",
                                       "6b 5a 4c", "6b 5a"};
    store_handle *store = store_with_history(cx);
    const time_span early = {true, ix_time_first_us, 4};
    const char *names[] = {"a", "b", "c"};
    size_t next = 0;
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        int done;
        CHECK(next < 3);
        CHECK_OK(cx, store_history_remove(cx, store, "farm", uid_of(cx, 1), names, 3, &early, 2,
                                          &next, &done));
        CHECK(done >= 1 && done <= 2);
        CHECK_TEXT(history(cx, store), left[i]);
    }
}

TEST("history outlives the definition of its property")
{
    store_handle *store = store_with_history(cx);
    const thing_row row = row_of(cx, 1, JSON({"properties" : {"a" : {}}}));
    bool found;
    CHECK_OK(cx, store_thing_set(cx, store, "farm", &row));
    CHECK_OK(cx, store_history_any(cx, store, "farm", uid_of(cx, 1), "b", &found));
    CHECK(found);
    CHECK_OK(cx, store_history_any(cx, store, "farm", uid_of(cx, 1), "x", &found));
    CHECK(!found);
}

TEST("what is too old is purged a little at a time")
{
    store_handle *store = store_with_history(cx);
    int64_t removed;
    bool more;
    CHECK_OK(cx, store_history_purge(cx, store, 4, 2, &removed, &more));
    CHECK_INT(removed, 2);
    CHECK(more);
    CHECK_TEXT(history(cx, store), "6b 5a 4a 4b 4c 3a 2b");
    CHECK_OK(cx, store_history_purge(cx, store, 4, 2, &removed, &more));
    CHECK_INT(removed, 2);
    CHECK_TEXT(history(cx, store), "6b 5a 4a 4b 4c");
    CHECK_OK(cx, store_history_purge(cx, store, 4, 2, &removed, &more));
    CHECK_INT(removed, 0);
    CHECK(!more);
    CHECK_OK(cx, store_history_purge(cx, store, 5, 100, &removed, &more));
    CHECK_INT(removed, 3);
    CHECK(!more);
    CHECK_TEXT(history(cx, store), "6b 5a");
}

TEST("a property with much that is too old does not hold up the purge of the others")
{
    enum { MANY = 3000 };
    store_handle *store = store_with_thing(cx);
    int64_t removed, all = 0;
    bool more = true;
    for (int i = 0; i < MANY; i++)
        CHECK(add(cx, store, "a", i, "1"));
    CHECK(add(cx, store, "c", 1, "1"));
    CHECK(add(cx, store, "c", MANY + 7, "2"));
    CHECK_OK(cx, store_history_purge(cx, store, MANY, 1000, &removed, &more));
    CHECK(!has(cx, store, "c", 1, "1"));
    for (all = removed; more; all += removed)
        CHECK_OK(cx, store_history_purge(cx, store, MANY, 1000, &removed, &more));
    CHECK_INT(all, MANY + 1);
    CHECK_TEXT(history(cx, store), "3007c");
}

TEST("history is kept as long as its Category and its property say, whichever is shorter")
{
    enum { S = 1000000 };
    store_handle *store = fresh_store(cx);
    const category_row brief = {
        .name = "Brief", .description = "", .created_us = 1, .history_retention = "PT60S"};
    CHECK_OK(cx, store_category_add(cx, store, "farm", &brief));
    add_category(cx, store, "Long");
    add_thing(cx, store, 1, JSON({
                  "categories" : ["Brief"],
                  "properties" : {
                      "a" : {"iots:historyRetention" : "30s"},
                      "b" : {"iots:historyRetention" : "90d"},
                      "c" : {}
                  }
              }));
    add_thing(cx, store, 2, JSON({
                  "categories" : ["Long"],
                  "properties" : {"a" : {"iots:historyRetention" : "30s"}, "c" : {}}
              }));
    for (int thing = 1; thing <= 2; thing++) {
        for (int64_t at = 0; at < 100; at += 20) {
            static const char *const names[] = {"a", "b", "c"};
            for (int i = 0; i < 3; i++) {
                bool taken;
                CHECK_OK(cx, store_history_add(cx, store, "farm", uid_of(cx, thing), names[i],
                                               at * S, json_of(cx, "1"), &taken));
            }
        }
    }
    int64_t removed, sum = 0;
    bool more;
    for (int i = 0; i < 40; i++) {
        CHECK_OK(cx, store_history_purge_narrower(cx, store, (int64_t)100 * S, 2, &removed, &more));
        CHECK(removed <= 2);
        sum += removed;
    }
    CHECK_TEXT(history(cx, store),
               "80000000a 80000000b 80000000c 60000000b 60000000c 40000000b 40000000c");
    CHECK_INT(sum, 4 + 2 + 2 + 4);
    /* What is not limited any more is kept. */
    const category_row lasting = {.name = "Brief", .description = "", .created_us = 1};
    CHECK_OK(cx, store_category_set(cx, store, "farm", &lasting));
    CHECK_OK(cx, store_history_purge_narrower(cx, store, (int64_t)1000 * S, 100, &removed, &more));
    CHECK_INT(removed, 1 + 1);
}
