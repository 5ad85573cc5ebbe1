/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C, for commands that have something to say before they end.
 *
 * The first one is noted, and cuts short what waits; the second ends the program as usual.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

void interrupt_catch(void);
bool interrupt_seen(void);

/* Waits; false if it was cut short by Ctrl-C. */
bool interrupt_sleep(int64_t duration_us);

#endif
