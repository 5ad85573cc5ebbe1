/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a list is sorted and filtered by, its pages, put together, are what the domain makes of the
 * same things in memory: forward, and back again.
 *
 * Things and lists are made by chance, always the same chance.
 */
#include "domain/sort.h"
#include "store/store_test.h"

enum {
    MANY = 5600, /* more than SELECTIVE_MAX, so that a filtered list, too, goes along an index */
    ALL = 10000, /* pages */
};

/* ---- chance ---- */

typedef struct chance {
    uint64_t state;
} chance;

static unsigned below(chance *chance, unsigned end)
{
    chance->state = chance->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(chance->state >> 33) % end;
}

#define ONE_OF(chance, list) (list)[below(chance, sizeof(list) / sizeof((list)[0]))]

/* ---- things, in the store and in memory ---- */

/* Of every kind, some of them equal, some nearly. NULL: the thing has no such property. */
static const char *const values[] = {
    NULL,
    NULL,
    "null",
    "true",
    "false",
    "0",
    "-0.0",
    "1",
    "1.0",
    "-1",
    "2.5",
    "-1e300",
    "1e300",
    "9007199254740993",
    "9007199254740992.0",
    "9223372036854775807",
    "-9223372036854775808",
    "\"\"",
    "\"a\"",
    "\"ab\"",
    "\"1\"",
    "\"true\"",
    "\"\\u00e9\"",
    "[]",
    "[1]",
    "[1,2]",
    "[1,\"a\"]",
    "[[],1]",
    "{}",
    "{\"a\":1}",
    "{\"b\":0,\"a\":1}",
    "{\"a\":{\"b\":2}}",
};
static const char *const titles[] = {"", "a", "b", "\\u00e9", "Z"};

/* A thing by chance, with up to three properties; the same as a document, for the domain. */
static ix_json *add_random(ix_ctx *cx, store_handle *store, chance *chance, int number)
{
    static const char *const names[] = {"p", "q", "d.e"};
    ix_buf properties = {0};
    ix_buf status = {0};
    for (size_t i = 0; i < 3; i++) {
        const char *value = ONE_OF(chance, values);
        if (!value)
            continue;
        ix_buf_format(&properties, "%s\"%s\":{}", properties.len ? "," : "", names[i]);
        ix_buf_format(&status, "%s\"%s\":%s", status.len ? "," : "", names[i], value);
    }
    const char *doc =
        ix_format(cx, "{\"title\":\"%s\",\"n\":%u,\"categories\":[%s],\"properties\":{%s}}",
                  ONE_OF(chance, titles), below(chance, 3), below(chance, 2) ? "\"A\"" : "",
                  ix_buf_cstr(&properties));
    ix_json *thing = json_of(cx, doc);
    const ix_json *kept = json_of(cx, ix_format(cx, "{%s}", ix_buf_cstr(&status)));
    thing_row row = row_of(cx, number, doc);
    row.created_us = below(chance, 7);
    row.modified_us = below(chance, 1000);
    CHECK_OK(cx, store_thing_add(cx, store, "farm", &row));
    CHECK_OK(cx, store_values_set(cx, store, "farm", row.uid, kept, NULL, 1, false));
    CHECK(ix_json_set(cx, thing, "uid", ix_json_new_string(cx, row.uid)) &&
          ix_json_set(cx, thing, "status", kept) &&
          ix_json_set(cx, thing, "created", ix_json_new_int(cx, row.created_us)) &&
          ix_json_set(cx, thing, "modified", ix_json_new_int(cx, row.modified_us)));
    ix_buf_done(&properties);
    ix_buf_done(&status);
    return thing;
}

typedef struct world {
    store_handle *store;
    const ix_json **things;
    size_t count;
} world;

static world world_of(ix_ctx *cx, chance *chance, size_t count)
{
    world world = {fresh_store(cx), ix_new(cx, const ix_json *, count), count};
    add_category(cx, world.store, "A");
    for (size_t i = 0; i < count; i++)
        world.things[i] = add_random(cx, world.store, chance, (int)i + 1);
    return world;
}

/* ---- what the domain says ---- */

static const sort_list *sort_in_hand; /* of compare_things */

