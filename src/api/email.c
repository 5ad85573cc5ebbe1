/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail (docs/api/http.md section 17): checked and made harmless, then kept until it is sent. The
 * sanitiser may take its time, so it runs before the handler, on a slow worker.
 */
#include "api/email.h"

#include "api/api.h"
#include "domain/mail.h"

/* What is to be kept, as text. */
typedef struct kept {
    const char *doc, *recipients;
} kept;

static bool check_backend(const api_call *call)
{
    return call->api->settings.mail_waits ||
           ix_fail(call->cx, IOTS_UNAVAILABLE, "e-mail is not set up");
}

bool offload_email_send(api_call *call)
{
    ix_ctx *cx = call->cx;
    mail mail;
    kept *kept = ix_new(cx, struct kept, 1);
    if (!kept || !mail_read(cx, call->body, &mail) || !check_backend(call))
        return false;
    kept->doc = ix_json_text(cx, mail.doc);
    kept->recipients = ix_json_text(cx, mail.recipients);
    call->offloaded = kept;
    return kept->doc && kept->recipients;
}

static bool check_room(api_call *call)
{
    bool is_full;
    return store_mail_is_full(call->cx, call->store, EMAIL_QUEUE_MAX, &is_full) &&
           (!is_full || ix_fail(call->cx, IOTS_UNAVAILABLE, "too much e-mail waits to be sent"));
}

static void notify_mailer(api_call *call)
{
    const api_settings *settings = &call->api->settings;
    settings->mail_waits(settings->mail_arg);
}

bool on_email_send(api_call *call)
{
    const kept *kept = call->offloaded;
    const ix_ulid id = api_id_next(call->api, call->now_us);
    const mail_row row = {
        .space = call_space(call),
        .id = id.text,
        .recipients = kept->recipients,
        .doc = kept->doc,
        .created_us = call->now_us,
    };
    if (!check_room(call) || !store_mail_add(call->cx, call->store, &row))
        return false;
    return call_on_commit(call, notify_mailer) && reply_empty(call);
}
