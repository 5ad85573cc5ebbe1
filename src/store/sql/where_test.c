/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "domain/filter_cases.h"
#include "domain/fold.h"
#include "store/scan.h"
#include "store/sql/query.h"
#include "store/store_test.h"

/* The filter that asks for one condition. */
static const thing_filter *condition_of(ix_ctx *cx, const char *name, const char *text)
{
    thing_filter *filter = ix_new(cx, thing_filter, 1);
    filter->conditions = ix_new(cx, filter_condition, 1);
    CHECK_OK(cx, condition_parse(cx, ix_str_of(name), ix_str_of(text), filter->conditions));
    return filter;
}

static const char *meeting(ix_ctx *cx, store_handle *store, const char *name, const char *text)
{
    return things_matching(cx, store, condition_of(cx, name, text), "");
}

/* Things from `first` to `last` with the same value of `p`. */
static void add_many(ix_ctx *cx, store_handle *store, int first, int last, const char *status)
{
    for (int i = first; i <= last; i++)
        add_values(cx, store, i, status);
}

static const char *count_of(ix_ctx *cx, store_handle *store, const thing_filter *filter)
{
    heard heard = {.cx = cx};
    const sort_list by_uid = {0};
    page_range page = {.limit = 1000};
    int count = 0;
    for (bool more = true; more; page.boundary = heard.last) {
        CHECK_OK(cx, store_things_list(cx, store, "farm", filter, &by_uid, &page, hear_thing,
                                       &heard, &more));
        count += heard.count;
        words_of(cx, &heard);
    }
    return ix_format(cx, "%d", count);
}

TEST("SQL keeps what the domain keeps")
{
    store_handle *store = fresh_store(cx);
    size_t wrong = 0;
    for (size_t i = 0; i < FILTER_CASES; i++) {
        const filter_case *row = &filter_cases[i];
        CHECK_OK(cx, store_savepoint(cx, store));
        add_values(cx, store, 1, row->status);
        const bool holds = *meeting(cx, store, row->name, row->text) != '\0';
        if (holds != row->holds)
            print_error("%zu: %s\n", ++wrong, row->what);
        store_rollback_to(store);
    }
    CHECK_INT(wrong, 0);
}

TEST("each way to lead gives the same things")
{
    store_handle *store = fresh_store(cx);
    add_many(cx, store, 1, 1500, JSON({"p" : 1, "q" : "on"}));
    add_many(cx, store, 1501, 7000, JSON({"p" : 2, "q" : "off"}));

    CHECK_TEXT(count_of(cx, store, condition_of(cx, "p", "1")), "1500");
    CHECK_TEXT(count_of(cx, store, condition_of(cx, "p", "gt:1")), "5500");
    CHECK_TEXT(count_of(cx, store, condition_of(cx, "q", "on")), "1500");
    CHECK_TEXT(count_of(cx, store, condition_of(cx, "q", "off")), "5500");
    CHECK_TEXT(count_of(cx, store, condition_of(cx, "q", "neq:off")), "1500");
    CHECK_TEXT(count_of(cx, store, condition_of(cx, "q", "contains:of")), "5500");

    thing_filter both = *condition_of(cx, "p", "gte:1");
    both.conditions->next = condition_of(cx, "q", "off")->conditions;
    CHECK_TEXT(count_of(cx, store, &both), "5500");
}

TEST("numbers and strings that read the same are both found")
{
    store_handle *store = fresh_store(cx);
    add_values(cx, store, 1, JSON({"p" : 5}));
    add_values(cx, store, 2, JSON({"p" : "5"}));
    add_values(cx, store, 3, JSON({"p" : 5.0}));
    add_values(cx, store, 4, JSON({"p" : true}));
    add_values(cx, store, 5, JSON({"p" : "true"}));

    CHECK_TEXT(meeting(cx, store, "p", "5"), "1 2 3");
    CHECK_TEXT(meeting(cx, store, "p", "gt:4"), "1 2 3 5");
    CHECK_TEXT(meeting(cx, store, "p", "true"), "4 5");
    CHECK_TEXT(meeting(cx, store, "p", "neq:5"), "4 5");
}

/* As many conditions as there may be, all of them this one. */
static const thing_filter *conditions_of(ix_ctx *cx, const char *name, const char *text)
{
    thing_filter *filter = ix_new(cx, thing_filter, 1);
    for (int i = 0; i < FILTER_CONDITIONS_MAX; i++) {
        filter_condition *made = ix_new(cx, filter_condition, 1);
        CHECK_OK(cx, condition_parse(cx, ix_str_of(name), ix_str_of(text), made));
        made->next = filter->conditions;
        filter->conditions = made;
    }
    return filter;
}

