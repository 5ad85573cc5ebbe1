/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/message.h"

#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/time.h"
#include "contract/names.h"

enum {
    LINE_MAX_BYTES = 76, /* of encoded text, without CRLF (RFC 2045 6.7) */
    WORD_BYTES = 39,     /* so many make an encoded word that fits behind "Subject: " */
};

/* ---- text in header lines ---- */

static bool is_printable(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    }
    return true;
}

/* Would somebody who reads plain text take it for an encoded word? */
static bool looks_encoded(ix_str text)
{
    return text.len >= 2 && memmem(text.at, text.len, "=?", 2) != NULL;
}

/* As encoded words (RFC 2047), each of whole characters. */
static bool add_words(ix_ctx *cx, ix_buf *out, ix_str text)
{
    for (size_t from = 0, to; from < text.len; from = to) {
        to = text.len - from > WORD_BYTES ? from + WORD_BYTES : text.len;
        while (to < text.len && ((unsigned char)text.at[to] & 0xc0) == 0x80)
            to--;
        const char *word = ix_base64(cx, text.at + from, to - from);
        if (!word)
            return false;
        ix_buf_format(out, "%s=?utf-8?B?%s?=", from > 0 ? "\r\n " : "", word);
    }
    return true;
}

static bool add_text(ix_ctx *cx, ix_buf *out, ix_str text)
{
    if (!is_printable(text) || looks_encoded(text))
        return add_words(cx, out, text);
    ix_buf_str(out, text);
    return true;
}

/* ---- addresses ---- */

/* Without the quotes around it, if there are any. */
static bool unquote(ix_ctx *cx, ix_str name, ix_str *ret)
{
    *ret = name;
    if (name.len < 2 || name.at[0] != '"' || name.at[name.len - 1] != '"')
        return true;
    char *plain = ix_alloc(cx, name.len);
    size_t len = 0;
    if (!plain)
        return false;
    for (size_t i = 1; i + 1 < name.len; i++) {
        if (name.at[i] == '\\' && i + 2 < name.len)
            i++;
        plain[len++] = name.at[i];
    }
    *ret = (ix_str){plain, len};
    return true;
}

static void add_quoted(ix_buf *out, ix_str text)
{
    ix_buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            ix_buf_char(out, '\\');
        ix_buf_char(out, text.at[i]);
    }
    ix_buf_char(out, '"');
}

/* Letters, digits and blanks need no quotes. */
static bool is_phrase(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != ' ')
            return false;
    }
    return true;
}

static bool add_address(ix_ctx *cx, ix_buf *out, ix_str address)
{
    ix_str name;
    const ix_str mailbox = ix_address_mailbox(address);
    if (!unquote(cx, ix_address_name(address), &name))
        return false;
    if (!name.len) {
        ix_buf_str(out, mailbox);
        return true;
    }
    const bool is_plain = is_printable(name);
    if (is_phrase(name))
        ix_buf_str(out, name);
    else if (is_plain)
        add_quoted(out, name);
    else if (!add_words(cx, out, name))
        return false;
    /* A line with encoded words is to be short (RFC 2047 2). */
    ix_buf_format(out, "%s <%.*s>", is_plain ? "" : "\r\n", (int)mailbox.len, mailbox.at);
    return true;
}

/* One address a line. */
static bool add_addresses(ix_ctx *cx, ix_buf *out, const char *title, const ix_json *addresses)
{
    for (size_t i = 0; i < ix_json_count(addresses); i++) {
        ix_buf_text(out, i == 0 ? title : ",\r\n ");
        if (!add_address(cx, out, ix_json_str(ix_json_item(addresses, i))))
            return false;
    }
    if (ix_json_count(addresses))
        ix_buf_text(out, "\r\n");
    return true;
}

/* ---- the header ---- */

/* Tue, 04 Mar 2025 05:06:07 +0000, in no language but English. */
static void add_date(ix_buf *out, int64_t time_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = (time_t)(time_us / IX_SECOND_US);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    ix_buf_format(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
                  tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                  tm.tm_sec);
}

