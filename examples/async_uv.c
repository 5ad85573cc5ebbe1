/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libiots in a program that has an event loop already: here libuv's, which watches every socket and
 * keeps the time. Makes a Thing, sends it a hundred values with a timer of libuv ticking beside, and
 * deletes it.
 *
 *     IOTS_HOST=... IOTS_CLIENT_ID=... IOTS_CLIENT_SECRET=... IOTS_SPACE=farm async_uv
 */
#include <stdio.h>
#include <stdlib.h>

#include <iots/async.h>
#include <uv.h>

enum { VALUES = 100 };

static const char description[] =
    "{\"title\": \"Probe\", \"properties\": {\"temperature\": {\"type\": \"number\"}}}";

/* ---- libiots on libuv: this part fits any program ---- */

typedef struct bridge {
    uv_loop_t *uv;
    uv_timer_t timer;
    iots_async *loop;
} bridge;

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    const bridge *bridge = poll->loop->data;
    uv_os_fd_t fd;
    uv_fileno((uv_handle_t *)poll, &fd);
    int found = status < 0 ? IOTS_READABLE | IOTS_WRITABLE : 0;
    if (events & UV_READABLE)
        found |= IOTS_READABLE;
    if (events & UV_WRITABLE)
        found |= IOTS_WRITABLE;
    iots_async_ready(bridge->loop, fd, found);
}

static void watch(int fd, int events, void **slot, void *user)
{
    bridge *bridge = user;
    uv_poll_t *poll = *slot;
    if (!events) {
        if (poll)
            uv_close((uv_handle_t *)poll, free_handle);
        *slot = NULL;
        return;
    }
    if (!poll) {
        poll = calloc(1, sizeof *poll);
        if (!poll || uv_poll_init(bridge->uv, poll, fd) != 0)
            abort();
        *slot = poll;
    }
    uv_poll_start(poll,
                  (events & IOTS_READABLE ? UV_READABLE : 0) |
                      (events & IOTS_WRITABLE ? UV_WRITABLE : 0),
                  on_ready);
}

static void on_time(uv_timer_t *timer)
{
    const bridge *bridge = timer->loop->data;
    iots_async_step(bridge->loop, 0);
}

static void set_timer(int ms, void *user)
{
    bridge *bridge = user;
    if (ms < 0)
        uv_timer_stop(&bridge->timer);
    else
        uv_timer_start(&bridge->timer, on_time, (uint64_t)ms, 0);
}

static void bridge_open(bridge *bridge, uv_loop_t *uv)
{
    uv->data = bridge;
    bridge->uv = uv;
    uv_timer_init(uv, &bridge->timer);
    bridge->loop =
        iots_async_new(IOTS_ASYNC_OPTS(.watch = watch, .timer = set_timer, .user = bridge));
}

static void bridge_close(bridge *bridge)
{
    iots_async_free(bridge->loop);
    uv_close((uv_handle_t *)&bridge->timer, NULL);
}

/* ---- the program ---- */

typedef struct probe {
    bridge bridge;
    uv_timer_t tick;
    iots_space space;
    char id[64];
    int sent, failed, ticks;
} probe;

static void on_tick(uv_timer_t *timer)
{
    ((probe *)timer->data)->ticks++;
}

/* True if it went well; what did not is reported and counted. Frees the reply. */
static bool went_well(probe *probe, iots_reply *reply)
{
    const bool ok = iots_ok(reply);
    if (!ok) {
        probe->failed++;
        fprintf(stderr, "%s\n", iots_error_report(reply));
    }
    iots_reply_free(reply);
    return ok;
}

static void on_deleted(iots_reply *reply, void *user)
{
    went_well(user, reply);
}

static void on_sent(iots_reply *reply, void *user)
{
    probe *probe = user;
    probe->sent += went_well(probe, reply);
    if (probe->sent + probe->failed < VALUES)
        return;
    uv_timer_stop(&probe->tick);
    iots_thing_delete(iots_space_thing(probe->space, probe->id),
                      IOTS_CALL(.async = probe->bridge.loop, .done = on_deleted, .user = probe));
}

static void on_made(iots_reply *reply, void *user)
{
    probe *probe = user;
    const char *id = iots_json_string(iots_reply_body(reply), "/uid");
    snprintf(probe->id, sizeof probe->id, "%s", id ? id : "");
    if (!went_well(probe, reply)) {
        uv_timer_stop(&probe->tick);
        return;
    }
    for (int i = 0; i < VALUES; i++)
        iots_property_update(
            iots_space_thing(probe->space, probe->id), "temperature", iots_number(20 + i / 100.0),
            IOTS_CALL(.async = probe->bridge.loop, .done = on_sent, .user = probe));
}

int main(void)
{
    const char *space = getenv("IOTS_SPACE");
    uv_loop_t uv;
    probe probe = {.sent = 0};
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = getenv("IOTS_HOST")));
    iots_api_set_credentials(api, getenv("IOTS_CLIENT_ID"), getenv("IOTS_CLIENT_SECRET"), "thing",
                             IOTS_OAUTH2(.lazy = true));
    uv_loop_init(&uv);
    bridge_open(&probe.bridge, &uv);
    probe.tick.data = &probe;
    uv_timer_init(&uv, &probe.tick);
    uv_timer_start(&probe.tick, on_tick, 0, 1);

    probe.space = iots_api_space(api, space ? space : "farm");
    iots_things_create(iots_space_things(probe.space), iots_raw(description),
                       IOTS_CALL(.async = probe.bridge.loop, .done = on_made, .user = &probe));
    uv_run(&uv, UV_RUN_DEFAULT); /* until nothing is left to do */

    bridge_close(&probe.bridge);
    uv_close((uv_handle_t *)&probe.tick, NULL);
    uv_run(&uv, UV_RUN_DEFAULT);
    uv_loop_close(&uv);
    iots_api_free(api); /* revokes the token */
    printf("%d values sent, while the timer %s\n", probe.sent, probe.ticks ? "ticked" : "stood");
    return probe.failed || probe.sent != VALUES ? EXIT_FAILURE : EXIT_SUCCESS;
}
