/* SPDX-License-Identifier: Apache-2.0 */
#include "iots/async.h"

#include <poll.h>

#include "base/test.h"
#include "client/fake_transport_test.h"
#include "client/http_server_test.h"

enum { TEST_TIMEOUT_MS = 60000 }; /* a busy machine is slow, not wrong */

/* What became of the calls that were given this to note it. */
typedef struct notes {
    int calls, ok;
    iots_code last;
    char error[256];
    iots_async *loop; /* for callbacks that do something about it */
    iots_api *api;
    iots_reply *other;
} notes;

static void note(iots_reply *reply, void *user)
{
    notes *notes = user;
    notes->calls++;
    notes->ok += iots_ok(reply);
    notes->last = iots_reply_code(reply);
    snprintf(notes->error, sizeof notes->error, "%s", iots_error(reply));
    iots_reply_free(reply);
}

typedef struct scene {
    test_server *server;
    iots_api *api;
    iots_async *loop;
    notes notes;
} scene;

static scene begin_with(iots_api_opts opts, const iots_async_opts *loop_opts)
{
    scene scene = {.server = test_server_start(), .loop = iots_async_new(loop_opts)};
    opts.size = sizeof opts;
    opts.host = scene.server->host;
    opts.timeout_ms = opts.timeout_ms ? opts.timeout_ms : TEST_TIMEOUT_MS;
    scene.api = iots_api_new(&opts);
    iots_api_set_token(scene.api, "t");
    CHECK_TEXT(iots_async_error(scene.loop), "");
    return scene;
}

static scene scene_begin(void)
{
    return begin_with((iots_api_opts){0}, IOTS_ASYNC_OPTS(.max_concurrent = 8));
}

/* A client that is to fetch its tokens when it needs them. */
static scene client_begin(void)
{
    scene scene = scene_begin();
    CHECK_INT(iots_api_set_credentials(scene.api, "id", "s", NULL, IOTS_OAUTH2(.lazy = true)),
              IOTS_OK);
    return scene;
}

static void scene_end(scene *scene)
{
    iots_async_free(scene->loop);
    iots_api_free(scene->api);
    test_server_stop(scene->server);
}

static iots_reply *get(scene *scene, const char *path)
{
    return iots_api_request(scene->api, "GET", path, iots_none(),
                            IOTS_CALL(.async = scene->loop, .done = note, .user = &scene->notes));
}

static void run(iots_async *loop)
{
    while (iots_async_step(loop, IOTS_NO_LIMIT))
        ;
}

/* ---- calls ---- */

TEST("a call returns at once, is pending, and ends with the reply it returned")
{
    scene scene = scene_begin();
    iots_reply *reply =
        iots_api_request(scene.api, "GET", "/hello", iots_none(), IOTS_CALL(.async = scene.loop));
    CHECK_INT(iots_reply_code(reply), IOTS_PENDING);
    CHECK(!iots_ok(reply));
    CHECK_TEXT(iots_error(reply), "The call has not ended yet");
    CHECK_INT(iots_reply_status(reply), 0);
    CHECK(!iots_reply_body(reply));
    CHECK_INT(iots_async_count(scene.loop), 1);
    CHECK_INT(iots_async_timeout_ms(scene.loop), 0);
    run(scene.loop);
    CHECK(iots_ok(reply));
    CHECK_TEXT(iots_json_string(iots_reply_body(reply), "/hello"), "world");
    CHECK_INT(iots_async_timeout_ms(scene.loop), -1);
    CHECK_INT(iots_async_step(scene.loop, IOTS_NO_LIMIT), 0); /* and does not wait */
    iots_reply_free(reply);
    scene_end(&scene);
}

TEST("one thread drives thousands of calls over a few connections")
{
    enum { CALLS = 2000 };
    scene scene = scene_begin();
    for (int i = 0; i < CALLS; i++)
        get(&scene, "/hello");
    CHECK_INT(iots_async_count(scene.loop), CALLS);
    CHECK_INT(scene.notes.calls, 0); /* none before the first step */
    run(scene.loop);
    CHECK_INT(scene.notes.calls, CALLS);
    CHECK_INT(scene.notes.ok, CALLS);
    CHECK_INT(atomic_load(&scene.server->connections), 8);
    scene_end(&scene);
}

