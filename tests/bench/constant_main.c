/* SPDX-License-Identifier: Apache-2.0 */
/*
 * constant: libmicrohttpd answering every request with the same small JSON. What iotsd is measured
 * against: the HTTP library, run as iotsd runs it, and nothing behind it. And a server that costs
 * little, for measuring clients: with a limit in the query, the answer is a page of 10,000 Things.
 *
 *     constant THREADS       prints "serves http://127.0.0.1:PORT"; ends when standard input does
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

enum { THINGS = 10000, PAGE_MAX = 1000, THING_ROOM = 512 };

static long query_number(struct MHD_Connection *connection, const char *name)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
    return text ? atol(text) : 0;
}

/* A Thing as bench_main.c makes them. */
static int write_thing(char *at, size_t room, long number)
{
    return snprintf(
        at, room,
        "{\"uid\":\"01GQ2E9M2Y45BX9EW0F2%06ld\",\"title\":\"Probe %ld\",\"@type\":[\"Probe\"],"
        "\"properties\":{"
        "\"t\":{\"title\":\"Temperature\",\"type\":\"number\",\"unit\":\"degree celsius\"},"
        "\"h\":{\"title\":\"Humidity\",\"type\":\"number\",\"minimum\":0,\"maximum\":100},"
        "\"valve\":{\"type\":\"string\",\"enum\":[\"open\",\"closed\"]}},"
        "\"status\":{\"t\":%ld,\"h\":50,\"valve\":\"closed\"}}",
        number, number, number % 100);
}

static enum MHD_Result answer_page(struct MHD_Connection *connection, long limit)
{
    long next = query_number(connection, "next_cursor");
    const size_t room = ((size_t)limit + 1) * THING_ROOM;
    char *body = malloc(room);
    if (!body)
        return MHD_NO;
    size_t len = (size_t)snprintf(body, room, "{\"data\":[");
    for (long i = 0; i < limit && next < THINGS; i++) {
        body[len] = ',';
        len += i > 0;
        len += (size_t)write_thing(body + len, room - len, next++);
    }
    char mark[24] = "";
    if (next < THINGS)
        snprintf(mark, sizeof(mark), "%ld", next);
    len += (size_t)snprintf(body + len, room - len, "],\"paging\":{\"next_cursor\":\"%s\"}}", mark);
    struct MHD_Response *page = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(page, "Content-Type", "application/json");
    const enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, page);
    MHD_destroy_response(page);
    return result;
}

static enum MHD_Result answer(void *response, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    static int seen;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    if (!*state) { /* the head is there; the body is still to come */
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    const long limit = query_number(connection, "limit");
    return limit > 0 && limit <= PAGE_MAX ? answer_page(connection, limit)
                                          : MHD_queue_response(connection, MHD_HTTP_OK, response);
}

int main(int argc, char **argv)
{
    static char body[] = "{\"t\":20.5}";
    const unsigned threads = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer,
                         response, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                         MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "constant: the daemon does not start\n");
        return 1;
    }
    printf("serves http://127.0.0.1:%u\n",
           (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return 0;
}
