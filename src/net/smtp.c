/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl says whether a message went out, but not which of its recipients the relay refused. So we
 * listen to what passes over the line: each RCPT command is followed by the relay's answer to it.
 */
#include "net/smtp.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/time.h"

struct net_smtp {
    CURLU *url; /* without our own option */
    bool needs_tls;
    _Atomic int64_t cut_off_us;
};

/* ---- urls ---- */

/* Takes ?starttls=required off the url. */
static bool take_option(CURLU *url, bool *needs_tls)
{
    char *query = NULL;
    *needs_tls = false;
    if (curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK)
        return true;
    *needs_tls = strcmp(query, "starttls=required") == 0;
    curl_free(query);
    return *needs_tls && curl_url_set(url, CURLUPART_QUERY, NULL, 0) == CURLUE_OK;
}

static bool is_smtp(CURLU *url)
{
    char *scheme = NULL;
    const bool ok = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                    (strcasecmp(scheme, "smtp") == 0 || strcasecmp(scheme, "smtps") == 0);
    curl_free(scheme);
    return ok;
}

/* NULL on failure. The sentence does not repeat the url, because of the password in it. */
static CURLU *read_url(ix_ctx *cx, const char *text, bool *needs_tls)
{
    CURLU *url = curl_url();
    if (!url)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK || !is_smtp(url))
        ix_fail(cx, IOTS_USAGE, "it is not a smtp:// or smtps:// address");
    else if (!take_option(url, needs_tls))
        ix_fail(cx, IOTS_USAGE, "what follows the address is not ?starttls=required");
    if (!ix_failed(cx))
        return url;
    curl_url_cleanup(url);
    return NULL;
}

bool smtp_url_check(ix_ctx *cx, const char *text)
{
    bool needs_tls;
    CURLU *url = read_url(cx, text, &needs_tls);
    curl_url_cleanup(url);
    return url != NULL;
}

net_smtp *smtp_new(ix_ctx *cx, const char *text)
{
    net_smtp *made = calloc(1, sizeof *made);
    if (!made || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(made);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    atomic_init(&made->cut_off_us, INT64_MAX);
    made->url = read_url(cx, text, &made->needs_tls);
    if (made->url)
        return made;
    smtp_free(made);
    return NULL;
}

void smtp_free(net_smtp *smtp)
{
    if (!smtp)
        return;
    curl_url_cleanup(smtp->url);
    curl_global_cleanup();
    free(smtp);
}

/* ---- listening ---- */

typedef enum step { STEP_BEFORE, STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_AFTER } step;

typedef struct delivery {
    ix_ctx *cx;
    outgoing_mail *outgoing_mail;
    size_t read;        /* bytes of the text that are sent */
    step step;          /* the last command */
    size_t asked;       /* recipients named so far */
    int code;           /* of the last answer; 0: there was none */
    const char *answer; /* if it was no good one */
    bool is_about_mail; /* and not about us, or about one recipient */
    char error[CURL_ERROR_SIZE];
} delivery;

// clang-format off
static const struct { const char *command; step step; } steps[] = {
    {"MAIL FROM:", STEP_MAIL}, {"RCPT TO:", STEP_RCPT}, {"DATA", STEP_DATA}, {"QUIT", STEP_AFTER},
};
// clang-format on

static void hear_command(delivery *delivery, ix_str line)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (ix_str_starts(line, steps[i].command))
            delivery->step = steps[i].step;
    }
    if (delivery->step == STEP_RCPT)
        delivery->asked++;
}

/* "451 4.7.1 Try again later": the last line of an answer; earlier ones have a hyphen. */
static int code_of(ix_str line)
{
    int64_t code;
    const bool is_last = line.len == 3 || (line.len > 3 && line.at[3] == ' ');
    return is_last && ix_str_int((ix_str){line.at, 3}, &code) ? (int)code : 0;
}

/* Is it no use to ask again? A relay that wants to know who we are or an encrypted line (530) may be
 * content once its address is set right. */
static bool is_final(int code)
{
    return code >= 500 && code != 530;
}

