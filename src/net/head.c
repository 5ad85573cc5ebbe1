/* SPDX-License-Identifier: Apache-2.0 */
#include "net/head.h"

#include <string.h>

/* ---- letters ---- */

/* RFC 9110 5.6.2: what names are made of. */
static bool is_token_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(ix_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_letter(text.at[i]))
            return false;
    return text.len > 0;
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7F;
}

static bool has_control(ix_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_control(text.at[i]) && text.at[i] != '\t')
            return true;
    return false;
}

static bool head_fail(head *head, int status, const char *fault)
{
    head->status = status;
    head->fault = fault;
    return false;
}

/* ---- where it ends ---- */

/* Whatever is not written like a method will not become a request, however long one waits. */
static bool may_begin(const head_search *search, ix_str bytes)
{
    if (search->has_line)
        return true;
    const ix_str line = {bytes.at + search->line, bytes.len - search->line};
    for (size_t i = 0; i < line.len && i <= HEAD_METHOD_MAX; i++) {
        if (line.at[i] == ' ')
            return i > 0;
        if (!is_token_letter(line.at[i]))
            return i == 0 && line.at[i] == '\r';
    }
    return line.len <= HEAD_METHOD_MAX;
}

static head_found faulty(head *head, int status, const char *fault)
{
    head_fail(head, status, fault);
    return HEAD_FAULTY;
}

head_found head_find(head_search *search, ix_str bytes, size_t *ret_len, head *fault)
{
    const char *end;
    while ((end = memchr(bytes.at + search->at, '\n', bytes.len - search->at))) {
        const size_t line_end = (size_t)(end - bytes.at);
        if (line_end == search->line || end[-1] != '\r')
            return faulty(fault, 400, "a line does not end with CR LF");
        const bool is_empty = line_end == search->line + 1;
        if (line_end + 1 > HEAD_BYTES_MAX)
            break;
        if (!may_begin(search, bytes))
            break;
        search->at = search->line = line_end + 1;
        if (is_empty && search->has_line) {
            *ret_len = line_end + 1;
            return HEAD_WHOLE;
        }
        /* RFC 9112 2.2: empty lines before it are passed over. */
        search->has_line = !is_empty;
    }
    if (!may_begin(search, bytes))
        return faulty(fault, 400, "this is not HTTP");
    if (bytes.len < HEAD_BYTES_MAX)
        search->at = bytes.len;
    else if (search->has_line)
        return faulty(fault, 431, "the headers are too large");
    else
        return faulty(fault, 414, "the target is too long");
    return HEAD_MORE;
}

/* ---- the first line ---- */

typedef struct scheme {
    const char *prefix;
    bool is_tls;
} scheme;

static const scheme schemes[] = {{"http://", false}, {"https://", true}};

/* RFC 3986 3.2.2 and 3.2.3, without user information (RFC 9110 4.2.4). */
static bool is_authority(ix_str text)
{
    bool is_in_brackets = false;
    for (size_t i = 0; text.at && i < text.len; i++) {
        const char c = text.at[i];
        const bool is_letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '[' && i == 0)
            is_in_brackets = true;
        else if (c == ']' && is_in_brackets)
            is_in_brackets = false;
        else if (!is_letter && !(c && strchr("-._~%!$&'()*+,;=:", c)))
            return false;
    }
    return !is_in_brackets;
}

static bool starts_nocase(ix_str text, const char *prefix)
{
    const size_t len = strlen(prefix);
    return text.len >= len && ix_str_is_nocase((ix_str){text.at, len}, prefix);
}

/* RFC 9112 3.2.2. What Host says does not count then. */
static bool read_address(head *head, bool is_tls)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!starts_nocase(head->target, schemes[i].prefix))
            continue;
        const size_t start = strlen(schemes[i].prefix);
        size_t end = start;
        while (end < head->target.len && !memchr("/?", head->target.at[end], 2))
            end++;
        head->authority = (ix_str){head->target.at + start, end - start};
        head->target = end < head->target.len
                           ? (ix_str){head->target.at + end, head->target.len - end}
                           : IX_STR("/");
        if (!head->authority.len || !is_authority(head->authority))
            return head_fail(head, 400, "the target names no host");
        /* RFC 9110 7.4 */
        return schemes[i].is_tls == is_tls ||
               head_fail(head, 421, "the target is of another scheme than this connection");
    }
    return head_fail(head, 400, "the target is neither a path nor an address");
}

