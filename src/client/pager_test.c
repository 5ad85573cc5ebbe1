/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "client/fake_transport_test.h"

/* A page with these items and marks. */
#define PAGE(items, next, previous)                                         \
    SAYS(200, "{\"data\": " items ", \"paging\": {\"next_cursor\": \"" next \
              "\", \"previous_cursor\": \"" previous "\"}}")

static iots_pager *list(fake *fake, const iots_list_opts *opts)
{
    return iots_categories_list(fake_farm(fake), opts);
}

/* All items that are left, which are numbers, as text: "1 2 3 ". */
static const char *rest(ix_ctx *cx, iots_pager *pager)
{
    const char *text = "";
    for (const iots_json *item; (item = iots_pager_next(pager));)
        text = ix_format(cx, "%s%d ", text, (int)iots_json_integer(item, "", -1));
    return text;
}

TEST("making a pager asks nothing")
{
    fake fake = FAKE(PAGE("[]", "", ""));
    iots_pager *pager = list(&fake, NULL);
    CHECK(iots_ok(iots_pager_reply(pager)));
    CHECK(!iots_reply_body(iots_pager_reply(pager)));
    CHECK_INT(fake.count, 0);
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("a pager goes through all pages, asking for each once")
{
    fake fake = FAKE(PAGE("[1,2]", "m1", ""), PAGE("[3,4]", "m2", "m0"), PAGE("[5]", "", "m1"));
    iots_pager *pager = list(&fake, IOTS_LIST(.limit = 2));
    CHECK_TEXT(rest(cx, pager), "1 2 3 4 5 ");
    CHECK(iots_ok(iots_pager_reply(pager)));
    CHECK(!iots_pager_next(pager));
    CHECK_INT(fake.count, 3);
    CHECK_TEXT(asked(&fake, 0), "GET http://iots.test/spaces/farm/categories?limit=2");
    CHECK_TEXT(asked(&fake, 1),
               "GET http://iots.test/spaces/farm/categories?limit=2&next_cursor=m1");
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("every page is asked for with the parameters, headers and timeouts of the first")
{
    fake fake = FAKE(PAGE("[1]", "m/1", ""), PAGE("[2]", "", ""));
    char title[] = "Boiler";
    iots_pager *pager =
        iots_things_list(iots_space_things(fake_farm(&fake)),
                         IOTS_LIST(.params = IOTS_PARAMS({"title", title}, {"limit", "1"}),
                                   .headers = IOTS_PARAMS({"X-A", "1"}), .timeout_ms = 77));
    memset(title, 'x', sizeof title - 1); /* the pager has a copy */
    CHECK_TEXT(rest(cx, pager), "1 2 ");
    CHECK_TEXT(asked(&fake, 1),
               "GET http://iots.test/spaces/farm/things?limit=1&next_cursor=m%2F1&title=Boiler");
    CHECK(sent_header(&fake, 1, "X-A: 1"));
    CHECK_INT(fake.last.read_timeout_ms, 77);
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("an empty page in between is passed over")
{
    fake fake = FAKE(PAGE("[]", "m1", ""), PAGE("[]", "m2", ""), PAGE("[3]", "", ""));
    iots_pager *pager = list(&fake, NULL);
    CHECK_TEXT(rest(cx, pager), "3 ");
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("a failure ends the list, and the reply says which it was")
{
    fake fake =
        FAKE(PAGE("[1]", "m1", ""), SAYS(404, "{\"error\": {\"message\": \"Item not found\"}}"));
    iots_pager *pager = list(&fake, NULL);
    CHECK_TEXT(rest(cx, pager), "1 ");
    CHECK_INT(iots_reply_code(iots_pager_reply(pager)), IOTS_NOT_FOUND);
    CHECK_TEXT(iots_error(iots_pager_reply(pager)), "Item not found");
    CHECK(!iots_pager_next(pager));
    CHECK_INT(fake.count, 2);
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("an answer that is not a page, or the same page again, is a failure")
{
    fake fake = FAKE(SAYS(200, "{}"));
    iots_pager *pager = list(&fake, NULL);
    CHECK(!iots_pager_next(pager));
    CHECK_TEXT(iots_error(iots_pager_reply(pager)), "The answer is not a page: it has no data");
    iots_pager_free(pager);
    fake_done(&fake);

    fake = (struct fake)FAKE(PAGE("[1]", "m1", ""), PAGE("[2]", "m1", ""));
    pager = list(&fake, NULL);
    CHECK_TEXT(rest(cx, pager), "1 ");
    CHECK_TEXT(iots_error(iots_pager_reply(pager)), "The server gives the same page again");
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("pages can be turned forward and back")
{
    fake fake = FAKE(PAGE("[3]", "m3", "m2"), PAGE("[2]", "m2", "m1"), PAGE("[3]", "", "m2"));
    iots_pager *pager = list(&fake, IOTS_LIST(.next_cursor = "m2"));
    CHECK(iots_pager_next_page(pager));
    CHECK(iots_pager_previous_page(pager));
    CHECK_TEXT(asked(&fake, 1), "GET http://iots.test/spaces/farm/categories?previous_cursor=m2");
    CHECK_TEXT(rest(cx, pager), "2 3 ");
    CHECK_TEXT(asked(&fake, 2), "GET http://iots.test/spaces/farm/categories?next_cursor=m2");
    CHECK(!iots_pager_next_page(pager));
    CHECK(iots_ok(iots_pager_reply(pager)));
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("a pager that keeps its pages keeps their items, and asks for nothing twice")
{
    fake fake =
        FAKE(PAGE("[\"a\"]", "m1", "m0"), PAGE("[\"b\"]", "", "m1"), PAGE("[\"z\"]", "m", ""));
    iots_pager *pager = list(&fake, IOTS_LIST(.keep = true));
    const iots_json *a = iots_pager_next(pager);
    const iots_json *b = iots_pager_next(pager);
    CHECK(!iots_pager_next(pager));
    CHECK_TEXT(iots_json_string(a, ""), "a");
    CHECK_TEXT(iots_json_string(b, ""), "b");

    iots_pager_rewind(pager);
    CHECK(iots_pager_next(pager) == a);
    CHECK(iots_pager_next(pager) == b);
    CHECK_INT(fake.count, 2);

    iots_pager_rewind(pager);
    CHECK(iots_pager_previous_page(pager));
    CHECK_TEXT(iots_json_string(iots_pager_next(pager), ""), "z");
    CHECK(iots_pager_next(pager) == a);
    CHECK_INT(fake.count, 3);
    iots_pager_rewind(pager);
    CHECK(iots_pager_next(pager) == a);
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("a pager that keeps nothing asks again after going back to the start")
{
    fake fake = FAKE(PAGE("[1]", "", ""), PAGE("[1]", "", ""));
    iots_pager *pager = list(&fake, NULL);
    CHECK_TEXT(rest(cx, pager), "1 ");
    iots_pager_rewind(pager);
    CHECK_TEXT(rest(cx, pager), "1 ");
    CHECK_INT(fake.count, 2);
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("any paged operation can be listed by its name; others say that they are none")
{
    fake fake = FAKE(PAGE("[1]", "m1", ""), PAGE("[2]", "", ""));
    iots_api *api = fake_api(&fake);
    iots_pager *pager =
        iots_api_list(api, "things_list",
                      IOTS_PARAMS({"space", "farm"}, {"sort", "-created"}, {"next_cursor", "m0"}),
                      NULL);
    CHECK_TEXT(rest(cx, pager), "1 2 ");
    CHECK_TEXT(asked(&fake, 0),
               "GET http://iots.test/spaces/farm/things?sort=-created&next_cursor=m0");
    CHECK_TEXT(asked(&fake, 1),
               "GET http://iots.test/spaces/farm/things?sort=-created&next_cursor=m1");
    iots_pager_free(pager);

    pager = iots_api_list(api, "thing_get", NULL, NULL);
    CHECK(!iots_pager_next(pager));
    CHECK_TEXT(iots_error(iots_pager_reply(pager)), "thing_get gives no list");
    iots_pager_rewind(pager);
    iots_pager_free(pager);

    pager = iots_api_list(api, "things_fly", NULL, NULL);
    iots_pager_rewind(pager);
    CHECK(!iots_pager_next(pager));
    CHECK_TEXT(iots_error(iots_pager_reply(pager)), "there is no operation 'things_fly'");
    iots_pager_free(pager);
    fake_done(&fake);
}
