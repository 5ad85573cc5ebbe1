/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"
#include "api/list.h"

/* A list of the numbers 0 to 9, each written with `width` digits. */
enum { NUMBERS = 10 };

typedef struct numbers {
    int width;
    int asked;    /* how often the store was asked */
    int reported; /* how many items it gave */
} numbers;

/* As a store does: from the boundary of the page on. */
static bool ask_numbers(api_list *list, bool *more)
{
    numbers *numbers = list->call->offloaded;
    numbers->asked++;
    const int step = list->page.is_backward ? -1 : 1;
    const ix_json *boundary = ix_json_item(list->page.boundary, 0);
    int at = (int)ix_json_int(boundary, list->page.is_backward ? NUMBERS : -1) + step;
    for (int count = 0; at >= 0 && at < NUMBERS && count < list->page.limit; count++, at += step) {
        ix_buf_format(list_item(list), "\"%0*d\"", numbers->width, at);
        numbers->reported++;
        if (!list_end_number(list, at))
            break;
    }
    *more = at >= 0 && at < NUMBERS;
    return true;
}

/* One page, as the digits its items end with. */
static const char *page_of(numbers *numbers, const char *query, answer *ret)
{
    api_call *call = call_for("GET", ix_format(world.cx, "/spaces/farm/categories?%s", query));
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, IX_STR("")), PHASE_READ);
    call->offloaded = numbers;
    CHECK_OK(call->cx,
             list_reply(&(api_list){
                 .call = call, .tag = "numbers", .keys = 1, .bytes_max = 100, .ask = ask_numbers}));
    *ret = answer_of(call);
    call_free(call);

    const ix_json *data = ix_json_member(ret->json, "data");
    const char *digits = "";
    for (size_t i = 0; i < ix_json_count(data); i++) {
        const ix_str text = ix_json_str(ix_json_item(data, i));
        digits = ix_format(world.cx, "%s%c", digits, text.at[text.len - 1]);
    }
    return digits;
}

TEST("a page that fits is asked for once")
{
    farm(cx);
    numbers numbers = {.width = 1};
    answer page;
    CHECK_TEXT(page_of(&numbers, "", &page), "0123456789");
    CHECK_INT(numbers.asked, 1);
    CHECK_TEXT(text_at(page, "/paging/next_cursor"), "");
}

TEST("a page that gets too large ends early, and the next one goes on from there")
{
    farm(cx);
    numbers numbers = {.width = 30};
    answer page;
    const char *seen = "", *cursor = "";
    do {
        const char *digits =
            page_of(&numbers, ix_format(cx, "limit=8&next_cursor=%s", cursor), &page);
        CHECK(strlen(digits) < 3); /* 100 bytes are room for two */
        seen = ix_format(cx, "%s%s", seen, digits);
        cursor = text_at(page, "/paging/next_cursor");
    } while (*cursor);
    CHECK_TEXT(seen, "0123456789");

    /* On the last page now: back to the beginning. */
    const char *before = page_of(&numbers, "limit=1000", &page);
    CHECK_TEXT(before, "01");
    CHECK_TEXT(text_at(page, "/paging/previous_cursor"), "");
    CHECK(numbers.reported < 20); /* nothing was read that did not fit, but one item a page */
}

TEST("backwards, too, a page that gets too large leaves nothing out")
{
    farm(cx);
    numbers numbers = {.width = 30};
    answer page;
    page_of(&numbers, "limit=2", &page);
    page_of(&numbers, ix_format(cx, "limit=3&next_cursor=%s", text_at(page, "/paging/next_cursor")),
            &page);
    page_of(&numbers, ix_format(cx, "limit=3&next_cursor=%s", text_at(page, "/paging/next_cursor")),
            &page);
    /* 45; before them come 3 to 0. */
    const char *seen = "";
    for (const char *cursor = text_at(page, "/paging/previous_cursor"); *cursor;
         cursor = text_at(page, "/paging/previous_cursor")) {
        const char *digits =
            page_of(&numbers, ix_format(cx, "limit=8&previous_cursor=%s", cursor), &page);
        CHECK(*text_at(page, "/paging/next_cursor"));
        seen = ix_format(cx, "%s%s", digits, seen);
    }
    CHECK_TEXT(seen, "0123");
}

TEST("one item is shown however large it is, in both directions")
{
    farm(cx);
    numbers numbers = {.width = 300};
    answer page;
    CHECK_TEXT(page_of(&numbers, "", &page), "0");
    const char *next = text_at(page, "/paging/next_cursor");
    CHECK_TEXT(page_of(&numbers, ix_format(cx, "next_cursor=%s", next), &page), "1");
    next = text_at(page, "/paging/next_cursor");
    CHECK_TEXT(page_of(&numbers, ix_format(cx, "next_cursor=%s", next), &page), "2");
    const char *previous = text_at(page, "/paging/previous_cursor");
    CHECK_TEXT(page_of(&numbers, ix_format(cx, "previous_cursor=%s", previous), &page), "1");
    CHECK(*text_at(page, "/paging/previous_cursor") && *text_at(page, "/paging/next_cursor"));
}

