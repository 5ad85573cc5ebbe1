/* SPDX-License-Identifier: Apache-2.0 */
#include "client/transport.h"

#include "base/test.h"
#include "client/http_server_test.h"

enum { THREADS = 8, ROUNDS = 25, TEST_TIMEOUT_MS = 60000 }; /* a busy machine is slow, not wrong */

static iots_api *api_of(const test_server *server)
{
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = server->host, .timeout_ms = TEST_TIMEOUT_MS));
    iots_api_set_token(api, "secret-token");
    return api;
}

static iots_reply *ask(iots_api *api, const char *method, const char *path, iots_value body,
                       const iots_call_opts *opts)
{
    return iots_api_request(api, method, path, body, opts);
}

/* GET a path of a fresh server, waiting so long once there is a connection. */
static iots_reply *get_once(const char *path, int timeout_ms)
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    iots_reply *reply =
        ask(api, "GET", path, iots_none(),
            IOTS_CALL(.timeout_ms = timeout_ms, .connect_timeout_ms = IOTS_NO_LIMIT));
    iots_api_free(api);
    test_server_stop(server);
    return reply;
}

TEST("a request goes out and its answer comes back, over one connection")
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    for (int i = 0; i < 5; i++) {
        iots_reply *reply = ask(api, "GET", "/hello", iots_none(), NULL);
        CHECK_INT(iots_reply_code(reply), IOTS_OK);
        CHECK_TEXT(iots_json_string(iots_reply_body(reply), "/hello"), "world");
        CHECK_TEXT(iots_reply_header(reply, "content-type"), "application/json");
        CHECK(iots_reply_elapsed_us(reply) > 0);
        iots_reply_free(reply);
    }
    CHECK_INT(atomic_load(&server->connections), 1);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("every method goes out as it is, with its body and headers and no others")
{
    static const char *const methods[] = {"GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"};
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        for (int with_body = 0; with_body < 2; with_body++) {
            const iots_value body = with_body ? iots_bytes("a\1b", 3) : iots_none();
            iots_reply *reply = ask(api, methods[i], "/echo/../%2e?q=a%20b", body,
                                    IOTS_CALL(.headers = IOTS_PARAMS({"X-Empty", ""})));
            const char *text = iots_reply_bytes(reply, NULL);
            const char *line = ix_format(cx, "%s /echo/../%%2e?q=a%%20b HTTP/1.1\r\n", methods[i]);
            CHECK(strncmp(text, line, strlen(line)) == 0);
            CHECK(strstr(text, "\r\nAuthorization: Bearer secret-token\r\n"));
            CHECK(strstr(text, "\r\nX-Empty:\r\n"));
            CHECK(!strcasestr(text, "\r\nContent-Type:"));
            CHECK(!strcasestr(text, "\r\nExpect:"));
            CHECK_TEXT(strstr(text, "\r\n\r\n") + 4, with_body ? "a\1b" : "");
            iots_reply_free(reply);
        }
    }
    iots_reply *head = ask(api, "HEAD", "/hello", iots_none(), NULL);
    CHECK_INT(iots_reply_status(head), 200);
    CHECK_TEXT(iots_reply_header(head, "Content-Length"), "99");
    iots_reply_free(head);
    iots_reply *next = ask(api, "GET", "/hello", iots_none(), NULL); /* nothing is left of that */
    CHECK_TEXT(iots_json_string(iots_reply_body(next), "/hello"), "world");
    iots_reply_free(next);
    CHECK_INT(atomic_load(&server->connections), 1);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("a long body goes out, and a long answer comes in")
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    char *body = malloc(2000001);
    memset(body, 'y', 2000000);
    body[2000000] = '\0';
    iots_reply *reply = ask(api, "POST", "/echo", iots_bytes(body, 2000000), NULL);
    CHECK_TEXT(strstr(iots_reply_bytes(reply, NULL), "\r\n\r\n") + 4, body);
    iots_reply_free(reply);
    free(body);

    size_t size;
    reply = ask(api, "GET", "/much", iots_none(), NULL);
    iots_reply_bytes(reply, &size);
    CHECK_INT(size, 3000002);
    CHECK_INT(strlen(iots_json_string(iots_reply_body(reply), "")), 3000000);
    iots_reply_free(reply);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("an answer beyond the limit is cut off, and the next request is none the worse")
{
    test_server *server = test_server_start();
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = server->host, .reply_max_bytes = 1000));
    iots_api_set_token(api, "t");
    iots_reply *reply = ask(api, "GET", "/much", iots_none(), NULL);
    CHECK_TEXT(iots_error(reply), "The answer is larger than 1000 bytes");
    CHECK_INT(iots_reply_code(reply), IOTS_UNEXPECTED);
    iots_reply_free(reply);
    reply = ask(api, "GET", "/hello", iots_none(), NULL);
    CHECK(iots_ok(reply));
    iots_reply_free(reply);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("of interim answers only the last counts")
{
    iots_reply *reply = get_once("/interim", 0);
    CHECK_INT(iots_reply_status(reply), 200);
    CHECK(!iots_reply_header(reply, "X-Early"));
    CHECK_TEXT(iots_reply_header(reply, "X-Late"), "1");
    iots_reply_free(reply);
}

