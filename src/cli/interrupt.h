/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ctrl-C, for commands that have something to say before they end.
 *
 * The first one is noted, and cuts short what waits here; the second ends the program as usual.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

void interrupt_catch(void);
bool interrupt_seen(void);

/* Waits; false if it was cut short by Ctrl-C. */
bool interrupt_sleep(int64_t duration_us);

/* As read(2); -1 with EINTR exactly if it was cut short by Ctrl-C. */
ssize_t interrupt_read(int fd, void *to, size_t size);

#endif
