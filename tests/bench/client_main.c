/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client: how many requests one thread makes a second with libiots, and how many with libcurl alone.
 *
 * Both make the same GET of a small JSON, with the same headers, to the same server over connections
 * that are kept alive: one after the other, and with many calls under way at once. The server is iotsd,
 * and then one that does next to nothing (constant_main.c), where the client is most of it. They take
 * turns; a ratio is the median of the ratios of the rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/json.h"
#include "base/time.h"
#include "constant.h"
#include "http.h"
#include "iots/async.h"
#include "server.h"

enum { ROUNDS_MAX = 101, CONCURRENT_MAX = 1024, EVENTS_MAX = 64 };

static const char usage[] = "client [OPTION]...\n"
                            "\n"
                            "  --ms N       of each measurement (200)\n"
                            "  --rounds N   how often each is taken; the median counts (25)\n"
                            "  --at-once N  calls under way in the second half (64)\n";

typedef struct options {
    long ms, rounds, max_concurrent;
} options;

typedef struct figures {
    double per_second, cpu_us;
} figures;

static double cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* What one side has at hand. */
typedef struct side {
    const options *options;
    const char *thing; /* what is asked for */
    const char *url;   /* where, for libcurl */
    int64_t end_us;
    long done, failed;
    iots_api *api; /* of ours */
    iots_async *loop;
    struct curl_slist *headers; /* of libcurl alone */
    CURLM *multi;
    int epoll;
    long timeout_ms;
} side;

static bool is_over(const side *side)
{
    return ix_monotonic_us() >= side->end_us;
}

/* ---- libiots ---- */

static void count_reply(side *side, iots_reply *reply)
{
    if (iots_ok(reply))
        side->done++;
    else
        side->failed++;
    iots_reply_free(reply);
}

static iots_reply *ask(const side *side, const iots_call_opts *opts)
{
    const iots_thing thing = iots_space_thing(iots_api_space(side->api, SERVER_SPACE), side->thing);
    return iots_property_get(thing, "t", opts);
}

static void ours_in_turn(side *side)
{
    while (!is_over(side))
        count_reply(side, ask(side, NULL));
}

static void ask_async(side *side);

static void on_reply(iots_reply *reply, void *user)
{
    side *side = user;
    count_reply(side, reply);
    if (!is_over(side))
        ask_async(side);
}

static void ask_async(side *side)
{
    ask(side, IOTS_CALL(.async = side->loop, .done = on_reply, .user = side));
}

static void ours_at_once(side *side)
{
    for (long i = 0; i < side->options->max_concurrent; i++)
        ask_async(side);
    while (iots_async_step(side->loop, IOTS_NO_LIMIT))
        continue;
}

/* ---- libcurl alone ---- */

typedef struct body {
    size_t len;
    char bytes[4096];
} body;

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    body *body = arg;
    const size_t len = size * count;
    if (len > sizeof(body->bytes) - body->len)
        return 0;
    memcpy(body->bytes + body->len, bytes, len);
    body->len += len;
    return len;
}

static CURL *plain_new(const side *side, body *body)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, side->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, side->headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, body);
    return easy;
}

static void count_plain(side *side, CURL *easy, CURLcode code)
{
    body *body;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&body);
    if (code == CURLE_OK && status == 200 && body->len)
        side->done++;
    else
        side->failed++;
    body->len = 0;
}

static void plain_in_turn(side *side)
{
    static body body;
    CURL *easy = plain_new(side, &body);
    while (!is_over(side))
        count_plain(side, easy, curl_easy_perform(easy));
    curl_easy_cleanup(easy);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *place)
{
    (void)easy;
    side *side = arg;
    struct epoll_event event = {.data.fd = fd};
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(side->epoll, EPOLL_CTL_DEL, fd, NULL);
    } else {
        epoll_ctl(side->epoll, place ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
        curl_multi_assign(side->multi, fd, side);
    }
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    (void)multi;
    ((side *)arg)->timeout_ms = timeout_ms;
    return 0;
}

static int take_plain(side *side)
{
    int left, ended = 0;
    for (const CURLMsg *message; (message = curl_multi_info_read(side->multi, &left));) {
        CURL *easy = message->easy_handle;
        count_plain(side, easy, message->data.result);
        curl_multi_remove_handle(side->multi, easy);
        if (is_over(side))
            ended++;
        else
            curl_multi_add_handle(side->multi, easy);
    }
    return ended;
}

