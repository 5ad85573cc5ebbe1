/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

enum {
    RULES_MAX = 32,
    MESSAGES_MAX = 64,
    WAIT_S = 60, /* generous: a sanitizer on a busy machine is slow, not wrong */
};

typedef struct rule {
    char command[64], answer[128];
    int times; /* left */
} rule;

typedef struct message {
    ix_buf envelope, text;
} message;

struct sink {
    int fd;   /* the port */
    int stop; /* eventfd */
    bool is_running;
    pthread_t thread;
    char url[64];
    char login[128];      /* AUTH PLAIN and what must follow; "": anyone may send */
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t changed;
    rule rules[RULES_MAX];
    size_t rule_count;
    ix_buf commands; /* one a line */
    message messages[MESSAGES_MAX];
    size_t message_count;
};

/* A connection, on the sink's thread. */
typedef struct session {
    sink *sink;
    int fd;
    char bytes[4096]; /* read, and not looked at */
    size_t len;
    bool has_login;
    message message; /* under way */
} session;

/* ---- what is kept ---- */

static void message_done(message *message)
{
    ix_buf_done(&message->envelope);
    ix_buf_done(&message->text);
}

static void keep_message(session *session)
{
    sink *sink = session->sink;
    pthread_mutex_lock(&sink->lock);
    if (sink->message_count == MESSAGES_MAX)
        abort();
    sink->messages[sink->message_count++] = session->message;
    pthread_cond_broadcast(&sink->changed);
    pthread_mutex_unlock(&sink->lock);
    session->message = (message){0};
}

/* Notes a command; the answer to give in place of the usual one goes into `answer`. */
static bool find_rule(sink *sink, const char *command, char answer[128])
{
    bool found = false;
    pthread_mutex_lock(&sink->lock);
    ix_buf_format(&sink->commands, "%s\n", command);
    pthread_cond_broadcast(&sink->changed);
    for (size_t i = sink->rule_count; i > 0 && !found; i--) {
        rule *rule = &sink->rules[i - 1];
        if (rule->times == 0 || strncmp(command, rule->command, strlen(rule->command)) != 0)
            continue;
        found = true;
        rule->times--;
        memcpy(answer, rule->answer, sizeof(rule->answer));
    }
    pthread_mutex_unlock(&sink->lock);
    return found;
}

/* ---- the line ---- */

/* Waits for bytes. False: the other side, or the test, has had enough. */
static bool wait_readable(const sink *sink, int fd)
{
    struct pollfd polls[2] = {{.fd = fd, .events = POLLIN}, {.fd = sink->stop, .events = POLLIN}};
    while (poll(polls, 2, -1) < 0 && errno == EINTR)
        continue;
    return !polls[1].revents && polls[0].revents;
}

static bool read_more(session *session)
{
    if (session->len == sizeof(session->bytes) || !wait_readable(session->sink, session->fd))
        return false;
    const ssize_t n =
        read(session->fd, session->bytes + session->len, sizeof(session->bytes) - session->len);
    if (n <= 0)
        return false;
    session->len += (size_t)n;
    return true;
}

/* One line without its end. */
static bool read_line(session *session, char line[4096])
{
    char *end;
    while (!(end = memchr(session->bytes, '\n', session->len))) {
        if (!read_more(session))
            return false;
    }
    const size_t used = (size_t)(end - session->bytes) + 1;
    size_t len = used - 1;
    if (len > 0 && session->bytes[len - 1] == '\r')
        len--;
    memcpy(line, session->bytes, len);
    line[len] = '\0';
    session->len -= used;
    memmove(session->bytes, session->bytes + used, session->len);
    return true;
}

static bool say(const session *session, const char *answer)
{
    char line[256];
    const int len = snprintf(line, sizeof(line), "%s\r\n", answer);
    return send(session->fd, line, (size_t)len, MSG_NOSIGNAL) == len;
}

static bool hang_on(session *session)
{
    while (read_more(session))
        session->len = 0;
    return false;
}

/* Gives the usual answer, unless the test wants another one. False: the connection ends. *as_usual:
 * what was asked is to be done. */
static bool answer(session *session, const char *command, const char *usual, bool *as_usual)
{
    char other[128];
    *as_usual = !find_rule(session->sink, command, other);
    if (*as_usual)
        return say(session, usual);
    if (!*other)
        return false;
    return strcmp(other, SINK_SILENT) == 0 ? hang_on(session) : say(session, other);
}

/* ---- commands ---- */