TEST("libcurl does not follow redirects behind our back")
{
    iots_reply *reply = get_once("/away", 0);
    CHECK_INT(iots_reply_status(reply), 302);
    CHECK_INT(iots_reply_code(reply), IOTS_UNEXPECTED);
    CHECK_INT(iots_reply_requests(reply), 1);
    iots_reply_free(reply);
}

TEST("silence is a timeout, before the answer and in the middle of it")
{
    static const char *const paths[] = {"/silent", "/half"};
    for (size_t i = 0; i < 2; i++) {
        iots_reply *reply = get_once(paths[i], 100);
        CHECK_INT(iots_reply_code(reply), IOTS_TIMEOUT);
        CHECK_TEXT(iots_error(reply), "The server took too long: nothing was heard for 100 ms");
        CHECK_INT(iots_reply_status(reply), 0);
        CHECK_TEXT(iots_reply_bytes(reply, NULL), "");
        CHECK(iots_reply_elapsed_us(reply) >= 100000);
        iots_reply_free(reply);
    }
}

TEST("a server that hangs up or talks nonsense could not be reached")
{
    static const char *const paths[] = {"/hangup", "/cut", "/nonsense"};
    for (size_t i = 0; i < 3; i++) {
        iots_reply *reply = get_once(paths[i], 0);
        CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
        CHECK(strncmp(iots_error(reply), "The server could not be reached: ", 33) == 0);
        CHECK_INT(iots_reply_status(reply), 0);
        iots_reply_free(reply);
    }
}

TEST("what was asked over a connection that had gone is asked again over another")
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    iots_reply_free(ask(api, "GET", "/hello", iots_none(), NULL)); /* leaves its connection */
    iots_reply *reply = ask(api, "GET", "/gone", iots_none(), NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_OK);
    CHECK_INT(atomic_load(&server->gone), 2);
    CHECK_INT(atomic_load(&server->connections), 2);
    CHECK_INT(iots_reply_requests(reply), 1); /* that is libcurl's doing */
    iots_reply_free(reply);
    iots_api_free(api);
    test_server_stop(server);
}

/* Is it said that the outcome is unknown, for this reason? Takes the reply. */
static void check_unknown(iots_reply *reply, const char *why)
{
    static const char front[] = "It is not known whether the server did it: ";
    CHECK_INT(iots_reply_code(reply), IOTS_OUTCOME_UNKNOWN);
    CHECK(strncmp(iots_error(reply), front, sizeof front - 1) == 0);
    CHECK(strstr(iots_error(reply), why));
    CHECK_INT(iots_reply_status(reply), 0);
    CHECK_INT(iots_reply_requests(reply), 1);
    iots_reply_free(reply);
}

TEST("POST and PATCH are sent once, and a lost answer to them is an unknown outcome")
{
    static const char *const methods[] = {"POST", "PATCH"};
    static const char *const bodies[] = {NULL, "{}"};
    for (int i = 0; i < 8; i++) {
        const bool is_kept = i & 4;
        const char *body = bodies[i >> 1 & 1];
        test_server *server = test_server_start();
        iots_api *api = iots_api_new(
            IOTS_API_OPTS(.host = server->host, .timeout_ms = TEST_TIMEOUT_MS, .retries = 3));
        iots_api_set_token(api, "t");
        if (is_kept)
            iots_reply_free(ask(api, "GET", "/hello", iots_none(), NULL));
        check_unknown(ask(api, methods[i & 1], "/gone", body ? iots_raw(body) : iots_none(), NULL),
                      is_kept ? "the connection ended before the answer" : "");
        CHECK_INT(atomic_load(&server->gone), 1);
        iots_reply_free(ask(api, "GET", "/hello", iots_none(), NULL));
        const int connections = atomic_load(&server->connections);
        iots_reply *again = ask(api, methods[i & 1], "/gone", iots_none(), NULL);
        CHECK(iots_ok(again)); /* over the connection kept since */
        CHECK_INT(atomic_load(&server->gone), 2);
        CHECK_INT(atomic_load(&server->connections), connections);
        iots_reply_free(again);
        iots_api_free(api);
        test_server_stop(server);
    }
}

