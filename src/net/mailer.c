/* SPDX-License-Identifier: Apache-2.0 */
#include "net/mailer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/time.h"
#include "contract/names.h"
#include "domain/message.h"
#include "net/smtp.h"
#include "net/spool.h"

/* Of messages in the spool folder, if no sender is set. */
#define NOBODY "iotsd@localhost"

struct net_mailer {
    mailer_settings settings;
    net_smtp *smtp; /* NULL: there is a spool folder */
    net_committer *committer;
    ix_ctx cx; /* of the message in hand */
    pthread_t thread;
    bool is_running;      /* there is a thread to wait for */
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t changed;
    bool is_notified, is_stopping;
};

/* ---- waiting ---- */

static bool is_stopping(net_mailer *mailer)
{
    pthread_mutex_lock(&mailer->lock);
    const bool is_stopping = mailer->is_stopping;
    pthread_mutex_unlock(&mailer->lock);
    return is_stopping;
}

/* Waits so long, or until there is a ring if that ends the wait. False: it is time to stop. */
static bool wait_ms(net_mailer *mailer, int64_t pause_ms, bool ends_on_notify)
{
    const int64_t until_us = ix_monotonic_us() + pause_ms * 1000;
    const struct timespec until = {
        .tv_sec = (time_t)(until_us / IX_SECOND_US),
        .tv_nsec = (long)(until_us % IX_SECOND_US) * 1000,
    };
    pthread_mutex_lock(&mailer->lock);
    int late = 0;
    while (late == 0 && !mailer->is_stopping && !(ends_on_notify && mailer->is_notified))
        late = pthread_cond_timedwait(&mailer->changed, &mailer->lock, &until);
    if (ends_on_notify)
        mailer->is_notified = false;
    const bool goes_on = !mailer->is_stopping;
    pthread_mutex_unlock(&mailer->lock);
    return goes_on;
}

/* Milliseconds from now until a moment of the wall clock, which may be set meanwhile: not too many. */
static int64_t ms_until(int64_t when_us)
{
    const int64_t left_ms = (when_us - ix_now_us()) / 1000 + 1;
    return left_ms < 0 ? 0 : left_ms > MAILER_POLL_MS ? MAILER_POLL_MS : left_ms;
}

/* The pause after so many attempts. */
static int64_t pause_ms(const net_mailer *mailer, int64_t attempts)
{
    int64_t ms = mailer->settings.first_pause_ms;
    for (int64_t i = 1; i < attempts && ms < mailer->settings.longest_pause_ms; i++)
        ms *= 2;
    return ms < mailer->settings.longest_pause_ms ? ms : mailer->settings.longest_pause_ms;
}

/* ---- the store ---- */

static void reset_scratch(net_mailer *mailer)
{
    ix_arena_reset(mailer->cx.arena);
    ix_ctx_clear_error(&mailer->cx);
}

/* What to write into the log: the store's own words, if it left any. */
static const char *reason(const ix_ctx *cx)
{
    return cx->error.reason ? cx->error.reason : cx->error.message;
}

static bool hurry_job(ix_ctx *cx, store_handle *writer, void *arg)
{
    (void)arg;
    return store_mail_hurry(cx, writer, ix_now_us());
}

typedef struct taking {
    mail_row row;
    bool found;
    bool waits; /* nothing is due, but something will be */
    int64_t due_us;
} taking;

static bool take_job(ix_ctx *cx, store_handle *writer, void *arg)
{
    taking *taking = arg;
    const int64_t now_us = ix_now_us();
    const int64_t again_us = now_us + MAILER_AGAIN_MS * INT64_C(1000);
    if (!store_mail_take(cx, writer, now_us, again_us, &taking->row, &taking->found))
        return false;
    return taking->found || store_mail_due(cx, writer, &taking->due_us, &taking->waits);
}

/* What is left to do of a message: nothing, or these recipients later. */
typedef struct remains {
    const mail_row *row;
    const char *recipients; /* JSON; NULL: done with it */
    int64_t due_us;
} remains;

static bool finish_job(ix_ctx *cx, store_handle *writer, void *arg)
{
    const remains *left = arg;
    const mail_row *row = left->row;
    return left->recipients ? store_mail_postpone(cx, writer, row->space, row->id, left->recipients,
                                                  left->due_us)
                            : store_mail_remove(cx, writer, row->space, row->id);
}

/* Notes what became of a message. Worth waiting for: otherwise it goes out again. */
static void finish(net_mailer *mailer, remains *left)
{
    ix_ctx *cx = &mailer->cx;
    const char *id = left->row->id;
    while (!committer_do(cx, mailer->committer, finish_job, left)) {
        ix_log(IX_LOG_WARN, "cannot note what became of e-mail %s: %s", id, reason(cx));
        ix_ctx_clear_error(cx);
        if (!wait_ms(mailer, MAILER_STORE_PAUSE_MS, false)) {
            ix_log(IX_LOG_ERROR, "e-mail %s may be sent once more", id);
            return;
        }
    }
}