static int compare_things(const void *a, const void *b)
{
    return sort_compare(sort_in_hand, *(const ix_json *const *)a, *(const ix_json *const *)b);
}

static bool is_meant(const thing_filter *filter, const ix_json *thing)
{
    const bool in_category = ix_json_count(ix_json_member(thing, "categories")) > 0;
    return (!filter->in_category || *filter->in_category == in_category) &&
           conditions_hold(filter->conditions, ix_json_member(thing, "status"));
}

/* Numbers of the things that match, sorted, as `hear_thing` says them. */
static const char *expected(ix_ctx *cx, const world *world, const thing_filter *filter,
                            const sort_list *sort)
{
    size_t count = 0;
    heard heard = {.cx = cx};
    const ix_json **meant = ix_new(cx, const ix_json *, world->count);
    for (size_t i = 0; i < world->count; i++) {
        if (is_meant(filter, world->things[i]))
            meant[count++] = world->things[i];
    }
    sort_in_hand = sort;
    qsort(meant, count, sizeof(*meant), compare_things);
    for (size_t i = 0; i < count; i++)
        hear_uid(&heard, ix_json_str(ix_json_member(meant[i], "uid")));
    return words_of(cx, &heard);
}

/* ---- what the pages say ---- */

/* Pages from the first on, at most `most` of them; or back again, from where `*boundary` is to the first. */
static const char *pages(ix_ctx *cx, const world *world, const thing_filter *filter,
                         const sort_list *sort, int limit, int most, const ix_json **boundary)
{
    heard heard = {.cx = cx};
    page_range page = {.limit = limit, .boundary = *boundary, .is_backward = *boundary != NULL};
    const char *all = "";
    bool more = true;
    for (int i = 0; more && i < most; i++) {
        CHECK_OK(cx, store_things_list(cx, world->store, "farm", filter, sort, &page, hear_thing,
                                       &heard, &more));
        if (heard.count == 0)
            break;
        *boundary = heard.last;
        page.boundary = heard.last;
        const char *words = words_of_page(cx, &heard, &page);
        const char *first = page.is_backward ? words : all;
        const char *second = page.is_backward ? all : words;
        all = ix_format(cx, "%s%s%s", first, *all ? " " : "", second);
    }
    return all;
}

/* Without the last word, which is the thing that the way back starts from. */
static const char *without_last(ix_ctx *cx, const char *words)
{
    const char *last = strrchr(words, ' ');
    return last ? ix_strndup(cx, words, (size_t)(last - words)) : "";
}

/* The first pages of a list, and back again. */
static void check_list(ix_ctx *cx, const world *world, const thing_filter *filter,
                       const sort_list *sort, int limit, int most)
{
    const char *want = expected(cx, world, filter, sort);
    const ix_json *boundary = NULL;
    const char *there = pages(cx, world, filter, sort, limit, most, &boundary);
    if (most < ALL) /* pages beyond these are not looked at */
        want = ix_strndup(cx, want, strlen(there) < strlen(want) ? strlen(there) : strlen(want));
    if (strcmp(there, want) != 0)
        print_error("sort=%s\n", sort_text(cx, sort));
    CHECK_TEXT(there, want);
    if (!boundary)
        return;
    const char *back = pages(cx, world, filter, sort, limit, ALL, &boundary);
    if (strcmp(back, without_last(cx, want)) != 0)
        print_error("back, sort=%s\n", sort_text(cx, sort));
    CHECK_TEXT(back, without_last(cx, want));
}

/* ---- lists by chance ---- */

static sort_list random_sort(chance *chance)
{
    static const char *const paths[] = {"status.p", "status.p",   "status.q", "title", "created",
                                        "modified", "status.d.e", "n",        "uid",   "uid"};
    sort_list sort = {.count = below(chance, 4)};
    for (size_t i = 0; i < sort.count; i++)
        sort.keys[i] = (sort_key){ONE_OF(chance, paths), below(chance, 2) == 1};
    return sort;
}

