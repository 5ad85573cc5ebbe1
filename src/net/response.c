/* SPDX-License-Identifier: Apache-2.0 */
#include "net/response.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DATE_TEXT = 40 };

typedef struct reason {
    int status;
    const char *text;
} reason;

// clang-format off
static const reason reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {207, "Multi-Status"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};
static const char *const classes[] = {
    "Unknown", "Informational", "Success", "Redirection", "Client Error", "Server Error",
};
// clang-format on

const char *response_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return classes[status >= 100 && status < 600 ? status / 100 : 0];
}

/* RFC 9110 5.6.7, whatever the locale. Written once a second. */
static const char *date_now(void)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static _Thread_local time_t written;
    static _Thread_local char text[DATE_TEXT];
    const time_t now = time(NULL);
    struct tm tm;
    if (now == written || !gmtime_r(&now, &tm))
        return text;
    snprintf(text, sizeof text, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
             days + (ptrdiff_t)3 * tm.tm_wday, tm.tm_mday, months + (ptrdiff_t)3 * tm.tm_mon,
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    written = now;
    return text;
}

void response_begin(ix_buf *out, int status)
{
    ix_buf_text(out, "HTTP/1.1 ");
    ix_buf_int(out, status);
    ix_buf_char(out, ' ');
    ix_buf_text(out, response_reason(status));
    ix_buf_text(out, "\r\nDate: ");
    ix_buf_text(out, date_now());
    ix_buf_text(out, "\r\n");
}

void response_header(ix_buf *out, const char *name, const char *value)
{
    for (const char *at = value; *at; at++)
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7F)
            return;
    ix_buf_text(out, name);
    ix_buf_text(out, ": ");
    ix_buf_text(out, value);
    ix_buf_text(out, "\r\n");
}

void response_end(ix_buf *out, int status, size_t body_len)
{
    if (status != 204) {
        ix_buf_text(out, "Content-Length: ");
        ix_buf_int(out, (long long)body_len);
        ix_buf_text(out, "\r\n");
    }
    ix_buf_text(out, "\r\n");
}
