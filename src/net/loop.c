/* SPDX-License-Identifier: Apache-2.0 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/time.h"

enum {
    EVENTS_MAX = 256, /* taken from the system at a time */
    SCRATCH_BYTES = 64 << 10,
    STEPS_MAX = 32, /* of one connection before the others have their turn */
    ROUNDS = 16,    /* looks at the clock in the time of the shortest limit */
    ROUND_MS_MAX = 1000,
    STOP_ROUND_MS = 50, /* between two looks at the clock once the loop is quiet */
};

typedef struct loop loop;

/* Whose turn it is. */
typedef enum turn {
    TURN_IDLE,   /* theirs: a request is next */
    TURN_THEIRS, /* theirs: more of it is, or they read the reply */
    TURN_OURS,
    TURN_LINGER, /* nobody's: what still comes is dropped until they see that it is over */
} turn;

/* Connections, oldest first. */
typedef struct list {
    connection *first, **last;
} list;

/* What is to be sent: bytes of our own, then a body. */
typedef struct output {
    ix_buf head;
    char *body;
    size_t head_sent, body_len, body_sent;
    bool is_on; /* there is something, or sent() has not been called for it */
} output;

struct connection {
    loop *loop;
    connection *next, **back; /* in a list of the loop */
    list *in;
    int fd;
    turn turn;
    tls_session *tls;
    int64_t idle_since_us; /* when it began to wait for a request */
    int64_t moved_us;      /* when bytes went one way or the other */
    int64_t deadline_us;
    output output;
    ix_buf unread; /* came, and not taken yet, from unread_at on */
    size_t unread_at;
    size_t lingered; /* bytes */
    bool can_read;   /* as far as we know */
    bool can_write;
    bool has_news;      /* in `unread`, since the protocol last looked */
    bool is_hung_up;    /* their side has ended, perhaps behind bytes that are still to be read */
    bool has_ended;     /* and those are read */
    bool has_heard_end; /* the protocol has */
    bool is_broken;
    bool is_paused;
    bool is_closing;                      /* once all is sent */
    bool is_woken;                        /* in the loop's list */
    bool is_deferred;                     /* in the loop's list */
    connection *next_woken, **back_woken; /* under the loop's lock */
    connection *next_deferred;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    max_align_t state[]; /* the protocol's */
};

struct loop {
    loops *loops;
    int epoll_fd, wakeup_fd;
    pthread_t thread;
    bool has_thread;

    /* of the thread */
    int64_t now_us, next_round_us;
    list idle; /* may be closed to make room; by idle_since_us */
    list busy;
    connection *deferred; /* had many steps in a row and are not done */
    char *scratch;
    bool is_quiet;    /* no connection waits for a request any more ... */
    int64_t quiet_us; /* ... since then */

    _Atomic int64_t oldest_us; /* idle_since_us of the first that rests; INT64_MAX: none does */

    pthread_mutex_t lock; /* over what follows */
    connection *arrived;  /* by next */
    connection *woken;
    unsigned wanted_places; /* connections to close to make room */
    bool is_notified, wants_quiet, is_over;
};

struct loops {
    loops_settings settings;
    int64_t round_us;
    _Atomic unsigned next; /* gets the next connection */
    loop *all;
    unsigned count; /* that were made */
};

/* ---- lists ---- */

static void list_init(list *list)
{
    *list = (struct list){.last = &list->first};
}

static void list_remove(connection *connection)
{
    list *list = connection->in;
    if (!list)
        return;
    *connection->back = connection->next;
    if (connection->next)
        connection->next->back = connection->back;
    else
        list->last = connection->back;
    connection->in = NULL;
}

static void list_append(list *list, connection *connection)
{
    connection->in = list;
    connection->next = NULL;
    connection->back = list->last;
    *list->last = connection;
    list->last = &connection->next;
}

/* Takes it out of its list and puts it at the end of this one; NULL: of none. */
static void list_move(list *list, connection *connection)
{
    loop *loop = connection->loop;
    list_remove(connection);
    if (list)
        list_append(list, connection);
    /* A list lies in its loop: where there is one there is the other. */
    atomic_store_explicit(&loop->oldest_us, // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
                          loop->idle.first ? loop->idle.first->idle_since_us : INT64_MAX,
                          memory_order_relaxed);
}

