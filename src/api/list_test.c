/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"
#include "api/list.h"

/* A list of the numbers 0 to 9, each written with `width` digits. */
enum { NUMBERS = 10 };

typedef struct numbers {
    int width;
    int asked; /* how often the store was asked */
} numbers;

static bool ask_numbers(list *list, bool *more)
{
    ix_ctx *cx = list->call->cx;
    numbers *numbers = list->call->prepared;
    numbers->asked++;
    const int edge =
        (int)ix_json_int(ix_json_item(list->page.edge, 0), list->page.is_backward ? NUMBERS : -1);
    const int from = !list->page.is_backward   ? edge + 1
                     : edge > list->page.limit ? edge - list->page.limit
                                               : 0;
    const int end = list->page.is_backward ? edge : NUMBERS;
    const int to = end - from > list->page.limit ? from + list->page.limit : end;
    *more = list->page.is_backward ? from > 0 : to < NUMBERS;
    for (int i = from; i < to; i++) {
        if (!list_item(list))
            break;
        ix_buf_format(&list->call->reply, "\"%0*d\"", numbers->width, i);
        ix_json *keys = ix_json_new_array(cx);
        CHECK(keys && ix_json_append(cx, keys, ix_json_new_int(cx, i)));
        if (list_wants_keys(list))
            list_keys(list, keys);
    }
    return true;
}

/* One page, as the digits its items end with. */
static const char *page_of(numbers *numbers, const char *query, answer *ret)
{
    call *call = call_for("GET", ix_format(world.cx, "/spaces/farm/categories?%s", query));
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, IX_STR("")), LANE_READ);
    call->prepared = numbers;
    CHECK_OK(call->cx,
             list_reply(&(list){
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
    const char *seen = "", *mark = "";
    do {
        const char *digits =
            page_of(&numbers, ix_format(cx, "limit=8&next_cursor=%s", mark), &page);
        CHECK(strlen(digits) < 5);
        seen = ix_format(cx, "%s%s", seen, digits);
        mark = text_at(page, "/paging/next_cursor");
    } while (*mark);
    CHECK_TEXT(seen, "0123456789");

    /* On the last page now: back to the beginning. */
    const char *before = page_of(&numbers, "limit=1000", &page);
    CHECK_TEXT(before, "012");
    CHECK_TEXT(text_at(page, "/paging/previous_cursor"), "");
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
    /* 567; before them come 4 to 0. */
    const char *seen = "";
    for (const char *mark = text_at(page, "/paging/previous_cursor"); *mark;
         mark = text_at(page, "/paging/previous_cursor")) {
        const char *digits =
            page_of(&numbers, ix_format(cx, "limit=8&previous_cursor=%s", mark), &page);
        CHECK(*text_at(page, "/paging/next_cursor"));
        seen = ix_format(cx, "%s%s", digits, seen);
    }
    CHECK_TEXT(seen, "01234");
}

TEST("one item is shown however large it is")
{
    farm(cx);
    numbers numbers = {.width = 300};
    answer page;
    CHECK_TEXT(page_of(&numbers, "", &page), "0");
    CHECK(*text_at(page, "/paging/next_cursor"));
}