TEST("a call without an answer holds up no other")
{
    scene scene = scene_begin();
    iots_reply *silent = get(&scene, "/silent");
    for (int i = 0; i < 50; i++)
        get(&scene, "/hello");
    while (iots_async_step(scene.loop, IOTS_NO_LIMIT) > 1)
        ;
    CHECK_INT(scene.notes.ok, 50);
    CHECK_INT(iots_reply_code(silent), IOTS_PENDING);
    scene_end(&scene);
    CHECK_INT(scene.notes.calls, 51);
    CHECK_INT(scene.notes.last, IOTS_CANCELLED);
}

TEST("what is handed to a call may go before the call is sent")
{
    scene scene = scene_begin();
    char *body = strdup("{\"a\": 1}");
    char *value = strdup("yes");
    char *method = strdup("PUT");
    iots_reply *reply =
        iots_api_request(scene.api, method, "/echo", iots_bytes(body, strlen(body)),
                         IOTS_CALL(.headers = IOTS_PARAMS({"X-Own", value}), .async = scene.loop));
    memset(body, 'x', strlen(body));
    memset(value, 'x', strlen(value));
    memset(method, 'x', strlen(method));
    free(body);
    free(value);
    free(method);
    run(scene.loop);
    const char *text = iots_reply_bytes(reply, NULL);
    CHECK(strncmp(text, "PUT /echo HTTP/1.1\r\n", 20) == 0);
    CHECK(strstr(text, "\r\nX-Own: yes\r\n"));
    CHECK_TEXT(strstr(text, "\r\n\r\n") + 4, "{\"a\": 1}");
    iots_reply_free(reply);
    scene_end(&scene);
}

TEST("typed functions, redirects and refusals are as with a call that blocks")
{
    scene scene = scene_begin();
    const iots_call_opts *opts = IOTS_CALL(.async = scene.loop);
    iots_thing thing = iots_space_thing(iots_api_space(scene.api, "farm"), "x");
    iots_reply *page =
        iots_api_call(scene.api, "things_list", IOTS_PARAMS({"space", "farm"}), iots_none(), opts);
    iots_reply *moved = iots_api_request(scene.api, "GET", "/moved", iots_none(), opts);
    iots_reply *away = iots_api_request(scene.api, "GET", "/away", iots_none(), opts);
    iots_reply *refused = iots_api_request(scene.api, "GET", "/only/none", iots_none(), opts);
    iots_reply *set = iots_property_update(thing, "p", iots_number(1), opts);
    run(scene.loop);
    CHECK_INT(iots_json_count(iots_reply_body(page), "/data"), 2);
    CHECK_INT(iots_reply_requests(moved), 2);
    CHECK(iots_ok(moved));
    CHECK_INT(iots_reply_code(away), IOTS_UNEXPECTED);
    CHECK_INT(iots_reply_code(refused), IOTS_UNAUTHENTICATED);
    CHECK_INT(iots_reply_requests(refused), 1);
    CHECK(iots_ok(set));
    CHECK_TEXT(iots_reply_method(set), "PUT");
    iots_reply_free(page);
    iots_reply_free(moved);
    iots_reply_free(away);
    iots_reply_free(refused);
    iots_reply_free(set);
    scene_end(&scene);
}