static bool read_target(head *head, bool is_tls)
{
    const ix_str target = head->target;
    if (!target.len || has_control(target) || memchr(target.at, '\t', target.len) ||
        memchr(target.at, '#', target.len))
        return head_fail(head, 400, "the target is malformed");
    if (target.at[0] == '/')
        return true;
    if (ix_str_is(target, "*"))
        return ix_str_is(head->method, "OPTIONS") ||
               head_fail(head, 400, "only OPTIONS may ask about *");
    if (ix_str_is(head->method, "CONNECT"))
        return head_fail(head, 501, "this is not a proxy");
    return read_address(head, is_tls);
}

static bool read_version(head *head, ix_str version)
{
    const bool is_version = version.len == strlen("HTTP/1.1") && ix_str_starts(version, "HTTP/") &&
                            version.at[6] == '.' && version.at[5] >= '0' && version.at[5] <= '9' &&
                            version.at[7] >= '0' && version.at[7] <= '9';
    if (!is_version)
        return head_fail(head, 400, "the first line is not: method, target, HTTP/1.1");
    if (version.at[5] != '1')
        return head_fail(head, 505, "this server speaks HTTP/1.1");
    head->is_1_0 = version.at[7] == '0';
    return true;
}

static bool read_first_line(head *head, ix_str line, bool is_tls)
{
    const ix_str rest = ix_str_cut(line, ' ', &head->method);
    const ix_str version = ix_str_cut(rest, ' ', &head->target);
    if (!is_token(head->method) || head->method.len > HEAD_METHOD_MAX)
        return head_fail(head, 400, "the method is malformed");
    return read_version(head, version) && read_target(head, is_tls);
}

/* ---- headers ---- */

typedef enum repetition { SAME, SINGLE, LAST } repetition;

typedef struct field_row {
    ix_str name;
    repetition rule;
} field_row;

static const field_row fields[HEAD_FIELD_COUNT] = {
#define HEAD_FIELD(id, name, rule) [HEAD_##id] = {{(name), sizeof(name) - 1}, (rule)},
#include "net/head.def"
#undef HEAD_FIELD
};

/* The next of a list's items, without blanks; false at its end. */
static bool next_item(ix_str *list, ix_str *ret)
{
    if (!list->at)
        return false;
    *list = ix_str_cut(*list, ',', ret);
    *ret = ix_str_trim(*ret);
    return true;
}

/* What several lines say is one list (RFC 9110 5.3). */
static void read_connection(ix_str options, bool *closes, bool *keeps)
{
    for (ix_str option; next_item(&options, &option);) {
        *closes = *closes || ix_str_is_nocase(option, "close");
        *keeps = *keeps || ix_str_is_nocase(option, "keep-alive");
    }
}

static bool keep_value(head *head, head_field id, ix_str value)
{
    static const char *const said_twice[HEAD_FIELD_COUNT] = {
#define HEAD_FIELD(id, name, rule) [HEAD_##id] = "more than one " name,
#include "net/head.def"
#undef HEAD_FIELD
    };
    const repetition rule = fields[id].rule;
    ix_str *kept = &head->values[id];
    if (kept->at && (rule == SINGLE || (rule == SAME && !ix_str_equal(*kept, value))))
        return head_fail(head, 400, said_twice[id]);
    *kept = value;
    return true;
}

static head_field find_field(ix_str name)
{
    for (int id = 0; id < HEAD_FIELD_COUNT; id++)
        if (fields[id].name.len == name.len && ix_str_is_nocase(name, fields[id].name.at))
            return (head_field)id;
    return HEAD_FIELD_COUNT;
}

