/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench: how fast iotsd is, and how fast that is compared with libmicrohttpd answering a constant.
 *
 * Both are started here and loaded in turn by the same load generator (wrk) with the same requests, in
 * several short rounds; the median of the rounds counts, and a ratio is the median of the ratios of the
 * rounds. So a machine that is slower for a while is slower for both.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "constant.h"
#include "http.h"
#include "server.h"

enum {
    ROUNDS_MAX = 101,
    MAKERS = 16,   /* threads that make the Things */
    IN_TURN = 250, /* Things that the requests for one Thing go to, in turn */
    WRK_MS = 600000,
};

static const char usage[] =
    "bench [OPTION]...\n"
    "\n"
    "  --seconds N      of each measurement (1)\n"
    "  --rounds N       how often each is taken; the median counts (5)\n"
    "  --connections N  at once (64)\n"
    "  --things N       in the space (10000)\n"
    "  --threads N      that serve, of iotsd and of the constant (number of cores)\n"
    "  --folder DIR     where the data goes; should be a real disk (.)\n"
    "  --only NAME      one measurement: property_get thing_get property_put things_page\n";

typedef struct options {
    long seconds, rounds, connections, things, threads;
    const char *folder, *only;
} options;

typedef struct figures {
    double per_second, p50_us, p99_us, cpu_us;
} figures;

/* What is measured. Targets have one %s, the uid of a Thing, or none. */
typedef struct measure {
    const char *name, *method, *target, *body;
    figures iotsd[ROUNDS_MAX], constant[ROUNDS_MAX];
} measure;

// clang-format off
static measure measures[] = {
    {.name = "property_get", .method = "GET", .target = "/spaces/farm/things/%s/properties/t", .body = ""},
    {.name = "thing_get",    .method = "GET", .target = "/spaces/farm/things/%s",              .body = ""},
    {.name = "property_put", .method = "PUT", .target = "/spaces/farm/things/%s/properties/t", .body = "{\"t\":%d}"},
    {.name = "things_page",  .method = "GET", .target = "/spaces/farm/things?limit=50&property:t=gt:50", .body = ""},
};
// clang-format on
enum { MEASURES = sizeof(measures) / sizeof(measures[0]) };

typedef struct bench {
    options options;
    server *server;
    const char *token;
    char (*uids)[32]; /* of the first IN_TURN Things */
    constant constant;
} bench;

/* ---- the Things ---- */

typedef struct maker {
    const bench *bench;
    atomic_long *next; /* the number of the next Thing to make, from 0 */
    pthread_t thread;
    bool ok;
} maker;

static bool make_thing(ix_ctx *cx, const bench *bench, http *http, long number)
{
    http_reply reply;
    const char *body = ix_format(
        cx,
        "{\"title\":\"Probe %ld\",\"@type\":[\"Probe\"],\"properties\":{"
        "\"t\":{\"title\":\"Temperature\",\"type\":\"number\",\"unit\":\"degree celsius\"},"
        "\"h\":{\"title\":\"Humidity\",\"type\":\"number\",\"minimum\":0,\"maximum\":100},"
        "\"valve\":{\"type\":\"string\",\"enum\":[\"open\",\"closed\"]}},"
        "\"status\":{\"t\":%ld,\"h\":50,\"valve\":\"closed\"}}",
        number, number % 100);
    if (!body || !http_json(cx, http, "POST", "/spaces/farm/things", bench->token, body, &reply) ||
        reply.status != 201)
        return ix_fail(cx, IOTS_UNEXPECTED, "a Thing could not be made");
    if (number < IN_TURN) {
        const ix_json *thing = ix_json_parse(cx, reply.body, reply.body_len);
        snprintf(bench->uids[number], sizeof(bench->uids[number]), "%s",
                 ix_json_string(ix_json_member(thing, "uid")));
    }
    return true;
}

static void *make_things(void *arg)
{
    maker *maker = arg;
    http *http = http_new(server_url(maker->bench->server));
    long number;
    maker->ok = http != NULL;
    while (maker->ok &&
           (number = atomic_fetch_add(maker->next, 1)) < maker->bench->options.things) {
        ix_ctx cx;
        maker->ok = ix_ctx_init(&cx, 0) && make_thing(&cx, maker->bench, http, number);
        ix_ctx_done(&cx);
    }
    http_free(http);
    return NULL;
}