static void random_filter(ix_ctx *cx, chance *chance, thing_filter *ret)
{
    static const bool yes = true, no = false;
    static const char *const names[] = {"p", "p", "q", "d.e", "p.a"};
    static const char *const ops[] = {"", "eq:", "neq:", "gt:", "gte:", "lt:", "lte:", "contains:"};
    static const char *const texts[] = {"0",    "1",    "-1", "2.5",       "9007199254740993",
                                        "a",    "ab",   "",   "true",      "false",
                                        "null", "[1]",  "[]", "{\"a\":1}", "{\"a\":1,\"b\":0.0}",
                                        "é",    "1e300"};
    *ret = (thing_filter){0};
    if (below(chance, 3) == 0)
        ret->in_category = below(chance, 2) ? &yes : &no;
    for (unsigned i = below(chance, 3); i > 0; i--) {
        filter_condition *made = ix_new(cx, filter_condition, 1);
        const char *text = ix_format(cx, "%s%s", ONE_OF(chance, ops), ONE_OF(chance, texts));
        CHECK_OK(cx, condition_parse(cx, ix_str_of(ONE_OF(chance, names)), ix_str_of(text), made));
        made->next = ret->conditions;
        ret->conditions = made;
    }
}

TEST("pages of all things are in the order that the domain gives them")
{
    chance chance = {1};
    const world world = world_of(cx, &chance, 60);
    for (int i = 0; i < 50; i++) {
        const sort_list sort = random_sort(&chance);
        check_list(cx, &world, &(thing_filter){0}, &sort, 1 + (int)below(&chance, 20), ALL);
    }
}

TEST("so are pages of those that match")
{
    chance chance = {2};
    const world world = world_of(cx, &chance, 60);
    for (int i = 0; i < 100; i++) {
        thing_filter filter;
        const sort_list sort = random_sort(&chance);
        random_filter(cx, &chance, &filter);
        check_list(cx, &world, &filter, &sort, 1 + (int)below(&chance, 20), ALL);
    }
}

TEST("so are pages of many that match")
{
    static const struct {
        const char *name, *condition, *path;
    } rows[] = {
        {"p", "gt:20", "status.p"},      {"p", "lt:85", "status.p"},  {"p", "neq:7", "status.p"},
        {"p", "neq:93", "status.p"},     {"q", "neq:w1", "status.p"}, {"q", "gt:a", "status.q"},
        {"q", "contains:w", "status.q"}, {"p", "gte:0", "created"},   {"q", "lt:x", "uid"},
    };
    chance chance = {3};
    const world world = {fresh_store(cx), ix_new(cx, const ix_json *, MANY), MANY};
    for (int i = 1; i <= MANY; i++) {
        const char *p = i % 100 ? ix_format(cx, ",\"p\":%u", below(&chance, 100)) : "";
        const char *status = ix_format(cx, "{\"q\":\"w%u\"%s}", below(&chance, 50), p);
        add_values(cx, world.store, i, status);
        world.things[i - 1] =
            json_of(cx, ix_format(cx, "{\"uid\":\"%s\",\"created\":%d,\"status\":%s}",
                                  uid_of(cx, i), i, status));
    }
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        filter_condition condition;
        const sort_list sort = {.keys = {{rows[i / 2].path, i % 2}}, .count = 1};
        CHECK_OK(cx, condition_parse(cx, ix_str_of(rows[i / 2].name),
                                     ix_str_of(rows[i / 2].condition), &condition));
        check_list(cx, &world, &(thing_filter){.conditions = &condition}, &sort, 150, 3);
    }

    /* As many conditions and keys as there may be. */
    sort_list sort = {.count = SORT_KEYS_MAX};
    filter_condition conditions[FILTER_CONDITIONS_MAX];
    for (size_t i = 0; i < FILTER_CONDITIONS_MAX; i++) {
        CHECK_OK(cx, condition_parse(cx, IX_STR("p"), IX_STR("neq:[1]"), &conditions[i]));
        if (i > 0)
            conditions[i - 1].next = &conditions[i];
    }
    for (size_t i = 0; i < SORT_KEYS_MAX; i++)
        sort.keys[i] = (sort_key){i % 2 ? "status.q" : "status.p", i > 3};
    check_list(cx, &world, &(thing_filter){.conditions = conditions}, &sort, 20, 2);
}