TEST("a filter may have as many conditions as are allowed, however much each asks for")
{
    static const bool yes = true;
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    add_values(cx, store, 1, JSON({"p.q.r" : 1, "p" : {"q" : {"r" : 1}}}));
    add_values(cx, store, 2, JSON({"p" : {"q" : {"r" : "on"}}}));
    add_values(cx, store, 3, JSON({"p.q" : {"r" : [1]}}));
    CHECK_TEXT(things_matching(cx, store, conditions_of(cx, "p.q.r", "neq:1"), ""), "2 3");
    CHECK_TEXT(things_matching(cx, store, conditions_of(cx, "p.q.r", "contains:n"), "-uid"), "2");

    thing_filter all = *conditions_of(cx, "p.q.r", "neq:[1]");
    const char *ids[] = {uid_of(cx, 2)};
    const char *categories[] = {"A", "B"};
    all.title = all.type = all.links_rel = all.links_href = all.model = "x";
    all.version = 1;
    all.ids = ids;
    all.id_count = 1;
    all.categories = categories;
    all.category_count = 2;
    all.route_category = "A";
    all.in_category = &yes;
    CHECK_TEXT(things_matching(cx, store, &all,
                               "status.p,status.q,status.r,status.s,-status.p,-status.q,-status.r,"
                               "-status.s"),
               "");
}

TEST("a query that asks for more arguments than there may be fails with a sentence")
{
    store_handle *store = fresh_store(cx);
    sql_query query;
    db_rows *rows;
    query_init(&query, cx, store, "farm");
    for (int i = 0; i < QUERY_ARGS_MAX; i++)
        query_arg(&query, db_int(i));
    ix_buf_text(&query.sql, "SELECT 1");
    CHECK_FAILS(cx, query_run(&query, &rows), IOTS_INVALID);
}

TEST("the fields of a filter narrow things down")
{
    static const bool yes = true, no = false;
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_thing(cx, store, 1, JSON({"title" : "one", "@type" : "Pump", "categories" : ["A"]}));
    add_thing(cx, store, 2, JSON({"title" : "two", "@type" : [ "Pump", "Fan", "Pump" ]}));
    add_thing(cx, store, 3,
              JSON({"categories" : [ "A", "B" ], "model" : {"name" : "M", "version" : 2}}));
    add_thing(cx, store, 4, JSON({
                  "model" : {"name" : "M", "version" : 3},
                  "links" : [
                      {"rel" : "next", "href" : "/x"}, {"rel" : "prev", "href" : "/y"},
                      {"rel" : "next", "href" : "/z"}
                  ]
              }));
    const char *ids[] = {uid_of(cx, 2), uid_of(cx, 4), uid_of(cx, 9)};
    const char *categories[] = {"A", "B", "C"};

#define MATCHING(...) things_matching(cx, store, &(thing_filter){__VA_ARGS__}, "")
    CHECK_TEXT(MATCHING(0), "1 2 3 4");
    CHECK_TEXT(MATCHING(.title = "two"), "2");
    CHECK_TEXT(MATCHING(.title = "Two"), "");
    CHECK_TEXT(MATCHING(.type = "Pump"), "1 2");
    CHECK_TEXT(MATCHING(.type = "Fan", .title = "two"), "2");
    CHECK_TEXT(MATCHING(.model = "M"), "3 4");
    CHECK_TEXT(MATCHING(.model = "M", .version = 3), "4");
    CHECK_TEXT(MATCHING(.ids = ids, .id_count = 3), "2 4");
    CHECK_TEXT(MATCHING(.categories = categories, .category_count = 1), "1 3");
    CHECK_TEXT(MATCHING(.categories = categories, .category_count = 3), "1 3");
    CHECK_TEXT(MATCHING(.route_category = "B"), "3");
    CHECK_TEXT(MATCHING(.route_category = "B", .type = "Pump"), "");
    CHECK_TEXT(MATCHING(.in_category = &yes), "1 3");
    CHECK_TEXT(MATCHING(.in_category = &no), "2 4");
    CHECK_TEXT(MATCHING(.links_rel = "next"), "4");
    CHECK_TEXT(MATCHING(.links_href = "/y"), "4");
    CHECK_TEXT(MATCHING(.links_rel = "prev", .links_href = "/y"), "4");
    CHECK_TEXT(MATCHING(.links_rel = "next", .links_href = "/y"), "");
#undef MATCHING
}

