/* SPDX-License-Identifier: Apache-2.0 */
/* One descriptor in the place of many: readable when one of those is ready. */
#ifndef CLIENT_POLLER_H
#define CLIENT_POLLER_H

/* The descriptor; -1: errno says why. close() ends it. */
int poller_open(void);

/* Watches `fd` for these events (IOTS_READABLE, IOTS_WRITABLE), in place of others; 0: no more.
 * `*slot` is NULL at first and belongs to the poller. */
void poller_watch(int poller, int fd, int events, void **slot);

typedef struct poller_event {
    int fd;
    int events;
} poller_event;

/* Waits for so many milliseconds (negative: as long as it takes) for the first of them. Returns how
 * many are in `ret`. */
int poller_wait(int poller, poller_event *ret, int max, int wait_ms);

#endif