/* A Thing with values by chance, of which there are few different ones. */
static const ix_json *add_alike(ix_ctx *cx, store_handle *store, chance *chance, int number,
                                const char *head)
{
    static const char *const few[] = {NULL, "null", "true", "1", "2.5", "[1]"};
    ix_buf status = {0};
    const char *p = ONE_OF(chance, few);
    ix_buf_format(&status, "\"q\":\"%s%u\"", head, below(chance, 3));
    if (p)
        ix_buf_format(&status, ",\"p\":%s", p);
    if (below(chance, 3))
        ix_buf_format(&status, ",\"r\":%u", below(chance, 100));
    const ix_json *kept = json_of(cx, ix_format(cx, "{%s}", ix_buf_cstr(&status)));
    ix_buf_done(&status);
    const char *doc =
        ix_format(cx, "{\"title\":\"%s%02u\",\"n\":%u,\"properties\":{\"p\":{},\"q\":{},\"r\":{}}}",
                  head, below(chance, 90), below(chance, 3));
    ix_json *thing = json_of(cx, doc);
    thing_row row = row_of(cx, number, doc);
    row.created_us = below(chance, 4);
    CHECK_OK(cx, store_thing_add(cx, store, "farm", &row));
    CHECK_OK(cx, store_values_set(cx, store, "farm", row.uid, kept, NULL, 1, false));
    CHECK(ix_json_set(cx, thing, "uid", ix_json_new_string(cx, row.uid)) &&
          ix_json_set(cx, thing, "status", ix_json_copy(cx, kept)) &&
          ix_json_set(cx, thing, "created", ix_json_new_int(cx, row.created_us)));
    return thing;
}

TEST("where many Things have the first keys in common, the next ones decide")
{
    enum { ALIKE = 400 };
    static const char *const paths[] = {"status.p", "status.q", "status.r", "title",
                                        "created",  "uid",      "n",        "status.p"};
    chance chance = {4};
    const world world = {fresh_store(cx), ix_new(cx, const ix_json *, ALIKE), ALIKE};
    for (int i = 1; i <= ALIKE; i++)
        world.things[i - 1] = add_alike(cx, world.store, &chance, i, "w");
    for (int i = 0; i < 40; i++) {
        filter_condition condition;
        sort_list sort = {.count = 2 + below(&chance, 3)};
        for (size_t k = 0; k < sort.count; k++)
            sort.keys[k] = (sort_key){ONE_OF(&chance, paths), below(&chance, 2) == 1};
        if (strcmp(sort.keys[0].path, "uid") == 0)
            sort.keys[0].path = "status.q";
        CHECK_OK(cx, condition_parse(cx, IX_STR("q"), IX_STR("neq:w2"), &condition));
        const thing_filter filter = {.conditions = i % 3 == 0 ? &condition : NULL};
        check_list(cx, &world, &filter, &sort, 2 + (int)below(&chance, 12), 20);
    }
}

TEST("Things with one of a few values are in the order of uids, forward and back")
{
    enum { ALIKE = 400 };
    static const char *const conditions[][2] = {{"q", "neq:w2"}, {"q", "gt:w"}, {"p", "gte:1"},
                                                {"p", "neq:1"},  {"r", "lt:9"}, {"r", "gt:80"}};
    chance chance = {6};
    const world world = {fresh_store(cx), ix_new(cx, const ix_json *, ALIKE), ALIKE};
    for (int i = 1; i <= ALIKE; i++)
        world.things[i - 1] = add_alike(cx, world.store, &chance, i, "w");
    for (size_t i = 0; i < 2 * sizeof(conditions) / sizeof(conditions[0]); i++) {
        filter_condition condition;
        const sort_list sort = {.keys = {{"uid", i % 2}}, .count = 1};
        CHECK_OK(cx, condition_parse(cx, ix_str_of(conditions[i / 2][0]),
                                     ix_str_of(conditions[i / 2][1]), &condition));
        check_list(cx, &world, &(thing_filter){.conditions = &condition}, &sort, 7, ALL);
    }
}