/* Puts conditions of one filter behind those of another, of which any is enough. */
static const thing_filter *any_of(const thing_filter *one, const thing_filter *other)
{
    ((thing_filter *)one)->any_of = true;
    one->conditions->next = other->conditions;
    return one;
}

static const thing_filter *time_of(ix_ctx *cx, const char *text)
{
    thing_filter *filter = ix_new(cx, thing_filter, 1);
    filter->conditions = ix_new(cx, filter_condition, 1);
    CHECK_OK(cx, condition_parse_time(cx, IX_STR("p"), ix_str_of(text), filter->conditions));
    filter_set_now(filter, 4 * IX_SECOND_US);
    return filter;
}

TEST("any condition is enough, or all are needed, also with those on times")
{
    store_handle *store = fresh_store(cx);
    for (int i = 1; i <= 6; i++) {
        add_thing(cx, store, i, JSON({"properties" : {"p" : {}, "q" : {}}}));
        if (i < 6)
            CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, i),
                                          json_of(cx, ix_format(cx, "{\"p\":%d,\"q\":[%d]}", i, i)),
                                          NULL, i * IX_SECOND_US, false));
    }
#define MATCHING(filter, sort) things_matching(cx, store, (filter), (sort))
    CHECK_TEXT(MATCHING(time_of(cx, "lt:1970-01-01T00:00:03Z"), ""), "1 2");
    CHECK_TEXT(MATCHING(time_of(cx, "lte:1970-01-01T00:00:03Z"), "-uid"), "3 2 1");
    CHECK_TEXT(MATCHING(time_of(cx, "gt:-1s"), ""), "4 5");
    CHECK_TEXT(MATCHING(time_of(cx, "gte:-1s"), "-status.p"), "5 4 3");
    CHECK_TEXT(MATCHING(time_of(cx, "eq:-1s"), ""), "3");
    CHECK_TEXT(MATCHING(time_of(cx, "neq:-1s"), "status.p"), "1 2 4 5");
    CHECK_TEXT(MATCHING(&(thing_filter){0}, "status_at.p"), "1 2 3 4 5 6");
    CHECK_TEXT(MATCHING(&(thing_filter){0}, "-status_at.p"), "5 4 3 2 1 6");
    CHECK_TEXT(MATCHING(time_of(cx, "lt:-1s"), "-status_at.q,title"), "2 1");
    CHECK_TEXT(MATCHING(&(thing_filter){0}, "status_at.none,-status_at.p"), "5 4 3 2 1 6");

    for (int i = 0; i < 2; i++) {
        const char *sort = i ? "status.p" : "";
        CHECK_TEXT(MATCHING(any_of(condition_of(cx, "p", "2"), condition_of(cx, "p", "gt:4")),
                            sort),
                   "2 5");
        CHECK_TEXT(MATCHING(any_of(condition_of(cx, "p", "1"), condition_of(cx, "q", "contains:3")),
                            sort),
                   "1 3");
        CHECK_TEXT(MATCHING(any_of(condition_of(cx, "p", "5"), time_of(cx, "lt:-2s")), sort),
                   "1 5");
        CHECK_TEXT(MATCHING(any_of(condition_of(cx, "q", "contains:5"), time_of(cx, "lt:-2s")),
                            sort),
                   "1 5");
        CHECK_TEXT(MATCHING(any_of(condition_of(cx, "p", "lte:2"), condition_of(cx, "p", "lt:4")),
                            sort),
                   "1 2 3");
    }
#undef MATCHING
}

TEST("being in a Category goes with conditions, in either order of uids")
{
    static const bool yes = true, no = false;
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    for (int i = 1; i <= 6; i++) {
        add_thing(cx, store, i,
                  i % 2 ? JSON({"properties" : {"t" : {}}})
                        : JSON({"categories" : ["A"], "properties" : {"t" : {}}}));
        CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, i),
                                      json_of(cx, ix_format(cx, "{\"t\":%d}", 10 * i)), NULL, 1,
                                      false));
    }
    thing_filter filter = *condition_of(cx, "t", "gt:10");
    filter.in_category = &yes;
    CHECK_TEXT(things_matching(cx, store, &filter, ""), "2 4 6");
    CHECK_TEXT(things_matching(cx, store, &filter, "-uid"), "6 4 2");
    filter.conditions = condition_of(cx, "t", "neq:30")->conditions;
    filter.in_category = &no;
    CHECK_TEXT(things_matching(cx, store, &filter, ""), "1 5");
    CHECK_TEXT(things_matching(cx, store, &filter, "-status.t"), "5 1");
}

