/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libiots without blocking: one thread drives thousands of calls.
 *
 * Every function that makes a call takes a loop in its options, and then returns at once. What it
 * returns is the reply, as ever; but its code is IOTS_PENDING until the call has ended.
 *
 *     static void on_set(iots_reply *reply, void *user)
 *     {
 *         if (!iots_ok(reply))
 *             fprintf(stderr, "%s\n", iots_error_report(reply));
 *         iots_reply_free(reply);
 *     }
 *
 *     iots_async *loop = iots_async_new(NULL);
 *     for (int i = 0; i < 1000; i++)
 *         iots_property_update(things[i], "target", iots_number(17.5),
 *                              IOTS_CALL(.async = loop, .done = on_set));
 *     while (iots_async_step(loop, IOTS_NO_LIMIT))
 *         ;
 *     iots_async_free(loop);
 *
 * Rules:
 *
 * - `.done` is called once for each call whose reply was IOTS_PENDING, from iots_async_step(),
 *   iots_async_ready() or iots_async_free(), never from within the function that began the call. The
 *   reply it is given is the one that function returned, and the program's to free. Any order: calls
 *   end as their answers come.
 * - A reply that is not pending when it is returned says what kept the call from being begun, and
 *   `.done` is not called: no memory, a loop that could not be made or is being freed, options
 *   without their size. Everything else, wrong use included, is reported through `.done`.
 * - What is handed to a call is copied before the function returns, as it is with a call that blocks.
 *   Redirects, retries, tokens, timeouts and options are the same, too. Waiting for a retry or for a
 *   token blocks nobody, and one token is fetched for all calls of the loop that need it.
 * - In `.done` anything may be done: beginning calls, ending others, iots_async_free() included.
 *
 * Lists: with `.async`, iots_pager_next() and iots_pager_next_page() do not wait for a page. They
 * return NULL, and iots_reply_code(iots_pager_reply(pager)) is IOTS_PENDING. When the page is there,
 * `.ready` is called: iots_pager_reply() is the page, and iots_pager_next() goes on with its items. If
 * there will be none, iots_pager_reply() says why, as ever. Freeing the pager gives up the page.
 *
 * What blocks in spite of all: iots_api_new(), iots_api_with_security() and
 * iots_api_set_credentials() if they fetch a token (IOTS_OAUTH2(.lazy = true) has the first call
 * fetch it), iots_api_revoke_token(), iots_api_close(), and the functions of a security strategy of
 * the program's own. A transport of the program's own only blocks: IOTS_USAGE.
 *
 * Threads: a loop, and the replies and pagers of calls in it, belong to one thread at a time. Several
 * loops, each with its thread, may share an iots_api. An API ends after the calls made with it.
 */
#ifndef IOTS_ASYNC_H
#define IOTS_ASYNC_H

#include <iots/iots.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a file descriptor is watched for, and what it was found to be. */
enum {
    IOTS_READABLE = 1,
    IOTS_WRITABLE = 2,
};

/* How to make a loop. */
typedef struct iots_async_opts {
    size_t size; /* sizeof(iots_async_opts); IOTS_ASYNC_OPTS sets it */

    int max_concurrent; /* requests under way at once; further ones wait for their turn, and their
                           timeouts with them. 0: 64; at most 65536 */

    /* For a program with an event loop of its own (libuv, libevent ...); both or neither. Without
     * them, iots_async_fd() is one descriptor to watch in the place of all.
     *
     * Neither of the two may call anything of this library. */

    /* Watch `fd` for these events from now on, in place of others; 0: no more, and forget it. Then
     * call iots_async_ready() when they come. `*slot` is the program's, NULL at first, for what it
     * keeps with this descriptor. */
    void (*watch)(int fd, int events, void **slot, void *user);

    /* Call iots_async_step() in `ms` milliseconds, once, in place of any time said before. Negative:
     * there is nothing to wait for. */
    void (*timer)(int ms, void *user);

    void *user; /* handed to both */
} iots_async_opts;

#ifndef __cplusplus
#define IOTS_ASYNC_OPTS(...) \
    (&(const iots_async_opts){.size = sizeof(iots_async_opts), __VA_ARGS__})
#endif

/**
 * Make a loop. It serves calls of any API.
 *
 * opts    IOTS_ASYNC_OPTS(...), or NULL
 *
 * Returns a loop, never NULL; end it with iots_async_free(). If it could not be made (no memory, no
 * file descriptor, wrong options), every call in it says why, and so does iots_async_error().
 */
IOTS_API iots_async *iots_async_new(const iots_async_opts *opts);

/** Why the loop could not be made. "" if all is well. */
IOTS_API const char *iots_async_error(const iots_async *loop);

/**
 * Do what there is to do, and call `.done` for the calls that have ended.
 *
 * wait_ms    wait so long for something to do, if there are calls but nothing to do for them now. 0:
 *            not at all; negative: as long as it takes. With `.watch`: no wait
 *
 * Returns how many calls have not ended yet, those that fetch tokens included. Called from within
 * `.done` it does nothing.
 */
IOTS_API int iots_async_step(iots_async *loop, int wait_ms);

/** The descriptor that is readable when there is something to do, to be watched by poll, epoll or
 * whatever there is; call iots_async_step(loop, 0) then. -1 with `.watch`. Never read from it, and
 * never close it. */
IOTS_API int iots_async_fd(const iots_async *loop);

/** Milliseconds after which there is something to do even if the descriptor stays silent, 0: now;
 * -1: nothing is waited for. It changes with each step and with each call that is begun. */
IOTS_API int iots_async_timeout_ms(const iots_async *loop);

/** A descriptor that was asked for by `.watch` is ready. events: what it is; on an error of the
 * descriptor, both. Otherwise as iots_async_step(loop, 0). */
IOTS_API int iots_async_ready(iots_async *loop, int fd, int events);

/** How many calls have not ended yet. */
IOTS_API int iots_async_count(const iots_async *loop);

/**
 * Have a call end now: with IOTS_CANCELLED, unless it has its outcome already. `.done` is called for
 * it by the next step. What the server does with a request that was sent, nobody knows.
 *
 * iots_reply_free() on a pending reply ends the call as well, without `.done`.
 */
IOTS_API void iots_async_cancel(iots_reply *reply);

/** End the loop. Calls that have not ended do so with IOTS_CANCELLED; `.done` is called for them. From
 * within `.done` the loop ends when the step does. */
IOTS_API void iots_async_free(iots_async *loop);

#ifdef __cplusplus
}
#endif

#endif
