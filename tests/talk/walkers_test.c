/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks through pages, over HTTP, while others insert and delete: every item that is there all along
 * is seen exactly once, forwards and backwards, in whatever order (docs/api/http.md section 4).
 */
#include "base/test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "http.h"
#include "server.h"

enum {
    LASTING = 20,    /* items of each list that stay */
    LIMIT = 3,       /* items of a page: many edges, and often one that is deleted */
    WALKS = 3,       /* of each walker at least, there and back */
    PAGES_MAX = 500, /* of one walk: who inserts is slower than who walks */
    CHANGERS = 2,
    ROUNDS = 8,  /* of each changer at least */
    PASSING = 4, /* items of each list that a changer leaves for a while */
};

/* A list in some order, and what says of an item that it is a lasting one, and which. */
typedef struct list {
    const char *path;          /* below /spaces/farm */
    const char *member;        /* of an item */
    const char *before, *tail; /* what stands around the number in it */
} list;

// clang-format off
static const list lists[] = {
    {"/things?",                                     "title", "", ""},
    {"/things?sort=title&",                          "title", "", ""},
    {"/things?sort=-created&",                       "title", "", ""},
    {"/things?sort=-status.n&",                      "title", "", ""},
    {"/things?property:n=gte:0&sort=-status.n,uid&", "title", "", ""},
    {"/categories/All/things?sort=-title&",          "title", "", ""},
    {"/categories?",                                 "name",  "", ""},
    {"/things/$/properties-history?",                "at",    "2024-01-01T00:00:", "Z"},
    {"/things/$/properties-history?group=true&",     "at",    "2024-01-01T00:00:", "Z"},
    {"/things/$/properties-history/n?",              "at",    "2024-01-01T00:00:", "Z"},
};
// clang-format on

enum { WALKERS = sizeof lists / sizeof lists[0] };

typedef struct world {
    server *server;
    const char *url, *token;
    const char *thing; /* its uid: the one with the history, $ in a path */
    pthread_barrier_t start;
    /* Those who have not done their least. Everybody goes on until nobody is left. */
    atomic_int behind;
} world;

/* ---- asking ---- */

static bool ask(ix_ctx *cx, const world *world, http *http, const char *method, const char *path,
                const char *body, http_reply *reply)
{
    const char *target = ix_format(cx, "/spaces/farm%s", path);
    return target && http_json(cx, http, method, target, world->token, body, reply) &&
           (reply->status / 100 == 2 || ix_fail(cx, IOTS_UNEXPECTED, "%s %s: %d %.100s", method,
                                                target, reply->status, reply->body));
}

/* The uid of a new Thing, in cx. */
static const char *new_thing(ix_ctx *cx, const world *world, http *http, const char *title,
                             const char *value)
{
    http_reply reply;
    const char *body = ix_format(cx,
                                 "{\"title\":\"%s\",\"properties\":{\"n\":{}},"
                                 "\"status\":{\"n\":%s},\"categories\":[\"All\"]}",
                                 title, value);
    if (!body || !ask(cx, world, http, "POST", "/things", body, &reply))
        return NULL;
    const ix_json *thing = ix_json_parse(cx, reply.body, reply.body_len);
    return ix_json_string(ix_json_member(thing, "uid"));
}

static bool new_category(ix_ctx *cx, const world *world, http *http, const char *name)
{
    http_reply reply;
    return ask(cx, world, http, "POST", "/categories", ix_format(cx, "{\"name\":\"%s\"}", name),
               &reply);
}

static bool new_value(ix_ctx *cx, const world *world, http *http, const char *at)
{
    http_reply reply;
    return ask(cx, world, http, "POST",
               ix_format(cx, "/things/%s/properties-history", world->thing),
               ix_format(cx, "{\"at\":\"%s\",\"properties\":{\"n\":1}}", at), &reply);
}

/* ---- changing ---- */

typedef struct changer {
    world *world;
    int id;     /* a digit */
    int rounds; /* without a failure before */
    char uids[PASSING][32];
    char said[IX_ERROR_TEXT];
} changer;

/* The names of what a changer inserts in a round: each right behind a lasting item. */
static const char *passing_name(ix_ctx *cx, const changer *changer, int round)
{
    return ix_format(cx, "%02d-%d", round * 7 % LASTING, changer->id);
}

static const char *passing_time(ix_ctx *cx, const changer *changer, int round)
{
    return ix_format(cx, "2024-01-01T00:00:%02d.%dZ", round * 7 % LASTING, changer->id);
}