TEST("a whole page has four mebibytes at most")
{
    CHECK(PAGE_BYTES_MAX + 2 * CURSOR_MAX + 100 <= 4 << 20);
}

/* ---- lists of large items ---- */

/* What item `i` of a page is known by. */
static const char *name_at(answer page, size_t i, const char *member)
{
    return json_at(page, ix_format(world.cx, "/data/%zu%s", i, member));
}

static const char *cursor_at(answer page, const char *which)
{
    const char *cursor = text_at(page, ix_format(world.cx, "/paging/%s_cursor", which));
    CHECK(cursor && strlen(cursor) <= CURSOR_MAX);
    return cursor;
}

/* All items of a list from a page on, in one direction, known by `member`, with the pages in brackets;
 * *last is the last page that came. */
static const char *walk(const char *list, const char *member, const char *which, const char *cursor,
                        answer *last)
{
    const char *words = "";
    do {
        *last = ask("GET",
                    ix_format(world.cx, "%s%climit=1000&%s_cursor=%s", list,
                              strchr(list, '?') ? '&' : '?', which, cursor),
                    NULL);
        CHECK_INT(last->status, 200);
        CHECK(strlen(last->text) <= 4 << 20);
        const char *page = "";
        for (size_t i = 0; i < ix_json_count(ix_json_member(last->json, "data")); i++)
            page = ix_format(world.cx, "%s%s", page, name_at(*last, i, member));
        words = strcmp(which, "next") == 0 ? ix_format(world.cx, "%s[%s]", words, page)
                                           : ix_format(world.cx, "[%s]%s", page, words);
        cursor = cursor_at(*last, which);
    } while (*cursor);
    return words;
}

/* The words without the brackets. */
static const char *items_of(const char *words)
{
    char *items = ix_strdup(world.cx, words), *to = items;
    for (const char *from = words; *from; from++) {
        if (*from != '[' && *from != ']')
            *to++ = *from;
    }
    *to = '\0';
    return items;
}

/* The list has these items, on so many pages and more than one, there and back again. */
static void check_walk(const char *list, const char *member, const char *want)
{
    answer last;
    const char *there = walk(list, member, "next", "", &last);
    CHECK_TEXT(items_of(there), want);
    CHECK(strchr(there + 1, '['));
    const char *end = walk(list, member, "previous", cursor_at(last, "previous"), &last);
    const size_t before = (size_t)(strrchr(there, '[') - there);
    CHECK_TEXT(items_of(end), items_of(ix_strndup(world.cx, there, before)));
}

/* A JSON text of about so many bytes that begins with the letter. */
static const char *large(char letter, size_t size)
{
    char *text = ix_alloc(world.cx, size + 1);
    memset(text, letter, size);
    text[0] = text[size - 1] = '"';
    return text;
}

TEST("a history of large values comes in short pages, both ways")
{
    farm(cx);
    const char *thing = thing_made("{\"properties\":{\"a\":{},\"b\":{}}}");
    const char *path = path_to(thing, "/properties-history");
    const char *want = "";
    for (int i = 1; i <= 9; i++) {
        const char *at = ix_format(cx, "\"2024-01-%02dT00:00:00Z\"", i);
        const char *name = i % 3 ? "a" : "b";
        CHECK_INT(ask("POST", path,
                      ix_format(cx, "{\"at\":%s,\"properties\":{\"%s\":%s}}", at, name,
                                large('x', 900000)))
                      .status,
                  201);
        want = ix_format(cx, "%s%s", at, want);
    }
    check_walk(path, "/at", want);
    check_walk(path_to(path, "?group=true"), "/at", want);
    CHECK_INT(ask("GET", path_to(path, "?at=9999"), NULL).status, 200);
}

TEST("large Things come in short pages, in any order, both ways")
{
    enum { THINGS = 60 };
    farm(cx);
    const char *up = "", *down = "", *sorted = "";
    for (int i = 0; i < THINGS; i++) {
        const char *n = ix_format(cx, "\"%02d\"", i);
        CHECK_INT(ask("POST", "/spaces/farm/things",
                      ix_format(cx,
                                "{\"title\":%s,\"x\":[%d,%s],"
                                "\"properties\":{\"v\":{}},\"status\":{\"v\":%d}}",
                                n, i % 10, large((char)('A' + i), 100000), -i))
                      .status,
                  201);
        up = ix_format(cx, "%s%s", up, n);
        down = ix_format(cx, "%s%s", n, down);
    }
    for (int i = 0; i < THINGS; i++)
        sorted = ix_format(cx, "%s\"%02d\"", sorted, i / 6 + i % 6 * 10);
    check_walk("/spaces/farm/things", "/title", up);
    check_walk("/spaces/farm/things?sort=-uid", "/title", down);
    check_walk("/spaces/farm/things?sort=status.v", "/title", down);
    check_walk("/spaces/farm/things?sort=x", "/title", sorted);
    check_walk("/spaces/farm/things?sort=-status_at.v", "/title", down);
    check_walk("/spaces/farm/things?sort=nothing,status_at.v", "/title", up);
    check_walk("/spaces/farm/things?sort=nothing,x,-title", "/title", sorted);
}

