/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk: leads conversations with iotsd, each with a fresh one on an empty store.
 *
 *     talk FILE...                 with servers of its own
 *     talk --url URL ... FILE...   with a server that runs already, on an empty space "farm"
 *     talk --coverage FILE...      what of the operations do the conversations not speak of?
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "contract/ops.h"
#include "coverage.h"
#include "server.h"
#include "talk.h"

static const char usage[] =
    "talk [--url URL --client-id ID --client-secret SECRET] FILE...\n"
    "talk --coverage FILE...\n"
    "\n"
    "Leads the conversations in FILE... (their form: tests/talk/talk.h) with iotsd.\n"
    "\n"
    "  --url URL             a server that runs already, http://ADDRESS:PORT; else one is started\n"
    "                        for each file (IOTSD=PATH in the environment: this program)\n"
    "  --client-id ID        a client with every scope in the space farm\n"
    "  --client-secret TEXT  its secret\n"
    "  --coverage            asks nothing; names what no conversation shows of the operations\n"
    "  --help                this text\n"
    "\n"
    "Exit status: 0 all as written, 1 not so, 2 wrong use.\n";

typedef struct options {
    const char *url, *client_id, *client_secret;
    bool coverage;
    const char **files;
    size_t file_count;
} options;

static bool admin_of_server(ix_ctx *cx, void *arg, const char *const *args, const char **ret_out)
{
    return server_admin(cx, arg, args, ret_out) == 0;
}

static bool talk_with_own(ix_ctx *cx, const talk *talk, talk_score *score)
{
    server *server = server_start(cx, talk->settings, talk->setting_count);
    if (!server)
        return false;
    const talk_place place = {
        .url = server_url(server),
        .client_id = SERVER_CLIENT_ID,
        .client_secret = SERVER_CLIENT_SECRET,
        .admin = admin_of_server,
        .arg = server,
    };
    const bool ok = talk_run(cx, talk, &place, score);
    const bool stopped = server_stop(cx, server);
    server_free(server);
    return ok && stopped;
}

static bool talk_file(const char *file, const options *options, talk_score *score)
{
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return false;
    const talk_place elsewhere = {
        .url = options->url,
        .client_id = options->client_id,
        .client_secret = options->client_secret,
    };
    const talk *talk = talk_read(&cx, file);
    const bool ok = talk && (options->url ? talk_run(&cx, talk, &elsewhere, score)
                                          : talk_with_own(&cx, talk, score));
    if (ix_failed(&cx))
        printf("%s: %s\n", file, cx.error.message);
    ix_ctx_done(&cx);
    return ok;
}

/* ---- coverage ---- */

static bool is_waiting(const ix_op *op)
{
    static const ix_op_id waiting[] = {
#define UNIMPLEMENTED(id) IX_OP_##id,
#include "api/unimplemented.def"
#undef UNIMPLEMENTED
        IX_OP_COUNT,
    };
    for (size_t i = 0; waiting[i] != IX_OP_COUNT; i++) {
        if (&ix_ops[waiting[i]] == op)
            return true;
    }
    return false;
}

/* Is nothing missing of any operation? What is goes to standard output. */
static bool tell_missing(ix_ctx *cx, const coverage *coverage)
{
    size_t lacking = 0;
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const char *missing = coverage_missing(cx, coverage, &ix_ops[i]);
        if (!missing)
            return false;
        if (*missing && !is_waiting(&ix_ops[i])) {
            fputs(missing, stdout);
            lacking++;
        }
    }
    return lacking == 0 || ix_fail(cx, IOTS_UNEXPECTED, "no conversation shows this");
}

static bool tell_coverage(const options *options)
{
    ix_ctx cx;
    coverage coverage = {0};
    bool ok = ix_ctx_init(&cx, 0);
    for (size_t i = 0; ok && i < options->file_count; i++) {
        const talk *talk = talk_read(&cx, options->files[i]);
        ok = talk && coverage_note(&cx, &coverage, talk);
    }
    ok = ok && tell_missing(&cx, &coverage);
    if (!ok)
        printf("%s\n", cx.error.message);
    ix_ctx_done(&cx);
    return ok;
}

/* ---- the program ---- */

static bool read_options(int argc, char **argv, options *ret)
{
    static const char *names[] = {"--url", "--client-id", "--client-secret"};
    const char **values[] = {&ret->url, &ret->client_id, &ret->client_secret};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        size_t which = 0;
        while (which < 3 && strcmp(argv[i], names[which]) != 0)
            which++;
        if (which < 3 && i + 1 < argc)
            *values[which] = argv[++i];
        else if (strcmp(argv[i], "--coverage") == 0)
            ret->coverage = true;
        else
            return false;
    }
    union {
        char **from;
        const char **to;
    } files = {.from = argv + i};
    ret->files = files.to;
    ret->file_count = (size_t)(argc - i);
    return ret->file_count > 0 && !ret->url == !ret->client_id &&
           !ret->client_id == !ret->client_secret;
}

int main(int argc, char **argv)
{
    options options = {0};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    ix_json_init();
    if (options.coverage)
        return tell_coverage(&options) ? 0 : 1;

    bool ok = true;
    talk_score score = {0};
    for (size_t i = 0; i < options.file_count; i++) {
        printf("---- %s\n", options.files[i]);
        ok = talk_file(options.files[i], &options, &score) && ok;
    }
    printf("%zu passed, %zu failed\n", score.passed, score.failed);
    return ok && score.passed > 0 ? 0 : 1;
}