static bool take_text(session *session)
{
    char line[4096];
    bool as_usual;
    for (;;) {
        if (!read_line(session, line))
            return false;
        if (strcmp(line, ".") == 0)
            break;
        ix_buf_format(&session->message.text, "%s\r\n", line[0] == '.' ? line + 1 : line);
    }
    if (!answer(session, ".", "250 2.0.0 Taken", &as_usual))
        return false;
    if (as_usual)
        keep_message(session);
    return true;
}

/* What stands in angle brackets, appended. */
static void add_mailbox(ix_buf *out, const char *line)
{
    const char *at = strchr(line, '<');
    if (at)
        ix_buf_add(out, at + 1, strcspn(at + 1, ">"));
}

static bool take_sender(session *session, const char *line)
{
    bool as_usual;
    const bool must_log_in = *session->sink->login && !session->has_login;
    if (!answer(session, line, must_log_in ? "530 5.7.0 Who are you?" : "250 2.1.0 OK", &as_usual))
        return false;
    message_done(&session->message);
    if (as_usual) {
        add_mailbox(&session->message.envelope, line);
        ix_buf_char(&session->message.envelope, ':');
    }
    return true;
}

static bool take_recipient(session *session, const char *line)
{
    bool as_usual;
    if (!answer(session, line, "250 2.1.5 OK", &as_usual))
        return false;
    if (as_usual) {
        ix_buf_char(&session->message.envelope, ' ');
        add_mailbox(&session->message.envelope, line);
    }
    return true;
}

/* The secret comes with the command, or after it. */
static bool log_in(session *session, const char *command)
{
    char line[5000], rest[4096];
    bool as_usual;
    snprintf(line, sizeof(line), "%s", command);
    if (strcmp(line, "AUTH PLAIN") == 0) {
        if (!say(session, "334 ") || !read_line(session, rest))
            return false;
        snprintf(line, sizeof(line), "AUTH PLAIN %s", rest);
    }
    session->has_login = strcmp(line, session->sink->login) == 0;
    return answer(session, line,
                  session->has_login ? "235 2.7.0 Welcome" : "535 5.7.8 That is not you",
                  &as_usual);
}

static bool take_command(session *session, const char *line)
{
    bool as_usual;
    if (strncmp(line, "EHLO ", 5) == 0)
        return answer(session, line, "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME", &as_usual);
    if (strncmp(line, "AUTH ", 5) == 0)
        return log_in(session, line);
    if (strncmp(line, "MAIL FROM:", 10) == 0)
        return take_sender(session, line);
    if (strncmp(line, "RCPT TO:", 8) == 0)
        return take_recipient(session, line);
    if (strcmp(line, "DATA") == 0)
        return answer(session, line, "354 Go on", &as_usual) && (!as_usual || take_text(session));
    if (strcmp(line, "QUIT") == 0) {
        answer(session, line, "221 2.0.0 Bye", &as_usual);
        return false;
    }
    return answer(session, line, "250 2.0.0 OK", &as_usual);
}

static void serve(sink *sink, int fd)
{
    session session = {.sink = sink, .fd = fd};
    char line[4096];
    bool as_usual;
    bool goes_on = answer(&session, "CONNECT", "220 sink ESMTP", &as_usual);
    while (goes_on && read_line(&session, line))
        goes_on = take_command(&session, line);
    message_done(&session.message);
    close(fd);
}

static void *run(void *arg)
{
    sink *sink = arg;
    while (wait_readable(sink, sink->fd)) {
        const int fd = accept4(sink->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            serve(sink, fd);
    }
    return NULL;
}

/* ---- start and stop ---- */

static bool take_port(sink *sink)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    union {
        struct sockaddr_in *in;
        struct sockaddr *any;
    } to = {.in = &address};
    sink->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sink->stop = eventfd(0, EFD_CLOEXEC);
    if (sink->fd < 0 || sink->stop < 0 || bind(sink->fd, to.any, size) != 0 ||
        getsockname(sink->fd, to.any, &size) != 0)
        return false;
    snprintf(sink->url, sizeof(sink->url), "smtp://127.0.0.1:%d", ntohs(address.sin_port));
    return true;
}

sink *sink_new(ix_ctx *cx)
{
    sink *sink = calloc(1, sizeof(*sink));
    if (!sink) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&sink->lock, NULL);
    pthread_cond_init(&sink->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (take_port(sink))
        return sink;
    ix_fail(cx, IOTS_INTERNAL, "no port for the relay: %s", strerror(errno));
    sink_free(sink);
    return NULL;
}