/* ---- search ---- */

static const thing_filter *search_of(ix_ctx *cx, const char *text)
{
    thing_filter *filter = ix_new(cx, thing_filter, 1);
    filter->search = text_fold(cx, ix_str_of(text)).at;
    return filter;
}

#define FOUND(text) things_matching(cx, store, search_of(cx, text), "")

TEST("a search finds what title, description, types and uid contain")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, JSON({"title" : "Pump 7 North", "@type" : [ "Pump", "Battery" ]}));
    add_thing(cx, store, 2,
              JSON({"title" : "100% Maß", "description" : "Ölﬁlter of the \"pumps\", 5 \u212B"}));
    add_thing(cx, store, 3, JSON({"title" : "x", "@type" : "Lamp", "properties" : {"north" : {}}}));

    CHECK_TEXT(FOUND("pump"), "1 2");
    CHECK_TEXT(FOUND("PUMP 7"), "1");
    CHECK_TEXT(FOUND("north"), "1");
    CHECK_TEXT(FOUND("batt"), "1");
    CHECK_TEXT(FOUND("LAMP"), "3");
    CHECK_TEXT(FOUND("Filter"), "2");
    CHECK_TEXT(FOUND("ölfi"), "2");
    CHECK_TEXT(FOUND("5 \xC3\xA5"), "2");
    CHECK_TEXT(FOUND("MAẞ"), "2");
    CHECK_TEXT(FOUND("mass"), "");
    CHECK_TEXT(FOUND("0% m"), "2");
    CHECK_TEXT(FOUND("%"), "2");
    CHECK_TEXT(FOUND("_"), "");
    CHECK_TEXT(FOUND("\"pumps\""), "2");
    CHECK_TEXT(FOUND("'"), "");
    CHECK_TEXT(FOUND("*"), "");
    CHECK_TEXT(FOUND("ö"), "2");
    CHECK_TEXT(FOUND("ma"), "2");
    CHECK_TEXT(FOUND("th"), "1 2");
    CHECK_TEXT(FOUND("ß"), "2");
    CHECK_TEXT(FOUND(uid_of(cx, 3)), "3");
    CHECK_TEXT(FOUND("b6000002"), "2");
    CHECK_TEXT(FOUND("01jm"), "1 2 3");
    CHECK_TEXT(FOUND("pump north"), "");
    CHECK_TEXT(FOUND("northpump"), "");
    CHECK_TEXT(FOUND("north" FOLD_BETWEEN "pump"), "");
}

TEST("a search and every other filter must hold, in any order")
{
    store_handle *store = fresh_store(cx);
    add_category(cx, store, "A");
    add_thing(cx, store, 1, JSON({"title" : "B pump", "@type" : "Pump", "categories" : ["A"]}));
    add_thing(cx, store, 2, JSON({"title" : "A pump", "@type" : "Pump"}));
    add_thing(cx, store, 3, JSON({"title" : "Pump", "@type" : "Fan"}));
    thing_filter pumps = *search_of(cx, "pump");
    CHECK_TEXT(things_matching(cx, store, &pumps, "title"), "2 1 3");
    CHECK_TEXT(things_matching(cx, store, &pumps, "-uid"), "3 2 1");
    pumps.type = "Pump";
    CHECK_TEXT(things_matching(cx, store, &pumps, "-title"), "1 2");
    pumps.route_category = "A";
    CHECK_TEXT(things_matching(cx, store, &pumps, ""), "1");
}

TEST("a search knows what was changed and removed")
{
    store_handle *store = fresh_store(cx);
    bool found;
    add_thing(cx, store, 1, JSON({"title" : "Pump"}));
    add_thing(cx, store, 2, JSON({"title" : "Pump"}));
    const thing_row fan = row_of(cx, 1, JSON({"title" : "Fan", "description" : "cold"}));
    CHECK_OK(cx, store_thing_set(cx, store, "farm", &fan));
    CHECK_TEXT(FOUND("pump"), "2");
    CHECK_TEXT(FOUND("fan"), "1");
    CHECK_TEXT(FOUND("cold"), "1");
    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, 2), &found));
    CHECK_TEXT(FOUND("pump"), "");
    add_thing(cx, store, 2, JSON({"title" : "Pump again"}));
    CHECK_TEXT(FOUND("pump"), "2");
}

