/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

/* All that a signal handler may touch. */
static volatile sig_atomic_t was_seen;

static void on_signal(int signal)
{
    (void)signal;
    was_seen = 1;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_flags = (int)SA_RESETHAND};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_seen(void)
{
    return was_seen != 0;
}

/* Waits until `fd` has something to read (-1: nothing), or for a time (NULL: for ever). False if
 * Ctrl-C came first. The signals are let in only while it waits: one that comes just before would
 * otherwise be noted and then slept over. */
static bool wait_for(int fd, const struct timespec *longest)
{
    sigset_t mine, before;
    sigemptyset(&mine);
    sigaddset(&mine, SIGINT);
    sigaddset(&mine, SIGTERM);
    sigprocmask(SIG_BLOCK, &mine, &before);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (!interrupt_seen() && ppoll(&ready, 1, longest, &before) < 0 && errno == EINTR)
        continue;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return !interrupt_seen();
}

bool interrupt_sleep(int64_t duration_us)
{
    const struct timespec longest = {.tv_sec = (time_t)(duration_us / IX_SECOND_US),
                                     .tv_nsec = (long)(duration_us % IX_SECOND_US * 1000)};
    return wait_for(-1, &longest);
}

ssize_t interrupt_read(int fd, void *to, size_t size)
{
    ssize_t got = -1;
    errno = EINTR;
    while (got < 0 && errno == EINTR) {
        if (!wait_for(fd, NULL)) {
            errno = EINTR;
            return -1;
        }
        got = read(fd, to, size);
    }
    return got;
}