static bool come(ix_ctx *cx, changer *changer, http *http, int round)
{
    const world *world = changer->world;
    const char *name = passing_name(cx, changer, round);
    const char *value = ix_format(cx, "%d.%d", round * 7 % LASTING, changer->id);
    const char *uid = name && value ? new_thing(cx, world, http, name, value) : NULL;
    if (!uid)
        return false;
    snprintf(changer->uids[round % PASSING], sizeof changer->uids[0], "%s", uid);
    return new_category(cx, world, http, name) &&
           new_value(cx, world, http, passing_time(cx, changer, round));
}

static bool go(ix_ctx *cx, changer *changer, http *http, int round)
{
    const world *world = changer->world;
    http_reply reply;
    return ask(cx, world, http, "DELETE",
               ix_format(cx, "/things/%s", changer->uids[round % PASSING]), NULL, &reply) &&
           ask(cx, world, http, "DELETE",
               ix_format(cx, "/categories/%s", passing_name(cx, changer, round)), NULL, &reply) &&
           ask(cx, world, http, "DELETE",
               ix_format(cx, "/things/%s/properties-history?at=%s", world->thing,
                         passing_time(cx, changer, round)),
               NULL, &reply);
}

static bool change(ix_ctx *cx, changer *changer, http *http)
{
    const int round = changer->rounds;
    return (round < PASSING || go(cx, changer, http, round - PASSING)) &&
           come(cx, changer, http, round);
}

static void *change_all(void *arg)
{
    changer *changer = arg;
    world *world = changer->world;
    http *http = http_new(world->url);
    bool goes_on = http != NULL;
    pthread_barrier_wait(&world->start);
    while (goes_on && (changer->rounds < ROUNDS || atomic_load(&world->behind) > 0)) {
        ix_ctx cx;
        goes_on = ix_ctx_init(&cx, 0) && change(&cx, changer, http);
        changer->rounds += goes_on;
        if (goes_on && changer->rounds == ROUNDS)
            atomic_fetch_sub(&world->behind, 1);
        snprintf(changer->said, sizeof changer->said, "%s", cx.error.message);
        ix_ctx_done(&cx);
    }
    if (changer->rounds < ROUNDS)
        atomic_fetch_sub(&world->behind, 1); /* nobody waits for one that failed */
    http_free(http);
    return NULL;
}

/* ---- walking ---- */

typedef struct walker {
    world *world;
    const list *list;
    int walks; /* there and back, with every item seen once */
    int pages; /* of the walk in hand */
    char said[IX_ERROR_TEXT];
} walker;

typedef struct page {
    const ix_json *data;
    const char *next, *previous; /* "" at the end and at the beginning */
} page;

static bool read_page(ix_ctx *cx, walker *walker, http *http, const char *cursor, page *ret)
{
    if (++walker->pages > PAGES_MAX)
        return ix_fail(cx, IOTS_UNEXPECTED, "%s: this does not end", walker->list->path);
    const char *path = walker->list->path, *place = strchr(path, '$');
    if (place)
        path =
            ix_format(cx, "%.*s%s%s", (int)(place - path), path, walker->world->thing, place + 1);
    http_reply reply;
    if (!path || !ask(cx, walker->world, http, "GET",
                      ix_format(cx, "%slimit=%d%s", path, LIMIT, cursor), NULL, &reply))
        return false;
    const ix_json *body = ix_json_parse(cx, reply.body, reply.body_len);
    ret->data = ix_json_member(body, "data");
    ret->next = ix_json_string(ix_json_at(body, "/paging/next_cursor"));
    ret->previous = ix_json_string(ix_json_at(body, "/paging/previous_cursor"));
    return (ret->data && ret->next && ret->previous) ||
           ix_fail(cx, IOTS_UNEXPECTED, "no page: %.100s", reply.body);
}

static void count_lasting(ix_ctx *cx, const list *list, const page *page, int seen[LASTING])
{
    for (size_t i = 0; i < ix_json_count(page->data); i++) {
        const ix_json *item = ix_json_item(page->data, i);
        const char *text = ix_json_string(ix_json_member(item, list->member));
        for (int n = 0; text && n < LASTING; n++) {
            const char *want = ix_format(cx, "%s%02d%s", list->before, n, list->tail);
            seen[n] += want && strcmp(text, want) == 0;
        }
    }
}