TEST("large actions and events come in short pages, both ways")
{
    farm(cx);
    const char *thing = thing_made(JSON({"actions" : {"a" : {}}, "events" : {"e" : {}}}));
    const char *actions = "", *events = "";
    for (int i = 1; i <= 9; i++) {
        const char *value = large('x', 900000);
        const answer action = ask("POST", path_to(thing, "/actions/a"),
                                  ix_format(cx, "{\"a\":{\"input\":%s}}", value));
        const answer event =
            ask("POST", path_to(thing, "/events/e"), ix_format(cx, "{\"e\":{\"data\":%s}}", value));
        CHECK_INT(action.status, 201);
        CHECK_INT(event.status, 201);
        actions = ix_format(cx, "%s%s", actions, json_at(action, "/a/href"));
        events = ix_format(cx, "%s%s", events, json_at(event, "/e/href"));
    }
    check_walk(path_to(thing, "/actions"), "/a/href", actions);
    check_walk(path_to(thing, "/actions/a"), "/a/href", actions);
    check_walk(path_to(thing, "/events"), "/e/href", events);
    check_walk(path_to(thing, "/events/e"), "/e/href", events);
}

TEST("Categories and Models with long descriptions come in short pages, both ways")
{
    farm(cx);
    const char *want = "";
    for (int i = 0; i < 9; i++) {
        const char *name = ix_format(cx, "\"N%d\"", i);
        const char *body =
            ix_format(cx, "{\"name\":%s,\"description\":%s}", name, large('x', 900000));
        CHECK_INT(ask("POST", "/spaces/farm/categories", body).status, 201);
        CHECK_INT(ask("POST", "/spaces/farm/models", body).status, 201);
        want = ix_format(cx, "%s%s", want, name);
    }
    check_walk("/spaces/farm/categories", "/name", want);
    check_walk("/spaces/farm/models", "/name", want);
}

/* Page by page with one Thing each, from the first to the last, or back to the first. */
static const char *step_by_step(const char *list, const char *which, const char *cursor,
                                const char **last)
{
    const char *words = "";
    do {
        const answer page =
            ask("GET", ix_format(world.cx, "%s&limit=1&%s_cursor=%s", list, which, cursor), NULL);
        CHECK_INT(page.status, 200);
        const char *uid = name_at(page, 0, "/uid");
        words = strcmp(which, "next") == 0 ? ix_format(world.cx, "%s%s", words, uid)
                                           : ix_format(world.cx, "%s%s", uid, words);
        cursor = cursor_at(page, which);
        *last = cursor_at(page, "previous");
    } while (*cursor);
    return words;
}

TEST("sorted by what is long, a list has each Thing once, and its cursors are short")
{
    enum { THINGS = 12 };
    static const char *const sorts[] = {
        "status.v",
        "-status.v",
        "title",
        "-title",
        "x",
        "-x",
        "x,-status.v,title,y.a,-y.b,nothing",
        "nothing,title,-x,status.v",
    };
    farm(cx);
    const char *head = ix_strndup(cx, large('h', 20002) + 1, 20000);
    for (int i = 0; i < THINGS; i++) {
        const char *text = ix_format(cx, "\"%s%02d\"", head, i * 5 % THINGS);
        CHECK_INT(ask("POST", "/spaces/farm/things",
                      ix_format(cx,
                                "{\"title\":%s,\"x\":{\"k\":%s},\"y\":{\"a\":[%s],\"b\":%s},"
                                "\"properties\":{\"v\":{}},\"status\":{\"v\":%s}}",
                                text, text, text, text, text))
                      .status,
                  201);
    }
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
        const char *list = ix_format(cx, "/spaces/farm/things?sort=%s", sorts[i]), *last;
        const answer all = ask("GET", list, NULL);
        const char *together = "";
        for (size_t k = 0; k < THINGS; k++)
            together = ix_format(cx, "%s%s", together, name_at(all, k, "/uid"));
        CHECK_TEXT(step_by_step(list, "next", "", &last), together);
        const size_t one = strlen(together) / THINGS;
        CHECK_TEXT(step_by_step(list, "previous", last, &last),
                   ix_strndup(cx, together, (THINGS - 1) * one));
    }
}