TEST("an HTTP client that fails gives its reason as if it had blocked")
{
    static const struct {
        const char *path;
        iots_code code;
    } cases[] = {{"/hangup", IOTS_TRANSPORT},
                 {"/cut", IOTS_TRANSPORT},
                 {"/nonsense", IOTS_TRANSPORT},
                 {"/interim", IOTS_OK},
                 {"/much", IOTS_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene scene = scene_begin();
        get(&scene, cases[i].path);
        run(scene.loop);
        CHECK_INT(scene.notes.calls, 1);
        CHECK_INT(scene.notes.last, cases[i].code);
        scene_end(&scene);
    }
}

TEST("a server that is silent, and one that is silent in the middle, are given up in time")
{
    scene scene =
        begin_with((iots_api_opts){.timeout_ms = 200, .connect_timeout_ms = TEST_TIMEOUT_MS}, NULL);
    get(&scene, "/silent");
    get(&scene, "/half");
    run(scene.loop);
    CHECK_INT(scene.notes.calls, 2);
    CHECK_INT(scene.notes.last, IOTS_TIMEOUT);
    CHECK_TEXT(scene.notes.error, "The server took too long: nothing was heard for 200 ms");
    scene_end(&scene);
}

TEST("POST and PATCH are sent once, and a lost answer to them is an unknown outcome")
{
    static const char *const methods[] = {"POST", "PATCH"};
    for (size_t i = 0; i < 2; i++) {
        scene scene = begin_with((iots_api_opts){.retries = 3}, NULL);
        get(&scene, "/hello"); /* leaves its connection */
        run(scene.loop);
        iots_api_request(scene.api, methods[i], "/gone", iots_raw("{}"),
                         IOTS_CALL(.async = scene.loop, .done = note, .user = &scene.notes));
        run(scene.loop);
        CHECK_INT(scene.notes.calls, 2);
        CHECK_INT(scene.notes.last, IOTS_OUTCOME_UNKNOWN);
        CHECK_INT(atomic_load(&scene.server->gone), 1);
        scene_end(&scene);
    }
}

TEST("a connection that is refused is said to be")
{
    scene scene = scene_begin();
    char host[64];
    const int closed = test_server_bind(host, sizeof host);
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = host));
    for (int i = 0; i < 20; i++)
        iots_health_get(api, IOTS_CALL(.async = scene.loop, .done = note, .user = &scene.notes));
    run(scene.loop);
    CHECK_INT(scene.notes.calls, 20);
    CHECK_INT(scene.notes.last, IOTS_TRANSPORT);
    iots_api_free(api);
    close(closed);
    scene_end(&scene);
}

TEST("a call is tried again after its time, and blocks nobody meanwhile")
{
    scene scene = begin_with((iots_api_opts){.retries = 3, .retry_wait_ms = 1},
                             IOTS_ASYNC_OPTS(.max_concurrent = 1));
    iots_reply *later = get(&scene, "/later");
    iots_reply *busy =
        iots_api_request(scene.api, "GET", "/busy3", iots_none(), IOTS_CALL(.async = scene.loop));
    while (iots_async_step(scene.loop, IOTS_NO_LIMIT) > 1)
        ;
    CHECK(iots_ok(busy));
    CHECK_INT(iots_reply_requests(busy), 4);
    CHECK_INT(iots_reply_code(later), IOTS_PENDING);
    CHECK(iots_async_timeout_ms(scene.loop) > 1000); /* Retry-After: 50 */
    iots_reply_free(busy);
    iots_reply_free(later);
    CHECK_INT(iots_async_count(scene.loop), 0);
    scene_end(&scene);
    CHECK_INT(scene.notes.calls, 0);
}

/* ---- tokens ---- */

TEST("a token is fetched once for a hundred calls that wait for it, and again when it is old")
{
    scene scene = client_begin();
    CHECK_INT(atomic_load(&scene.server->tokens), 0);
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 100; i++)
            get(&scene, round == 1 ? "/only/T1" : "/only/T2");
        run(scene.loop);
        CHECK_INT(scene.notes.ok, 100 * round);
        CHECK_INT(atomic_load(&scene.server->tokens), round == 1 ? 1 : 2); /* T1 lasts a second */
    }
    scene_end(&scene);
}

TEST("calls whose token is refused share one fresh one, and a second 401 is passed on")
{
    scene scene = client_begin();
    for (int i = 0; i < 50; i++)
        get(&scene, "/only/T2"); /* T1 comes first */
    run(scene.loop);
    CHECK_INT(scene.notes.ok, 50);
    CHECK_INT(atomic_load(&scene.server->tokens), 2);
    get(&scene, "/only/none");
    run(scene.loop);
    CHECK_INT(scene.notes.last, IOTS_UNAUTHENTICATED);
    CHECK_INT(atomic_load(&scene.server->tokens), 3);
    scene_end(&scene);
}

TEST("calls that wait for a token that cannot be had all say why")
{
    scene scene = scene_begin();
    iots_api_set_credentials(scene.api, "id", "s", NULL,
                             IOTS_OAUTH2(.lazy = true, .token_url = "/only/none"));
    for (int i = 0; i < 10; i++)
        get(&scene, "/hello");
    run(scene.loop);
    CHECK_INT(scene.notes.calls, 10);
    CHECK_INT(scene.notes.ok, 0);
    CHECK_INT(scene.notes.last, IOTS_UNAUTHENTICATED);
    CHECK_TEXT(scene.notes.error, "Failed to refresh token: {}");
    CHECK_INT(atomic_load(&scene.server->connections), 1);
    scene_end(&scene);
}