TEST("keys that are long together have an order of their own, the same on every page")
{
    enum { LONG = 120 };
    chance chance = {5};
    char *head = ix_alloc(cx, 601);
    memset(head, 'x', 600);
    const world world = {fresh_store(cx), ix_new(cx, const ix_json *, LONG), LONG};
    for (int i = 1; i <= LONG; i++)
        world.things[i - 1] = add_alike(cx, world.store, &chance, i, head);
    for (int down = 0; down < 4; down++) {
        const sort_list sort = {.keys = {{"status.q", down & 1}, {"title", down & 2}}, .count = 2};
        const thing_filter all = {0};
        const ix_json *boundary = NULL;
        const char *together = pages(cx, &world, &all, &sort, LONG, ALL, &boundary);
        boundary = NULL;
        CHECK_TEXT(pages(cx, &world, &all, &sort, 3, ALL, &boundary), together);
        CHECK_TEXT(pages(cx, &world, &all, &sort, 3, ALL, &boundary), without_last(cx, together));
    }
}

TEST("values that begin alike for long have an order of their own, the same on every page")
{
    store_handle *store = fresh_store(cx);
    char *head = ix_alloc(cx, 2001);
    memset(head, 'x', 2000);
    for (int i = 1; i <= 30; i++)
        add_values(cx, store, i, ix_format(cx, "{\"p\":\"%s%d\"}", head, (i * 7) % 30));
    const world world = {store, NULL, 0};
    for (int descending = 0; descending <= 1; descending++) {
        const sort_list sort = {.keys = {{"status.p", descending}}, .count = 1};
        const thing_filter all = {0};
        const ix_json *boundary = NULL;
        const char *together = pages(cx, &world, &all, &sort, 30, ALL, &boundary);
        boundary = NULL;
        CHECK_TEXT(pages(cx, &world, &all, &sort, 4, ALL, &boundary), together);
        CHECK_TEXT(pages(cx, &world, &all, &sort, 4, ALL, &boundary), without_last(cx, together));
    }
}

TEST("a member whose own name begins with status. is what a sort key speaks of")
{
    store_handle *store = fresh_store(cx);
    add_values(cx, store, 1, JSON({"p" : 1}));
    add_values(cx, store, 2, JSON({"p" : 2}));
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){0}, "status.p"), "1 2");
    add_thing(cx, store, 3, JSON({"status.p" : 0}));
    CHECK_TEXT(things_matching(cx, store, &(thing_filter){0}, "status.p"), "3 1 2");
}

static bool see_thing(void *arg, const thing_view *view, ix_str keys)
{
    size_t *bytes = arg;
    *bytes += view->doc.len + keys.len;
    return true;
}

TEST(
    "what a list takes in memory is bounded, whatever it is sorted by and however large things are")
{
    enum { THINGS = 150, SIZE = 100000, MEMORY = 4 << 20 };
    static const char *const paths[] = {"uid", "title", "x", "status.p"};
    store_handle *store = fresh_store(cx);
    char *text = ix_alloc(cx, SIZE + 1);
    memset(text, 'x', SIZE);
    for (int i = 1; i <= THINGS; i++) {
        ix_ctx own;
        CHECK(ix_ctx_init(&own, 0));
        add_thing(&own, store, i,
                  ix_format(&own, "{\"title\":\"%d\",\"x\":[\"%s\",%d],\"properties\":{\"p\":{}}}",
                            i, text, i));
        CHECK_OK(&own, store_values_set(&own, store, "farm", uid_of(&own, i),
                                        json_of(&own, ix_format(&own, "{\"p\":\"%s%d\"}", text, i)),
                                        NULL, i, false));
        ix_ctx_done(&own);
    }
    for (size_t i = 0; i < 2 * sizeof(paths) / sizeof(paths[0]); i++) {
        const sort_list sort = {.keys = {{paths[i / 2], i % 2}}, .count = 1};
        const page_range page = {.limit = 1000, .is_backward = i % 3 == 0};
        ix_ctx small;
        size_t bytes = 0;
        bool more;
        CHECK(ix_ctx_init(&small, MEMORY));
        CHECK_OK(&small, store_things_list(&small, store, "farm", &(thing_filter){0}, &sort, &page,
                                           see_thing, &bytes, &more));
        CHECK(!more && bytes > (size_t)THINGS * SIZE);
        ix_ctx_done(&small);
    }
}