static void hear_answer(delivery *delivery, ix_str line)
{
    while (line.len > 0 && strchr("\r\n", line.at[line.len - 1]))
        line.len--;
    const int code = code_of(line);
    if (!code || delivery->step == STEP_AFTER) /* what a relay says to QUIT is of no interest */
        return;
    delivery->code = code;
    delivery->answer = code >= 400 ? ix_strndup(delivery->cx, line.at, line.len) : NULL;
    delivery->is_about_mail = delivery->step == STEP_MAIL || delivery->step == STEP_DATA;
    if (delivery->step != STEP_RCPT || delivery->asked > delivery->outgoing_mail->count)
        return;
    mail_recipient *recipient = &delivery->outgoing_mail->recipients[delivery->asked - 1];
    recipient->status = code < 400       ? DELIVERY_DONE
                        : is_final(code) ? DELIVERY_REFUSED
                                         : DELIVERY_RETRY;
    recipient->why = delivery->answer;
}

static int on_line(CURL *easy, curl_infotype type, char *bytes, size_t len, void *arg)
{
    (void)easy;
    if (type == CURLINFO_HEADER_OUT)
        hear_command(arg, (ix_str){bytes, len});
    else if (type == CURLINFO_HEADER_IN)
        hear_answer(arg, (ix_str){bytes, len});
    return 0;
}

static size_t on_read(char *bytes, size_t size, size_t count, void *arg)
{
    delivery *delivery = arg;
    const ix_str text = delivery->outgoing_mail->text;
    const size_t left = text.len - delivery->read;
    const size_t len = size * count < left ? size * count : left;
    memcpy(bytes, text.at + delivery->read, len);
    delivery->read += len;
    return len;
}

/* Called once a second or more often, whatever libcurl waits for. A result other than 0 ends it. */
static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    (void)down_total, (void)down, (void)up_total, (void)up;
    net_smtp *smtp = arg;
    return ix_monotonic_us() >= atomic_load(&smtp->cut_off_us);
}

/* ---- sending ---- */

static struct curl_slist *recipients_of(ix_ctx *cx, const outgoing_mail *outgoing_mail)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < outgoing_mail->count; i++) {
        const char *path = ix_format(cx, "<%s>", outgoing_mail->recipients[i].mailbox);
        struct curl_slist *longer = path ? curl_slist_append(list, path) : NULL;
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static void set_up(net_smtp *smtp, CURL *easy, delivery *delivery, struct curl_slist *recipients,
                   const char *from)
{
    curl_easy_setopt(easy, CURLOPT_CURLU, smtp->url);
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     (long)(smtp->needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the surroundings say */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L); /* mails are rare; relays hang up */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)SMTP_CONNECT_S);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)SMTP_MAIL_S);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)SMTP_ANSWER_S);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, smtp);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, delivery->error);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, delivery);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_line);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, delivery);
}

/* Why it did not go out: the relay's own words, if it said anything. */
static const char *reason(const delivery *delivery, CURLcode result)
{
    if (delivery->answer)
        return delivery->answer;
    if (result == CURLE_ABORTED_BY_CALLBACK)
        return "the server stops";
    return *delivery->error ? ix_strdup(delivery->cx, delivery->error) : curl_easy_strerror(result);
}

/* Nobody has it: all who were not refused one by one share the status of the message. */
static void judge(delivery *delivery, CURLcode result)
{
    const bool is_refused = delivery->is_about_mail && is_final(delivery->code);
    const char *why = reason(delivery, result);
    for (size_t i = 0; i < delivery->outgoing_mail->count; i++) {
        mail_recipient *recipient = &delivery->outgoing_mail->recipients[i];
        if (recipient->status == DELIVERY_DONE || !recipient->why) {
            recipient->status = is_refused ? DELIVERY_REFUSED : DELIVERY_RETRY;
            recipient->why = why;
        }
    }
}

/* One mail over one connection. */
static CURLcode deliver(net_smtp *smtp, delivery *delivery)
{
    CURLcode result = CURLE_OUT_OF_MEMORY;
    CURL *easy = curl_easy_init();
    struct curl_slist *recipients = recipients_of(delivery->cx, delivery->outgoing_mail);
    const char *from = ix_format(delivery->cx, "<%s>", delivery->outgoing_mail->from);
    if (easy && recipients && from) {
        set_up(smtp, easy, delivery, recipients, from);
        result = curl_easy_perform(easy);
    }
    curl_easy_cleanup(easy);
    curl_slist_free_all(recipients);
    return result;
}

void smtp_send(ix_ctx *cx, net_smtp *smtp, outgoing_mail *outgoing_mail)
{
    delivery delivery = {.cx = cx, .outgoing_mail = outgoing_mail};
    const CURLcode result = deliver(smtp, &delivery);
    if (result != CURLE_OK)
        judge(&delivery, result);
}

void smtp_cut_off(net_smtp *smtp, int64_t at_us)
{
    atomic_store(&smtp->cut_off_us, at_us);
}
