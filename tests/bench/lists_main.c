/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists: what a page of Things costs in a small space and in a large one.
 *
 * The stores are made once, past the server, and kept in the folder between runs. Each has a server of
 * its own, and all are asked for the same page in turn, over one connection each, in several rounds; the
 * median of the rounds counts. So a machine that is slower for a while is slower for all of them.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "base/ulid.h"
#include "domain/thing.h"
#include "http.h"
#include "server.h"
#include "store/store.h"

enum {
    SIZES_MAX = 8,
    ROUNDS_MAX = 101,
    BATCH = 10000, /* Things in a transaction */
    PAGE = 50,     /* Things on a page */
    FAR = 100,     /* number of the page that is far, or the last full one before it */
};

/* Part of the names of stores: to be raised whenever what is in them changes. */
#define LAYOUT "1"

static const char usage[] =
    "lists [OPTION]...\n"
    "\n"
    "  --sizes N,N...  Things in each space (1000,100000,1000000)\n"
    "  --rounds N      how often each page is asked for; the median counts (31)\n"
    "  --folder DIR    where the stores are kept; should be a real disk (.)\n"
    "  --only NAME     one row of the table\n";

typedef struct options {
    long sizes[SIZES_MAX];
    size_t size_count;
    long rounds;
    const char *folder, *only;
} options;

/* What is listed: `n` is 0 to 19, `t` a number of its own, `valve` open or closed, `serial` a text of its
 * own. */
typedef struct row {
    const char *name, *query;
} row;

// clang-format off
static const row rows[] = {
    {"all",                       ""},
    {"one Thing",                 "property:serial=S7"},
    {"equal, 1 in 20",            "property:n=17"},
    {"equal, 1 in 2",             "property:valve=open"},
    {"above, 1 in 20",            "property:n=gt:18"},
    {"above, 1 in 2",             "property:n=gt:9"},
    {"above, 1 in 20, of many",   "property:t=gt:16712576742"},
    {"above, 1 in 100, of many",  "property:t=gt:17416264183"},
    {"sort=-uid",                 "sort=-uid"},
    {"sort=title",                "sort=title"},
    {"sort=created",              "sort=created"},
    {"sort=-modified",            "sort=-modified"},
    {"sort=status.t",             "sort=status.t"},
    {"sort=-status.t",            "sort=-status.t"},
    {"sort=-status.valve",        "sort=-status.valve"},
    {"sort=-status.n,title",      "sort=-status.n,title"},
    {"sort=status.valve,-status.t", "sort=status.valve,-status.t"},
    {"above, 1 in 2, -status.n",  "property:n=lt:10&sort=-status.n"},
    {"equal, 1 in 2, -status.t",  "property:valve=open&sort=-status.t"},
};
// clang-format on
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* A space of one size, and who is asked about it. */
typedef struct space {
    long things;
    const char *folder;
    server *server;
    const char *token;
    http *http;
} space;

typedef struct bench {
    options options;
    space spaces[SIZES_MAX];
} bench;

/* ---- the stores ---- */

/* A number by chance, the same for the same `i`. */
static uint64_t scatter(uint64_t i)
{
    i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9ULL;
    i = (i ^ (i >> 27)) * 0x94d049bb133111ebULL;
    return i ^ (i >> 31);
}

static bool add_thing(ix_ctx *cx, store_handle *store, ix_ulid_maker *maker, long i)
{
    const uint64_t chance = scatter((uint64_t)i + 1);
    const int64_t now_us = 1700000000000000 + i * 1000;
    const uint8_t random[10] = {0};
    const ix_ulid uid = ix_ulid_next(maker, now_us, random);
    const char *doc_text = ix_format(
        cx,
        "{\"title\":\"Probe %08llx\",\"@type\":[\"Probe\"],\"properties\":{"
        "\"t\":{\"title\":\"Temperature\",\"type\":\"number\",\"unit\":\"degree celsius\"},"
        "\"n\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":19},"
        "\"valve\":{\"type\":\"string\",\"enum\":[\"open\",\"closed\"]},"
        "\"serial\":{\"type\":\"string\"}}}",
        (unsigned long long)(chance & 0xffffffff));
    const char *values_text =
        ix_format(cx, "{\"t\":%.3f,\"n\":%u,\"valve\":\"%s\",\"serial\":\"S%ld\"}",
                  (double)(chance >> 20) / 1000, (unsigned)(chance % 20),
                  chance & 128 ? "open" : "closed", i);
    const ix_json *doc = doc_text ? ix_json_parse(cx, doc_text, strlen(doc_text)) : NULL;
    const ix_json *values =
        values_text ? ix_json_parse(cx, values_text, strlen(values_text)) : NULL;
    if (!doc || !values)
        return false;

    const char *kept = thing_stored_text(cx, "", doc);
    const thing_row thing = {
        .uid = uid.text,
        .title = ix_json_string(ix_json_member(doc, "title")),
        .types = ix_json_member(doc, "@type"),
        .properties = ix_json_member(doc, "properties"),
        .created_us = now_us,
        .modified_us = now_us + (int64_t)(chance % 1000000000),
        .doc = kept,
    };
    return kept && store_thing_add(cx, store, SERVER_SPACE, &thing) &&
           store_values_set(cx, store, SERVER_SPACE, uid.text, values, NULL, now_us, false);
}