/* One line; RFC 9112 5. */
static bool read_field(head *head, ix_str line, bool *closes, bool *keeps)
{
    ix_str name;
    const ix_str value = ix_str_cut(line, ':', &name);
    if (line.at[0] == ' ' || line.at[0] == '\t')
        return head_fail(head, 400, "a header goes on in the next line");
    if (!value.at)
        return head_fail(head, 400, "a header without a colon");
    if (!is_token(name))
        return head_fail(head, 400, "the name of a header is malformed");
    if (has_control(value))
        return head_fail(head, 400, "a control character in a header");
    const head_field id = find_field(name);
    if (id == HEAD_CONNECTION)
        read_connection(value, closes, keeps);
    return id == HEAD_FIELD_COUNT || keep_value(head, id, ix_str_trim(value));
}

/* Takes the next line, without its end, off the bytes. */
static ix_str next_line(ix_str *bytes)
{
    ix_str line;
    *bytes = ix_str_cut(*bytes, '\n', &line);
    if (line.len > 0)
        line.len--; /* CR */
    return line;
}

static bool read_fields(head *head, ix_str bytes)
{
    bool closes = false, keeps = false;
    size_t count = 0;
    for (ix_str line; (line = next_line(&bytes)).len > 0; count++) {
        if (count == HEAD_FIELDS_MAX)
            return head_fail(head, 431, "too many headers");
        if (!read_field(head, line, &closes, &keeps))
            return false;
    }
    head->is_persistent = !closes && (!head->is_1_0 || keeps);
    return true;
}

/* ---- what they mean together ---- */

/* RFC 9112 3.2: there must be a Host, and a good one, also where the target has one. */
static bool check_host(head *head)
{
    const ix_str host = head->values[HEAD_HOST];
    if (!host.at && !head->is_1_0)
        return head_fail(head, 400, "there is no Host");
    if (!is_authority(host))
        return head_fail(head, 400, "the Host is malformed");
    if (!head->authority.at)
        head->authority = host;
    return true;
}

/* RFC 9112 6.1 */
static bool check_coding(head *head, ix_str coding)
{
    if (head->values[HEAD_CONTENT_LENGTH].at)
        return head_fail(head, 400, "both Content-Length and Transfer-Encoding");
    if (head->is_1_0)
        return head_fail(head, 400, "Transfer-Encoding belongs to HTTP/1.1");
    ix_str item = {0};
    size_t count = 0;
    while (next_item(&coding, &item))
        count++;
    if (!ix_str_is_nocase(item, "chunked"))
        return head_fail(head, 400, "the last Transfer-Encoding is not chunked");
    if (count > 1)
        return head_fail(head, 501, "of Transfer-Encoding only chunked is understood");
    head->framing = HEAD_CHUNKED;
    return true;
}

static bool check_length(head *head, ix_str length)
{
    for (size_t i = 0; i < length.len; i++)
        if (length.at[i] < '0' || length.at[i] > '9')
            return head_fail(head, 400, "the Content-Length is malformed");
    if (!length.len)
        return head_fail(head, 400, "the Content-Length is malformed");
    if (!ix_str_int(length, &head->length))
        head->length = INT64_MAX;
    head->framing = head->length > 0 ? HEAD_LENGTH : HEAD_NO_BODY;
    return true;
}

static bool check_framing(head *head)
{
    const ix_str coding = head->values[HEAD_TRANSFER_ENCODING];
    const ix_str length = head->values[HEAD_CONTENT_LENGTH];
    if (coding.at)
        return check_coding(head, coding);
    return !length.at || check_length(head, length);
}

bool head_read(head *head, ix_str bytes, bool is_tls)
{
    *head = (struct head){0};
    ix_str line;
    do
        line = next_line(&bytes);
    while (!line.len && bytes.at);
    if (!read_first_line(head, line, is_tls) || !read_fields(head, bytes) || !check_host(head) ||
        !check_framing(head))
        return false;
    head->expects_continue =
        !head->is_1_0 && ix_str_is_nocase(head->values[HEAD_EXPECT], "100-continue");
    return true;
}