bool sink_listen(ix_ctx *cx, sink *sink)
{
    sink->is_running =
        listen(sink->fd, SOMAXCONN) == 0 && pthread_create(&sink->thread, NULL, run, sink) == 0;
    return sink->is_running || ix_fail(cx, IOTS_INTERNAL, "the relay does not start");
}

void sink_free(sink *sink)
{
    if (!sink)
        return;
    const uint64_t one = 1;
    if (sink->is_running && write(sink->stop, &one, sizeof(one)) == sizeof(one))
        pthread_join(sink->thread, NULL);
    for (size_t i = 0; i < sink->message_count; i++)
        message_done(&sink->messages[i]);
    ix_buf_done(&sink->commands);
    if (sink->fd >= 0)
        close(sink->fd);
    if (sink->stop >= 0)
        close(sink->stop);
    pthread_cond_destroy(&sink->changed);
    pthread_mutex_destroy(&sink->lock);
    free(sink);
}

const char *sink_url(const sink *sink)
{
    return sink->url;
}

const char *sink_address(const sink *sink)
{
    return sink->url + strlen("smtp://");
}

/* ---- for tests ---- */

void sink_say(sink *sink, const char *command, const char *answer, int times)
{
    pthread_mutex_lock(&sink->lock);
    if (sink->rule_count == RULES_MAX)
        abort();
    rule *rule = &sink->rules[sink->rule_count++];
    snprintf(rule->command, sizeof(rule->command), "%s", command);
    snprintf(rule->answer, sizeof(rule->answer), "%s", answer);
    rule->times = times;
    pthread_mutex_unlock(&sink->lock);
}

/* The base64 of "\0user\0password", made by hand: this library has no such function. */
static void encode_login(ix_buf *out, const char *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        unsigned three = 0;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (i + k < len ? (unsigned char)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            ix_buf_add(out, k > len - i ? "=" : &letters[three >> (18 - 6 * k) & 63], 1);
    }
}

void sink_want_login(sink *sink, const char *user, const char *password)
{
    ix_buf plain = {0};
    ix_buf login = {0};
    ix_buf_char(&plain, '\0');
    ix_buf_text(&plain, user);
    ix_buf_char(&plain, '\0');
    ix_buf_text(&plain, password);
    ix_buf_text(&login, "AUTH PLAIN ");
    encode_login(&login, plain.at, plain.len);
    snprintf(sink->login, sizeof(sink->login), "%s", ix_buf_cstr(&login));
    ix_buf_done(&plain);
    ix_buf_done(&login);
}

/* With the lock held. */
static size_t count_commands(const sink *sink, const char *command)
{
    size_t count = 0;
    ix_str rest = {sink->commands.at, sink->commands.len};
    while (rest.len > 0) {
        ix_str line;
        rest = ix_str_cut(rest, '\n', &line);
        count += ix_str_starts(line, command);
    }
    return count;
}

/* With the lock held: false when it has taken too long. */
static bool wait_change(sink *sink, const struct timespec *until)
{
    return pthread_cond_timedwait(&sink->changed, &sink->lock, until) == 0;
}

static struct timespec latest(void)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    return until;
}

bool sink_wait(sink *sink, const char *command, size_t count)
{
    const struct timespec until = latest();
    bool ok = true;
    pthread_mutex_lock(&sink->lock);
    while (ok && count_commands(sink, command) < count)
        ok = wait_change(sink, &until);
    pthread_mutex_unlock(&sink->lock);
    return ok;
}

size_t sink_count(sink *sink, const char *command)
{
    pthread_mutex_lock(&sink->lock);
    const size_t count = count_commands(sink, command);
    pthread_mutex_unlock(&sink->lock);
    return count;
}

size_t sink_messages(sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    const size_t count = sink->message_count;
    pthread_mutex_unlock(&sink->lock);
    return count;
}

/* Waits for a message; NULL if it takes too long. Messages stay where they are once they are there. */
static const message *wait_message(sink *sink, size_t index)
{
    const struct timespec until = latest();
    bool ok = true;
    pthread_mutex_lock(&sink->lock);
    while (ok && sink->message_count <= index)
        ok = wait_change(sink, &until);
    pthread_mutex_unlock(&sink->lock);
    return ok ? &sink->messages[index] : NULL;
}

const char *sink_envelope(ix_ctx *cx, sink *sink, size_t index)
{
    const message *message = wait_message(sink, index);
    return message ? ix_strdup(cx, ix_buf_cstr(&message->envelope)) : NULL;
}

const char *sink_text(ix_ctx *cx, sink *sink, size_t index)
{
    const message *message = wait_message(sink, index);
    return message ? ix_strdup(cx, ix_buf_cstr(&message->text)) : NULL;
}