TEST("PUT and DELETE may be sent again over another connection")
{
    static const char *const methods[] = {"PUT", "DELETE"};
    for (size_t i = 0; i < 2; i++) {
        test_server *server = test_server_start();
        iots_api *api = api_of(server);
        iots_reply_free(ask(api, "GET", "/hello", iots_none(), NULL));
        iots_reply *reply = ask(api, methods[i], "/gone", iots_raw("{}"), NULL);
        CHECK(iots_ok(reply));
        CHECK_INT(atomic_load(&server->gone), 2);
        iots_reply_free(reply);
        iots_api_free(api);
        test_server_stop(server);
    }
}

TEST("silence, half an answer, nonsense and too much of it leave the outcome of a POST unknown")
{
    static const struct {
        const char *path, *why;
        int timeout_ms;
    } cases[] = {
        {"/silent", "nothing was heard for 100 ms", 100},
        {"/half", "nothing was heard for 100 ms", 100},
        {"/cut", "", TEST_TIMEOUT_MS},
        {"/nonsense", "", TEST_TIMEOUT_MS},
        {"/much", "The answer is larger than 1000 bytes", TEST_TIMEOUT_MS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_server *server = test_server_start();
        iots_api *api = iots_api_new(IOTS_API_OPTS(.host = server->host, .reply_max_bytes = 1000));
        iots_api_set_token(api, "t");
        check_unknown(ask(api, "POST", cases[i].path, iots_raw("{}"),
                          IOTS_CALL(.timeout_ms = cases[i].timeout_ms,
                                    .connect_timeout_ms = IOTS_NO_LIMIT)),
                      cases[i].why);
        iots_api_free(api);
        test_server_stop(server);
    }
}

TEST("a POST whose connection does not come about, or whose body is not taken, was not done")
{
    char host[64];
    const int nobody = test_server_bind(host, sizeof host);
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = host));
    iots_reply *reply = ask(api, "POST", "/hello", iots_raw("{}"), IOTS_CALL(.auth = IOTS_NO));
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    iots_reply_free(reply);
    iots_api_free(api);
    close(nobody);

    test_server *server = test_server_start();
    api = api_of(server);
    char *body = calloc(1, 8000000);
    iots_reply_free(ask(api, "GET", "/hello", iots_none(), NULL));
    reply = ask(api, "POST", "/deaf", iots_bytes(body, 8000000), NULL); /* a kept connection */
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    iots_reply_free(reply);
    free(body);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("a lost answer to a request for a token says nothing about the call that needed it")
{
    test_server *server = test_server_start();
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = server->host, .timeout_ms = TEST_TIMEOUT_MS));
    iots_api_set_credentials(api, "id", "secret", NULL,
                             IOTS_OAUTH2(.lazy = true, .token_url = "/hangup"));
    iots_reply *reply = ask(api, "POST", "/hello", iots_raw("{}"), NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    iots_reply_free(reply);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("a server that hangs up while we speak does not end the program")
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    char *body = calloc(1, 8000000);
    iots_reply *reply = ask(api, "POST", "/deaf", iots_bytes(body, 8000000), NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    iots_reply_free(reply);
    free(body);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("nobody there, and no such host, say so")
{
    char host[64];
    const int nobody = test_server_bind(host, sizeof host); /* has the port, and does not listen */
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = host));
    iots_reply *reply = iots_health_get(api, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_TRANSPORT);
    CHECK(strstr(iots_error(reply), "connect"));
    iots_reply_free(reply);
    iots_api_free(api);
    close(nobody);

    api = iots_api_new(IOTS_API_OPTS(.host = "http://no-such-host.invalid"));
    reply = iots_health_get(api, NULL);
    CHECK(iots_reply_code(reply) == IOTS_TRANSPORT || iots_reply_code(reply) == IOTS_TIMEOUT);
    iots_reply_free(reply);
    iots_api_free(api);
}

TEST("a connection that does not come about is a timeout of its own")
{
    enum { CALLERS = 4 };
    char host[64];
    const int listener = test_server_listen(0, host, sizeof host); /* nobody ever accepts */
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    int callers[CALLERS]; /* that fill the queue */
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)!connect(callers[i], (struct sockaddr *)&address, length);
    }
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = host, .connect_timeout_ms = 50, .timeout_ms = 200));
    iots_reply *reply = iots_health_get(api, NULL);
    CHECK_INT(iots_reply_code(reply), IOTS_TIMEOUT);
    CHECK_TEXT(iots_error(reply), "The server took too long: no connection within 50 ms");
    iots_reply_free(reply);
    iots_api_free(api);
    for (int i = 0; i < CALLERS; i++)
        close(callers[i]);
    close(listener);
}

/* ---- threads ---- */

typedef struct crowd {
    iots_api *api;
    pthread_barrier_t start;
    atomic_int good;
} crowd;