/* ---- one message ---- */

static bool read_recipients(ix_ctx *cx, const char *text, outgoing_mail *outgoing_mail)
{
    const ix_json *list = ix_json_parse(cx, text, strlen(text));
    outgoing_mail->count = ix_json_count(list);
    outgoing_mail->recipients = list ? ix_new(cx, mail_recipient, outgoing_mail->count + 1) : NULL;
    for (size_t i = 0; outgoing_mail->recipients && i < outgoing_mail->count; i++) {
        outgoing_mail->recipients[i].mailbox = ix_json_string(ix_json_item(list, i));
        if (!outgoing_mail->recipients[i].mailbox)
            return ix_fail(cx, IOTS_INTERNAL, "a recipient is not text");
    }
    return outgoing_mail->recipients != NULL;
}

static const char *sender(const net_mailer *mailer)
{
    return mailer->settings.from ? mailer->settings.from : NOBODY;
}

/* The mail that a row stands for, its text in `text`. */
static bool mail_compose(net_mailer *mailer, const mail_row *row, ix_buf *text, outgoing_mail *ret)
{
    ix_ctx *cx = &mailer->cx;
    const ix_str from = ix_address_mailbox(ix_str_of(sender(mailer)));
    const message message = {
        .id = row->id,
        .from = sender(mailer),
        .doc = ix_json_parse(cx, row->doc, strlen(row->doc)),
        .created_us = row->created_us,
    };
    *ret = (outgoing_mail){.id = row->id, .from = ix_strndup(cx, from.at, from.len)};
    if (!message.doc || !ret->from || !read_recipients(cx, row->recipients, ret) ||
        !message_write(cx, &message, text))
        return false;
    ret->text = (ix_str){text->at, text->len};
    return true;
}

/* Says of those who will never get it; those who may still get it later, as JSON. NULL: none. */
static const char *split_by_status(net_mailer *mailer, const mail_row *row,
                                   const outgoing_mail *outgoing_mail, const char **ret_why)
{
    ix_ctx *cx = &mailer->cx;
    ix_json *later = ix_json_new_array(cx);
    for (size_t i = 0; i < outgoing_mail->count; i++) {
        const mail_recipient *recipient = &outgoing_mail->recipients[i];
        if (recipient->status == DELIVERY_REFUSED)
            ix_log(IX_LOG_ERROR, "e-mail %s of space %s is refused for %s: %s", row->id, row->space,
                   recipient->mailbox, recipient->why);
        if (recipient->status != DELIVERY_RETRY)
            continue;
        *ret_why = recipient->why;
        ix_json_append(cx, later, ix_json_new_string(cx, recipient->mailbox));
    }
    return ix_json_count(later) ? ix_json_text(cx, later) : NULL;
}

static void settle(net_mailer *mailer, const mail_row *row, const outgoing_mail *outgoing_mail)
{
    const char *why = "";
    remains left = {.row = row, .recipients = split_by_status(mailer, row, outgoing_mail, &why)};
    const int attempts = (int)row->attempts;
    if (left.recipients && attempts >= mailer->settings.attempts_max) {
        ix_log(IX_LOG_ERROR, "e-mail %s of space %s is given up after %d attempts: %s", row->id,
               row->space, attempts, why);
        left.recipients = NULL;
    } else if (left.recipients) {
        const int64_t ms = pause_ms(mailer, attempts);
        ix_log(IX_LOG_WARN, "e-mail %s of space %s has to wait %lld ms after attempt %d: %s",
               row->id, row->space, (long long)ms, attempts, why);
        left.due_us = ix_now_us() + ms * 1000;
    } else {
        ix_log(IX_LOG_DEBUG, "e-mail %s of space %s is done", row->id, row->space);
    }
    finish(mailer, &left);
}

static void send_row(net_mailer *mailer, const mail_row *row)
{
    ix_ctx *cx = &mailer->cx;
    ix_buf text = {0};
    outgoing_mail outgoing_mail;
    if (mail_compose(mailer, row, &text, &outgoing_mail)) {
        if (mailer->smtp)
            smtp_send(cx, mailer->smtp, &outgoing_mail);
        else
            spool_write(cx, mailer->settings.spool, &outgoing_mail);
        settle(mailer, row, &outgoing_mail);
    } else if (cx->error.code != IOTS_NO_MEMORY) {
        ix_log(IX_LOG_ERROR, "e-mail %s of space %s cannot be read any more and is given up: %s",
               row->id, row->space, reason(cx));
        ix_ctx_clear_error(cx);
        finish(mailer, &(remains){.row = row});
    }
    ix_buf_done(&text);
}

