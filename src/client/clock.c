/* SPDX-License-Identifier: Apache-2.0 */
#include "client/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

enum {
    STEP_US = 1000000,       /* by less the clock is not set, but kept right */
    WRONG_US = 300 * 1000000 /* a clock this far from the server's is wrong */
};

/* Of a machine that does not say: what is true of this program. */
uint32_t clock_boot(void)
{
    char text[64];
    const int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    const ssize_t size = file < 0 ? 0 : read(file, text, sizeof text);
    if (file >= 0)
        close(file);
    uint32_t sum = size > 0 ? 2166136261U : (uint32_t)(ix_now_us() ^ getpid());
    for (ssize_t i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)text[i]) * 16777619U; /* FNV-1a */
    return sum ? sum : 1;
}

device_clock clock_begin(uint32_t boot)
{
    return (device_clock){.boot = boot};
}

/* The wall clock less the uptime. Both are read at once, as far as the system lets us. */
static int64_t wall_offset_us(int64_t *ret_uptime_us)
{
    enum { TRIES = 3, ONE_READING_US = 1000 };
    int64_t wall_us = 0, before_us = 0, after_us = ONE_READING_US + 1;
    for (int i = 0; i < TRIES && after_us - before_us > ONE_READING_US; i++) {
        before_us = ix_uptime_us();
        wall_us = ix_now_us();
        after_us = ix_uptime_us();
    }
    *ret_uptime_us = before_us;
    return wall_us - before_us;
}

static bool is_far(int64_t a_us, int64_t b_us, int64_t limit_us)
{
    return a_us - b_us > limit_us || b_us - a_us > limit_us;
}

stamp clock_now(const device_clock *clock)
{
    int64_t now_us;
    int64_t offset_us = wall_offset_us(&now_us);
    if (clock->knows_server && is_far(offset_us, clock->server_offset_us, WRONG_US))
        offset_us = clock->server_offset_us;
    return (stamp){.at_us = now_us + offset_us, .offset_us = offset_us, .boot = clock->boot};
}

int64_t clock_when(stamp taken, stamp now)
{
    if (taken.boot == now.boot && is_far(taken.offset_us, now.offset_us, STEP_US))
        taken.at_us += now.offset_us - taken.offset_us;
    return taken.at_us < CLOCK_UNSET_US ? CLOCK_NEVER : taken.at_us;
}

bool clock_hear(device_clock *clock, int64_t server_us, int64_t *ret_ahead_us)
{
    int64_t now_us;
    const int64_t offset_us = wall_offset_us(&now_us);
    const bool was_wrong = clock->is_wrong;
    clock->knows_server = true;
    clock->server_offset_us = server_us - now_us;
    clock->is_wrong = is_far(offset_us, clock->server_offset_us, WRONG_US);
    *ret_ahead_us = offset_us - clock->server_offset_us;
    return clock->is_wrong && !was_wrong;
}
