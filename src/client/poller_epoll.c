/* SPDX-License-Identifier: Apache-2.0 */
/* The poller of Linux. */
#include <sys/epoll.h>

#include "client/poller.h"
#include "iots/async.h"

enum { EVENTS_MAX = 64 }; /* the rest comes with the next wait */

int poller_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

void poller_watch(int poller, int fd, int events, void **slot)
{
    static char watched; /* what the slot of a descriptor that is watched points at */
    struct epoll_event event = {.data.fd = fd};
    if (events & IOTS_READABLE)
        event.events |= EPOLLIN;
    if (events & IOTS_WRITABLE)
        event.events |= EPOLLOUT;
    const int change = !events ? EPOLL_CTL_DEL : *slot ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    epoll_ctl(poller, change, fd, &event);
    *slot = events ? &watched : NULL;
}

int poller_wait(int poller, poller_event *ret, int max, int wait_ms)
{
    struct epoll_event events[EVENTS_MAX];
    const int count = epoll_wait(poller, events, max < EVENTS_MAX ? max : EVENTS_MAX, wait_ms);
    for (int i = 0; i < count; i++) {
        const uint32_t found = events[i].events;
        ret[i] = (poller_event){.fd = events[i].data.fd};
        if (found & (EPOLLIN | EPOLLERR | EPOLLHUP))
            ret[i].events |= IOTS_READABLE;
        if (found & (EPOLLOUT | EPOLLERR))
            ret[i].events |= IOTS_WRITABLE;
    }
    return count;
}
