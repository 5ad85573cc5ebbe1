/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "net/admin.h"

/* What the command of the test does, and what it saw. */
typedef struct scene {
    net_admin *admin;
    const char *path;
    bool waits; /* until nobody wants it any more */
    _Atomic int begun, stopped;
    char read[64];
} scene;

static const int64_t long_us = 30 * IX_SECOND_US; /* far longer than anything takes */

static bool do_command(ix_ctx *cx, admin_session *session, void *arg)
{
    scene *scene = arg;
    admin_frame frame;
    if (!admin_frame_read(cx, &session->wire, &frame))
        return false;
    atomic_fetch_add(&scene->begun, 1);
    if (session->wire.passed_fd >= 0)
        (void)!pread(session->wire.passed_fd, scene->read, sizeof scene->read - 1, 0);
    const int64_t until_us = ix_monotonic_us() + long_us;
    while (scene->waits && ix_monotonic_us() < until_us) {
        if (atomic_load(&session->until_us) != INT64_MAX) {
            atomic_fetch_add(&scene->stopped, 1);
            return ix_fail(cx, IOTS_UNAVAILABLE, "stopped");
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* the pace of looking */
    }
    return admin_frame_write(&session->wire, "out", ix_str_of(frame.text));
}

static void remove_place(void *arg)
{
    const scene *scene = arg;
    char folder[64];
    snprintf(folder, sizeof folder, "%.*s", (int)(strlen(scene->path) - strlen("/socket")),
             scene->path);
    rmdir(folder);
}

static scene *open_scene(ix_ctx *cx, bool waits)
{
    scene *scene = ix_new(cx, struct scene, 1);
    char folder[] = "/tmp/iots-admin-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    scene->path = ix_format(cx, "%s/socket", folder);
    scene->waits = waits;
    ix_arena_defer(cx->arena, remove_place, scene);
    const admin_settings settings = {.path = scene->path, .run = do_command, .arg = scene};
    scene->admin = admin_open(cx, &settings);
    CHECK_OK(cx, scene->admin != NULL);
    CHECK_OK(cx, admin_serve(cx, scene->admin));
    return scene;
}

static void connect_to(ix_ctx *cx, const scene *scene, admin_wire *wire)
{
    int fd;
    CHECK_OK(cx, admin_connect(cx, scene->path, &fd));
    CHECK(fd >= 0);
    admin_wire_init(wire, fd);
}

static bool becomes(const _Atomic int *count, int wanted)
{
    const int64_t until_us = ix_monotonic_us() + long_us;
    while (atomic_load(count) < wanted && ix_monotonic_us() < until_us)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return atomic_load(count) == wanted;
}

TEST("what a command prints comes back, and that it is done")
{
    scene *scene = open_scene(cx, false);
    admin_wire wire;
    admin_frame frame;
    connect_to(cx, scene, &wire);
    CHECK(admin_frame_write(&wire, "word", ix_str_of("one\ntwo\n")));
    CHECK_OK(cx, admin_frame_read(cx, &wire, &frame));
    CHECK_TEXT(frame.name, "out");
    CHECK_TEXT(frame.text, "one\ntwo\n");
    CHECK_OK(cx, admin_frame_read(cx, &wire, &frame));
    CHECK_TEXT(frame.name, "done");
    CHECK_FAILS(cx, admin_frame_read(cx, &wire, &frame), IOTS_UNAVAILABLE);
    close(wire.fd);
    admin_stop(scene->admin);
    CHECK(access(scene->path, F_OK) != 0);
}

TEST("a file that the other side has opened comes with a command")
{
    scene *scene = open_scene(cx, false);
    admin_wire wire;
    admin_frame frame;
    const int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        SKIP("this file system has no files without a name");
    CHECK(pwrite(fd, "inside", 6, 0) == 6);
    connect_to(cx, scene, &wire);
    CHECK(admin_frame_write_file(&wire, "file", fd));
    close(fd);
    CHECK_OK(cx, admin_frame_read(cx, &wire, &frame));
    CHECK_TEXT(scene->read, "inside");
    close(wire.fd);
    admin_stop(scene->admin);
}

TEST("what is done for somebody who goes away is stopped")
{
    scene *scene = open_scene(cx, true);
    admin_wire wire;
    connect_to(cx, scene, &wire);
    CHECK(admin_frame_write(&wire, "word", ix_str_of("")));
    CHECK(becomes(&scene->begun, 1));
    CHECK_INT(atomic_load(&scene->stopped), 0);
    close(wire.fd);
    CHECK(becomes(&scene->stopped, 1));
    admin_stop(scene->admin);
}

TEST("a stop ends what is under way, and whoever waits for a place hears so")
{
    scene *scene = open_scene(cx, true);
    admin_wire wires[ADMIN_SESSIONS_MAX + 1];
    admin_frame frame;
    for (size_t i = 0; i <= ADMIN_SESSIONS_MAX; i++) {
        connect_to(cx, scene, &wires[i]);
        CHECK(admin_frame_write(&wires[i], "word", ix_str_of("")));
    }
    CHECK(becomes(&scene->begun, ADMIN_SESSIONS_MAX));
    admin_stop(scene->admin);
    CHECK_INT(atomic_load(&scene->stopped), ADMIN_SESSIONS_MAX);
    for (size_t i = 0; i < ADMIN_SESSIONS_MAX; i++) {
        CHECK_OK(cx, admin_frame_read(cx, &wires[i], &frame));
        CHECK_TEXT(frame.name, "fail");
        CHECK_TEXT(frame.text, "stopped");
    }
    CHECK_FAILS(cx, admin_frame_read(cx, &wires[ADMIN_SESSIONS_MAX], &frame), IOTS_UNAVAILABLE);
    for (size_t i = 0; i <= ADMIN_SESSIONS_MAX; i++)
        close(wires[i].fd);
}