/* ---- from other threads ---- */

/* With the lock held. */
static void connection_notify(loop *loop)
{
    const uint64_t one = 1;
    if (loop->is_notified)
        return;
    loop->is_notified = true;
    while (write(loop->wakeup_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

void connection_wake(connection *connection)
{
    loop *loop = connection->loop;
    pthread_mutex_lock(&loop->lock);
    if (!connection->is_woken) {
        connection->is_woken = true;
        connection->next_woken = loop->woken;
        connection->back_woken = &loop->woken;
        if (loop->woken)
            loop->woken->back_woken = &connection->next_woken;
        loop->woken = connection;
        connection_notify(loop);
    }
    pthread_mutex_unlock(&loop->lock);
}

/* With the lock held. */
static void unlist_woken(connection *connection)
{
    if (!connection->is_woken)
        return;
    *connection->back_woken = connection->next_woken;
    if (connection->next_woken)
        connection->next_woken->back_woken = connection->back_woken;
    connection->is_woken = false;
}

static void connection_free(connection *connection)
{
    tls_session_free(connection->tls);
    close(connection->fd);
    ix_buf_done(&connection->output.head);
    free(connection->output.body);
    ix_buf_done(&connection->unread);
    free(connection);
}

static connection *connection_new(loops *loops, int fd, const struct sockaddr *peer,
                                  socklen_t peer_len)
{
    const loops_settings *settings = &loops->settings;
    connection *connection = calloc(1, sizeof *connection + settings->protocol->state_size);
    if (!connection) {
        close(fd);
        return NULL;
    }
    connection->fd = fd;
    if (peer_len <= sizeof connection->peer)
        memcpy(&connection->peer, peer, peer_len);
    if (!settings->tls || (connection->tls = tls_session_new(settings->tls, fd)))
        return connection;
    connection_free(connection);
    return NULL;
}

bool loops_add(loops *loops, int fd, const struct sockaddr *peer, socklen_t peer_len)
{
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection *connection = connection_new(loops, fd, peer, peer_len);
    if (!connection)
        return false;
    loop *loop = &loops->all[atomic_fetch_add(&loops->next, 1) % loops->count];
    connection->loop = loop;
    pthread_mutex_lock(&loop->lock);
    connection->next = loop->arrived;
    loop->arrived = connection;
    connection_notify(loop);
    pthread_mutex_unlock(&loop->lock);
    return true;
}

bool loops_make_room(loops *loops)
{
    loop *chosen = NULL;
    int64_t oldest_us = INT64_MAX;
    for (unsigned i = 0; i < loops->count; i++) {
        const int64_t since_us = atomic_load(&loops->all[i].oldest_us);
        if (since_us < oldest_us) {
            oldest_us = since_us;
            chosen = &loops->all[i];
        }
    }
    if (!chosen)
        return false;
    pthread_mutex_lock(&chosen->lock);
    chosen->wanted_places++;
    connection_notify(chosen);
    pthread_mutex_unlock(&chosen->lock);
    return true;
}

void loops_quiesce(loops *loops)
{
    for (unsigned i = 0; i < loops->count; i++) {
        loop *loop = &loops->all[i];
        pthread_mutex_lock(&loop->lock);
        loop->wants_quiet = true;
        connection_notify(loop);
        pthread_mutex_unlock(&loop->lock);
    }
}

/* ---- for the protocol ---- */

void *connection_state(connection *connection)
{
    return connection->state;
}

void *connection_arg(const connection *connection)
{
    return connection->loop->loops->settings.arg;
}

const struct sockaddr *connection_peer(const connection *connection)
{
    return connection->peer.any.sa_family ? &connection->peer.any : NULL;
}

bool connection_is_tls(const connection *connection)
{
    return connection->tls != NULL;
}

int64_t connection_now_us(const connection *connection)
{
    return connection->loop->now_us;
}

bool connection_is_broken(const connection *connection)
{
    return connection->is_broken;
}

/* What came and is not taken yet. */
static ix_str unread(const connection *connection)
{
    const ix_buf *buf = &connection->unread;
    return buf->len > 0
               ? (ix_str){buf->at + connection->unread_at, buf->len - connection->unread_at}
               : (ix_str){0};
}

void connection_pause(connection *connection)
{
    connection->is_paused = true;
}

void connection_go_on(connection *connection)
{
    connection->is_paused = false;
    connection->has_news = unread(connection).len > 0;
}

void connection_close(connection *connection)
{
    connection->is_closing = true;
}

/* The time that bytes take at the slowest. */
static int64_t slowest_us(size_t bytes)
{
    return (int64_t)bytes * (IX_SECOND_US / 64) / (LOOP_SLOWEST_BYTES_PER_S / 64);
}

static void start_deadline(connection *connection, size_t bytes)
{
    const loop *loop = connection->loop;
    connection->turn = TURN_THEIRS;
    connection->moved_us = loop->now_us;
    connection->deadline_us =
        loop->now_us + (int64_t)loop->loops->settings.progress_ms * 1000 + slowest_us(bytes);
}

void connection_idle(connection *connection)
{
    loop *loop = connection->loop;
    connection->turn = TURN_IDLE;
    connection->idle_since_us = loop->now_us;
    connection->deadline_us = loop->now_us + (int64_t)loop->loops->settings.idle_s * IX_SECOND_US;
    list_move(&loop->idle, connection);
}

void connection_begin(connection *connection)
{
    start_deadline(connection, 0);
}

void connection_set_deadline(connection *connection, size_t bytes)
{
    start_deadline(connection, bytes);
    list_move(&connection->loop->busy, connection);
}

void connection_extend_deadline(connection *connection, size_t bytes)
{
    connection->deadline_us += slowest_us(bytes);
}

void connection_clear_deadline(connection *connection)
{
    connection->turn = TURN_OURS;
    list_move(&connection->loop->busy, connection);
}

/* ---- bytes out ---- */

/* Takes `sent` bytes off what is to be sent. */
static void note_sent(connection *connection, size_t sent)
{
    output *output = &connection->output;
    const size_t of_head = output->head.len - output->head_sent;
    const size_t in_head = sent < of_head ? sent : of_head;
    output->head_sent += in_head;
    output->body_sent += sent - in_head;
    connection->moved_us = connection->loop->now_us;
}

static ix_str unsent_head(const output *output)
{
    const ix_buf *head = &output->head;
    return head->len > output->head_sent
               ? (ix_str){head->at + output->head_sent, head->len - output->head_sent}
               : (ix_str){0};
}

static ix_str unsent_body(const output *output)
{
    return output->body_len > output->body_sent
               ? (ix_str){output->body + output->body_sent, output->body_len - output->body_sent}
               : (ix_str){0};
}

static struct iovec part_of(ix_str bytes)
{
    union {
        const char *from;
        char *to;
    } at = {.from = bytes.at};
    return (struct iovec){at.to, bytes.len};
}

/* As much as the socket takes at once; -1 with errno. */
static ssize_t send_plain(const connection *connection)
{
    struct iovec parts[2];
    size_t count = 0;
    const ix_str bytes[] = {unsent_head(&connection->output), unsent_body(&connection->output)};
    for (size_t i = 0; i < 2; i++)
        if (bytes[i].len > 0)
            parts[count++] = part_of(bytes[i]);
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    return sendmsg(connection->fd, &message, MSG_NOSIGNAL);
}

/* Head and beginning of the body go into one record, put together in scratch. */
static ssize_t send_tls(const connection *connection)
{
    const ix_str head = unsent_head(&connection->output), body = unsent_body(&connection->output);
    if (head.len == 0 || head.len >= TLS_RECORD_MAX)
        return head.len ? tls_send(connection->tls, head.at, head.len)
                        : tls_send(connection->tls, body.at, body.len);
    const size_t room = TLS_RECORD_MAX - head.len;
    const size_t body_len = body.len < room ? body.len : room;
    char *record = connection->loop->scratch;
    memcpy(record, head.at, head.len);
    if (body_len > 0)
        memcpy(record + head.len, body.at, body_len);
    return tls_send(connection->tls, record, head.len + body_len);
}

static bool is_all_sent(const output *output)
{
    return unsent_head(output).len == 0 && unsent_body(output).len == 0;
}

/* False: the socket takes no more, or it is over. */
static bool send_more(connection *connection)
{
    output *output = &connection->output;
    while (!is_all_sent(output)) {
        if (!connection->can_write)
            return false;
        const ssize_t sent = connection->tls ? send_tls(connection) : send_plain(connection);
        if (sent >= 0) {
            note_sent(connection, (size_t)sent);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            connection->can_write = false;
        } else if (errno != EINTR) {
            connection->is_broken = true;
            return false;
        }
    }
    ix_buf_done(&output->head);
    free(output->body);
    *output = (struct output){0};
    return true;
}

void connection_send(connection *connection, ix_str head, char *body, size_t len)
{
    output *output = &connection->output;
    assert(!output->is_on);
    ix_buf_str(&output->head, head);
    if (output->head.failed)
        connection->is_broken = true;
    output->body = body;
    output->body_len = len;
    output->is_on = true;
}

/* ---- bytes in ---- */

/* Keeps what the protocol has not taken. */
static void keep_unread(connection *connection, ix_str bytes)
{
    if (bytes.len == 0)
        return;
    const ix_str left = unread(connection);
    if (connection->unread_at > 0 && left.at) {
        memmove(connection->unread.at, left.at, left.len);
        connection->unread.len = left.len;
        connection->unread_at = 0;
    }
    ix_buf_str(&connection->unread, bytes);
    if (connection->unread.failed)
        connection->is_broken = true;
}

/* Bytes that have just come. */
static void hand_over(connection *connection, ix_str bytes)
{
    const protocol *protocol = connection->loop->loops->settings.protocol;
    if (connection->unread.len > 0) {
        keep_unread(connection, bytes);
        connection->has_news = true;
        return;
    }
    const size_t taken = protocol->take(connection, bytes);
    keep_unread(connection, (ix_str){bytes.at + taken, bytes.len - taken});
    connection->has_news = taken > 0 && taken < bytes.len;
}

/* Bytes that came before. */
static void hand_over_unread(connection *connection)
{
    const protocol *protocol = connection->loop->loops->settings.protocol;
    const size_t taken = protocol->take(connection, unread(connection));
    connection->unread_at += taken;
    connection->has_news = taken > 0 && unread(connection).len > 0;
    if (unread(connection).len == 0) {
        ix_buf_done(&connection->unread);
        connection->unread_at = 0;
    }
}

static ssize_t receive_tls(connection *connection)
{
    const bool was_open = tls_is_open(connection->tls);
    const ssize_t len = tls_recv(connection->tls, connection->loop->scratch, SCRATCH_BYTES);
    if (!was_open && tls_is_open(connection->tls))
        connection_idle(connection);
    return len;
}

/* What there is, into scratch; 0 at the end or if there is nothing now. */
static size_t connection_receive(connection *connection)
{
    const ssize_t len = connection->tls
                            ? receive_tls(connection)
                            : recv(connection->fd, connection->loop->scratch, SCRATCH_BYTES, 0);
    if (len > 0) {
        connection->moved_us = connection->loop->now_us;
        /* There was no more, and when there is we hear of it. */
        if (!connection->tls && len < SCRATCH_BYTES && !connection->is_hung_up)
            connection->can_read = false;
        return (size_t)len;
    }
    if (len == 0)
        connection->has_ended = true;
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
        connection->can_read = false;
    else if (errno != EINTR)
        connection->is_broken = true;
    return 0;
}

/* ---- a connection's way ---- */

/* Nothing more is sent, and nothing more is heard. */
static void linger(connection *connection)
{
    loop *loop = connection->loop;
    if (connection->tls)
        tls_end(connection->tls);
    shutdown(connection->fd, SHUT_WR);
    connection->turn = TURN_LINGER;
    connection->deadline_us = loop->now_us + LOOP_LINGER_MS * INT64_C(1000);
    ix_buf_done(&connection->unread);
    connection->unread_at = 0;
    /* Whoever has ended has nothing to say that could be in the way. */
    connection->is_broken = connection->has_ended;
    list_move(&loop->busy, connection);
}

/* Drops what comes; the bytes of TLS need not even be read as such. */
static bool drop_more(connection *connection)
{
    const ssize_t len = recv(connection->fd, connection->loop->scratch, SCRATCH_BYTES, 0);
    if (len > 0)
        connection->lingered += (size_t)len;
    const bool must_wait = len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (must_wait)
        connection->can_read = false;
    else if (len <= 0 || connection->lingered > LOOP_LINGER_BYTES)
        connection->is_broken = true;
    return !must_wait;
}

/* Something comes in, or its end. False: nothing does for now. */
static bool read_more(connection *connection)
{
    const protocol *protocol = connection->loop->loops->settings.protocol;
    if (connection->has_news) {
        hand_over_unread(connection);
        return true;
    }
    if (connection->has_ended) {
        const bool is_news = !connection->has_heard_end;
        connection->has_heard_end = true;
        if (is_news)
            protocol->ended(connection);
        return is_news;
    }
    if (!connection->can_read)
        return false;
    const size_t len = connection_receive(connection);
    if (len > 0)
        hand_over(connection, (ix_str){connection->loop->scratch, len});
    return true;
}

/* One step on its way. False: it has to wait, or is over. */
static bool connection_step(connection *connection)
{
    const protocol *protocol = connection->loop->loops->settings.protocol;
    if (connection->is_broken)
        return false;
    if (connection->turn == TURN_LINGER)
        return connection->can_read && drop_more(connection);
    if (connection->output.is_on) {
        if (!send_more(connection))
            return false;
        protocol->sent(connection);
        return true;
    }
    if (connection->is_closing) {
        linger(connection);
        return true;
    }
    return !connection->is_paused && read_more(connection);
}

static void connection_defer(connection *connection)
{
    if (connection->is_deferred)
        return;
    connection->is_deferred = true;
    connection->next_deferred = connection->loop->deferred;
    connection->loop->deferred = connection;
}

static void close_now(connection *connection)
{
    loop *loop = connection->loop;
    const loops_settings *settings = &loop->loops->settings;
    settings->protocol->closed(connection);
    list_move(NULL, connection);
    pthread_mutex_lock(&loop->lock);
    unlist_woken(connection);
    pthread_mutex_unlock(&loop->lock);
    for (struct connection **at = &loop->deferred; *at; at = &(*at)->next_deferred)
        if (*at == connection) {
            *at = connection->next_deferred;
            break;
        }
    connection_free(connection);
    settings->on_closed(settings->arg);
}

/* As far as it gets. Afterwards it may be gone. */
static void connection_run(connection *connection)
{
    int steps = 0;
    while (steps < STEPS_MAX && connection_step(connection))
        steps++;
    if (connection->is_broken && connection->turn != TURN_OURS)
        close_now(connection);
    else if (steps == STEPS_MAX)
        connection_defer(connection);
}

/* ---- the thread ---- */

static void on_accept(connection *connection)
{
    loop *loop = connection->loop;
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.ptr = connection,
    };
    connection->moved_us = loop->now_us;
    connection->can_write = true;
    connection_idle(connection);
    if (connection->tls)
        connection_begin(connection);
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        close_now(connection);
}

static void on_event(connection *connection, uint32_t events)
{
    /* A handshake may wait for either. */
    const bool is_shaking = connection->tls && !tls_is_open(connection->tls);
    if (events & (EPOLLIN | EPOLLRDHUP) || is_shaking)
        connection->can_read = true;
    if (events & EPOLLRDHUP)
        connection->is_hung_up = true;
    if (events & EPOLLOUT)
        connection->can_write = true;
    /* Neither side can send any more, or there is nobody: waiting would be in vain. */
    if (events & (EPOLLERR | EPOLLHUP))
        connection->is_broken = true;
    connection_run(connection);
}

/* Closes whoever waits for a request, unless one has come in that the loop has not seen yet. */
static void quiesce(loop *loop)
{
    loop->is_quiet = true;
    loop->quiet_us = loop->next_round_us = loop->now_us;
    for (connection *connection = loop->idle.first, *next; connection; connection = next) {
        next = connection->next; // NOLINT(clang-analyzer-unix.Malloc): see take_notes
        connection->can_read = true;
        connection_run(connection);
    }
    for (connection *connection = loop->idle.first, *next; connection; connection = next) {
        next = connection->next; // NOLINT(clang-analyzer-unix.Malloc): see take_notes
        if (connection->turn == TURN_IDLE && !connection->is_deferred)
            close_now(connection);
    }
}

/* Those that other threads have something for. */
static bool take_notes(loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    connection *arrived = loop->arrived;
    loop->arrived = NULL;
    unsigned wanted_places = loop->wanted_places;
    loop->wanted_places = 0;
    const bool is_over = loop->is_over;
    const bool wants_quiet = loop->wants_quiet;
    pthread_mutex_unlock(&loop->lock);

    while (arrived) {
        connection *connection = arrived;
        arrived = connection->next;
        on_accept(connection);
    }
    /* Closing takes a connection off its list: what is first is then another, which the analyzer cannot
     * see. */
    for (; wanted_places > 0 && loop->idle.first; wanted_places--)
        close_now(loop->idle.first); // NOLINT(clang-analyzer-unix.Malloc)
    if (wants_quiet && !loop->is_quiet)
        quiesce(loop);
    return !is_over;
}

/* Takes the next one off a list of the woken. */
static connection *next_woken(loop *loop, connection **woken)
{
    pthread_mutex_lock(&loop->lock);
    connection *connection = *woken;
    if (connection)
        unlist_woken(connection); // NOLINT(clang-analyzer-unix.Malloc): see take_notes
    pthread_mutex_unlock(&loop->lock);
    return connection;
}

/* Those that are woken meanwhile have their turn after the events. */
static void wake_all(loop *loop)
{
    connection *woken;
    pthread_mutex_lock(&loop->lock);
    woken = loop->woken;
    if (woken)
        woken->back_woken = &woken;
    loop->woken = NULL;
    pthread_mutex_unlock(&loop->lock);
    for (connection *connection; (connection = next_woken(loop, &woken));) {
        loop->loops->settings.protocol->woken(connection);
        connection_run(connection);
    }
}

static void resume_all(loop *loop)
{
    connection *deferred = loop->deferred;
    loop->deferred = NULL;
    while (deferred) {
        connection *connection = deferred;
        deferred = connection->next_deferred;
        connection->is_deferred = false;
        connection_run(connection);
    }
}

/* Until when a connection may stay that nobody of ours works for, once the loop is quiet. */
static int64_t stop_deadline_us(const loop *loop, const connection *connection)
{
    const int64_t moved_us =
        connection->moved_us > loop->quiet_us ? connection->moved_us : loop->quiet_us;
    if (connection->turn == TURN_LINGER)
        return connection->deadline_us - (LOOP_LINGER_MS - LOOP_STOP_LINGER_MS) * INT64_C(1000);
    return connection->output.is_on ? moved_us + LOOP_STOP_STALLED_MS * INT64_C(1000)
                                    : loop->quiet_us + LOOP_STOP_RECEIVE_MS * INT64_C(1000);
}

static bool is_late(const loop *loop, const connection *connection)
{
    const int64_t stalled_us = (int64_t)loop->loops->settings.stalled_s * IX_SECOND_US;
    if (connection->turn == TURN_OURS)
        return false;
    if (loop->is_quiet && loop->now_us > stop_deadline_us(loop, connection))
        return true;
    return loop->now_us > connection->deadline_us ||
           (connection->turn == TURN_THEIRS && loop->now_us - connection->moved_us > stalled_us);
}

static void close_stalled(loop *loop, const list *list)
{
    for (connection *connection = list->first, *next; connection; connection = next) {
        next = connection->next;
        if (is_late(loop, connection))
            close_now(connection);
    }
}

static void look_at_clock(loop *loop)
{
    if (loop->now_us < loop->next_round_us)
        return;
    close_stalled(loop, &loop->idle);
    close_stalled(loop, &loop->busy);
    const int64_t round_us = loop->loops->round_us, stop_us = STOP_ROUND_MS * INT64_C(1000);
    loop->next_round_us =
        loop->now_us + (loop->is_quiet && stop_us < round_us ? stop_us : round_us);
}

static void hear_notification(loop *loop)
{
    uint64_t count;
    while (read(loop->wakeup_fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&loop->lock);
    loop->is_notified = false;
    pthread_mutex_unlock(&loop->lock);
}

/* How long there is nothing to do but wait for events. */
static int wait_ms(const loop *loop)
{
    if (loop->deferred)
        return 0;
    if (!loop->idle.first && !loop->busy.first)
        return -1;
    const int64_t left_us = loop->next_round_us - ix_monotonic_us();
    return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

static void *loop_run(void *arg)
{
    loop *loop = arg;
    struct epoll_event events[EVENTS_MAX];
    do {
        const int count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, wait_ms(loop));
        loop->now_us = ix_monotonic_us();
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                on_event(events[i].data.ptr, events[i].events);
            else
                hear_notification(loop);
        }
        resume_all(loop);
        wake_all(loop);
        look_at_clock(loop);
    } while (take_notes(loop));
    while (loop->idle.first)
        close_now(loop->idle.first); // NOLINT(clang-analyzer-unix.Malloc): see take_notes
    while (loop->busy.first)
        close_now(loop->busy.first); // NOLINT(clang-analyzer-unix.Malloc)
    return NULL;
}

/* ---- start and stop ---- */

static bool loop_start(ix_ctx *cx, loops *loops, loop *loop)
{
    *loop = (struct loop){.loops = loops, .oldest_us = INT64_MAX};
    list_init(&loop->idle);
    list_init(&loop->busy);
    pthread_mutex_init(&loop->lock, NULL);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wakeup_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->scratch = malloc(SCRATCH_BYTES);
    loops->count++;
    if (!loop->scratch)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    struct epoll_event event = {.events = EPOLLIN};
    loop->has_thread = loop->epoll_fd >= 0 && loop->wakeup_fd >= 0 &&
                       epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wakeup_fd, &event) == 0 &&
                       pthread_create(&loop->thread, NULL, loop_run, loop) == 0;
    return loop->has_thread ||
           ix_fail(cx, IOTS_UNAVAILABLE, "cannot start a thread that serves connections");
}

loops *loops_start(ix_ctx *cx, const loops_settings *settings)
{
    loops *loops = calloc(1, sizeof *loops);
    if (!loops || !(loops->all = calloc(settings->count, sizeof *loops->all))) {
        free(loops);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    loops->settings = *settings;
    int64_t shortest_ms = settings->progress_ms;
    if (shortest_ms > (int64_t)settings->stalled_s * 1000)
        shortest_ms = (int64_t)settings->stalled_s * 1000;
    if (shortest_ms > (int64_t)settings->idle_s * 1000)
        shortest_ms = (int64_t)settings->idle_s * 1000;
    const int64_t round_ms = shortest_ms / ROUNDS;
    loops->round_us = (round_ms < ROUND_MS_MAX ? round_ms : ROUND_MS_MAX) * 1000;
    for (unsigned i = 0; i < settings->count; i++) {
        if (!loop_start(cx, loops, &loops->all[i])) {
            loops_stop(loops);
            return NULL;
        }
    }
    return loops;
}

static void loop_stop(loop *loop)
{
    if (loop->has_thread) {
        pthread_mutex_lock(&loop->lock);
        loop->is_over = true;
        connection_notify(loop);
        pthread_mutex_unlock(&loop->lock);
        pthread_join(loop->thread, NULL);
    }
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    if (loop->wakeup_fd >= 0)
        close(loop->wakeup_fd);
    free(loop->scratch);
    pthread_mutex_destroy(&loop->lock);
}

void loops_stop(loops *loops)
{
    if (!loops)
        return;
    for (unsigned i = 0; i < loops->count; i++)
        loop_stop(&loops->all[i]);
    free(loops->all);
    free(loops);
}