TEST("a token that is fetched for a loop serves calls that block, and the other way round")
{
    scene scene = client_begin();
    CHECK_INT(code_of(iots_api_request(scene.api, "GET", "/only/T1", iots_none(), NULL)), IOTS_OK);
    get(&scene, "/only/T2"); /* T1 lasts a second */
    run(scene.loop);
    CHECK_INT(code_of(iots_api_request(scene.api, "GET", "/only/T2", iots_none(), NULL)), IOTS_OK);
    CHECK_INT(scene.notes.ok, 1);
    CHECK_INT(atomic_load(&scene.server->tokens), 2);
    scene_end(&scene);
}

TEST("a call ends with the strategy it began with, whatever is set meanwhile")
{
    scene scene = scene_begin();
    iots_api_set_credentials(scene.api, "id", "s", NULL,
                             IOTS_OAUTH2(.lazy = true, .token_url = "/silent"));
    iots_reply *waiting = get(&scene, "/hello");
    iots_async_step(scene.loop, 0);
    CHECK_INT(iots_api_set_token(scene.api, "mine"), IOTS_OK);
    get(&scene, "/only/mine");
    while (!scene.notes.calls)
        iots_async_step(scene.loop, IOTS_NO_LIMIT);
    CHECK_INT(scene.notes.ok, 1);
    CHECK_INT(iots_reply_code(waiting), IOTS_PENDING);
    iots_api_set_token(scene.api, "other"); /* nobody but the call holds the credentials */
    scene_end(&scene);
    CHECK_INT(scene.notes.calls, 2);
    CHECK_INT(scene.notes.last, IOTS_CANCELLED);
}

static iots_reply *worn_out(iots_security *security, iots_api *api, iots_request *request)
{
    (void)security, (void)api, (void)request;
    return iots_failure(IOTS_FORBIDDEN, "the key is worn out");
}

TEST("a strategy of one's own is asked, and its failure is the outcome")
{
    static iots_security own = {.size = sizeof own, .apply = worn_out};
    scene scene = scene_begin();
    iots_api_with_security(scene.api, &own);
    get(&scene, "/hello");
    run(scene.loop);
    CHECK_INT(scene.notes.last, IOTS_FORBIDDEN);
    CHECK_TEXT(scene.notes.error, "the key is worn out");
    CHECK_INT(atomic_load(&scene.server->connections), 0);
    scene_end(&scene);
}

/* ---- ending calls early ---- */

static void stay(const scene *scene)
{
    (void)scene;
}

/* Steps until what is asked is under way. */
static void reach_server(const scene *scene)
{
    while (atomic_load(&scene->server->connections) == 0)
        iots_async_step(scene->loop, 1);
}

/* Steps until the time of the next try is all that is waited for. */
static void reach_pause(const scene *scene)
{
    enum { RETRY_AFTER_MS = 50000 };
    for (int wait_ms = 0; wait_ms < 1000 || wait_ms > RETRY_AFTER_MS;) {
        iots_async_step(scene->loop, 1);
        wait_ms = iots_async_timeout_ms(scene->loop);
    }
}

TEST("a call can be cancelled in every state, and says so once")
{
    static const struct {
        void (*reach)(const scene *scene);
        const char *path;
        bool as_client; /* its token never comes */
    } cases[] = {
        {stay, "/hello", false},          /* queued */
        {reach_server, "/silent", false}, /* active */
        {reach_pause, "/later", false},   /* paused */
        {stay, "/hello", true},           /* waiting, what fetches the token is queued */
        {reach_server, "/hello", true},   /* waiting, that is active */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int by_free = 0; by_free < 2; by_free++) {
            scene scene = begin_with((iots_api_opts){.retries = 1}, NULL);
            if (cases[i].as_client)
                iots_api_set_credentials(scene.api, "id", "s", NULL,
                                         IOTS_OAUTH2(.lazy = true, .token_url = "/silent"));
            iots_reply *reply = get(&scene, cases[i].path);
            cases[i].reach(&scene);
            if (by_free) {
                iots_reply_free(reply);
                CHECK_INT(iots_async_count(scene.loop), cases[i].as_client ? 1 : 0);
            } else {
                iots_async_cancel(reply);
                CHECK_INT(iots_reply_code(reply), IOTS_PENDING);
                CHECK_INT(iots_async_timeout_ms(scene.loop), 0);
                iots_async_cancel(reply); /* is cancelled already */
                iots_async_step(scene.loop, 0);
            }
            CHECK_INT(scene.notes.calls, by_free ? 0 : 1);
            CHECK_INT(scene.notes.last, by_free ? IOTS_OK : IOTS_CANCELLED);
            scene_end(&scene);
            CHECK_INT(scene.notes.calls, by_free ? 0 : 1);
        }
    }
}