static void add_id(ix_buf *out, const message *message)
{
    ix_str local;
    const ix_str mailbox = ix_address_mailbox(ix_str_of(message->from));
    const ix_str domain = ix_str_cut(mailbox, '@', &local);
    ix_buf_format(out, "Message-ID: <%s@%.*s>\r\n", message->id, (int)domain.len, domain.at);
}

static bool add_header(ix_ctx *cx, ix_buf *out, const message *message)
{
    const ix_str subject = ix_json_str(ix_json_member(message->doc, "subject"));
    ix_buf_text(out, "From: ");
    if (!add_address(cx, out, ix_str_of(message->from)))
        return false;
    ix_buf_text(out, "\r\n");
    if (!add_addresses(cx, out, "To: ", ix_json_member(message->doc, "to")) ||
        !add_addresses(cx, out, "Cc: ", ix_json_member(message->doc, "cc")))
        return false;
    if (subject.len) {
        ix_buf_text(out, "Subject: ");
        if (!add_text(cx, out, subject))
            return false;
        ix_buf_text(out, "\r\n");
    }
    add_date(out, message->created_us);
    add_id(out, message);
    ix_buf_text(out, "MIME-Version: 1.0\r\n");
    return true;
}

/* ---- parts ---- */

/* Length of the line break at `i`: CRLF, or either of the two alone; 0 if there is none. */
static size_t line_break_at(ix_str text, size_t i)
{
    if (text.at[i] == '\r')
        return i + 1 < text.len && text.at[i + 1] == '\n' ? 2 : 1;
    return text.at[i] == '\n' ? 1 : 0;
}

/* Quoted-printable (RFC 2045 6.7): every line is short, printable and without blanks at its end. */
static void add_quoted_printable(ix_buf *out, ix_str text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.len;) {
        const size_t line_break = line_break_at(text, i);
        if (line_break) {
            ix_buf_text(out, "\r\n");
            column = 0;
            i += line_break;
            continue;
        }
        const unsigned char c = (unsigned char)text.at[i++];
        const bool is_last = i == text.len || line_break_at(text, i) > 0;
        const bool is_blank = c == ' ' || c == '\t';
        const bool is_plain = is_blank ? !is_last : c > ' ' && c <= '~' && c != '=';
        const size_t width = is_plain ? 1 : 3;
        if (column + width > LINE_MAX_BYTES - (is_last ? 0 : 1)) {
            ix_buf_text(out, "=\r\n");
            column = 0;
        }
        if (is_plain)
            ix_buf_char(out, (char)c);
        else
            ix_buf_format(out, "=%02X", c);
        column += width;
    }
    ix_buf_text(out, "\r\n");
}

static void add_part(ix_buf *out, const char *type, ix_str text)
{
    ix_buf_format(out,
                  "Content-Type: %s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    add_quoted_printable(out, text);
}

/* The best of the alternatives comes last (RFC 2046 5.1.4). "=_" stands in no encoded text, so the
 * boundary occurs in none. */
static void add_both(ix_buf *out, const char *id, ix_str text, ix_str html)
{
    ix_buf_format(out, "Content-Type: multipart/alternative; boundary=\"=_%s\"\r\n\r\n--=_%s\r\n",
                  id, id);
    add_part(out, "text/plain", text);
    ix_buf_format(out, "--=_%s\r\n", id);
    add_part(out, "text/html", html);
    ix_buf_format(out, "--=_%s--\r\n", id);
}

bool message_write(ix_ctx *cx, const message *message, ix_buf *out)
{
    const ix_str text = ix_json_str(ix_json_member(message->doc, "text"));
    const ix_json *html = ix_json_member(message->doc, "html");
    if (!add_header(cx, out, message))
        return false;
    if (html && text.len)
        add_both(out, message->id, text, ix_json_str(html));
    else if (html)
        add_part(out, "text/html", ix_json_str(html));
    else
        add_part(out, "text/plain", text);
    return !out->failed || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}
