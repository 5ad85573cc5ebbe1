/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/admin_client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "iotsd/admin.h"
#include "iotsd/admin_request.h"
#include "store/store.h"

#define LOCK_WAIT_US IX_SECOND_US /* for a command that writes, or a server that starts */

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

static bool run_there(ix_ctx *cx, const admin_command *command, const char *url, int file_fd,
                      int fd)
{
    admin_wire wire;
    admin_wire_init(&wire, fd);
    const bool ok = admin_request_write(cx, &wire, command, url, file_fd) && take_answer(cx, &wire);
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

static bool run_here(ix_ctx *cx, const admin_command *command, const char *url, int file_fd)
{
    admin_host host = {.store_url = url, .flush = print_out, .file_fd = file_fd};
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
                               const char *path, int file_fd)
{
    const int64_t until_us = ix_monotonic_us() + LOCK_WAIT_US;
    for (;;) {
        int fd = -1;
        if (path && !admin_connect(cx, path, &fd))
            return false;
        if (fd >= 0)
            return run_there(cx, command, url, file_fd, fd);
        if (command->row->place != COMMAND_WRITES)
            return run_here(cx, command, url, file_fd);
        if (!find_store(cx, url))
            return false;
        struct db_lock *lock = store_lock(cx, url);
        if (lock) {
            const bool ok = run_here(cx, command, url, file_fd);
            store_unlock(lock);
            return ok;
        }
        if (ix_monotonic_us() >= until_us)
            return fail_locked(cx, path);
        ix_ctx_clear_error(cx);
        nanosleep(&(struct timespec){.tv_nsec = LOCK_LOOK_NS}, NULL);
    }
}

/* ---- a file that is made ---- */

/* Removed if the command ends early. Global, because a signal's handler has no argument. */
static const char *volatile file_in_hand;

static void on_signal(int number)
{
    if (file_in_hand)
        unlink(file_in_hand);
    signal(number, SIG_DFL);
    raise(number);
}

static bool run_with_file(ix_ctx *cx, const admin_command *command, const char *url,
                          const char *path)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    const char *file = command->words[0];
    const int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? ix_fail(cx, IOTS_CONFLICT, "%s exists already", file)
                               : ix_file_fail(cx, file);
    file_in_hand = file;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], on_signal);
    bool ok = run_where_possible(cx, command, url, path, fd);
    ok = close(fd) == 0 && ok && ix_file_sync(cx, file);
    if (!ok)
        unlink(file);
    file_in_hand = NULL;
    return ok;
}

static bool run_in_its_place(ix_ctx *cx, const admin_command *command, const char *url,
                             const char *path)
{
    switch (command->row->place) {
    case COMMAND_ALONE:
        return run_here(cx, command, url, -1);
    case COMMAND_MAKES_FILE:
        return run_with_file(cx, command, url, path);
    case COMMAND_READS:
    case COMMAND_WRITES:
        break;
    }
    return run_where_possible(cx, command, url, path, -1);
}

bool admin_client_run(ix_ctx *cx, const admin_command *command)
{
    const char *path;
    const char *url = admin_store_url(cx, &command->settings);
    if (!url || !admin_socket_path(cx, &command->settings, &path))
        return false;
    const bool ok = run_in_its_place(cx, command, url, path);
    return fflush(stdout) == 0 && ok;
}