static void *ask_often(void *arg)
{
    crowd *crowd = arg;
    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < ROUNDS; i++) {
        iots_reply *reply = ask(crowd->api, "GET", "/hello", iots_none(), NULL);
        if (iots_ok(reply))
            atomic_fetch_add(&crowd->good, 1);
        iots_reply_free(reply);
        if (i % 5 == 0)
            iots_api_set_header(crowd->api, "X-Round", i % 2 ? "odd" : NULL);
    }
    return NULL;
}

static void *ask_once(void *arg)
{
    crowd *crowd = arg;
    pthread_barrier_wait(&crowd->start);
    iots_reply *reply = ask(crowd->api, "GET", "/echo", iots_none(), NULL);
    if (iots_ok(reply) && strstr(iots_reply_bytes(reply, NULL), "Bearer T2"))
        atomic_fetch_add(&crowd->good, 1);
    iots_reply_free(reply);
    return NULL;
}

/* Lets THREADS threads do the same on one API. */
static int run_crowd(iots_api *api, void *(*work)(void *))
{
    crowd crowd = {.api = api};
    pthread_t threads[THREADS];
    pthread_barrier_init(&crowd.start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, &crowd);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&crowd.start);
    return atomic_load(&crowd.good);
}

TEST("threads share an API, and its connections")
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    CHECK_INT(run_crowd(api, ask_often), THREADS * ROUNDS);
    CHECK(atomic_load(&server->connections) <= THREADS);
    CHECK_INT(run_crowd(api, ask_often), THREADS * ROUNDS);
    CHECK(atomic_load(&server->connections) <= THREADS);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("a token that has ended is renewed by one thread, while the others wait")
{
    test_server *server = test_server_start();
    iots_api *api =
        iots_api_new(IOTS_API_OPTS(.host = server->host, .timeout_ms = TEST_TIMEOUT_MS));
    CHECK_INT(iots_api_set_credentials(api, "id", "secret", NULL, NULL), IOTS_OK);
    CHECK_INT(run_crowd(api, ask_once), THREADS);
    CHECK_INT(atomic_load(&server->tokens), 2);
    iots_api_free(api);
    test_server_stop(server);
}

static void *change_strategy(void *arg)
{
    crowd *crowd = arg;
    pthread_barrier_wait(&crowd->start);
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 2)
            iots_api_set_token(crowd->api, "t");
        else
            iots_api_set_credentials(crowd->api, "id", "secret", NULL, NULL);
        iots_reply *reply = ask(crowd->api, "GET", "/hello", iots_none(), NULL);
        if (iots_ok(reply))
            atomic_fetch_add(&crowd->good, 1);
        iots_reply_free(reply);
    }
    return NULL;
}

TEST("a strategy can be changed while others use it")
{
    test_server *server = test_server_start();
    iots_api *api = api_of(server);
    CHECK_INT(run_crowd(api, change_strategy), THREADS * ROUNDS);
    iots_api_free(api);
    test_server_stop(server);
}

TEST("a proxy is asked for whatever host, that of the program before that of the environment")
{
    test_server *server = test_server_start();
    test_server *proxy = test_server_start();
    const struct {
        const char *host, *proxy, *environment;
        int proxied; /* requests to the proxy */
    } cases[] = {
        {"http://iots.test", proxy->host, NULL, 1},
        {server->host, proxy->host, NULL, 1},
        {server->host, proxy->host, "http://127.0.0.1:1", 1},
        {"http://iots.test", NULL, proxy->host, 1},
        {server->host, "", proxy->host, 0},
        {server->host, NULL, NULL, 0},
    };
    int proxied = 0;
    setenv("no_proxy", "127.0.0.1", 1); /* of the environment, too */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].environment)
            setenv("http_proxy", cases[i].environment, 1);
        iots_api *api = iots_api_new(IOTS_API_OPTS(.host = cases[i].host, .proxy = cases[i].proxy,
                                                   .timeout_ms = TEST_TIMEOUT_MS));
        iots_reply *reply =
            iots_api_request(api, "GET", "/echo", iots_none(), IOTS_CALL(.auth = IOTS_NO));
        const char *line =
            ix_format(cx, "GET %s/echo HTTP/1.1\r\n", cases[i].proxied ? cases[i].host : "");
        CHECK_INT(iots_reply_code(reply), IOTS_OK);
        CHECK(strncmp(iots_reply_bytes(reply, NULL), line, strlen(line)) == 0);
        proxied += cases[i].proxied;
        CHECK_INT(atomic_load(&proxy->proxied), proxied);
        CHECK_INT(atomic_load(&server->proxied), 0);
        iots_reply_free(reply);
        iots_api_free(api);
        unsetenv("http_proxy");
    }
    unsetenv("no_proxy");
    test_server_stop(proxy);
    test_server_stop(server);
}