TEST("a call that has its outcome keeps it when it is cancelled")
{
    scene scene = scene_begin();
    iots_reply *reply =
        iots_api_request(scene.api, "GET", "no URL", iots_none(), IOTS_CALL(.async = scene.loop));
    CHECK_INT(iots_reply_code(reply), IOTS_PENDING);
    iots_async_cancel(reply);
    run(scene.loop);
    CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
    iots_async_cancel(reply);
    iots_async_cancel(NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
    iots_reply_free(reply);
    scene_end(&scene);
}

TEST("a loop that is freed ends its calls, each is reported once, and none is begun meanwhile")
{
    scene scene = client_begin();
    for (int i = 0; i < 30; i++)
        get(&scene, i % 2 ? "/silent" : "/hello");
    iots_async_step(scene.loop, 0);
    scene_end(&scene);
    CHECK_INT(scene.notes.calls, 30);
    CHECK_INT(scene.notes.last, IOTS_CANCELLED);
}

/* ---- callbacks that do things ---- */

static void note_and_go_on(iots_reply *reply, void *user)
{
    notes *notes = user;
    note(reply, user);
    if (notes->calls < 20)
        iots_api_request(notes->api, "GET", "/hello", iots_none(),
                         IOTS_CALL(.async = notes->loop, .done = note_and_go_on, .user = notes));
}

TEST("a callback may begin the next call")
{
    scene scene = scene_begin();
    scene.notes.loop = scene.loop;
    scene.notes.api = scene.api;
    iots_api_request(scene.api, "GET", "/hello", iots_none(),
                     IOTS_CALL(.async = scene.loop, .done = note_and_go_on, .user = &scene.notes));
    run(scene.loop);
    CHECK_INT(scene.notes.ok, 20);
    CHECK_INT(atomic_load(&scene.server->connections), 1);
    scene_end(&scene);
}

static void note_and_give_up_other(iots_reply *reply, void *user)
{
    notes *notes = user;
    note(reply, user);
    CHECK_INT(iots_async_step(notes->loop, IOTS_NO_LIMIT), iots_async_count(notes->loop));
    iots_reply_free(notes->other);
}

TEST("a callback may give up another call, of the same step or under way")
{
    static const char *const others[] = {"no URL", "/silent"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        scene scene = scene_begin();
        scene.notes.loop = scene.loop;
        iots_api_request(scene.api, "GET", "no URL", iots_none(),
                         IOTS_CALL(.async = scene.loop, .done = note_and_give_up_other,
                                   .user = &scene.notes));
        scene.notes.other = get(&scene, others[i]);
        run(scene.loop);
        CHECK_INT(scene.notes.calls, 1);
        scene_end(&scene);
    }
}

static void note_and_free_loop(iots_reply *reply, void *user)
{
    notes *notes = user;
    note(reply, user);
    if (notes->calls > 1)
        return;
    iots_async_free(notes->loop);
    iots_reply *late =
        iots_api_request(notes->api, "GET", "/hello", iots_none(),
                         IOTS_CALL(.async = notes->loop, .done = note, .user = user));
    CHECK_INT(iots_reply_code(late), IOTS_PENDING); /* the step is not over */
}

TEST("a callback may free the loop, which ends when the step does")
{
    scene scene = scene_begin();
    scene.notes.loop = scene.loop;
    scene.notes.api = scene.api;
    iots_api_request(scene.api, "GET", "no URL", iots_none(),
                     IOTS_CALL(.async = scene.loop, .done = note_and_free_loop,
                               .user = &scene.notes));
    get(&scene, "/silent");
    CHECK_INT(iots_async_step(scene.loop, IOTS_NO_LIMIT), 0);
    CHECK_INT(scene.notes.calls, 3);
    CHECK_INT(scene.notes.last, IOTS_CANCELLED);
    scene.loop = NULL;
    scene_end(&scene);
}

static void note_and_begin_anew(iots_reply *reply, void *user)
{
    notes *notes = user;
    note(reply, user);
    iots_reply *late = iots_api_request(notes->api, "GET", "/hello", iots_none(),
                                        IOTS_CALL(.async = notes->loop, .done = note_and_begin_anew,
                                                  .user = user));
    CHECK_INT(iots_reply_code(late), IOTS_CANCELLED);
    iots_reply_free(late);
}

TEST("a call begun while the loop is freed is refused at once, and not reported again")
{
    scene scene = scene_begin();
    scene.notes.loop = scene.loop;
    scene.notes.api = scene.api;
    iots_api_request(scene.api, "GET", "/silent", iots_none(),
                     IOTS_CALL(.async = scene.loop, .done = note_and_begin_anew,
                               .user = &scene.notes));
    scene_end(&scene);
    CHECK_INT(scene.notes.calls, 1);
}

/* ---- lists ---- */

typedef struct walk {
    char seen[64];
    int pages;
    bool is_over;
} walk;

static void walk_on(iots_pager *pager, void *user)
{
    walk *walk = user;
    for (const iots_json *item; (item = iots_pager_next(pager));) {
        const size_t len = strlen(walk->seen);
        snprintf(walk->seen + len, sizeof walk->seen - len, "%d ",
                 (int)iots_json_integer(item, "", -1));
    }
    walk->pages++;
    walk->is_over = iots_reply_code(iots_pager_reply(pager)) != IOTS_PENDING;
}

TEST("a list is fetched page by page, as the program asks for its items")
{
    for (int keep = 0; keep < 2; keep++) {
        scene scene = scene_begin();
        walk walk = {.pages = 0};
        iots_pager *pager = iots_things_list(iots_space_things(iots_api_space(scene.api, "farm")),
                                             IOTS_LIST(.keep = keep, .async = scene.loop,
                                                       .ready = walk_on, .user = &walk));
        CHECK_INT(iots_async_count(scene.loop), 0); /* nothing is asked for yet */
        walk_on(pager, &walk);
        CHECK(!walk.is_over);
        CHECK(!iots_pager_next(pager));
        CHECK(!iots_pager_next_page(pager));
        CHECK_INT(iots_async_count(scene.loop), 1);
        run(scene.loop);
        CHECK(walk.is_over);
        CHECK(iots_ok(iots_pager_reply(pager)));
        CHECK_TEXT(walk.seen, "0 1 2 3 4 ");
        CHECK_INT(walk.pages, 4);

        iots_pager_rewind(pager);
        walk = (struct walk){.pages = 0};
        walk_on(pager, &walk);
        CHECK(walk.is_over == keep);
        run(scene.loop);
        CHECK_TEXT(walk.seen, "0 1 2 3 4 ");
        iots_pager_free(pager);
        scene_end(&scene);
    }
}

TEST("a list that fails says so, and one that is freed or rewound gives up its page")
{
    scene scene = scene_begin();
    walk walk = {.pages = 0};
    iots_pager *pager =
        iots_api_list(scene.api, "categories_list", IOTS_PARAMS({"space", "farm"}),
                      IOTS_LIST(.async = scene.loop, .ready = walk_on, .user = &walk));
    walk_on(pager, &walk);
    iots_pager_rewind(pager);
    CHECK_INT(iots_async_count(scene.loop), 0);
    walk_on(pager, &walk);
    run(scene.loop);
    CHECK(walk.is_over);
    CHECK_TEXT(iots_error(iots_pager_reply(pager)), "The answer is not a page: it has no data");
    iots_pager_free(pager);

    pager = iots_api_list(scene.api, "things_list", IOTS_PARAMS({"space", "farm"}),
                          IOTS_LIST(.async = scene.loop, .ready = walk_on, .user = &walk));
    walk = (struct walk){.pages = 0};
    walk_on(pager, &walk);
    iots_pager_free(pager);
    run(scene.loop);
    CHECK_INT(walk.pages, 1);
    scene_end(&scene);
}

/* ---- in the program's own loop ---- */

TEST("one descriptor and a time stand for all, in a loop of the program's own")
{
    scene scene = scene_begin();
    for (int i = 0; i < 100; i++)
        get(&scene, "/hello");
    while (iots_async_count(scene.loop)) {
        struct pollfd one = {.fd = iots_async_fd(scene.loop), .events = POLLIN};
        CHECK(poll(&one, 1, iots_async_timeout_ms(scene.loop)) >= 0);
        iots_async_step(scene.loop, 0);
    }
    CHECK_INT(scene.notes.ok, 100);
    scene_end(&scene);
}

enum { WATCHED_MAX = 16 };

/* An event loop such as a program may have. */
typedef struct own_loop {
    struct pollfd watched[WATCHED_MAX];
    int timer_ms; /* -1: none */
    int misused;
} own_loop;

static void own_watch(int fd, int events, void **slot, void *user)
{
    own_loop *own = user;
    struct pollfd *watched = *slot;
    for (int i = 0; !watched && i < WATCHED_MAX; i++) {
        if (!own->watched[i].events)
            watched = &own->watched[i];
    }
    if (!watched || (*slot && watched->fd != fd)) {
        own->misused++;
        return;
    }
    const int readable = events & IOTS_READABLE ? POLLIN : 0;
    const int writable = events & IOTS_WRITABLE ? POLLOUT : 0;
    *watched = (struct pollfd){.fd = fd, .events = (short)(readable | writable)};
    *slot = watched;
}

static void own_timer(int ms, void *user)
{
    ((own_loop *)user)->timer_ms = ms;
}

static int own_run_once(own_loop *own, iots_async *loop)
{
    struct pollfd ready[WATCHED_MAX];
    memcpy(ready, own->watched, sizeof ready);
    for (int i = 0; i < WATCHED_MAX; i++)
        ready[i].fd = ready[i].events ? ready[i].fd : -1;
    if (poll(ready, WATCHED_MAX, own->timer_ms) == 0) {
        own->timer_ms = -1;
        return iots_async_step(loop, IOTS_NO_LIMIT);
    }
    for (int i = 0; i < WATCHED_MAX; i++) {
        const int events = (ready[i].revents & (POLLIN | POLLHUP | POLLERR) ? IOTS_READABLE : 0) |
                           (ready[i].revents & (POLLOUT | POLLERR) ? IOTS_WRITABLE : 0);
        if (events)
            iots_async_ready(loop, ready[i].fd, events);
    }
    return iots_async_count(loop);
}

TEST("a program with an event loop watches every descriptor itself")
{
    own_loop own = {.timer_ms = -1};
    scene scene = begin_with((iots_api_opts){.retries = 2, .retry_wait_ms = 1},
                             IOTS_ASYNC_OPTS(.max_concurrent = 8, .watch = own_watch,
                                             .timer = own_timer, .user = &own));
    iots_api_set_credentials(scene.api, "id", "s", NULL, IOTS_OAUTH2(.lazy = true));
    CHECK_INT(iots_async_fd(scene.loop), -1);
    for (int i = 0; i < 100; i++)
        get(&scene, i % 2 ? "/hello" : "/busy2");
    CHECK_INT(own.timer_ms, 0);
    iots_reply *silent = iots_api_request(scene.api, "GET", "/silent", iots_none(),
                                          IOTS_CALL(.async = scene.loop, .timeout_ms = 200));
    while (own_run_once(&own, scene.loop))
        ;
    CHECK_INT(scene.notes.ok, 100);
    CHECK_INT(iots_reply_code(silent), IOTS_TIMEOUT);
    CHECK_INT(own.timer_ms, -1); /* nothing is waited for: the program's loop may end */
    iots_reply_free(silent);
    scene_end(&scene);
    CHECK_INT(own.misused, 0);
    for (int i = 0; i < WATCHED_MAX; i++)
        CHECK_INT(own.watched[i].events, 0);
}

/* ---- wrong use ---- */

TEST("wrong use is reported through the callback")
{
    scene scene = scene_begin();
    const iots_call_opts *opts = IOTS_CALL(.async = scene.loop, .done = note, .user = &scene.notes);
    iots_thing thing = iots_space_thing(iots_api_space(scene.api, "farm"), "x");
    iots_property_update(thing, "p", iots_none(), opts);
    run(scene.loop);
    CHECK_TEXT(scene.notes.error, "property 'p': a value is missing");
    iots_api_call(scene.api, "things_fly", NULL, iots_none(), opts);
    run(scene.loop);
    CHECK_TEXT(scene.notes.error, "there is no operation 'things_fly'");
    iots_health_get(NULL, opts);
    run(scene.loop);
    CHECK_TEXT(scene.notes.error, "API instance is missing");
    iots_thing_get(iots_space_thing(iots_api_space(scene.api, "farm"), ""), opts);
    run(scene.loop);
    CHECK_INT(scene.notes.last, IOTS_USAGE);
    CHECK_INT(scene.notes.calls, 4);
    scene_end(&scene);
}

TEST("a transport of one's own only blocks")
{
    fake fake = FAKE(SAYS(200, "{}"));
    scene scene = scene_begin();
    iots_health_get(fake_api(&fake),
                    IOTS_CALL(.async = scene.loop, .done = note, .user = &scene.notes));
    run(scene.loop);
    CHECK_INT(scene.notes.last, IOTS_USAGE);
    CHECK_TEXT(scene.notes.error, "A transport of one's own only blocks");
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
    scene_end(&scene);
}

TEST("a callback without a loop is wrong use: it would never be called")
{
    fake fake = FAKE(SAYS(200, "{}"));
    notes notes = {0};
    iots_reply *reply = iots_health_get(fake_api(&fake), IOTS_CALL(.done = note, .user = &notes));
    CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
    CHECK_TEXT(iots_error(reply), "iots_call_opts: .done is set, but not .async");
    CHECK_INT(notes.calls, 0);
    iots_reply_free(reply);
    iots_pager *pager = iots_spaces_list(fake.api, IOTS_LIST(.ready = walk_on));
    CHECK_INT(iots_reply_code(iots_pager_reply(pager)), IOTS_USAGE);
    iots_pager_free(pager);
    fake_done(&fake);
}

TEST("a loop that could not be made says why, and so does every call in it")
{
    static const struct {
        iots_async_opts opts;
        const char *sentence;
    } cases[] = {
        {{.size = 0}, "iots_async_opts: .size is not set"},
        {{.size = sizeof(iots_async_opts), .max_concurrent = -1},
         "iots_async_opts: .max_concurrent is out of range"},
        {{.size = sizeof(iots_async_opts), .watch = own_watch},
         "iots_async_opts: .watch and .timer go together"},
    };
    fake fake = FAKE(SAYS(200, "{}"));
    fake_api(&fake);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        notes notes = {0};
        iots_async *loop = iots_async_new(&cases[i].opts);
        CHECK_TEXT(iots_async_error(loop), cases[i].sentence);
        iots_reply *reply =
            iots_health_get(fake.api, IOTS_CALL(.async = loop, .done = note, .user = &notes));
        CHECK_INT(iots_reply_code(reply), IOTS_USAGE);
        CHECK_TEXT(iots_error(reply), cases[i].sentence);
        iots_reply_free(reply);
        CHECK_INT(iots_async_step(loop, IOTS_NO_LIMIT), 0);
        CHECK_INT(iots_async_timeout_ms(loop), -1);
        iots_async_free(loop);
        CHECK_INT(notes.calls, 0);
    }
    CHECK_INT(fake.count, 0);
    fake_done(&fake);
    CHECK_INT(iots_async_step(NULL, 0), 0);
    CHECK_INT(iots_async_count(NULL), 0);
    CHECK_INT(iots_async_fd(NULL), -1);
    iots_async_free(NULL);
}

