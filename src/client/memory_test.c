/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What if memory is out here, and here, and here? A story in which most of the library takes part is
 * told again and again, and each time the next allocation fails. Nothing may break or be lost, and
 * whatever went wrong says that memory was out.
 *
 * The linker puts the functions below in the place of the usual ones (see CMakeLists.txt); memory
 * that the JSON library takes by itself is not counted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "iots/iots.h"

#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *bytes, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *bytes, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *bytes, size_t size)
{
    return fails() ? NULL : __real_realloc(bytes, size);
}

char *__wrap_strdup(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = fails() ? NULL : __real_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

/* Did it work, or fail for the one reason it may fail for? What fails because something before it
 * was not made says that this is missing. */
static bool is_honest(iots_reply *reply)
{
    const iots_code code = iots_reply_code(reply);
    const bool ok = code == IOTS_OK || code == IOTS_NO_MEMORY || code == IOTS_USAGE;
    if (!ok)
        print_error("%d %s\n", (int)code, iots_error_report(reply));
    iots_reply_free(reply);
    return ok;
}

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

/* Tells the story. False if something in it went wrong for another reason. */
static bool tell(void)
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
    ok = is_honest(iots_thing_update(thing, iots_doc_value(doc), NULL)) && ok;
    iots_doc_free(doc);
    ok = is_honest(iots_property_update(thing, "t", iots_text("on"), NULL)) && ok;

    iots_pager *pager =
        iots_api_list(api, "things_list", IOTS_PARAMS({"space", "farm"}, {"title", "x"}),
                      IOTS_LIST(.limit = 1, .keep = true));
    int items = 0;
    while (iots_pager_next(pager))
        items++;
    const iots_code code = iots_reply_code(iots_pager_reply(pager));
    ok = ok && (code == IOTS_NO_MEMORY || code == IOTS_USAGE || (code == IOTS_OK && items == 2));
    iots_pager_free(pager);

    return is_honest(iots_api_close(api)) && ok;
}

TEST("wherever memory runs out, the library says so and goes on")
{
    bool is_over = false;
    long at = 0;
    for (; !is_over; at++) {
        left = at;
        const bool ok = tell();
        is_over = left >= 0; /* the story ended before the time of the failure had come */
        left = -1;
        if (!ok)
            print_error("at allocation %ld\n", at);
        CHECK(ok);
    }
    CHECK(at > 50); /* much of the library did take part */
}
