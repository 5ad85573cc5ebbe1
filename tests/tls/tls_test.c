/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as clients see it, and certificates that change while they are connected.
 *
 * The openssl program makes certificates that sign themselves, so whoever trusts the one does not
 * trust the other: which of them a connection got is seen by which of them it must trust.
 */
#include <curl/curl.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "http.h"
#include "server.h"

enum { PROGRAM_MS = 60000, VISIT_MS = 60000, TEXT_MAX = 4096 };

/* ---- the world of the test that runs ---- */

/* The server reads cert.pem and key.pem; the others lie beside them. */
static struct scene {
    ix_ctx *cx;
    char folder[64];
    server *server;
} scene;

static void scene_end(void *unused)
{
    (void)unused;
    server_free(scene.server);
    run_program(scene.cx, (const char *const[]){"/bin/rm", "-rf", scene.folder, NULL}, NULL,
                PROGRAM_MS, NULL, NULL);
}

static const char *in_folder(const char *name)
{
    return ix_format(scene.cx, "%s/%s", scene.folder, name);
}

/* Runs a line of sh in the folder; it must succeed. */
static void sh(const char *line)
{
    const char *err = "";
    const char *script = ix_format(scene.cx, "cd %s && %s", scene.folder, line);
    const int status = run_program(scene.cx, (const char *const[]){"/bin/sh", "-c", script, NULL},
                                   NULL, PROGRAM_MS, NULL, &err);
    if (status != 0)
        fail_msg("%s: %s", line, err);
}

/* A certificate for this address, NAME.crt, and its key, NAME.key. */
static void make_pair(const char *name)
{
    sh(ix_format(scene.cx,
                 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                 " -keyout %s.key -out %s.crt -subj /CN=%s -addext subjectAltName=IP:127.0.0.1",
                 name, name, name));
}

/* What the server finds when it reads its files the next time. */
static void put(const char *certificate, const char *key)
{
    sh(ix_format(scene.cx, "cp %s cert.pem && cp %s key.pem", certificate, key));
}

static void arrive(ix_ctx *cx)
{
    scene = (struct scene){.cx = cx};
    const char *temporary = getenv("TMPDIR");
    snprintf(scene.folder, sizeof scene.folder, "%s/iots-tls-XXXXXX",
             temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    CHECK(mkdtemp(scene.folder) != NULL);
    ix_arena_defer(cx->arena, scene_end, NULL);
    make_pair("one");
    make_pair("other");
    put("one.crt", "one.key");
}

static server *try_to_serve(void)
{
    const char *const env[] = {
        ix_format(scene.cx, "IOTSD_TLS_CERTIFICATE=%s", in_folder("cert.pem")),
        ix_format(scene.cx, "IOTSD_TLS_KEY=%s", in_folder("key.pem")),
    };
    return server_start(scene.cx, env, 2);
}

/* Serves with the certificate "one". */
static void serve(ix_ctx *cx)
{
    arrive(cx);
    scene.server = try_to_serve();
    CHECK_OK(cx, scene.server != NULL);
}

/* Has the files read again, and waits until the log says how that went, for the nth time. */
static void reload(const char *outcome, int nth)
{
    kill(server_pid(scene.server), SIGHUP);
    CHECK_OK(scene.cx, server_said(scene.cx, scene.server, outcome, nth));
}

/* ---- visitors ---- */

static size_t drop_bytes(char *bytes, size_t size, size_t count, void *unused)
{
    (void)bytes;
    (void)unused;
    return size * count;
}

/* Someone who trusts nobody but this certificate, and keeps the connection as long as it works. */
static CURL *visitor_new(const char *trusts)
{
    CURL *visitor = curl_easy_init();
    CHECK(visitor != NULL);
    curl_easy_setopt(visitor, CURLOPT_URL,
                     ix_format(scene.cx, "%s/health", server_url(scene.server)));
    curl_easy_setopt(visitor, CURLOPT_CAINFO, in_folder(trusts));
    curl_easy_setopt(visitor, CURLOPT_PROXY, "");
    curl_easy_setopt(visitor, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(visitor, CURLOPT_TIMEOUT_MS, (long)VISIT_MS);
    curl_easy_setopt(visitor, CURLOPT_WRITEFUNCTION, drop_bytes);
    return visitor;
}

/* Asks how the server is. `ret_connections` gets how many connections that took. */
static CURLcode visit(CURL *visitor, long *ret_connections)
{
    const CURLcode code = curl_easy_perform(visitor);
    long status = 0;
    curl_easy_getinfo(visitor, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(visitor, CURLINFO_NUM_CONNECTS, ret_connections);
    if (code == CURLE_OK)
        CHECK_INT(status, 200);
    return code;
}

/* What someone meets who comes anew. */
static CURLcode visit_once(const char *trusts)
{
    CURL *visitor = visitor_new(trusts);
    long connections;
    const CURLcode code = visit(visitor, &connections);
    curl_easy_cleanup(visitor);
    return code;
}

#define CHECK_SHOWS(certificate, not_this)                               \
    do {                                                                 \
        CHECK_INT(visit_once(certificate), CURLE_OK);                    \
        CHECK_INT(visit_once(not_this), CURLE_PEER_FAILED_VERIFICATION); \
    } while (0)

/* ---- serving ---- */

TEST("who trusts the certificate is served, who trusts another goes away")
{
    serve(cx);
    CHECK(strncmp(server_url(scene.server), "https://127.0.0.1:", 18) == 0);
    CHECK_SHOWS("one.crt", "other.crt");
    CHECK_OK(cx, server_stop(cx, scene.server));
}

TEST("iots works over TLS, and ids say so")
{
    serve(cx);
    const char *const env[] = {
        ix_format(cx, "IOTS_HOST=%s", server_url(scene.server)),
        ix_format(cx, "HOME=%s", scene.folder),
        "IOTS_CLIENT_ID=" SERVER_CLIENT_ID,
        "IOTS_CLIENT_SECRET=" SERVER_CLIENT_SECRET,
        "IOTS_SPACE=" SERVER_SPACE,
        NULL,
    };
    const char *out = "", *err = "";
    CHECK_INT(run_program(cx,
                          (const char *const[]){IOTS_PATH, "things", "create", "title=Boiler",
                                                "--json", "--ca-file", in_folder("one.crt"), NULL},
                          env, PROGRAM_MS, &out, &err),
              0);
    const ix_json *thing = json_of(cx, out);
    const char *id = ix_json_string(ix_json_member(thing, "id"));
    CHECK(id && strncmp(id, server_url(scene.server), strlen(server_url(scene.server))) == 0);

    CHECK(run_program(cx,
                      (const char *const[]){IOTS_PATH, "things", "--ca-file",
                                            in_folder("other.crt"), NULL},
                      env, PROGRAM_MS, &out, &err) != 0);
    CHECK(strstr(err, "certificate") != NULL);
    CHECK_OK(cx, server_stop(cx, scene.server));
}

/* Does a handshake succeed that offers this and nothing else? */
static bool shakes_hands(const char *priorities)
{
    gnutls_session_t session;
    gnutls_certificate_credentials_t trust;
    const char *address = ix_format(scene.cx, "http%s", server_url(scene.server) + strlen("https"));
    const int fd = http_connect(scene.cx, address);
    CHECK_OK(scene.cx, fd >= 0);
    CHECK(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL) == 0);
    CHECK(gnutls_certificate_allocate_credentials(&trust) == 0);
    CHECK(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust) == 0);
    CHECK(gnutls_priority_set_direct(session, priorities, NULL) == 0);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, VISIT_MS);
    int error;
    do
        error = gnutls_handshake(session);
    while (error < 0 && !gnutls_error_is_fatal(error));
    CHECK(error != GNUTLS_E_TIMEDOUT);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(trust);
    close(fd);
    return error == 0;
}