static bool check_seen(ix_ctx *cx, const list *list, const char *way, const int seen[LASTING])
{
    for (int n = 0; n < LASTING; n++) {
        if (seen[n] != 1)
            return ix_fail(cx, IOTS_UNEXPECTED, "%s, %s: item %d was seen %d times", list->path,
                           way, n, seen[n]);
    }
    return true;
}

/* From the beginning to the end, and from the last page back to the beginning. */
static bool walk(ix_ctx *cx, walker *walker, http *http)
{
    const list *list = walker->list;
    int there[LASTING] = {0}, back[LASTING] = {0};
    page page;
    const char *cursor = "";
    walker->pages = 0;
    do {
        if (!read_page(cx, walker, http, cursor, &page))
            return false;
        count_lasting(cx, list, &page, there);
        cursor = ix_format(cx, "&next_cursor=%s", page.next);
    } while (cursor && *page.next);

    count_lasting(cx, list, &page, back);
    while (*page.previous) {
        cursor = ix_format(cx, "&previous_cursor=%s", page.previous);
        if (!cursor || !read_page(cx, walker, http, cursor, &page))
            return false;
        count_lasting(cx, list, &page, back);
    }
    return check_seen(cx, list, "forwards", there) && check_seen(cx, list, "backwards", back);
}

static void *walk_all(void *arg)
{
    walker *walker = arg;
    world *world = walker->world;
    http *http = http_new(world->url);
    bool goes_on = http != NULL;
    pthread_barrier_wait(&world->start);
    while (goes_on && (walker->walks < WALKS || atomic_load(&world->behind) > 0)) {
        ix_ctx cx;
        goes_on = ix_ctx_init(&cx, 0) && walk(&cx, walker, http);
        walker->walks += goes_on;
        if (goes_on && walker->walks == WALKS)
            atomic_fetch_sub(&world->behind, 1);
        snprintf(walker->said, sizeof walker->said, "%s", cx.error.message);
        ix_ctx_done(&cx);
    }
    if (walker->walks < WALKS)
        atomic_fetch_sub(&world->behind, 1);
    http_free(http);
    return NULL;
}

/* ---- the test ---- */

static void stop_server(void *arg)
{
    server_free(arg);
}

/* A server with the lasting items. */
static void serve(ix_ctx *cx, world *world)
{
    world->server = server_start(cx, NULL, 0);
    CHECK_OK(cx, world->server != NULL);
    CHECK(ix_arena_defer(cx->arena, stop_server, world->server));
    world->url = server_url(world->server);
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->token != NULL);

    http *http = http_new(world->url);
    bool ok = new_category(cx, world, http, "All");
    for (int n = 0; ok && n < LASTING; n++) {
        const char *name = ix_format(cx, "%02d", n);
        world->thing = new_thing(cx, world, http, name, ix_format(cx, "%d", n));
        ok = world->thing && new_category(cx, world, http, name);
    }
    for (int n = 0; ok && n < LASTING; n++)
        ok = new_value(cx, world, http, ix_format(cx, "2024-01-01T00:00:%02dZ", n));
    http_free(http);
    CHECK_OK(cx, ok);
}

TEST("whoever walks through pages sees every lasting item once, whatever others insert and delete")
{
    world world = {.behind = WALKERS + CHANGERS};
    walker walkers[WALKERS];
    changer changers[CHANGERS];
    pthread_t threads[WALKERS + CHANGERS];
    serve(cx, &world);
    CHECK(pthread_barrier_init(&world.start, NULL, WALKERS + CHANGERS) == 0);
    for (int i = 0; i < WALKERS; i++) {
        walkers[i] = (walker){.world = &world, .list = &lists[i]};
        CHECK(pthread_create(&threads[i], NULL, walk_all, &walkers[i]) == 0);
    }
    for (int i = 0; i < CHANGERS; i++) {
        changers[i] = (changer){.world = &world, .id = i + 1};
        CHECK(pthread_create(&threads[WALKERS + i], NULL, change_all, &changers[i]) == 0);
    }
    for (int i = 0; i < WALKERS + CHANGERS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&world.start);

    for (int i = 0; i < WALKERS; i++) {
        CHECK_TEXT(walkers[i].said, "");
        CHECK(walkers[i].walks >= WALKS);
    }
    for (int i = 0; i < CHANGERS; i++) {
        CHECK_TEXT(changers[i].said, "");
        CHECK(changers[i].rounds >= ROUNDS);
    }
    CHECK_INT(server_admin(cx, world.server, (const char *const[]){"check", NULL}, NULL), 0);
    CHECK(server_stop(cx, world.server));
}