static bool add_batch(store_handle *store, ix_ulid_maker *maker, long from, long to)
{
    ix_ctx cx;
    bool ok = ix_ctx_init(&cx, 0) && store_begin(&cx, store);
    for (long i = from; ok && i < to; i++) {
        ix_ctx one; /* so that memory does not grow with the batch */
        ok = ix_ctx_init(&one, 0) && add_thing(&one, store, maker, i);
        if (!ok)
            fprintf(stderr, "\nlists: %s\n", one.error.message);
        ix_ctx_done(&one);
    }
    ok = ok && store_commit(&cx, store);
    ix_ctx_done(&cx);
    return ok;
}

static bool fill(ix_ctx *cx, const space *space)
{
    ix_ulid_maker maker = {0};
    store_handle *store;
    const char *url = ix_format(cx, "sqlite:%s", space->folder);
    if (!url || !store_open(cx, url, STORE_WRITE, &store))
        return false;
    bool ok = true;
    for (long i = 0; ok && i < space->things; i += BATCH) {
        const long end = i + BATCH < space->things ? i + BATCH : space->things;
        ok = add_batch(store, &maker, i, end);
        fprintf(stderr, "\rmaking %ld Things: %ld", space->things, end);
    }
    fputc('\n', stderr);
    store_close(store);
    return ok || ix_fail(cx, IOTS_UNEXPECTED, "the Things could not be made");
}

/* Starts the server of a space; the first time it makes the store, and the second time it serves it. */
static bool start_server(ix_ctx *cx, space *space)
{
    const char *settings[] = {ix_format(cx, "IOTSD_DATA=%s", space->folder)};
    space->server = settings[0] ? server_start(cx, settings, 1) : NULL;
    return space->server != NULL;
}

static bool make_store(ix_ctx *cx, space *space)
{
    const char *done = ix_format(cx, "%s/filled", space->folder);
    if (!done || access(done, F_OK) == 0)
        return done != NULL;
    if (access(space->folder, F_OK) == 0)
        return ix_fail(cx, IOTS_CONFLICT, "%s is half made: remove it", space->folder);
    if (!start_server(cx, space) || !server_stop(cx, space->server))
        return false;
    server_free(space->server);
    space->server = NULL;
    if (!fill(cx, space))
        return false;
    FILE *mark = fopen(done, "w");
    return (mark && fclose(mark) == 0) || ix_fail(cx, IOTS_INTERNAL, "%s: cannot be made", done);
}

static bool open_space(ix_ctx *cx, const bench *bench, space *space)
{
    space->folder = ix_format(cx, "%s/lists-" LAYOUT "-%ld", bench->options.folder, space->things);
    if (!space->folder || !make_store(cx, space) || !start_server(cx, space))
        return false;
    space->token = server_token(cx, space->server, NULL);
    return space->token != NULL;
}

/* ---- measuring ---- */

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A connection that is idle while others are busy is closed by the server, so each task begins anew. */
static bool connect_all(ix_ctx *cx, bench *bench)
{
    for (size_t i = 0; i < bench->options.size_count; i++) {
        space *space = &bench->spaces[i];
        http_free(space->http);
        space->http = http_new(server_url(space->server));
        if (!space->http)
            return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    }
    return true;
}

/* Asks for a page. *ret_next is the mark of the next one, in cx. */
static bool ask(ix_ctx *cx, const space *space, const row *row, const char *cursor, double *ret_ms,
                const char **ret_next)
{
    http_reply reply;
    const char *target = ix_format(cx, "/spaces/" SERVER_SPACE "/things?limit=%d&next_cursor=%s&%s",
                                   PAGE, cursor, row->query);
    const double before = now_ms();
    if (!target || !http_json(cx, space->http, "GET", target, space->token, NULL, &reply))
        return false;
    *ret_ms = now_ms() - before;
    const ix_json *page =
        reply.status == 200 ? ix_json_parse(cx, reply.body, reply.body_len) : NULL;
    *ret_next = ix_json_string(ix_json_at(page, "/paging/next_cursor"));
    return (*ret_next && ix_json_count(ix_json_member(page, "data")) > 0) ||
           ix_fail(cx, IOTS_UNEXPECTED, "%s: answered %d: %.200s", target, reply.status,
                   reply.body);
}