TEST("TLS 1.2 and 1.3 are spoken, nothing older")
{
    serve(cx);
    CHECK(shakes_hands("NORMAL:-VERS-ALL:+VERS-TLS1.3"));
    CHECK(shakes_hands("NORMAL:-VERS-ALL:+VERS-TLS1.2"));
    CHECK(!shakes_hands("NORMAL:-VERS-ALL:+VERS-TLS1.1"));
    CHECK(!shakes_hands("NORMAL:-VERS-ALL:+VERS-TLS1.0"));
    CHECK_OK(cx, server_stop(cx, scene.server));
}

TEST("who speaks no TLS gets no answer, and others are served")
{
    serve(cx);
    const char *address = ix_format(cx, "http%s", server_url(scene.server) + strlen("https"));
    const int fd = http_connect(cx, address);
    CHECK_OK(cx, fd >= 0);
    static const char request[] = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    http_send_raw(fd, request, sizeof request - 1);
    http_reply reply;
    CHECK_FAILS(cx, http_read_reply(cx, fd, "GET", VISIT_MS, &reply), IOTS_TRANSPORT);
    close(fd);
    CHECK_INT(visit_once("one.crt"), CURLE_OK);
    CHECK_OK(cx, server_stop(cx, scene.server));
}

/* ---- files that do not work ---- */

typedef struct bad_files {
    const char *setup, *sentence;
} bad_files;

static const bad_files bad[] = {
    {"rm cert.pem", "cert.pem: No such file or directory"},
    {"rm key.pem", "key.pem: No such file or directory"},
    {"rm cert.pem && mkdir cert.pem", "cert.pem is not readable as a PEM file"},
    {": > key.pem", "key.pem is not readable as a PEM file"},
    {"echo hello > cert.pem", "tls_certificate holds no certificate: "},
    {"cp key.pem cert.pem", "tls_certificate holds no certificate: "},
    {"echo hello > key.pem", "tls_key holds no key that can be read without a password: "},
    {"openssl ec -aes128 -passout pass:x -in one.key -out key.pem",
     "tls_key holds no key that can be read without a password: "},
    {"cp other.key key.pem", "tls_certificate and tls_key do not belong together"},
    {"head -c 1048576 /dev/zero > key.pem", "key.pem is not readable as a PEM file"},
};

