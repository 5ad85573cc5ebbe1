/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/message.h"

#include "base/test.h"

#define ID      "01JM2Q8V5T7XK3E9A4B6000007"
#define CREATED INT64_C(1741064767000000)

static const char *written_from(ix_ctx *cx, const char *from, const char *doc)
{
    ix_buf out = {0};
    const message message = {
        .id = ID, .from = from, .doc = json_of(cx, doc), .created_us = CREATED};
    CHECK_OK(cx, message_write(cx, &message, &out));
    const char *text = ix_strdup(cx, ix_buf_cstr(&out));
    ix_buf_done(&out);
    return text;
}

/* Everything from this line on; the whole message if there is no such line. */
static const char *from_line(const char *message, const char *start)
{
    const char *at = strstr(message, start);
    return at ? at : message;
}

/* The header lines between To and Date of a message to this address with this subject. */
static const char *header_of(ix_ctx *cx, const char *to, const char *subject)
{
    ix_json *doc = ix_json_new_object(cx);
    ix_json *list = ix_json_new_array(cx);
    CHECK(ix_json_append(cx, list, ix_json_new_string(cx, to)) && ix_json_set(cx, doc, "to", list));
    if (subject)
        CHECK(ix_json_set(cx, doc, "subject", ix_json_new_string(cx, subject)));
    const char *text = from_line(written_from(cx, "a@b", ix_json_text(cx, doc)), "To: ");
    return ix_strndup(cx, text, (size_t)(strstr(text, "Date: ") - text));
}

/* What follows the header of a message with this text. */
static const char *text_of(ix_ctx *cx, const char *text)
{
    ix_json *doc = json_of(cx, JSON({"to" : ["x@y"]}));
    CHECK(ix_json_set(cx, doc, "text", ix_json_new_string(cx, text)));
    return strstr(written_from(cx, "a@b", ix_json_text(cx, doc)), "\r\n\r\n") + 4;
}

TEST("a message has a header of one meaning and a part")
{
    CHECK_TEXT(written_from(cx, "Farm <farm@iot.example>", JSON({
                                "to" : [ "ana@example.org", "Ben <ben@example.org>" ],
                                "cc" : ["c@example.org"],
                                "subject" : "Dry bed",
                                "html" : "<p>Bed <b>4</b> is dry</p>"
                            })),
               "From: Farm <farm@iot.example>\r\n"
               "To: ana@example.org,\r\n"
               " Ben <ben@example.org>\r\n"
               "Cc: c@example.org\r\n"
               "Subject: Dry bed\r\n"
               "Date: Tue, 04 Mar 2025 05:06:07 +0000\r\n"
               "Message-ID: <" ID "@iot.example>\r\n"
               "MIME-Version: 1.0\r\n"
               "Content-Type: text/html; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n"
               "\r\n"
               "<p>Bed <b>4</b> is dry</p>\r\n");
}

TEST("text and HTML are alternatives, the better one last")
{
    CHECK_TEXT(from_line(written_from(cx, "a@b",
                                      JSON({"to" : ["x@y"], "text" : "t", "html" : "<i>h</i>"})),
                         "MIME-Version"),
               "MIME-Version: 1.0\r\n"
               "Content-Type: multipart/alternative; boundary=\"=_" ID "\"\r\n"
               "\r\n"
               "--=_" ID "\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n"
               "\r\n"
               "t\r\n"
               "--=_" ID "\r\n"
               "Content-Type: text/html; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n"
               "\r\n"
               "<i>h</i>\r\n"
               "--=_" ID "--\r\n");
}

TEST("a message may be nothing but its subject")
{
    CHECK_TEXT(from_line(written_from(cx, "a@b", JSON({"to" : ["x@y"], "subject" : "s"})),
                         "Content-Type"),
               "Content-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n"
               "\r\n\r\n");
}

TEST("a subject beyond printable ASCII is made of encoded words")
{
    CHECK_TEXT(header_of(cx, "x@y", NULL), "To: x@y\r\n");
    CHECK_TEXT(header_of(cx, "x@y", "a\"b\\c, <d>: e"), "To: x@y\r\nSubject: a\"b\\c, <d>: e\r\n");
    CHECK_TEXT(header_of(cx, "x@y", "größe"), "To: x@y\r\nSubject: =?utf-8?B?Z3LDtsOfZQ==?=\r\n");
    CHECK_TEXT(header_of(cx, "x@y", "a\tb"), "To: x@y\r\nSubject: =?utf-8?B?YQli?=\r\n");
    CHECK_TEXT(header_of(cx, "x@y", "=?utf-8?B?YQ==?="),
               "To: x@y\r\nSubject: =?utf-8?B?PT91dGYtOD9CP1lRPT0/PQ==?=\r\n");
    /* 39 bytes would end within the 20th character. */
    CHECK_TEXT(
        header_of(cx, "x@y", "ääääääääääääääääääää"),
        "To: x@y\r\nSubject: =?utf-8?B?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6Q=?="
        "\r\n =?utf-8?B?w6Q=?=\r\n");
}

TEST("names of addresses are plain, quoted or encoded")
{
    static const char *const cases[][2] = {
        {"x@y", "To: x@y\r\n"},
        {"<x@y>", "To: x@y\r\n"},
        {"Jane Doe <x@y>", "To: Jane Doe <x@y>\r\n"},
        {"Doe, Jane <x@y>", "To: \"Doe, Jane\" <x@y>\r\n"},
        {"\"Doe, Jane\" <x@y>", "To: \"Doe, Jane\" <x@y>\r\n"},
        {"\"a \\\"b\\\" \\\\\" <x@y>", "To: \"a \\\"b\\\" \\\\\" <x@y>\r\n"},
        {"a\" <x@y>", "To: \"a\\\"\" <x@y>\r\n"},
        {"\"a\\\" <x@y>", "To: \"a\\\\\" <x@y>\r\n"},
        {"=?utf-8?B?YQ==?= <x@y>", "To: \"=?utf-8?B?YQ==?=\" <x@y>\r\n"},
        {"Zoë <x@y>", "To: =?utf-8?B?Wm/Dqw==?=\r\n <x@y>\r\n"},
        {"\"\" <x@y>", "To: x@y\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_TEXT(header_of(cx, cases[i][0], NULL), cases[i][1]);
}

TEST("a body's lines are short, printable and without blanks at their ends")
{
    CHECK_TEXT(text_of(cx, "a=b ä"), "a=3Db =C3=A4\r\n");
    CHECK_TEXT(text_of(cx, "a \nb\t\r\nc\rd\n"), "a=20\r\nb=09\r\nc\r\nd\r\n\r\n");
    CHECK_TEXT(text_of(cx, ".\n..\nFrom x"), ".\r\n..\r\nFrom x\r\n");
#define TEN "0123456789"
    CHECK_TEXT(text_of(cx, TEN TEN TEN TEN TEN TEN TEN "123456"),
               TEN TEN TEN TEN TEN TEN TEN "123456\r\n");
    CHECK_TEXT(text_of(cx, TEN TEN TEN TEN TEN TEN TEN "1234567"),
               TEN TEN TEN TEN TEN TEN TEN "12345=\r\n67\r\n");
    CHECK_TEXT(text_of(cx, TEN TEN TEN TEN TEN TEN TEN "123="),
               TEN TEN TEN TEN TEN TEN TEN "123=3D\r\n");
    CHECK_TEXT(text_of(cx, TEN TEN TEN TEN TEN TEN TEN "1234=5"),
               TEN TEN TEN TEN TEN TEN TEN "1234=\r\n=3D5\r\n");
}