/* The cursor of the far page: the last one before FAR from which a full page follows. */
static bool go_far(ix_ctx *cx, const space *space, const row *row, const char **ret)
{
    const char *cursor = "";
    const char *next = "";
    double ms;
    for (int page = 1; page <= FAR; page++) {
        *ret = cursor;
        cursor = next;
        if (!ask(cx, space, row, cursor, &ms, &next))
            return false;
        if (!*next)
            return true;
    }
    *ret = cursor;
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    const double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

typedef struct figures {
    double first[ROUNDS_MAX], far[ROUNDS_MAX];
} figures;

static bool measure(ix_ctx *cx, bench *bench, const row *row)
{
    const char *far[SIZES_MAX];
    figures figures[SIZES_MAX];
    const size_t count = bench->options.size_count;
    const size_t rounds = (size_t)bench->options.rounds;
    for (size_t i = 0; i < count; i++) {
        if (!connect_all(cx, bench) || !go_far(cx, &bench->spaces[i], row, &far[i]))
            return false;
    }
    if (!connect_all(cx, bench))
        return false;
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            const char *next;
            if (!ask(cx, &bench->spaces[i], row, "", &figures[i].first[round], &next) ||
                !ask(cx, &bench->spaces[i], row, far[i], &figures[i].far[round], &next))
                return false;
        }
    }
    double base_first = 0, base_far = 0;
    printf("%-26s", row->name);
    for (size_t i = 0; i < count; i++) {
        qsort(figures[i].first, rounds, sizeof(double), compare_doubles);
        qsort(figures[i].far, rounds, sizeof(double), compare_doubles);
        const double first_ms = figures[i].first[rounds / 2], far_ms = figures[i].far[rounds / 2];
        if (i == 0) {
            base_first = first_ms;
            base_far = far_ms;
        }
        printf(" %7.2f %7.2f %5.1f %5.1f", first_ms, far_ms, first_ms / base_first,
               far_ms / base_far);
    }
    printf("\n");
    fflush(stdout);
    return true;
}

static bool run(ix_ctx *cx, bench *bench)
{
    const size_t count = bench->options.size_count;
    for (size_t i = 0; i < count; i++) {
        bench->spaces[i].things = bench->options.sizes[i];
        if (!open_space(cx, bench, &bench->spaces[i]))
            return false;
    }
    printf("%-26s", "");
    for (size_t i = 0; i < count; i++)
        printf(" %19ld Things", bench->options.sizes[i]);
    printf("\n%-26s", "milliseconds, ratios");
    for (size_t i = 0; i < count; i++)
        printf(" %7s %7s %5s %5s", "first", "far", "x", "x");
    printf("\n");
    for (size_t i = 0; i < ROWS; i++) {
        ix_ctx one;
        if (bench->options.only && strcmp(bench->options.only, rows[i].name) != 0)
            continue;
        bool ok = ix_ctx_init(&one, 0) && measure(&one, bench, &rows[i]);
        if (!ok)
            ix_fail(cx, one.error.code, "%s", one.error.message);
        ix_ctx_done(&one);
        if (!ok)
            return false;
    }
    printf("\nPages of %d; far: page %d, or the last but one; median of %ld; x: to the first "
           "column.\n",
           PAGE, FAR, bench->options.rounds);
    return true;
}

/* ---- the program ---- */

static bool read_sizes(const char *text, options *ret)
{
    ret->size_count = 0;
    for (char *end; *text; text = *end ? end + 1 : end) {
        const long size = strtol(text, &end, 10);
        if (size < 1 || (*end && *end != ',') || ret->size_count == SIZES_MAX)
            return false;
        ret->sizes[ret->size_count++] = size;
    }
    return ret->size_count > 0;
}

static bool read_options(int argc, char **argv, options *ret)
{
    bool ok = argc % 2 == 1;
    for (int i = 1; ok && i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--sizes") == 0)
            ok = read_sizes(argv[i + 1], ret);
        else if (strcmp(argv[i], "--rounds") == 0)
            ok = (ret->rounds = strtol(argv[i + 1], NULL, 10)) > 0 && ret->rounds <= ROUNDS_MAX;
        else if (strcmp(argv[i], "--folder") == 0)
            ret->folder = argv[i + 1];
        else if (strcmp(argv[i], "--only") == 0)
            ret->only = argv[i + 1];
        else
            ok = false;
    }
    return ok;
}

int main(int argc, char **argv)
{
    bench bench = {.options = {.sizes = {1000, 100000, 1000000},
                               .size_count = 3,
                               .rounds = 31,
                               .folder = "."}};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &bench.options)) {
        fputs(usage, stderr);
        return 2;
    }
    ix_ctx cx;
    ix_json_init();
    if (!ix_ctx_init(&cx, 0))
        return 1;
    const bool ok = run(&cx, &bench);
    if (!ok)
        fprintf(stderr, "lists: %s\n", cx.error.message);
    for (size_t i = 0; i < bench.options.size_count; i++) {
        http_free(bench.spaces[i].http);
        server_free(bench.spaces[i].server);
    }
    ix_ctx_done(&cx);
    return ok ? 0 : 1;
}