static bool fill_space(ix_ctx *cx, bench *bench)
{
    atomic_long next = 0;
    maker makers[MAKERS];
    bool ok = true;
    bench->uids = ix_alloc(cx, IN_TURN * sizeof(*bench->uids));
    if (!bench->uids)
        return false;
    fprintf(stderr, "making %ld Things\n", bench->options.things);
    for (size_t i = 0; i < MAKERS; i++) {
        makers[i] = (maker){.bench = bench, .next = &next};
        if (pthread_create(&makers[i].thread, NULL, make_things, &makers[i]) != 0)
            return ix_fail(cx, IOTS_INTERNAL, "no thread");
    }
    for (size_t i = 0; i < MAKERS; i++) {
        pthread_join(makers[i].thread, NULL);
        ok = ok && makers[i].ok;
    }
    return ok || ix_fail(cx, IOTS_UNEXPECTED, "the Things could not be made");
}

/* ---- measuring ---- */

/* Processor time that a process has used, in microseconds. */
static double cpu_us(pid_t pid)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "r");
    const size_t len = in ? fread(text, 1, sizeof(text) - 1, in) : 0;
    if (in)
        fclose(in);
    text[len] = '\0';
    /* The name, in parentheses, may hold anything; fields are counted from behind it. */
    const char *at = strrchr(text, ')');
    if (at)
        sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static const char *number_text(ix_ctx *cx, const char *prefix, long number, const char *unit)
{
    return ix_format(cx, "%s%ld%s", prefix, number, unit);
}

/* One run of the load against a server. */
static bool load(ix_ctx *cx, const bench *bench, const measure *measure, const char *targets,
                 const char *url, pid_t pid, figures *ret)
{
    const char *out = "", *err = "";
    const char *const argv[] = {
        "/usr/bin/env",
        "wrk",
        "--latency",
        "-t1",
        number_text(cx, "-c", bench->options.connections, ""),
        number_text(cx, "-d", bench->options.seconds, "s"),
        "-s",
        REQUEST_LUA,
        url,
        "--",
        measure->method,
        bench->token,
        targets,
        measure->body,
        NULL,
    };
    const double before_us = cpu_us(pid);
    const int status = run_program(cx, argv, NULL, WRK_MS, &out, &err);
    const double used_us = cpu_us(pid) - before_us;
    const char *line = strstr(out, "measured ");
    double requests, us, bad;
    if (status != 0 || !line ||
        sscanf(line, "measured %lf requests %lf us p50 %lf us p99 %lf us bad %lf", &requests, &us,
               &ret->p50_us, &ret->p99_us, &bad) != 5)
        return ix_fail(cx, IOTS_UNEXPECTED, "wrk ended with %d: %s%s", status, out, err);
    if (bad > 0 || requests == 0)
        return ix_fail(cx, IOTS_UNEXPECTED, "%s: %.0f of %.0f requests went wrong", measure->name,
                       bad, requests);
    ret->per_second = requests / us * 1e6;
    ret->cpu_us = used_us / requests;
    return true;
}

/* The file of targets for a measure. */
static const char *write_targets(ix_ctx *cx, const bench *bench, const measure *measure)
{
    const char *path = ix_format(cx, "%s/%s.targets", server_folder(bench->server), measure->name);
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out) {
        ix_fail(cx, IOTS_INTERNAL, "%s: %s", path ? path : "", strerror(errno));
        return NULL;
    }
    const char *mark = strstr(measure->target, "%s");
    const long count = bench->options.things < IN_TURN ? bench->options.things : IN_TURN;
    for (long i = 0; i < (mark ? count : 1); i++) {
        if (mark)
            fprintf(out, "%.*s%s%s\n", (int)(mark - measure->target), measure->target,
                    bench->uids[i], mark + 2);
        else
            fprintf(out, "%s\n", measure->target);
    }
    fclose(out);
    return path;
}

static bool is_wanted(const bench *bench, const measure *measure)
{
    return !bench->options.only || strcmp(bench->options.only, measure->name) == 0;
}

static bool run_round(bench *bench, long round)
{
    ix_ctx cx;
    bool ok = ix_ctx_init(&cx, 0);
    for (size_t i = 0; ok && i < MEASURES; i++) {
        measure *measure = &measures[i];
        if (!is_wanted(bench, measure))
            continue;
        const char *targets = write_targets(&cx, bench, measure);
        ok = targets &&
             load(&cx, bench, measure, targets, bench->constant.url, bench->constant.pid,
                  &measure->constant[round]) &&
             load(&cx, bench, measure, targets, server_url(bench->server),
                  server_pid(bench->server), &measure->iotsd[round]);
    }
    if (!ok)
        fprintf(stderr, "bench: %s\n", cx.error.message);
    ix_ctx_done(&cx);
    return ok;
}

