/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soak: clients come and go, Things are made, used and deleted, tokens are fetched and revoked, for as
 * long as asked; every answer must be right, and in the end the server holds no more memory and no more
 * open files than after it was warm.
 *
 *     soak [SECONDS]
 */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "http.h"
#include "server.h"

enum {
    CLIENTS = 4,
    SECONDS = 4,
    SECONDS_LONG = 300,
    GROWTH_KB = 24 << 10, /* of resident memory, between warm and the end */
    GROWTH_FILES = 4,
};

typedef struct client {
    const server *server;
    int64_t until_us;
    int number;
    pthread_t thread;
    long rounds;
    bool ok;
} client;

static const char thing_text[] = "{\"title\":\"Soak\",\"@type\":[\"Soak\"],\"properties\":{"
                                 "\"t\":{\"type\":\"number\"},\"on\":{\"type\":\"boolean\"}}}";
static const char values_text[] = "{\"t\":20.5,\"on\":true}";

/* ---- one life of a Thing ---- */

static bool call(ix_ctx *cx, http *http, const char *method, const char *target, const char *token,
                 const char *body, int status, http_reply *reply)
{
    return target && http_json(cx, http, method, target, token, body, reply) &&
           (reply->status == status || ix_fail(cx, IOTS_UNEXPECTED, "%s %s answered %d %s", method,
                                               target, reply->status, reply->body));
}

static bool use_thing(ix_ctx *cx, http *http, const char *token, const char *uid, int number)
{
    http_reply reply;
    const char *thing = ix_format(cx, "/spaces/farm/things/%s", uid);
    const char *value = ix_format(cx, "%s/properties/t?update_history=false", thing);
    const char *values = ix_format(cx, "%s/properties", thing);
    const char *history = ix_format(cx, "%s/properties-history?limit=10&at=2020|2030", thing);
    const char *list =
        ix_format(cx, "/spaces/farm/things?property:t=%d&@type=Soak&limit=20&sort=-title", number);
    for (int i = 0; i < 5; i++) {
        if (!call(cx, http, "PUT", value, token, ix_format(cx, "{\"t\":%d}", number), 200,
                  &reply) ||
            !call(cx, http, "PUT", values, token, values_text, 200, &reply) ||
            !call(cx, http, "PUT", values, token, "{\"t\":\"no\"}", 400, &reply) ||
            !call(cx, http, "GET", values, token, NULL, 200, &reply) ||
            !call(cx, http, "GET", thing, token, NULL, 200, &reply) ||
            !call(cx, http, "GET", list, token, NULL, 200, &reply) ||
            !call(cx, http, "GET", history, token, NULL, 200, &reply))
            return false;
    }
    return true;
}

static bool revoke(ix_ctx *cx, http *http, const char *token)
{
    http_reply reply;
    http_request request = {.method = "POST", .target = "/oauth2/revoke"};
    request.body = ix_format(cx, "token=%s&client_id=%s&client_secret=%s", token, SERVER_CLIENT_ID,
                             SERVER_CLIENT_SECRET);
    if (!request.body)
        return false;
    request.body_len = strlen(request.body);
    http_request_header(&request, "Content-Type", "application/x-www-form-urlencoded");
    return http_call(cx, http, &request, &reply) && reply.status == 200 &&
           call(cx, http, "GET", "/spaces/farm/things", token, NULL, 401, &reply);
}

/* A client comes, makes a Thing, uses it, deletes it, revokes its token and goes. */
static bool live_once(ix_ctx *cx, const client *client)
{
    http_reply reply;
    http *http = http_new(server_url(client->server));
    const char *token = http ? server_token(cx, client->server, "thing category") : NULL;
    bool ok =
        token && call(cx, http, "POST", "/spaces/farm/things", token, thing_text, 201, &reply);
    const ix_json *thing = ok ? ix_json_parse(cx, reply.body, reply.body_len) : NULL;
    const char *uid = ix_json_string(ix_json_member(thing, "uid"));
    ok = uid && use_thing(cx, http, token, uid, client->number) &&
         call(cx, http, "DELETE", ix_format(cx, "/spaces/farm/things/%s", uid), token, NULL, 204,
              &reply) &&
         call(cx, http, "GET", ix_format(cx, "/spaces/farm/things/%s", uid), token, NULL, 404,
              &reply);
    ok = ok && revoke(cx, http, token);
    http_free(http);
    return ok;
}

static void *live(void *arg)
{
    client *client = arg;
    client->ok = true;
    while (client->ok && ix_monotonic_us() < client->until_us) {
        ix_ctx cx;
        client->ok = ix_ctx_init(&cx, 0) && live_once(&cx, client);
        if (!client->ok)
            fprintf(stderr, "soak: %s\n", cx.error.message);
        ix_ctx_done(&cx);
        client->rounds++;
    }
    return NULL;
}

static long run_clients(const server *server, int seconds)
{
    client clients[CLIENTS];
    long rounds = 0;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (client){.server = server,
                              .number = i,
                              .until_us = ix_monotonic_us() + seconds * IX_SECOND_US};
        if (pthread_create(&clients[i].thread, NULL, live, &clients[i]) != 0)
            abort();
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        rounds = clients[i].ok && rounds >= 0 ? rounds + clients[i].rounds : -1;
    }
    return rounds;
}

/* ---- what the server holds ---- */

static long resident_kb(pid_t pid)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof(line), in)) {
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    }
    if (in)
        fclose(in);
    return kb;
}

static long open_files(pid_t pid)
{
    char path[64];
    long count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

/* A sanitizer keeps what is freed for a while, on purpose. */
static bool memory_tells(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return true;
#endif
}

static bool soak(ix_ctx *cx, server *server, int seconds)
{
    const long warm_rounds = run_clients(server, seconds / 4 + 1);
    const long warm_kb = resident_kb(server_pid(server));
    const long warm_files = open_files(server_pid(server));
    const long rounds = run_clients(server, seconds);
    const long kb = resident_kb(server_pid(server));
    const long files = open_files(server_pid(server));
    printf("%ld rounds; warm %ld kB, %ld files; at the end %ld kB, %ld files\n", rounds, warm_kb,
           warm_files, kb, files);
    if (warm_rounds <= 0 || rounds <= 0)
        return ix_fail(cx, IOTS_UNEXPECTED, "an answer was not as it should be");
    if (memory_tells() && kb > warm_kb + GROWTH_KB)
        return ix_fail(cx, IOTS_UNEXPECTED, "the server grew by %ld kB", kb - warm_kb);
    return files <= warm_files + GROWTH_FILES ||
           ix_fail(cx, IOTS_UNEXPECTED, "%ld files more are open", files - warm_files);
}

int main(int argc, char **argv)
{
    const int seconds = argc > 1                   ? atoi(argv[1])
                        : getenv("IOTS_TEST_LONG") ? SECONDS_LONG
                                                   : SECONDS;
    ix_ctx cx;
    ix_json_init();
    if (!ix_ctx_init(&cx, 0))
        return 1;
    server *server = server_start(&cx, NULL, 0);
    const bool ok = server && soak(&cx, server, seconds) && server_stop(&cx, server);
    if (!ok)
        fprintf(stderr, "soak: %s\n", cx.error.message);
    server_free(server);
    ix_ctx_done(&cx);
    return ok ? 0 : 1;
}
