/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/admin_client.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "iotsd/admin.h"
#include "iotsd/admin_request.h"
#include "store/store.h"

#define LOCK_WAIT_US \
    (INT64_C(3) * IX_SECOND_US) /* for a command that writes, or a server that starts */

enum { LOCK_LOOK_NS = 20 * 1000 * 1000 };

/* ---- by the server ---- */

static bool take_answer(ix_ctx *cx, admin_wire *wire)
{
    for (;;) {
        admin_frame frame;
        if (!admin_frame_read(cx, wire, &frame)) {
            ix_ctx_clear_error(cx);
            return ix_fail(cx, IOTS_UNAVAILABLE,
                           "the server ended before it had answered: it is not known whether the"
                           " command was carried out");
        }
        if (strcmp(frame.name, "out") == 0)
            fwrite(frame.text, 1, frame.len, stdout);
        else if (strcmp(frame.name, "fail") == 0)
            return ix_fail(cx, IOTS_INVALID, "%s", frame.text);
        else if (strcmp(frame.name, "done") == 0)
            return true;
    }
}

static bool run_there(ix_ctx *cx, const admin_command *command, const char *url, int fd)
{
    admin_wire wire;
    admin_wire_init(&wire, fd);
    const bool ok = admin_request_write(cx, &wire, command, url) && take_answer(cx, &wire);
    close(fd);
    return ok;
}

/* ---- here ---- */

static void print_out(void *arg, ix_buf *out)
{
    (void)arg;
    fputs(ix_buf_cstr(out), stdout);
    ix_buf_clear(out);
}

static bool run_here(ix_ctx *cx, const admin_command *command, const char *url)
{
    admin_host host = {.store_url = url, .flush = print_out};
    bool ok = command->row->run(cx, command, &host);
    ok = ok && (!host.out.failed || ix_fail(cx, IOTS_NO_MEMORY, NULL));
    if (ok)
        print_out(NULL, &host.out);
    admin_effect_done(&host.effect);
    ix_buf_done(&host.out);
    return ok;
}

/* Only a store that is there is locked, so that a wrong name leaves nothing behind. */
static bool find_store(ix_ctx *cx, const char *url)
{
    store_handle *store;
    if (!store_open(cx, url, STORE_READ, &store))
        return false;
    store_close(store);
    return true;
}

static bool fail_locked(ix_ctx *cx, const char *path)
{
    const char *why = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return ix_fail(cx, IOTS_UNAVAILABLE, "%s, which has no administration socket at %s",
                   why ? why : "", path ? path : "all (admin_socket)");
}

/* A server may start, or stop, at any moment. */
static bool run_where_possible(ix_ctx *cx, const admin_command *command, const char *url,
                               const char *path)
{
    const int64_t until_us = ix_monotonic_us() + LOCK_WAIT_US;
    for (;;) {
        int fd = -1;
        if (path && !admin_connect(cx, path, &fd))
            return false;
        if (fd >= 0)
            return run_there(cx, command, url, fd);
        if (command->row->place == COMMAND_READS)
            return run_here(cx, command, url);
        if (!find_store(cx, url))
            return false;
        struct db_lock *lock = store_lock(cx, url);
        if (lock) {
            const bool ok = run_here(cx, command, url);
            store_unlock(lock);
            return ok;
        }
        if (ix_monotonic_us() >= until_us)
            return fail_locked(cx, path);
        ix_ctx_clear_error(cx);
        nanosleep(&(struct timespec){.tv_nsec = LOCK_LOOK_NS}, NULL);
    }
}

bool admin_client_run(ix_ctx *cx, const admin_command *command)
{
    const char *path;
    const char *url = admin_store_url(cx, &command->settings);
    if (!url || !admin_socket_path(cx, &command->settings, &path))
        return false;
    const bool ok = command->row->place == COMMAND_ALONE
                        ? run_here(cx, command, url)
                        : run_where_possible(cx, command, url, path);
    return fflush(stdout) == 0 && ok;
}