enum { BAD_COUNT = sizeof bad / sizeof bad[0] };

/* Whatever was done to them, the files are as they were. */
static void mend(void)
{
    sh("rm -rf cert.pem key.pem");
    put("one.crt", "one.key");
}

TEST("files that do not work end the start, with one sentence")
{
    arrive(cx);
    const char *const env[] = {
        ix_format(cx, "IOTSD_TLS_CERTIFICATE=%s", in_folder("cert.pem")),
        ix_format(cx, "IOTSD_TLS_KEY=%s", in_folder("key.pem")),
        ix_format(cx, "IOTSD_DATA=%s", in_folder("data")),
        "IOTSD_LISTEN=127.0.0.1:0",
        "IOTSD_MQTT_LISTEN=off",
        NULL,
    };
    for (int i = 0; i < BAD_COUNT; i++) {
        const char *out = "", *err = "";
        mend();
        sh(bad[i].setup);
        CHECK_INT(run_program(cx, (const char *const[]){IOTSD_PATH, NULL}, env, PROGRAM_MS, &out,
                              &err),
                  1);
        CHECK_TEXT(out, "");
        if (!strstr(err, bad[i].sentence))
            fail_msg("%s: %s", bad[i].setup, err);
        CHECK(strchr(err, '\n') == err + strlen(err) - 1);
    }
}

TEST("files that do not work are refused at a hangup, and the certificate before stays")
{
    serve(cx);
    CURL *old = visitor_new("one.crt");
    long connections;
    CHECK_INT(visit(old, &connections), CURLE_OK);
    for (int i = 0; i < BAD_COUNT; i++) {
        mend();
        sh(bad[i].setup);
        reload(" error the certificate stays as it is: ", i + 1);
        if (!strstr(server_log(cx, scene.server), bad[i].sentence))
            fail_msg("%s: %s", bad[i].setup, server_log(cx, scene.server));
        CHECK_SHOWS("one.crt", "other.crt");
        CHECK_INT(visit(old, &connections), CURLE_OK);
        CHECK_INT(connections, 0);
    }
    curl_easy_cleanup(old);
    CHECK_OK(cx, server_stop(cx, scene.server));
}

/* ---- certificates that change ---- */

TEST("after a hangup who comes sees the new certificate, and who is there goes on with the old")
{
    serve(cx);
    CURL *old = visitor_new("one.crt");
    long connections;
    CHECK_INT(visit(old, &connections), CURLE_OK);
    CHECK_INT(connections, 1);

    put("other.crt", "other.key");
    CHECK_SHOWS("one.crt", "other.crt"); /* nothing is read unasked */
    reload("read the certificate again", 1);
    CHECK_SHOWS("other.crt", "one.crt");
    CHECK_INT(visit(old, &connections), CURLE_OK);
    CHECK_INT(connections, 0);

    put("one.crt", "one.key");
    reload("read the certificate again", 2);
    CHECK_SHOWS("one.crt", "other.crt");
    CHECK_INT(visit(old, &connections), CURLE_OK);
    CHECK_INT(connections, 0);
    curl_easy_cleanup(old);
    CHECK_OK(cx, server_stop(cx, scene.server));
}

/* One who comes again and again, each time anew, and trusts both. */
typedef struct regular {
    CURL *visitor;
    const _Atomic bool *is_over;
    int served, failed;
    pthread_t thread;
} regular;

static void *come_and_go(void *arg)
{
    regular *regular = arg;
    while (!atomic_load(regular->is_over)) {
        if (curl_easy_perform(regular->visitor) == CURLE_OK)
            regular->served++;
        else
            regular->failed++;
    }
    return NULL;
}

TEST("nobody is turned away while certificates change")
{
    enum { REGULARS = 3, CHANGES = 12 };
    serve(cx);
    sh("cat one.crt other.crt > both.crt");
    _Atomic bool is_over = false;
    regular regulars[REGULARS];
    for (int i = 0; i < REGULARS; i++) {
        regulars[i] = (regular){.visitor = visitor_new("both.crt"), .is_over = &is_over};
        curl_easy_setopt(regulars[i].visitor, CURLOPT_FORBID_REUSE, 1L);
        CHECK(pthread_create(&regulars[i].thread, NULL, come_and_go, &regulars[i]) == 0);
    }
    for (int i = 1; i <= CHANGES; i++) {
        put(i % 2 ? "other.crt" : "one.crt", i % 2 ? "other.key" : "one.key");
        reload("read the certificate again", i);
    }
    atomic_store(&is_over, true);
    int served = 0;
    for (int i = 0; i < REGULARS; i++) {
        pthread_join(regulars[i].thread, NULL);
        curl_easy_cleanup(regulars[i].visitor);
        CHECK_INT(regulars[i].failed, 0);
        served += regulars[i].served;
    }
    CHECK(served > 0);
    CHECK_OK(cx, server_stop(cx, scene.server));
}
