/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailer with a relay that can be asked to misbehave: what is accepted goes out once, or is given
 * up with a word about it. Its pauses are short here, so that nothing waits for long.
 */
#include "net/mailer.h"

#include <ftw.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/test.h"
#include "base/time.h"
#include "sink.h"

#define FIRST  "01JM2Q8V5T7XK3E9A4B6000001"
#define SECOND "01JM2Q8V5T7XK3E9A4B6000002"
#define LETTER JSON({"to" : ["a@x"], "cc" : ["b@x"], "subject" : "Dry bed", "text" : "Water it."})

enum {
    WAIT_S = 60, /* whoever waits longer has failed */
    HOUR_MS = 3600 * 1000,
};

/* The world of the test that runs. */
static struct bench {
    ix_ctx *cx;
    char folder[64], url[96];
    api_settings calling;
    api_state *api;
    breaker *breaker;
    net_committer *committer;
    sink *sink;
    mailer_settings settings;
    net_mailer *mailer;
    FILE *log; /* standard error of the test, in place of the real one */
    int real_stderr;
} bench;

/* ---- making and unmaking ---- */

static int remove_one(const char *path, const struct stat *at, int type, struct FTW *ftw)
{
    (void)at;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* What is under way is cut off. */
static void stop_mailer(void)
{
    mailer_quiesce(bench.mailer, 0);
    mailer_stop(bench.mailer);
    mailer_free(bench.mailer);
    bench.mailer = NULL;
}

static void bench_end(void *unused)
{
    (void)unused;
    stop_mailer();
    committer_stop(bench.committer);
    committer_free(bench.committer);
    api_free(bench.api);
    breaker_free(bench.breaker);
    sink_free(bench.sink);
    dup2(bench.real_stderr, STDERR_FILENO);
    close(bench.real_stderr);
    fclose(bench.log);
    nftw(bench.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void start_mailer(void)
{
    ix_ctx *cx = bench.cx;
    bench.mailer = mailer_new(cx, &bench.settings);
    CHECK_OK(cx, bench.mailer != NULL);
    CHECK_OK(cx, mailer_start(cx, bench.mailer, bench.committer));
}

static void make_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(bench.folder, sizeof bench.folder, "%s/iots-mail-XXXXXX",
             temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    CHECK(mkdtemp(bench.folder) != NULL);
    snprintf(bench.url, sizeof bench.url, "sqlite:%s/data", bench.folder);
}

/* A store with the space "farm", and a relay that does not listen yet. */
static void set_up(ix_ctx *cx)
{
    store_handle *writer;
    bench = (struct bench){.cx = cx, .log = tmpfile(), .real_stderr = dup(STDERR_FILENO)};
    make_folder();
    dup2(fileno(bench.log), STDERR_FILENO);
    ix_arena_defer(cx->arena, bench_end, NULL);
    ix_log_set(IX_LOG_DEBUG, false);
    CHECK(ix_crypto_init());
    CHECK_OK(cx, store_open(cx, bench.url, STORE_CREATE, &writer));
    CHECK_OK(cx, store_begin(cx, writer) && store_space_add(cx, writer, "farm", 1) &&
                     store_commit(cx, writer));
    bench.api = api_new(cx, &bench.calling, writer);
    CHECK_OK(cx, bench.api != NULL);
    bench.breaker = breaker_new(cx, bench.url, 0);
    const committer_settings committing = {.breaker = bench.breaker};
    bench.committer = committer_start(cx, &committing, bench.api, writer);
    CHECK_OK(cx, bench.committer != NULL);
    bench.sink = sink_new(cx);
    CHECK_OK(cx, bench.sink != NULL);
    bench.settings = (mailer_settings){
        .smtp_url = sink_url(bench.sink),
        .from = "Farm <farm@x>",
        .first_pause_ms = 1,
        .longest_pause_ms = 4,
    };
}

static void send_mail(ix_ctx *cx)
{
    set_up(cx);
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    start_mailer();
}

/* ---- mail ---- */

static bool add_job(ix_ctx *cx, store_handle *writer, void *arg)
{
    return store_mail_add(cx, writer, arg);
}

/* Accepts a message, as the API does. */
static void accept_mail(const char *id, const char *recipients, const char *doc)
{
    mail_row row = {.space = "farm",
                    .id = id,
                    .recipients = recipients,
                    .doc = doc,
                    .created_us = INT64_C(1741064767000000)};
    CHECK_OK(bench.cx, committer_do(bench.cx, bench.committer, add_job, &row));
    if (bench.mailer)
        mailer_wake(bench.mailer);
}

typedef struct look {
    bool found;
    int64_t due_us;
} look;

static bool look_job(ix_ctx *cx, store_handle *writer, void *arg)
{
    look *look = arg;
    return store_mail_due(cx, writer, &look->due_us, &look->found);
}

static bool something_waits(void)
{
    look look;
    CHECK_OK(bench.cx, committer_do(bench.cx, bench.committer, look_job, &look));
    return look.found;
}

static void give_way(void)
{
    /* No synchronisation by time: only the pace at which one looks again. */
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void wait_until_nothing_waits(void)
{
    const int64_t until_us = ix_monotonic_us() + WAIT_S * IX_SECOND_US;
    while (something_waits()) {
        CHECK(ix_monotonic_us() < until_us);
        give_way();
    }
}

/* Everything logged so far. */
static const char *logged(void)
{
    char *text = ix_alloc(bench.cx, 60000);
    rewind(bench.log);
    const size_t len = fread(text, 1, 59999, bench.log);
    text[len] = '\0';
    fseek(bench.log, 0, SEEK_END);
    return text;
}

static bool has_logged(const char *words)
{
    return strstr(logged(), words) != NULL;
}

/* ---- the tests ---- */

TEST("an accepted message is delivered once, also to those whom it does not name")
{
    send_mail(cx);
    accept_mail(FIRST, JSON([ "a@x", "b@x", "hidden@x" ]), LETTER);
    CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x b@x hidden@x");
    CHECK_TEXT(sink_text(cx, bench.sink, 0), "From: Farm <farm@x>\r\n"
                                             "To: a@x\r\n"
                                             "Cc: b@x\r\n"
                                             "Subject: Dry bed\r\n"
                                             "Date: Tue, 04 Mar 2025 05:06:07 +0000\r\n"
                                             "Message-ID: <" FIRST "@x>\r\n"
                                             "MIME-Version: 1.0\r\n"
                                             "Content-Type: text/plain; charset=utf-8\r\n"
                                             "Content-Transfer-Encoding: quoted-printable\r\n"
                                             "\r\n"
                                             "Water it.\r\n");
    wait_until_nothing_waits();
    accept_mail(SECOND, JSON(["c@x"]), LETTER);
    CHECK_TEXT(sink_envelope(cx, bench.sink, 1), "farm@x: c@x");
    wait_until_nothing_waits();
    CHECK_INT(sink_messages(bench.sink), 2);
}

TEST("lines that begin with a dot, and long ones, arrive as they are")
{
    send_mail(cx);
    accept_mail(FIRST, JSON(["a@x"]), JSON({"to" : ["a@x"], "text" : ".\n..x\n.\n"}));
    const char *text = sink_text(cx, bench.sink, 0);
    CHECK(strstr(text, "\r\n\r\n.\r\n..x\r\n.\r\n") != NULL);
}

TEST("a relay that says later is asked again")
{
    static const char *const commands[] = {"CONNECT", "MAIL FROM", "RCPT TO", "DATA", "."};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        set_up(cx);
        sink_say(bench.sink, commands[i], "451 4.3.0 Not now", 2);
        CHECK_OK(cx, sink_listen(cx, bench.sink));
        start_mailer();
        accept_mail(FIRST, JSON(["a@x"]), LETTER);
        CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x");
        wait_until_nothing_waits();
        CHECK_INT(sink_messages(bench.sink), 1);
        CHECK_INT(sink_count(bench.sink, "CONNECT"), 3);
        CHECK(has_logged("warn e-mail " FIRST " of space farm has to wait 2 ms after attempt 2: "));
        CHECK(has_logged("451 4.3.0 Not now"));
        ix_arena_reset(cx->arena);
    }
}

TEST("a relay that hangs up is asked again")
{
    static const char *const commands[] = {"CONNECT", "EHLO", "MAIL FROM", "RCPT TO", "DATA", "."};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        set_up(cx);
        sink_say(bench.sink, commands[i], "", 1);
        CHECK_OK(cx, sink_listen(cx, bench.sink));
        start_mailer();
        accept_mail(FIRST, JSON(["a@x"]), LETTER);
        CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x");
        wait_until_nothing_waits();
        CHECK_INT(sink_messages(bench.sink), 1);
        ix_arena_reset(cx->arena);
    }
}

TEST("a relay that is not there is tried until it is")
{
    set_up(cx);
    start_mailer();
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    const int64_t until_us = ix_monotonic_us() + WAIT_S * IX_SECOND_US;
    while (!has_logged("after attempt 3")) {
        CHECK(ix_monotonic_us() < until_us);
        give_way();
    }
    CHECK(something_waits());
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x");
    wait_until_nothing_waits();
}

TEST("who is refused is logged; who is to wait gets it later; the others get it once")
{
    set_up(cx);
    sink_say(bench.sink, "RCPT TO:<never@x>", "550 5.1.1 No such user", 9);
    sink_say(bench.sink, "RCPT TO:<later@x>", "450 4.2.0 Busy", 1);
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    start_mailer();
    accept_mail(FIRST, JSON([ "never@x", "a@x", "later@x", "b@x" ]), LETTER);
    CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x b@x");
    CHECK_TEXT(sink_envelope(cx, bench.sink, 1), "farm@x: later@x");
    wait_until_nothing_waits();
    CHECK_INT(sink_messages(bench.sink), 2);
    CHECK_INT(sink_count(bench.sink, "RCPT TO:<never@x>"), 1);
    CHECK(has_logged("error e-mail " FIRST
                     " of space farm is refused for never@x: 550 5.1.1 No such user\n"));
}

TEST("a relay that says never is believed, and the log says so")
{
    static const char *const commands[] = {"MAIL FROM", "RCPT TO", "DATA", "."};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        set_up(cx);
        sink_say(bench.sink, commands[i], "554 5.7.1 Not from you", 9);
        CHECK_OK(cx, sink_listen(cx, bench.sink));
        start_mailer();
        accept_mail(FIRST, JSON([ "a@x", "b@x" ]), LETTER);
        wait_until_nothing_waits();
        CHECK_INT(sink_count(bench.sink, "CONNECT"), 1);
        CHECK_INT(sink_messages(bench.sink), 0);
        CHECK(has_logged("error e-mail " FIRST
                         " of space farm is refused for a@x: 554 5.7.1 Not from you\n"));
        CHECK(has_logged("is refused for b@x"));
        ix_arena_reset(cx->arena);
    }
}

TEST("what cannot be delivered is given up after so many attempts, with its id in the log")
{
    set_up(cx);
    bench.settings.attempts_max = 3;
    sink_say(bench.sink, "MAIL FROM", "421 4.3.2 Closed today", 99);
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    start_mailer();
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    wait_until_nothing_waits();
    CHECK_INT(sink_count(bench.sink, "MAIL FROM"), 3);
    CHECK(has_logged("error e-mail " FIRST
                     " of space farm is given up after 3 attempts: 421 4.3.2 Closed today\n"));
}

TEST("a relay that wants to know who sends is reported")
{
    set_up(cx);
    sink_want_login(bench.sink, "ada", "p@ss/word");
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    bench.settings.smtp_url =
        ix_format(cx, "smtp://ada:p%%40ss%%2Fword@%s", sink_address(bench.sink));
    start_mailer();
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x");
}

TEST("a wrong password, or none, loses no mail, and no password gets into the log")
{
    static const char *const logins[] = {"ada:hunter2@", ""};
    for (size_t i = 0; i < 2; i++) {
        set_up(cx);
        sink_want_login(bench.sink, "ada", "secret");
        CHECK_OK(cx, sink_listen(cx, bench.sink));
        bench.settings.smtp_url = ix_format(cx, "smtp://%s%s", logins[i], sink_address(bench.sink));
        start_mailer();
        accept_mail(FIRST, JSON(["a@x"]), LETTER);
        CHECK(sink_wait(bench.sink, "CONNECT", 3));
        stop_mailer();
        CHECK(something_waits());
        CHECK_INT(sink_messages(bench.sink), 0);
        CHECK(!has_logged("hunter2"));
        ix_arena_reset(cx->arena);
    }
}

TEST("where an encrypted line is required, nothing goes over another one")
{
    set_up(cx);
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    bench.settings.smtp_url =
        ix_format(cx, "smtp://ada:secret@%s/?starttls=required", sink_address(bench.sink));
    start_mailer();
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    CHECK(sink_wait(bench.sink, "CONNECT", 3));
    stop_mailer();
    CHECK(something_waits());
    CHECK_INT(sink_count(bench.sink, "AUTH") + sink_count(bench.sink, "MAIL"), 0);
}

TEST("a stop does not wait for a relay that is silent, and the next start sends at once")
{
    set_up(cx);
    bench.settings.first_pause_ms = bench.settings.longest_pause_ms = HOUR_MS;
    sink_say(bench.sink, "DATA", SINK_SILENT, 1);
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    start_mailer();
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    CHECK(sink_wait(bench.sink, "DATA", 1));
    stop_mailer();
    CHECK(something_waits());
    start_mailer();
    CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x");
    wait_until_nothing_waits();
}

TEST("one message that has to wait holds up no other")
{
    set_up(cx);
    bench.settings.first_pause_ms = bench.settings.longest_pause_ms = HOUR_MS;
    sink_say(bench.sink, "RCPT TO:<later@x>", "450 4.2.0 Busy", 99);
    CHECK_OK(cx, sink_listen(cx, bench.sink));
    start_mailer();
    accept_mail(FIRST, JSON(["later@x"]), LETTER);
    accept_mail(SECOND, JSON(["a@x"]), LETTER);
    CHECK_TEXT(sink_envelope(cx, bench.sink, 0), "farm@x: a@x");
    CHECK(something_waits());
}

TEST("what cannot be read any more is given up, and the log says so")
{
    send_mail(cx);
    accept_mail(FIRST, "[7]", LETTER);
    accept_mail(SECOND, JSON(["a@x"]), "{");
    wait_until_nothing_waits();
    CHECK(has_logged("error e-mail " FIRST " of space farm cannot be read any more"));
    CHECK(has_logged("error e-mail " SECOND " of space farm cannot be read any more"));
    CHECK_INT(sink_messages(bench.sink), 0);
}

TEST("a spool folder gets each message as a file of its own")
{
    set_up(cx);
    bench.settings = (mailer_settings){.spool = ix_format(cx, "%s/mail/spool", bench.folder)};
    start_mailer();
    accept_mail(FIRST, JSON([ "a@x", "hidden@x" ]), LETTER);
    wait_until_nothing_waits();
    FILE *in = fopen(ix_format(cx, "%s/" FIRST ".eml", bench.settings.spool), "rb");
    CHECK(in != NULL);
    char text[4096] = "";
    CHECK(fread(text, 1, sizeof(text) - 1, in) > 0);
    fclose(in);
    CHECK(strstr(text, "From: iotsd@localhost\r\nTo: a@x\r\n") == text);
    CHECK(strstr(text, "Water it.") && !strstr(text, "hidden"));
    CHECK(access(ix_format(cx, "%s/." FIRST ".part", bench.settings.spool), F_OK) != 0);
}

TEST("a link in the spool folder leads no message into another file")
{
    set_up(cx);
    const char *spool = ix_format(cx, "%s/spool", bench.folder);
    const char *other = ix_format(cx, "%s/other", bench.folder);
    bench.settings = (mailer_settings){.spool = spool};
    start_mailer();
    CHECK(symlink(other, ix_format(cx, "%s/." FIRST ".part", spool)) == 0);
    CHECK(symlink(other, ix_format(cx, "%s/" FIRST ".eml", spool)) == 0);
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    wait_until_nothing_waits();
    CHECK(access(other, F_OK) != 0);
    struct stat at;
    CHECK(lstat(ix_format(cx, "%s/" FIRST ".eml", spool), &at) == 0);
    CHECK(S_ISREG(at.st_mode) && (at.st_mode & 0777) == 0600);
}

TEST("a spool folder that cannot be written loses no mail")
{
    set_up(cx);
    const char *spool = ix_format(cx, "%s/spool", bench.folder);
    bench.settings = (mailer_settings){.spool = spool, .first_pause_ms = 1, .longest_pause_ms = 4};
    start_mailer();
    const char *away = ix_format(cx, "%s/away", bench.folder);
    CHECK(rename(spool, away) == 0);
    accept_mail(FIRST, JSON(["a@x"]), LETTER);
    const int64_t until_us = ix_monotonic_us() + WAIT_S * IX_SECOND_US;
    while (!has_logged("after attempt 2")) {
        CHECK(ix_monotonic_us() < until_us);
        give_way();
    }
    CHECK(rename(away, spool) == 0);
    wait_until_nothing_waits();
    CHECK(access(ix_format(cx, "%s/" FIRST ".eml", spool), F_OK) == 0);
}

TEST("a spool folder that cannot be one is reported by name")
{
    set_up(cx);
    bench.settings = (mailer_settings){.spool = "/dev/null/mail"};
    CHECK(!mailer_new(cx, &bench.settings));
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
    CHECK(strstr(cx->error.message, "/dev/null") == cx->error.message);
    ix_ctx_clear_error(cx);
}

TEST("e-mail is set up with a folder, or with both relay and sender")
{
    CHECK(!mailer_is_set(&(mailer_settings){0}));
    CHECK(!mailer_is_set(&(mailer_settings){.smtp_url = "smtp://x"}));
    CHECK(!mailer_is_set(&(mailer_settings){.from = "a@b"}));
    CHECK(mailer_is_set(&(mailer_settings){.smtp_url = "smtp://x", .from = "a@b"}));
    CHECK(mailer_is_set(&(mailer_settings){.spool = "x"}));
}