/* ---- the thread ---- */

static void hurry(net_mailer *mailer)
{
    if (!committer_do(&mailer->cx, mailer->committer, hurry_job, NULL))
        ix_log(IX_LOG_WARN, "e-mail of the last run is not tried at once: %s", reason(&mailer->cx));
    reset_scratch(mailer);
}

/* Sends one message, if one is due; says how long to rest. */
static int64_t send_one(net_mailer *mailer)
{
    taking taking = {0};
    int64_t pause_ms_left = MAILER_POLL_MS;
    if (!committer_do(&mailer->cx, mailer->committer, take_job, &taking)) {
        ix_log(IX_LOG_WARN, "cannot look for e-mail to send: %s", reason(&mailer->cx));
        pause_ms_left = MAILER_STORE_PAUSE_MS;
    } else if (taking.found) {
        send_row(mailer, &taking.row);
        pause_ms_left = 0;
    } else if (taking.waits) {
        pause_ms_left = ms_until(taking.due_us);
    }
    reset_scratch(mailer);
    return pause_ms_left;
}

static void *mailer_run(void *arg)
{
    net_mailer *mailer = arg;
    hurry(mailer);
    while (!is_stopping(mailer)) {
        const int64_t pause_ms_left = send_one(mailer);
        if (pause_ms_left > 0)
            wait_ms(mailer, pause_ms_left, true);
    }
    return NULL;
}

/* ---- start and stop ---- */

bool mailer_is_set(const mailer_settings *settings)
{
    return settings->spool || (settings->smtp_url && settings->from);
}

static void init_waiting(net_mailer *mailer)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&mailer->lock, NULL);
    pthread_condattr_init(&attr);
    /* Waiting must not depend on what happens to the wall clock. */
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&mailer->changed, &attr);
    pthread_condattr_destroy(&attr);
}

static void take_settings(net_mailer *mailer, const mailer_settings *settings)
{
    mailer->settings = *settings;
    if (!settings->first_pause_ms)
        mailer->settings.first_pause_ms = MAILER_FIRST_PAUSE_MS;
    if (!settings->longest_pause_ms)
        mailer->settings.longest_pause_ms = MAILER_LONGEST_PAUSE_MS;
    if (!settings->attempts_max)
        mailer->settings.attempts_max = MAILER_ATTEMPTS_MAX;
}

static bool open_way_out(ix_ctx *cx, net_mailer *mailer)
{
    if (mailer->settings.spool)
        return spool_open(cx, mailer->settings.spool);
    mailer->smtp = smtp_new(cx, mailer->settings.smtp_url);
    return mailer->smtp != NULL;
}

net_mailer *mailer_new(ix_ctx *cx, const mailer_settings *settings)
{
    net_mailer *made = calloc(1, sizeof *made);
    if (!made) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    take_settings(made, settings);
    init_waiting(made);
    if (!ix_ctx_init(&made->cx, 0))
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else if (open_way_out(cx, made))
        return made;
    mailer_free(made);
    return NULL;
}

bool mailer_start(ix_ctx *cx, net_mailer *mailer, net_committer *committer)
{
    mailer->committer = committer;
    mailer->is_running = pthread_create(&mailer->thread, NULL, mailer_run, mailer) == 0;
    return mailer->is_running ||
           ix_fail(cx, IOTS_UNAVAILABLE, "cannot start the thread that sends e-mail");
}

void mailer_wake(void *arg)
{
    net_mailer *mailer = arg;
    pthread_mutex_lock(&mailer->lock);
    mailer->is_notified = true;
    pthread_cond_signal(&mailer->changed);
    pthread_mutex_unlock(&mailer->lock);
}

void mailer_quiesce(net_mailer *mailer, int64_t until_us)
{
    if (!mailer)
        return;
    pthread_mutex_lock(&mailer->lock);
    mailer->is_stopping = true;
    pthread_cond_signal(&mailer->changed);
    pthread_mutex_unlock(&mailer->lock);
    if (mailer->smtp)
        smtp_cut_off(mailer->smtp, until_us);
}

void mailer_stop(net_mailer *mailer)
{
    if (!mailer || !mailer->is_running)
        return;
    pthread_join(mailer->thread, NULL);
    mailer->is_running = false;
}

void mailer_free(net_mailer *mailer)
{
    if (!mailer)
        return;
    smtp_free(mailer->smtp);
    ix_ctx_done(&mailer->cx);
    pthread_cond_destroy(&mailer->changed);
    pthread_mutex_destroy(&mailer->lock);
    free(mailer);
}
