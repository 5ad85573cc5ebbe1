/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "client/oom_test.h"

#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

/* An answer that fits the question, however often it is asked. */
static iots_code send_answer(void *self, const iots_request *request, iots_response *response)
{
    (void)self;
    const bool is_second = strstr(request->url, "next_cursor") != NULL;
    const bool is_moved = is_second && strstr(request->url, "limit=1");
    const char *body = "{\"a\": {\"b\": [1, 2, \"three\"]}}";
    if (strcmp(request->method, "POST") == 0)
        body = "{\"access_token\": \"T\", \"expires_in\": 3600}";
    else if (strcmp(request->method, "GET") == 0)
        body = is_second ? "{\"data\": [2], \"paging\": {\"next_cursor\": \"\"}}"
                         : "{\"data\": [1], \"paging\": {\"next_cursor\": \"m\"}}";
    iots_response_set_status(response, is_moved ? 302 : 200);
    if (!iots_response_add_header(response, "Location", "things?next_cursor=m") ||
        !iots_response_add_body(response, body, strlen(body)))
        return iots_response_fail(response, IOTS_NO_MEMORY, NULL);
    return IOTS_OK;
}

/* Runs the scenario. False if something in it went wrong for another reason. */
static bool scenario(void)
{
    bool ok = true;
    const iots_transport transport = {.send = send_answer};
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = "http://iots.test", .retries = 1, .retry_wait_ms = 1,
                                   .transport = &transport, .headers = IOTS_PARAMS({"X-A", "1"})));
    iots_api_set_credentials(api, "id", "secret", "thing", NULL);
    iots_thing thing = iots_space_thing(iots_api_space(api, "farm"), THING);

    iots_doc *doc = iots_doc_parse("{\"a\": [1]}");
    iots_doc_set(doc, "/properties/temperature/type", iots_text("number"));
    iots_doc_set(doc, "/a/-/b", iots_number(1.5));
    ok = ok_or_oom(iots_thing_update(thing, iots_doc_value(doc), NULL)) && ok;
    iots_doc_free(doc);
    ok = ok_or_oom(iots_property_update(thing, "t", iots_text("on"), NULL)) && ok;

    iots_pager *pager =
        iots_api_list(api, "things_list", IOTS_PARAMS({"space", "farm"}, {"title", "x"}),
                      IOTS_LIST(.limit = 1, .keep = true));
    int items = 0;
    while (iots_pager_next(pager))
        items++;
    const iots_code code = iots_reply_code(iots_pager_reply(pager));
    ok = ok && (code == IOTS_NO_MEMORY || code == IOTS_USAGE || (code == IOTS_OK && items == 2));
    iots_pager_free(pager);

    return ok_or_oom(iots_api_close(api)) && ok;
}

TEST("wherever memory runs out, the library says so and goes on")
{
    CHECK(run_failing_each(scenario) > 50); /* much of the library did take part */
}
