/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/mail.h"

#include "contract/names.h"
#include "domain/sanitise.h"

/* ---- recipients ---- */

static bool array_has(const ix_json *array, ix_str text)
{
    for (size_t i = 0; i < ix_json_count(array); i++) {
        if (ix_str_equal(ix_json_str(ix_json_item(array, i)), text))
            return true;
    }
    return false;
}

static bool add_mailboxes(ix_ctx *cx, const ix_json *addresses, ix_json *recipients)
{
    for (size_t i = 0; i < ix_json_count(addresses); i++) {
        const ix_str mailbox = ix_address_mailbox(ix_json_str(ix_json_item(addresses, i)));
        if (!array_has(recipients, mailbox) &&
            !ix_json_append(cx, recipients, ix_json_new_text(cx, mailbox)))
            return false;
    }
    return true;
}

static bool read_recipients(ix_ctx *cx, const ix_json *body, const ix_json **ret)
{
    static const char *const fields[] = {"to", "cc", "bcc"};
    ix_json *recipients = ix_json_new_array(cx);
    size_t count = 0;
    if (!recipients)
        return false;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const ix_json *addresses = ix_json_member(body, fields[i]);
        count += ix_json_count(addresses);
        if (count > IX_EMAIL_RECIPIENTS_MAX)
            return ix_fail_field(cx, IOTS_INVALID, NULL, fields[i],
                                 "expected at most %d recipients in all", IX_EMAIL_RECIPIENTS_MAX);
        if (!add_mailboxes(cx, addresses, recipients))
            return false;
    }
    *ret = recipients;
    return true;
}

/* ---- what it says ---- */

/* The subject is one line of a header: what would begin another one is taken out. */
static bool read_subject(ix_ctx *cx, ix_str subject, ix_str *ret)
{
    char *line = ix_alloc(cx, subject.len + 1);
    size_t len = 0;
    if (!line)
        return false;
    for (size_t i = 0; i < subject.len; i++) {
        if (subject.at[i] != '\r' && subject.at[i] != '\n')
            line[len++] = subject.at[i];
    }
    *ret = (ix_str){line, len};
    return true;
}

/* Sets the member if there is anything to say. */
static bool set_text(ix_ctx *cx, ix_json *doc, const char *name, ix_str text)
{
    return text.len == 0 || ix_json_set(cx, doc, name, ix_json_new_text(cx, text));
}

static bool check_content(ix_ctx *cx, ix_str subject, ix_str html, ix_str text)
{
    if (html.len + text.len > IX_EMAIL_BODY_MAX)
        return ix_fail_field(cx, IOTS_INVALID, NULL, "body", "expected at most %d bytes",
                             IX_EMAIL_BODY_MAX);
    return subject.len + html.len + text.len > 0 ||
           ix_fail_field(cx, IOTS_INVALID, NULL, "body", "expected a body or a subject");
}

static bool read_content(ix_ctx *cx, const ix_json *body, ix_json *doc)
{
    ix_str subject;
    ix_str html = ix_json_str(ix_json_at(body, "/body/html"));
    ix_str text = ix_json_str(ix_json_at(body, "/body/text"));
    if (!read_subject(cx, ix_json_str(ix_json_member(body, "subject")), &subject) ||
        !check_content(cx, subject, html, text))
        return false;
    /* A part that is given stays one, even if nothing is left of it. */
    if (html.len && (!sanitise_html(cx, html, &html) ||
                     !ix_json_set(cx, doc, "html", ix_json_new_text(cx, html))))
        return false;
    if (text.len && !sanitise_text(cx, text, &text))
        return false;
    return set_text(cx, doc, "subject", subject) && set_text(cx, doc, "text", text);
}

bool mail_read(ix_ctx *cx, const ix_json *body, mail *ret)
{
    ix_json *doc = ix_json_new_object(cx);
    const ix_json *cc = ix_json_member(body, "cc");
    mail mail = {.doc = doc};
    if (!doc || !read_recipients(cx, body, &mail.recipients) ||
        !ix_json_set(cx, doc, "to", ix_json_member(body, "to")) ||
        (ix_json_count(cc) && !ix_json_set(cx, doc, "cc", cc)) || !read_content(cx, body, doc))
        return false;
    *ret = mail;
    return true;
}
