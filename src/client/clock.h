/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it was, on a machine whose clock may be wrong: one without a battery begins in 1970, or
 * where it was switched off, until it has reached a time server.
 *
 * A stamp has the time of the wall clock and how far that was ahead of the uptime, which runs evenly.
 * So when the clock is set, or the server says its time, the stamps of this start of the machine can
 * be put right. Not thread-safe.
 */
#ifndef CLIENT_CLOCK_H
#define CLIENT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct stamp {
    int64_t at_us;
    int64_t offset_us; /* at_us less the uptime */
    uint32_t boot;     /* which start of the machine that was; 0: not known */
} stamp;

typedef struct device_clock {
    uint32_t boot;
    bool knows_server;
    bool is_wrong;
    int64_t server_offset_us; /* the server's time less our uptime */
} device_clock;

/* Later than any time. */
#define CLOCK_NEVER INT64_MAX

/* A clock earlier than this has not been set: 2024. */
#define CLOCK_UNSET_US (INT64_C(1704067200) * 1000000)

device_clock clock_begin(uint32_t boot);

/* The time now: that of the wall clock, unless the server's is known and is another one. */
stamp clock_now(const device_clock *clock);

/* When a stamp was taken, as far as is known at `now`; CLOCK_NEVER if its clock had not been set. */
int64_t clock_when(stamp taken, stamp now);

/* Hears a time that the server has given just now. True if this shows for the first time that the wall
 * clock is wrong: by so much it is ahead. */
bool clock_hear(device_clock *clock, int64_t server_us, int64_t *ret_ahead_us);

/* Which start of the machine this is. Never 0. */
uint32_t clock_boot(void);

#endif
