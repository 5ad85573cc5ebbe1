/* SPDX-License-Identifier: Apache-2.0 */
#include "net/porter.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "net/address.h"

enum {
    ROUNDS = 16,   /* looks at the wires in the time of one patience */
    REST_MS = 100, /* when nothing can be accepted */
    RESTS_UNTIL_TOLD_AGAIN = 600,
};

typedef struct door {
    int fd; /* -1: closed */
    char address[ADDRESS_TEXT];
} door;

struct porter {
    porter_settings settings;
    door *doors;
    struct pollfd *polls; /* the bell, then one for each door */
    size_t door_count;
    int bell; /* rung when something else has changed */
    pthread_t thread;

    pthread_mutex_t lock; /* over what follows */
    wire *wires;
    unsigned inside; /* let in and not gone */
    bool is_open, is_closing, is_over;

    bool must_rest; /* of the thread */
    int rests;      /* of the thread: rests until it may complain again */
};

struct wire {
    porter *porter;
    wire *next, **back;
    int fd;
    _Atomic int64_t deadline_us;
};

/* ---- wires ---- */

static void ring(porter *porter)
{
    const uint64_t one = 1;
    while (write(porter->bell, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

/* The time that bytes take at the slowest. */
static int64_t slowest_us(size_t bytes)
{
    return (int64_t)bytes * (IX_SECOND_US / 64) / (PORTER_SLOWEST_BYTES_PER_S / 64);
}

void wire_expect(wire *wire, size_t bytes)
{
    const int64_t patience_us = (int64_t)wire->porter->settings.patience_ms * 1000;
    atomic_store_explicit(&wire->deadline_us, ix_monotonic_us() + patience_us + slowest_us(bytes),
                          memory_order_relaxed);
}

void wire_credit(wire *wire, size_t bytes)
{
    atomic_fetch_add_explicit(&wire->deadline_us, slowest_us(bytes), memory_order_relaxed);
}

void wire_excuse(wire *wire)
{
    atomic_store_explicit(&wire->deadline_us, INT64_MAX, memory_order_relaxed);
}

/* One is gone, and perhaps one that waits can come in. */
static void leave(porter *porter)
{
    pthread_mutex_lock(&porter->lock);
    const bool was_full = porter->inside >= porter->settings.connections_max;
    porter->inside--;
    pthread_mutex_unlock(&porter->lock);
    if (was_full)
        ring(porter);
}

wire *wire_new(porter *porter, int fd)
{
    wire *wire = calloc(1, sizeof *wire);
    if (!wire) {
        leave(porter);
        return NULL;
    }
    wire->porter = porter;
    wire->fd = fd;
    wire_expect(wire, 0);
    pthread_mutex_lock(&porter->lock);
    wire->next = porter->wires;
    wire->back = &porter->wires;
    if (wire->next)
        wire->next->back = &wire->next;
    porter->wires = wire;
    pthread_mutex_unlock(&porter->lock);
    return wire;
}

void wire_free(wire *wire)
{
    if (!wire)
        return;
    porter *porter = wire->porter;
    pthread_mutex_lock(&porter->lock);
    *wire->back = wire->next;
    if (wire->next)
        wire->next->back = wire->back;
    pthread_mutex_unlock(&porter->lock);
    free(wire);
    leave(porter);
}

static void cut_dawdlers(porter *porter)
{
    const int64_t now_us = ix_monotonic_us();
    pthread_mutex_lock(&porter->lock);
    for (const wire *wire = porter->wires; wire; wire = wire->next)
        if (atomic_load_explicit(&wire->deadline_us, memory_order_relaxed) < now_us)
            shutdown(wire->fd, SHUT_RDWR); /* its owner sees the end of it */
    pthread_mutex_unlock(&porter->lock);
}

/* ---- doors ---- */

/* Counts the one who comes in next; false if there is no room. */
static bool enter(porter *porter)
{
    pthread_mutex_lock(&porter->lock);
    const bool has_room = porter->inside < porter->settings.connections_max;
    if (has_room)
        porter->inside++;
    pthread_mutex_unlock(&porter->lock);
    return has_room;
}

/* Nothing can be accepted at the moment: files or memory are out. */
static void rest(porter *porter, int why)
{
    if (porter->rests == 0)
        ix_log(IX_LOG_WARN, "cannot accept connections: %s", strerror(why));
    porter->rests = RESTS_UNTIL_TOLD_AGAIN;
    porter->must_rest = true;
}

/* Lets in who waits at a door, as long as there is room. */
static void answer_door(porter *porter, int door_fd)
{
    while (enter(porter)) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        const int fd =
            accept4(door_fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 &&
            porter->settings.let_in(porter->settings.arg, fd, (const struct sockaddr *)&from, len))
            continue;
        const int why = errno;
        leave(porter);
        if (fd < 0 && why != EINTR && why != ECONNABORTED) {
            if (why != EAGAIN && why != EWOULDBLOCK)
                rest(porter, why);
            return;
        }
    }
}

/* `is_open`: those who wait already are let in first. */
static void close_doors(porter *porter, bool is_open)
{
    for (size_t i = 0; i < porter->door_count; i++) {
        if (porter->doors[i].fd < 0)
            continue;
        if (is_open)
            answer_door(porter, porter->doors[i].fd);
        close(porter->doors[i].fd);
        porter->doors[i].fd = -1;
    }
}

/* ---- the thread ---- */

/* What is to be looked at now. False: it is over. */
static bool look_around(porter *porter)
{
    pthread_mutex_lock(&porter->lock);
    const bool is_over = porter->is_over;
    const bool is_closing = porter->is_closing;
    const bool is_open = porter->is_open;
    const bool answers =
        is_open && !porter->must_rest && porter->inside < porter->settings.connections_max;
    pthread_mutex_unlock(&porter->lock);
    if (is_closing || is_over)
        close_doors(porter, is_open);
    for (size_t i = 0; i < porter->door_count; i++)
        porter->polls[i + 1] = (struct pollfd){
            .fd = answers ? porter->doors[i].fd : -1, /* poll skips what is negative */
            .events = POLLIN,
        };
    return !is_over;
}

static void hear(porter *porter)
{
    uint64_t rings;
    while (read(porter->bell, &rings, sizeof rings) < 0 && errno == EINTR)
        continue;
}

static void *run(void *arg)
{
    porter *porter = arg;
    const int64_t round_us = (int64_t)porter->settings.patience_ms * 1000 / ROUNDS;
    int64_t next_round_us = ix_monotonic_us() + round_us;
    while (look_around(porter)) {
        int64_t wait_ms = (next_round_us - ix_monotonic_us()) / 1000 + 1;
        if (porter->must_rest && wait_ms > REST_MS)
            wait_ms = REST_MS;
        if (porter->rests > 0 && !porter->must_rest)
            porter->rests--;
        porter->must_rest = false;
        if (poll(porter->polls, porter->door_count + 1, wait_ms > 0 ? (int)wait_ms : 0) > 0) {
            if (porter->polls[0].revents)
                hear(porter);
            for (size_t i = 0; i < porter->door_count; i++)
                if (porter->polls[i + 1].revents)
                    answer_door(porter, porter->polls[i + 1].fd);
        }
        if (ix_monotonic_us() >= next_round_us) {
            cut_dawdlers(porter);
            next_round_us = ix_monotonic_us() + round_us;
        }
    }
    return NULL;
}

/* ---- start and stop ---- */

static void porter_free(porter *porter)
{
    for (size_t i = 0; i < porter->door_count; i++)
        if (porter->doors[i].fd >= 0)
            close(porter->doors[i].fd);
    if (porter->bell >= 0)
        close(porter->bell);
    pthread_mutex_destroy(&porter->lock);
    free(porter->doors);
    free(porter->polls);
    free(porter);
}

static bool start(ix_ctx *cx, porter *porter)
{
    const porter_settings *settings = &porter->settings;
    porter->doors = calloc(settings->listen_count, sizeof *porter->doors);
    porter->polls = calloc(settings->listen_count + 1, sizeof *porter->polls);
    if (!porter->doors || !porter->polls)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    for (; porter->door_count < settings->listen_count; porter->door_count++) {
        door *door = &porter->doors[porter->door_count];
        door->fd = address_listen(cx, settings->listen[porter->door_count], door->address);
        if (door->fd < 0)
            return false;
    }
    porter->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    porter->polls[0] = (struct pollfd){.fd = porter->bell, .events = POLLIN};
    if (porter->bell >= 0 && pthread_create(&porter->thread, NULL, run, porter) == 0)
        return true;
    return ix_fail(cx, IOTS_UNAVAILABLE, "cannot start the thread that accepts connections");
}

porter *porter_start(ix_ctx *cx, const porter_settings *settings)
{
    porter *porter = calloc(1, sizeof *porter);
    if (!porter) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    porter->settings = *settings;
    porter->bell = -1;
    pthread_mutex_init(&porter->lock, NULL);
    if (start(cx, porter))
        return porter;
    porter_free(porter);
    return NULL;
}

const char *porter_address(const porter *porter, size_t index)
{
    return index < porter->door_count ? porter->doors[index].address : NULL;
}

unsigned porter_count(porter *porter)
{
    pthread_mutex_lock(&porter->lock);
    const unsigned inside = porter->inside;
    pthread_mutex_unlock(&porter->lock);
    return inside;
}

static void set(porter *porter, bool *flag)
{
    pthread_mutex_lock(&porter->lock);
    *flag = true;
    pthread_mutex_unlock(&porter->lock);
    ring(porter);
}

void porter_open(porter *porter)
{
    set(porter, &porter->is_open);
}

void porter_close(porter *porter)
{
    set(porter, &porter->is_closing);
}

void porter_stop(porter *porter)
{
    if (!porter)
        return;
    set(porter, &porter->is_over);
    pthread_join(porter->thread, NULL);
    porter_free(porter);
}