/* Things that the index knows by this text. */
static int64_t indexed(ix_ctx *cx, store_handle *store, const char *space, const char *text)
{
    const scan_filter filter = {.kind = SCAN_SEARCH, .text = text};
    int64_t least = 100, count;
    for (size_t i = 0; i < scan_parts(store, &filter); i++) {
        const scan_set set = {.filter = &filter, .parts = 1u << i};
        CHECK_OK(cx, scan_estimate(cx, store, space, &set, 100, &count));
        least = count < least ? count : least;
    }
    return least;
}

TEST("a Thing that goes, with its space or alone, leaves nothing in the index of texts")
{
    store_handle *store = fresh_store(cx);
    ix_buf buf = {0};
    bool found;
    for (int i = 0; i < 1500; i++)
        ix_buf_format(&buf, "%d ", i);
    const char *many =
        ix_format(cx, "{\"title\":\"Pump\",\"description\":\"%s\"}", ix_buf_cstr(&buf));
    ix_buf_done(&buf);
    CHECK_OK(cx, store_space_add(cx, store, "farm-2", 1));
    const thing_row other = row_of(cx, 1, JSON({"title" : "Pump"}));
    CHECK_OK(cx, store_thing_add(cx, store, "farm-2", &other));
    for (int i = 1; i <= 3; i++)
        add_thing(cx, store, i, i == 2 ? many : JSON({"title" : "Pump"}));
    CHECK_INT(indexed(cx, store, "farm", "pump"), 3);
    CHECK_INT(indexed(cx, store, "farm", "zzz"), 1); /* the long one */

    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found));
    CHECK_INT(indexed(cx, store, "farm", "pump"), 2);
    CHECK_INT(indexed(cx, store, "farm", "um"), 2);
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    for (bool more = true; more;)
        CHECK_OK(cx, store_removals_purge(cx, store, 2, &more));
    CHECK_INT(indexed(cx, store, "farm", "pump"), 0);
    CHECK_INT(indexed(cx, store, "farm", "m"), 0);
    CHECK_INT(indexed(cx, store, "farm-2", "pump"), 1);
    CHECK_OK(cx, store_check(cx, store));
}

TEST("what is rolled back is not found, and what it replaced is")
{
    store_handle *store = fresh_store(cx);
    add_thing(cx, store, 1, JSON({"title" : "Pump"}));
    CHECK_OK(cx, store_savepoint(cx, store));
    const thing_row fan = row_of(cx, 1, JSON({"title" : "Fan"}));
    CHECK_OK(cx, store_thing_set(cx, store, "farm", &fan));
    add_thing(cx, store, 2, JSON({"title" : "Pump"}));
    CHECK_TEXT(FOUND("fan"), "1");
    CHECK_TEXT(FOUND("pump"), "2");
    store_rollback_to(store);
    CHECK_TEXT(FOUND("fan"), "");
    CHECK_TEXT(FOUND("pump"), "1");
    add_thing(cx, store, 2, JSON({"title" : "Tank"}));
    CHECK_INT(indexed(cx, store, "farm", "pump"), 1);
    CHECK_INT(indexed(cx, store, "farm", "fan"), 0);
    CHECK_TEXT(FOUND("tank"), "2");
}

TEST("a long text is found whole, and a text that many have as well")
{
    store_handle *store = fresh_store(cx);
    ix_buf buf = {0};
    for (int i = 0; i < 1500; i++)
        ix_buf_format(&buf, "%d ", i);
    add_thing(cx, store, 7001,
              ix_format(cx, "{\"title\":\"Long\",\"description\":\"%send\"}", ix_buf_cstr(&buf)));
    ix_buf_done(&buf);
    CHECK_TEXT(FOUND("1498 1499 end"), "7001");
    CHECK_TEXT(FOUND("nd"), "7001");
    CHECK_TEXT(FOUND("1499 1498"), "");

    for (int i = 1; i <= 5100; i++)
        add_thing(cx, store, i, ix_format(cx, "{\"title\":\"Pump %d of many\"}", i));
    CHECK_TEXT(count_of(cx, store, search_of(cx, "of MANY")), "5100");
    CHECK_TEXT(count_of(cx, store, search_of(cx, "m")), "5101");
    CHECK_TEXT(FOUND("pump 4711 of"), "4711");
    CHECK_TEXT(FOUND("many pump"), "");
}