static void plain_at_once(side *side)
{
    static body bodies[CONCURRENT_MAX];
    static CURL *easies[CONCURRENT_MAX];
    const int count = (int)side->options->max_concurrent;
    for (int i = 0; i < count; i++) {
        easies[i] = plain_new(side, &bodies[i]);
        curl_multi_add_handle(side->multi, easies[i]);
    }
    for (int left = count; left > 0; left -= take_plain(side)) {
        struct epoll_event events[EVENTS_MAX];
        int running;
        const int ready = epoll_wait(side->epoll, events, EVENTS_MAX, (int)side->timeout_ms);
        for (int i = 0; i < ready; i++)
            curl_multi_socket_action(side->multi, events[i].data.fd,
                                     (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                                         (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0),
                                     &running);
        if (ready <= 0 || side->timeout_ms == 0)
            curl_multi_socket_action(side->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < count; i++)
        curl_easy_cleanup(easies[i]);
}

/* ---- rounds ---- */

typedef struct measure {
    const char *name;
    void (*ours)(side *side);
    void (*plain)(side *side);
    figures our_figures[ROUNDS_MAX], plain_figures[ROUNDS_MAX];
} measure;

enum { SERVERS = 2, MEASURES = 2 };

// clang-format off
static measure measures[SERVERS][MEASURES] = {
    {{.name = "iotsd, in turn",      .ours = ours_in_turn, .plain = plain_in_turn},
     {.name = "iotsd, at once",      .ours = ours_at_once, .plain = plain_at_once}},
    {{.name = "a constant, in turn", .ours = ours_in_turn, .plain = plain_in_turn},
     {.name = "a constant, at once", .ours = ours_at_once, .plain = plain_at_once}},
};
// clang-format on

static bool take(side *side, void (*how)(struct side *side), figures *ret)
{
    const double before_us = cpu_us();
    const int64_t begin_us = ix_monotonic_us();
    side->done = side->failed = 0;
    side->end_us = begin_us + side->options->ms * 1000;
    how(side);
    const double took_us = (double)(ix_monotonic_us() - begin_us);
    const double done = (double)side->done;
    *ret = (figures){.per_second = done / took_us * 1e6, .cpu_us = (cpu_us() - before_us) / done};
    return side->done > 0 && side->failed == 0;
}

/* Each side has what it keeps for all rounds: its connections, above all. */
static bool side_open(ix_ctx *cx, side *side, const char *host, const char *token)
{
    const struct iots_async_opts loop = {.size = sizeof(loop),
                                         .max_concurrent = (int)side->options->max_concurrent};
    side->timeout_ms = -1;
    side->url =
        ix_format(cx, "%s/spaces/" SERVER_SPACE "/things/%s/properties/t", host, side->thing);
    side->api = iots_api_new(IOTS_API_OPTS(.host = host, .timeout_ms = 60000));
    side->loop = iots_async_new(&loop);
    const char *const lines[] = {ix_format(cx, "Authorization: Bearer %s", token),
                                 "Accept: application/json", "User-Agent: plain"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        side->headers = curl_slist_append(side->headers, lines[i]);
    side->multi = curl_multi_init();
    side->epoll = epoll_create1(EPOLL_CLOEXEC);
    curl_multi_setopt(side->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(side->multi, CURLMOPT_SOCKETDATA, side);
    curl_multi_setopt(side->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(side->multi, CURLMOPT_TIMERDATA, side);
    curl_multi_setopt(side->multi, CURLMOPT_MAXCONNECTS, side->options->max_concurrent);
    return side->epoll >= 0 && iots_api_set_token(side->api, token) == IOTS_OK;
}

static void side_close(side *side)
{
    iots_async_free(side->loop);
    iots_api_free(side->api);
    curl_multi_cleanup(side->multi);
    curl_slist_free_all(side->headers);
    close(side->epoll);
}

/* The ID of a Thing made for this. */
static const char *make_thing(ix_ctx *cx, const char *host, const char *token)
{
    http *http = http_new(host);
    http_reply reply;
    const char *id = NULL;
    if (http &&
        http_json(cx, http, "POST", "/spaces/" SERVER_SPACE "/things", token,
                  "{\"properties\":{\"t\":{\"type\":\"number\"}},\"status\":{\"t\":20.5}}", &reply))
        id = ix_json_string(ix_json_member(ix_json_parse(cx, reply.body, reply.body_len), "uid"));
    http_free(http);
    if (!id)
        ix_fail(cx, IOTS_UNEXPECTED, "a Thing could not be made");
    return id;
}

static double median_of(const figures *rounds, long count, bool of_cpu)
{
    double values[ROUNDS_MAX];
    for (long i = 0; i < count; i++)
        values[i] = of_cpu ? rounds[i].cpu_us : rounds[i].per_second;
    return median(values, count);
}

static void print_row(const char *name, const figures *rounds, long count)
{
    printf("%-24s %10.0f %9.1f", name, median_of(rounds, count, false),
           median_of(rounds, count, true));
}

static void print_measure(const measure *measure, long count)
{
    double ratios[ROUNDS_MAX];
    for (long k = 0; k < count; k++)
        ratios[k] = measure->our_figures[k].per_second / measure->plain_figures[k].per_second;
    print_row(measure->name, measure->our_figures, count);
    printf(" %7.2f\n", median(ratios, count));
    print_row("  libcurl alone", measure->plain_figures, count);
    printf(" %7.2f\n", 1.0);
}

static void print_table(const options *options)
{
    printf("%-24s %10s %9s %7s\n", "", "requests/s", "CPU us", "ratio");
    for (size_t i = 0; i < SERVERS; i++) {
        for (size_t j = 0; j < MEASURES; j++)
            print_measure(&measures[i][j], options->rounds);
    }
    printf(
        "\nOne thread, connections kept alive, %ld calls at once, median of %ld rounds of %ld ms.\n"
        "CPU: of the client, for each request. ratio: requests/s of libiots, to libcurl making the "
        "same requests.\n",
        options->max_concurrent, options->rounds, options->ms);
}

static bool run_rounds(ix_ctx *cx, side *side, measure measures_of_server[MEASURES])
{
    for (long round = 0; round < side->options->rounds; round++) {
        for (size_t i = 0; i < MEASURES; i++) {
            measure *measure = &measures_of_server[i];
            if (!take(side, measure->plain, &measure->plain_figures[round]) ||
                !take(side, measure->ours, &measure->our_figures[round]))
                return ix_fail(cx, IOTS_UNEXPECTED, "%s: some requests went wrong", measure->name);
        }
    }
    return true;
}

/* All rounds with one server. */
static bool run(ix_ctx *cx, const options *options, const char *host, const char *token,
                const char *thing, measure measures_of_server[MEASURES])
{
    side side = {.options = options, .thing = thing};
    const bool ok =
        thing && side_open(cx, &side, host, token) && run_rounds(cx, &side, measures_of_server);
    if (thing)
        side_close(&side);
    return ok;
}

static bool run_iotsd(ix_ctx *cx, const options *options)
{
    server *server = server_start(cx, NULL, 0);
    const char *token = server ? server_token(cx, server, NULL) : NULL;
    const char *thing = token ? make_thing(cx, server_url(server), token) : NULL;
    const bool ok = thing && run(cx, options, server_url(server), token, thing, measures[0]) &&
                    server_stop(cx, server);
    server_free(server);
    return ok;
}

static bool run_constant(ix_ctx *cx, const options *options)
{
    constant constant = {0};
    const bool ok = constant_start(cx, 1, &constant) &&
                    run(cx, options, constant.url, "secret-token", "probe", measures[1]);
    constant_stop(&constant);
    return ok;
}

static bool read_options(int argc, char **argv, options *ret)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const long value = atol(argv[i + 1]);
        if (strcmp(argv[i], "--ms") == 0)
            ret->ms = value;
        else if (strcmp(argv[i], "--rounds") == 0)
            ret->rounds = value;
        else if (strcmp(argv[i], "--at-once") == 0)
            ret->max_concurrent = value;
        else
            return false;
    }
    return argc % 2 == 1 && ret->ms > 0 && ret->rounds > 0 && ret->rounds <= ROUNDS_MAX &&
           ret->max_concurrent > 0 && ret->max_concurrent <= CONCURRENT_MAX;
}

int main(int argc, char **argv)
{
    options options = {.ms = 200, .rounds = 25, .max_concurrent = 64};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    ix_ctx cx;
    ix_json_init();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const bool ok = ix_ctx_init(&cx, 0) && run_iotsd(&cx, &options) && run_constant(&cx, &options);
    if (ok)
        print_table(&options);
    else
        fprintf(stderr, "client: %s\n", cx.error.message);
    ix_ctx_done(&cx);
    return ok ? 0 : 1;
}
