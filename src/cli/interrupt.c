/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/interrupt.h"

#include <signal.h>
#include <time.h>

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
    /* Without SA_RESTART, so that a read from a terminal or a pipe ends. */
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

bool interrupt_sleep(int64_t duration_us)
{
    const int64_t end_us = ix_monotonic_us() + duration_us;
    for (int64_t left_us; !interrupt_seen() && (left_us = end_us - ix_monotonic_us()) > 0;) {
        const struct timespec left = {.tv_sec = (time_t)(left_us / IX_SECOND_US),
                                      .tv_nsec = (long)(left_us % IX_SECOND_US * 1000)};
        nanosleep(&left, NULL);
    }
    return !interrupt_seen();
}