/* ---- threads ---- */

enum { THREADS = 6, CALLS_OF_THREAD = 50 };

static void *run_thread(void *arg)
{
    scene *shared = arg;
    scene own = {.api = shared->api, .loop = iots_async_new(IOTS_ASYNC_OPTS(.max_concurrent = 4))};
    for (int i = 0; i < CALLS_OF_THREAD; i++)
        get(&own, i % 10 ? "/hello" : "/only/none"); /* which drops the token at hand */
    run(own.loop);
    iots_async_free(own.loop);
    return own.notes.calls == CALLS_OF_THREAD && own.notes.ok == CALLS_OF_THREAD * 9 / 10 ? arg
                                                                                          : NULL;
}

TEST("loops of several threads share an API, its token and its headers")
{
    scene scene = client_begin();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run_thread, &scene), 0);
    for (int i = 0; i < 20; i++) { /* and so does a thread whose calls block */
        CHECK_INT(iots_api_set_header(scene.api, "X-A", i % 2 ? "1" : NULL), IOTS_OK);
        CHECK_INT(code_of(iots_api_request(scene.api, "GET", "/hello", iots_none(), NULL)),
                  IOTS_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        void *ok;
        pthread_join(threads[i], &ok);
        CHECK(ok != NULL);
    }
    scene_end(&scene);
}
