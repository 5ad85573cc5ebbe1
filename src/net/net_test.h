/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for tests of this floor: a store in a folder of its own with a space "farm", a Thing with the
 * properties t and u, and a token; a service over it; and the other end of a connection.
 *
 *     serve(cx);
 *     phone phone = dial();
 *     say(&phone, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
 *     CHECK_INT(hear(&phone)->status, 200);
 */
#ifndef NET_TEST_H
#define NET_TEST_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/test.h"
#include "base/time.h"
#include "contract/scopes.h"
#include "net/service.h"
#include "store/store.h"

#define THING  "01JM2Q8V5T7XK3E9A4B6C8D0EF"
#define PLACE  "/spaces/farm/things/" THING "/properties/t"
#define TOKEN  "everything"
#define BEARER "Host: x\r\nAuthorization: Bearer " TOKEN "\r\n"

enum {
    TEST_WAIT_S = 20, /* whoever waits longer has failed */
    PHONE_BYTES = 1 << 18,
};

/* The world of the test that runs. */
static struct scene {
    ix_ctx *cx;
    char folder[64];
    char url[80];
    store_handle *store; /* the test's own connection */
    service_settings settings;
    net_service *service;
} scene;

/* The clock of the services of the tests; NULL: the usual one. */
static int64_t (*scene_now_us)(void);

/* ---- the store ---- */

static inline void scene_end(void *unused)
{
    (void)unused;
    if (store_in_transaction(scene.store))
        store_rollback(scene.store);
    service_stop(scene.service);
    store_close(scene.store);
    DIR *dir = opendir(scene.folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", scene.folder, entry->d_name);
        unlink(path);
    }
    if (dir)
        closedir(dir);
    rmdir(scene.folder);
}

static inline void fill_store(ix_ctx *cx, store_handle *store)
{
    static const char properties[] = JSON({"t" : {}, "u" : {}});
    uint8_t digest[IX_DIGEST_LEN];
    ix_digest(IX_STR(TOKEN), digest);
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    CHECK_OK(cx, store_client_put(cx, store,
                                  &(client_row){
                                      .id = "app::tester",
                                      .secret_hash = "none",
                                      .scopes = ix_scopes_all(),
                                      .spaces = "farm",
                                  }));
    CHECK_OK(cx, store_token_add(cx, store,
                                 &(token_row){
                                     .digest = digest,
                                     .client = "app::tester",
                                     .scopes = ix_scopes_all(),
                                     .spaces = "farm",
                                     .expires_us = INT64_MAX,
                                 }));
    CHECK_OK(cx, store_thing_add(cx, store, "farm",
                                 &(thing_row){
                                     .uid = THING,
                                     .title = "probe",
                                     .doc = JSON({"properties" : {"t" : {}, "u" : {}}}),
                                     .properties = json_of(cx, properties),
                                     .links = ix_json_new_array(cx),
                                     .created_us = 1,
                                     .modified_us = 1,
                                 }));
    CHECK_OK(cx, store_commit(cx, store));
}

static inline void make_scene(ix_ctx *cx)
{
    scene = (struct scene){.cx = cx};
    const char *temporary = getenv("TMPDIR");
    snprintf(scene.folder, sizeof scene.folder, "%s/iots-net-XXXXXX",
             temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    CHECK(mkdtemp(scene.folder) != NULL);
    snprintf(scene.url, sizeof scene.url, "sqlite:%s", scene.folder);
    CHECK(ix_crypto_init());
    ix_log_set_level(IX_LOG_WARN);
    CHECK_OK(cx, store_open(cx, scene.url, STORE_CREATE, &scene.store));
    ix_arena_defer(cx->arena, scene_end, NULL);
    fill_store(cx, scene.store);
}

/* The value of t that is on disk, as text; "null" if it was never set. */
static inline const char *stored(ix_ctx *cx)
{
    property_row row;
    bool found;
    CHECK_OK(cx, store_property_find(cx, scene.store, "farm", NULL, THING, "t", &row, &found));
    CHECK(found);
    return ix_strndup(cx, row.value.at, row.value.len);
}

/* Nobody else can write until let_write: whoever tries waits. */
static inline void hold_writes(void)
{
    CHECK_OK(scene.cx, store_begin(scene.cx, scene.store));
}

static inline void let_write(void)
{
    store_rollback(scene.store);
}

/* ---- the service ---- */

static inline void serve_with(ix_ctx *cx, http_settings http)
{
    static const char *const one[] = {"127.0.0.1:0"};
    make_scene(cx);
    if (!http.listen) {
        http.listen = one;
        http.listen_count = 1;
    }
    if (http.threads == 0)
        http.threads = 2;
    scene.settings = (service_settings){
        .store_url = scene.url,
        .api = {.token_lifetime_us = 3600 * IX_SECOND_US,
                .body_limit = 1 << 20,
                .now_us = scene_now_us,
                .metrics = METRICS_LOOPBACK},
        .http = http,
    };
    scene.service = service_open(cx, &scene.settings);
    CHECK_OK(cx, scene.service != NULL);
    CHECK_OK(cx, service_serve(cx, scene.service));
}

static inline void serve(ix_ctx *cx)
{
    serve_with(cx, (http_settings){0});
}

/* ---- the other end ---- */

typedef struct phone {
    int fd;
    char *bytes; /* heard and not yet understood */
    size_t len;
} phone;

typedef struct answer {
    int status; /* 0: the connection was closed */
    const char *head, *body;
} answer;

/* From this address of this machine, or NULL. */
static inline phone dial_from_to(const char *from_host, const char *address)
{
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    const char *colon = strrchr(address, ':');
    const phone phone = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                         ix_alloc(scene.cx, PHONE_BYTES), 0};
    const struct timeval wait = {.tv_sec = TEST_WAIT_S};
    char host[64];
    CHECK(colon && phone.fd >= 0 && phone.bytes);
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    to.sin_port = htons((uint16_t)atoi(colon + 1));
    CHECK(inet_pton(AF_INET, host, &to.sin_addr) == 1);
    if (from_host) {
        CHECK(inet_pton(AF_INET, from_host, &from.sin_addr) == 1);
        CHECK(bind(phone.fd, (struct sockaddr *)&from, sizeof from) == 0);
    }
    setsockopt(phone.fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(phone.fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    CHECK(connect(phone.fd, (struct sockaddr *)&to, sizeof to) == 0);
    return phone;
}

static inline phone dial_to(const char *address)
{
    return dial_from_to(NULL, address);
}

static inline phone dial(void)
{
    return dial_to(service_address(scene.service, 0));
}

static inline void hang_up(phone *phone)
{
    close(phone->fd);
    phone->fd = -1;
}

/* Whoever is hung up on while talking hears so when he listens. */
static inline bool say_bytes(phone *phone, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t sent = send(phone->fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static inline bool say(phone *phone, const char *text)
{
    return say_bytes(phone, text, strlen(text));
}

/* One more piece of what comes in; false at the end. */
static inline bool hear_more(phone *phone)
{
    CHECK(phone->len + 1 < PHONE_BYTES);
    const ssize_t len = recv(phone->fd, phone->bytes + phone->len, PHONE_BYTES - 1 - phone->len, 0);
    if (len < 0 && errno != ECONNRESET)
        fail_msg("nothing is heard: %s", strerror(errno));
    if (len <= 0)
        return false;
    phone->len += (size_t)len;
    phone->bytes[phone->len] = 0;
    return true;
}

static inline void understand(phone *phone, size_t len)
{
    memmove(phone->bytes, phone->bytes + len, phone->len - len + 1);
    phone->len -= len;
}

/* The head of the next answer, without what follows; false if the connection was closed. */
static inline bool hear_head(phone *phone, answer *answer)
{
    const char *end;
    phone->bytes[phone->len] = 0;
    while (!(end = strstr(phone->bytes, "\r\n\r\n")))
        if (!hear_more(phone))
            return false;
    answer->head = ix_strndup(scene.cx, phone->bytes, (size_t)(end - phone->bytes) + 2);
    answer->status = atoi(answer->head + strlen("HTTP/1.1 "));
    understand(phone, (size_t)(end - phone->bytes) + 4);
    return true;
}

/* The value of a header, in cx; NULL if it is not there. */
static inline const char *header_of(const answer *answer, const char *name)
{
    for (const char *at = answer->head; (at = strstr(at, "\r\n")) && at[2]; at += 2)
        if (strncasecmp(at + 2, name, strlen(name)) == 0 && at[2 + strlen(name)] == ':') {
            at += 2 + strlen(name) + 1;
            at += strspn(at, " ");
            return ix_strndup(scene.cx, at, strcspn(at, "\r"));
        }
    return NULL;
}

/* The next answer; status 0 when the connection was closed instead. */
static inline answer hear_answer(phone *phone, bool has_body)
{
    answer answer = {.head = "", .body = ""};
    if (!hear_head(phone, &answer))
        return answer;
    const char *length = header_of(&answer, "Content-Length");
    const size_t len = has_body && length ? (size_t)atoi(length) : 0;
    while (phone->len < len)
        CHECK(hear_more(phone));
    answer.body = ix_strndup(scene.cx, phone->bytes, len);
    understand(phone, len);
    return answer;
}

static inline answer hear(phone *phone)
{
    return hear_answer(phone, true);
}

/* Nothing comes any more, and the connection is closed. */
static inline bool is_hung_up(phone *phone)
{
    return phone->len == 0 && !hear_more(phone);
}

/* A request to set t. */
static inline const char *put_request(const char *value)
{
    char body[128];
    const int len = snprintf(body, sizeof body, "{\"t\":%s}", value);
    return ix_format(scene.cx, "PUT " PLACE " HTTP/1.1\r\n" BEARER "Content-Length: %d\r\n\r\n%s",
                     len, body);
}

#define GET_HEALTH   "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
#define GET_PROPERTY "GET " PLACE " HTTP/1.1\r\n" BEARER "\r\n"

#endif