/* ---- the table ---- */

static double median_of(const figures *rounds, long count, size_t offset)
{
    double values[ROUNDS_MAX];
    for (long i = 0; i < count; i++)
        memcpy(&values[i], (const char *)&rounds[i] + offset, sizeof(values[i]));
    return median(values, count);
}

static void print_row(const char *name, const figures *rounds, long count)
{
    printf("%-24s %10.0f %9.2f %9.2f %9.1f", name,
           median_of(rounds, count, offsetof(figures, per_second)),
           median_of(rounds, count, offsetof(figures, p50_us)) / 1000,
           median_of(rounds, count, offsetof(figures, p99_us)) / 1000,
           median_of(rounds, count, offsetof(figures, cpu_us)));
}

static void print_table(const bench *bench)
{
    const long count = bench->options.rounds;
    printf("%-24s %10s %9s %9s %9s %7s\n", "", "requests/s", "p50 ms", "p99 ms", "CPU us", "ratio");
    for (size_t i = 0; i < MEASURES; i++) {
        const measure *measure = &measures[i];
        double ratios[ROUNDS_MAX];
        char name[64];
        if (!is_wanted(bench, measure))
            continue;
        for (long k = 0; k < count; k++)
            ratios[k] = measure->iotsd[k].per_second / measure->constant[k].per_second;
        print_row(measure->name, measure->iotsd, count);
        printf(" %7.2f\n", median(ratios, count));
        snprintf(name, sizeof(name), "  constant");
        print_row(name, measure->constant, count);
        printf(" %7.2f\n", 1.0);
    }
    printf("\n%ld connections, %ld Things, %ld serving threads, median of %ld rounds of %ld s.\n"
           "ratio: requests/s, to libmicrohttpd answering a constant to the same requests.\n",
           bench->options.connections, bench->options.things, bench->options.threads, count,
           bench->options.seconds);
}

/* ---- the program ---- */

static bool run(ix_ctx *cx, bench *bench)
{
    const char *threads = ix_format(cx, "IOTSD_THREADS=%ld", bench->options.threads);
    if (!threads || setenv("TMPDIR", bench->options.folder, 1) != 0)
        return false;
    bench->server = server_start(cx, &threads, 1);
    bench->token = bench->server ? server_token(cx, bench->server, NULL) : NULL;
    if (!bench->token || !constant_start(cx, bench->options.threads, &bench->constant) ||
        !fill_space(cx, bench))
        return false;
    for (long round = 0; round < bench->options.rounds; round++) {
        fprintf(stderr, "round %ld of %ld\n", round + 1, bench->options.rounds);
        if (!run_round(bench, round))
            return ix_fail(cx, IOTS_UNEXPECTED, "the measurement was given up");
    }
    print_table(bench);
    return server_stop(cx, bench->server);
}

static bool read_options(int argc, char **argv, options *ret)
{
    static const char *names[] = {"--seconds", "--rounds", "--connections", "--things",
                                  "--threads"};
    long *values[] = {&ret->seconds, &ret->rounds, &ret->connections, &ret->things, &ret->threads};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    for (int i = 1; i + 1 < argc; i += 2) {
        size_t which = 0;
        while (which < COUNT && strcmp(argv[i], names[which]) != 0)
            which++;
        if (which < COUNT)
            *values[which] = atol(argv[i + 1]);
        else if (strcmp(argv[i], "--folder") == 0)
            ret->folder = argv[i + 1];
        else if (strcmp(argv[i], "--only") == 0)
            ret->only = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 1 && ret->seconds > 0 && ret->rounds > 0 && ret->rounds <= ROUNDS_MAX &&
           ret->connections > 0 && ret->things > 0 && ret->threads > 0;
}

int main(int argc, char **argv)
{
    static bench bench;
    bench.options = (options){
        .seconds = 1,
        .rounds = 5,
        .connections = 64,
        .things = 10000,
        .threads = sysconf(_SC_NPROCESSORS_ONLN),
        .folder = ".",
    };
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
        fprintf(stderr, "bench: %s\n", cx.error.message);
    constant_stop(&bench.constant);
    server_free(bench.server);
    ix_ctx_done(&cx);
    return ok ? 0 : 1;
}
