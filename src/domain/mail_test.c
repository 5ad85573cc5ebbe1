/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/mail.h"

#include "base/buf.h"
#include "base/test.h"
#include "contract/names.h"

/* What is kept of a request's body, and who gets it. */
static const char *kept(ix_ctx *cx, const char *body)
{
    mail mail;
    CHECK_OK(cx, mail_read(cx, json_of(cx, body), &mail));
    return ix_format(cx, "%s %s", ix_json_text(cx, mail.doc), ix_json_text(cx, mail.recipients));
}

/* "field: reason", or "accepted". */
static const char *verdict(ix_ctx *cx, const char *body)
{
    mail mail;
    if (mail_read(cx, json_of(cx, body), &mail))
        return "accepted";
    const char *message = ix_strdup(cx, cx->error.message);
    CHECK_FAILS(cx, false, IOTS_INVALID);
    return message;
}

/* {"<field>":["a0@b", "a1@b", ...]} with "to" beside it. */
static const char *with_many(ix_ctx *cx, const char *field, int count)
{
    ix_buf body = {0};
    ix_buf_format(&body, "{\"to\":[\"x@y\"],\"subject\":\"s\",\"%s\":[", field);
    for (int i = 0; i < count; i++)
        ix_buf_format(&body, "%s\"a%d@b\"", i > 0 ? "," : "", i);
    ix_buf_text(&body, "]}");
    const char *text = ix_strdup(cx, ix_buf_cstr(&body));
    ix_buf_done(&body);
    return text;
}

/* Bodies of so many bytes in all, half HTML and half text. */
static const char *with_bytes(ix_ctx *cx, int count)
{
    char *filler = ix_alloc(cx, (size_t)count + 1);
    memset(filler, 'x', (size_t)count);
    return ix_format(cx, "{\"to\":[\"x@y\"],\"body\":{\"html\":\"%.*s\",\"text\":\"%.*s\"}}",
                     count / 2, filler, count - count / 2, filler);
}

TEST("what is kept has no hidden recipients, and all get it once")
{
    CHECK_TEXT(kept(cx, JSON({
                        "to" : [ "Ana <ana@x>", "b@x" ],
                        "cc" : ["ana@x"],
                        "bcc" : [ "Hidden <h@x>", "b@x" ],
                        "subject" : "s"
                    })),
               "{\"to\":[\"Ana <ana@x>\",\"b@x\"],\"cc\":[\"ana@x\"],\"subject\":\"s\"}"
               " [\"ana@x\",\"b@x\",\"h@x\"]");
}

TEST("CR and LF are removed from the subject")
{
    CHECK_TEXT(kept(cx, JSON({"to" : ["a@b"], "subject" : "x\r\nBcc: y@z\n\r\n\r"})),
               "{\"to\":[\"a@b\"],\"subject\":\"xBcc: y@z\"} [\"a@b\"]");
}

TEST("HTML and text are kept harmless")
{
    CHECK_TEXT(kept(cx, JSON({
                        "to" : ["a@b"],
                        "body" : {"html" : "<p id=x>http://a</p>", "text" : "<p> http://a"}
                    })),
               "{\"to\":[\"a@b\"],\"html\":\"<p>[link removed]</p>\",\"text\":\"<p> [link "
               "removed]\"} [\"a@b\"]");
    CHECK_TEXT(kept(cx, JSON({"to" : ["a@b"], "body" : {"html" : "<script>x</script>"}})),
               "{\"to\":[\"a@b\"],\"html\":\"\"} [\"a@b\"]");
}

TEST("OUR CHOICE: at most 50 recipients of all kinds")
{
    CHECK_TEXT(verdict(cx, with_many(cx, "cc", IX_EMAIL_RECIPIENTS_MAX - 1)), "accepted");
    CHECK_TEXT(verdict(cx, with_many(cx, "cc", IX_EMAIL_RECIPIENTS_MAX)),
               "cc: expected at most 50 recipients in all");
    CHECK_TEXT(verdict(cx, with_many(cx, "bcc", IX_EMAIL_RECIPIENTS_MAX)),
               "bcc: expected at most 50 recipients in all");
}

TEST("OUR CHOICE: a body of 256 KiB, both kinds together")
{
    CHECK_TEXT(verdict(cx, with_bytes(cx, IX_EMAIL_BODY_MAX)), "accepted");
    CHECK_TEXT(verdict(cx, with_bytes(cx, IX_EMAIL_BODY_MAX + 1)),
               "body: expected at most 262144 bytes");
}

TEST("OUR CHOICE: an e-mail that says nothing at all is refused")
{
    static const char nothing[] = "body: expected a body or a subject";
    CHECK_TEXT(verdict(cx, JSON({"to" : ["a@b"]})), nothing);
    CHECK_TEXT(verdict(cx, JSON({"to" : ["a@b"], "subject" : "", "body" : {}})), nothing);
    CHECK_TEXT(verdict(cx, JSON({"to" : ["a@b"], "subject" : "\r\n"})), nothing);
    CHECK_TEXT(verdict(cx, JSON({"to" : ["a@b"], "body" : {"html" : "", "text" : ""}})), nothing);
    CHECK_TEXT(verdict(cx, JSON({"to" : ["a@b"], "subject" : "s"})), "accepted");
    CHECK_TEXT(verdict(cx, JSON({"to" : ["a@b"], "body" : {"text" : "t"}})), "accepted");
}
