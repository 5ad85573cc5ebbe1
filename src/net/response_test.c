/* SPDX-License-Identifier: Apache-2.0 */
#include "net/response.h"

#include <locale.h>
#include <stdio.h>
#include <time.h>

#include "base/test.h"
#include "contract/codes.h"

static const char *text_of(ix_ctx *cx, ix_buf *buf)
{
    const char *text = ix_strdup(cx, ix_buf_cstr(buf));
    ix_buf_done(buf);
    return text;
}

TEST("a response begins with its status, its reason and the time, and ends with a length")
{
    ix_buf out = {0};
    response_begin(&out, 200);
    response_header(&out, "Content-Type", "application/json");
    response_end(&out, 200, 12);
    const char *text = text_of(cx, &out);
    CHECK(strncmp(text, "HTTP/1.1 200 OK\r\nDate: ", 23) == 0);
    const char *rest = strchr(text + 23, '\r');
    CHECK_TEXT(rest, "\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n");

    struct tm tm = {0};
    char day[4], month[4];
    CHECK_INT(sscanf(text + 23, "%3s, %d %3s %d %d:%d:%d GMT", day, &tm.tm_mday, month, &tm.tm_year,
                     &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
              7);
    CHECK(strptime(text + 23, "%a, %d %b %Y %H:%M:%S GMT", &tm) == rest);
    const double age_s = difftime(time(NULL), timegm(&tm));
    CHECK(age_s >= 0 && age_s < 60);
}

TEST("with 204 nothing is said of a body")
{
    ix_buf out = {0};
    response_begin(&out, 204);
    response_end(&out, 204, 0);
    CHECK(strstr(text_of(cx, &out), "Content-Length") == NULL);
}

TEST("a header that would end its line is left out")
{
    ix_buf out = {0};
    response_header(&out, "A", "b\r\nSet-Cookie: c");
    response_header(&out, "A", "b\nc");
    response_header(&out, "A", "b\x7f");
    response_header(&out, "B", "tab\tand \xc3\xa4");
    CHECK_TEXT(text_of(cx, &out), "B: tab\tand \xc3\xa4\r\n");
}

TEST("every status that a failure may have has a reason of its own")
{
#define CHECK_CODE(name, value, http, sentence) \
    CHECK(!(http) || strcmp(response_reason(http), response_reason((http) / 100 * 100 + 99)) != 0);
    IOTS_CODES(CHECK_CODE)
#undef CHECK_CODE
    CHECK_TEXT(response_reason(413), "Content Too Large");
    CHECK_TEXT(response_reason(499), "Client Error");
    CHECK_TEXT(response_reason(42), "Unknown");
}
