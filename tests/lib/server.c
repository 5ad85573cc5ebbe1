/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "http.h"
#include "postgres.h"

enum {
    ENV_MAX = 512,
    START_TIMEOUT_S = 120,
    STOP_TIMEOUT_MS = 60000,
    ADMIN_TIMEOUT_MS = 120000,
    LOG_MAX = 4 << 20, /* of what a server logs, so much is kept */
};

struct server {
    char folder[256], data[300], url[64];
    char database[POSTGRES_NAME]; /* "": the store is in `data` */
    char **env;                   /* of the child; NULL at the end */
    pid_t pid;                    /* 0: not running */
    bool is_asked_to_stop;
    bool is_reading;
    pthread_t reader; /* copies what the server logs into `log` */
    int log_fd;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    ix_buf log;
    bool log_ended;
    struct server *next; /* in `servers` */
};

/* Those that the end of the program must clean up after. Global, because that end has no argument. */
static struct {
    pthread_mutex_t lock;
    server *first;
    bool is_hooked; /* the end of the program calls us */
} servers = {PTHREAD_MUTEX_INITIALIZER, NULL, false};

/* ---- programs ---- */

static const char *iotsd_path(void)
{
    const char *path = getenv("IOTSD");
    return path ? path : IOTSD_PATH;
}

/* Settings of the surroundings must not reach into a test. */
static bool env_is_ours(const char *entry)
{
    return strncmp(entry, "IOTSD_", 6) == 0 || strncmp(entry, "IOTS_", 5) == 0 ||
           strncmp(entry, "NOTIFY_SOCKET=", 14) == 0;
}

static void env_free(char **env)
{
    for (size_t i = 0; env && env[i]; i++)
        free(env[i]);
    free(env);
}

/* Adds NAME=VALUE, in place of an earlier one of that name. */
static bool env_add(char **env, const char *entry)
{
    const size_t name_len = strcspn(entry, "=") + 1;
    size_t i = 0;
    while (env[i] && strncmp(env[i], entry, name_len) != 0)
        i++;
    if (i + 1 >= ENV_MAX)
        return false;
    free(env[i]);
    env[i] = strdup(entry);
    return env[i] != NULL;
}

/* The environment without our settings. NULL when out of memory. */
static char **env_new(void)
{
    extern char **environ;
    char **env = calloc(ENV_MAX, sizeof(*env));
    for (size_t i = 0; env && environ[i]; i++) {
        if (!env_is_ours(environ[i]) && !env_add(env, environ[i])) {
            env_free(env);
            return NULL;
        }
    }
    return env;
}

/* Starts a program that dies with us. Its output goes to the two descriptors (-1: nowhere). */
static pid_t spawn(const char *const *argv, char *const *env, int out_fd, int err_fd)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDIN_FILENO);
    dup2(out_fd >= 0 ? out_fd : nowhere, STDOUT_FILENO);
    dup2(err_fd >= 0 ? err_fd : nowhere, STDERR_FILENO);
    union {
        const char *const *from;
        char *const *to;
    } args = {.from = argv};
    execve(argv[0], args.to, env);
    _exit(127);
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Waits for the end of a program; -1 if it takes too long. */
static int wait_for(pid_t pid, int timeout_ms)
{
    const int64_t until_us = ix_monotonic_us() + timeout_ms * INT64_C(1000);
    for (;;) {
        int status;
        const pid_t done = waitpid(pid, &status, WNOHANG);
        if (done == pid)
            return exit_status(status);
        if (done < 0 && errno != EINTR)
            return -1;
        if (ix_monotonic_us() > until_us)
            return -1;
        /* No synchronisation by time: only the pace at which the end is looked for. */
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}

/* Reads both pipes until they end. False when it takes too long. */
static bool read_pipes(const int fds[2], ix_buf bufs[2], int64_t until_us)
{
    struct pollfd polls[2] = {{.fd = fds[0], .events = POLLIN}, {.fd = fds[1], .events = POLLIN}};
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
        const int64_t left_ms = (until_us - ix_monotonic_us()) / 1000;
        const int ready = left_ms > 0 ? poll(polls, 2, (int)left_ms) : 0;
        if (ready == 0)
            return false;
        for (size_t i = 0; i < 2; i++) {
            if (polls[i].fd < 0 || !polls[i].revents)
                continue;
            char bytes[4096];
            const ssize_t n = read(polls[i].fd, bytes, sizeof(bytes));
            if (n > 0)
                ix_buf_add(&bufs[i], bytes, (size_t)n);
            else if (n == 0 || errno != EINTR)
                polls[i].fd = -1;
        }
    }
    return true;
}

static int run_with(ix_ctx *cx, const char *const *argv, char *const *env, int timeout_ms,
                    const char **ret_out, const char **ret_err)
{
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    int status = -1;
    ix_buf bufs[2] = {{0}, {0}};
    pid_t pid = -1;
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0 ||
        (pid = spawn(argv, env, out[1], err[1])) < 0) {
        ix_fail(cx, IOTS_INTERNAL, "%s: %s", argv[0], strerror(errno));
        goto out;
    }
    close(out[1]);
    close(err[1]);
    out[1] = err[1] = -1;
    const int64_t until_us = ix_monotonic_us() + timeout_ms * INT64_C(1000);
    const bool ended = read_pipes((int[]){out[0], err[0]}, bufs, until_us);
    status = ended ? wait_for(pid, STOP_TIMEOUT_MS) : -1;
    if (status < 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        ix_fail(cx, IOTS_TIMEOUT, "%s does not end: %s%s", argv[0], ix_buf_cstr(&bufs[0]),
                ix_buf_cstr(&bufs[1]));
    }
    if (ret_out)
        *ret_out = ix_strdup(cx, ix_buf_cstr(&bufs[0]));
    if (ret_err)
        *ret_err = ix_strdup(cx, ix_buf_cstr(&bufs[1]));
out:
    for (size_t i = 0; i < 2; i++) {
        if (out[i] >= 0)
            close(out[i]);
        if (err[i] >= 0)
            close(err[i]);
        ix_buf_done(&bufs[i]);
    }
    return status;
}

int run_program(ix_ctx *cx, const char *const *argv, const char *const *env, int timeout_ms,
                const char **ret_out, const char **ret_err)
{
    char **all = env_new();
    bool ok = all != NULL;
    for (size_t i = 0; ok && env && env[i]; i++)
        ok = env_add(all, env[i]);
    const int status = ok ? run_with(cx, argv, all, timeout_ms, ret_out, ret_err) : -1;
    if (!ok)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    env_free(all);
    return status;
}

/* ---- the folder ---- */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_folder(const char *folder)
{
    enum { OPEN_FOLDERS = 16 };
    nftw(folder, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static void remove_all_servers(void)
{
    while (servers.first)
        server_free(servers.first);
}

static void servers_add(server *server)
{
    pthread_mutex_lock(&servers.lock);
    server->next = servers.first;
    servers.first = server;
    if (!servers.is_hooked)
        servers.is_hooked = atexit(remove_all_servers) == 0;
    pthread_mutex_unlock(&servers.lock);
}

static void servers_remove(const server *removed)
{
    pthread_mutex_lock(&servers.lock);
    for (server **at = &servers.first; *at; at = &(*at)->next) {
        if (*at == removed) {
            *at = removed->next;
            break;
        }
    }
    pthread_mutex_unlock(&servers.lock);
}

/* ---- the log ---- */

static void *read_log(void *arg)
{
    server *server = arg;
    char bytes[4096];
    ssize_t n;
    while ((n = read(server->log_fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)) {
        pthread_mutex_lock(&server->lock);
        if (n > 0 && server->log.len < LOG_MAX)
            ix_buf_add(&server->log, bytes, (size_t)n);
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
    }
    pthread_mutex_lock(&server->lock);
    server->log_ended = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void stop_reading(server *server)
{
    if (!server->is_reading)
        return;
    pthread_join(server->reader, NULL);
    close(server->log_fd);
    server->is_reading = false;
}

/* The address in the start line, "... serves http://127.0.0.1:PORT ...". False if it is not there. */
static bool find_url(server *server)
{
    static const char mark[] = "serves http";
    const char *at = strstr(ix_buf_cstr(&server->log), mark);
    if (!at || !strpbrk(at, "\r\n"))
        return false;
    at += strlen("serves ");
    const size_t len = strcspn(at, " ,;\r\n");
    snprintf(server->url, sizeof(server->url), "%.*s", (int)len, at);
    return true;
}

/* Has the log the text so many times? */
static bool log_has(server *server, const char *text, int times)
{
    const char *at = ix_buf_cstr(&server->log);
    for (; times > 0 && (at = strstr(at, text)); times--)
        at += strlen(text);
    return times == 0;
}

/* Waits until the log has the text, or, without one, until the address is known. */
static bool wait_for_log(server *server, const char *text, int times)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += START_TIMEOUT_S;
    bool found = false;
    int late = 0;
    pthread_mutex_lock(&server->lock);
    while (!(found = text ? log_has(server, text, times) : find_url(server)) &&
           !server->log_ended && late == 0)
        late = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
    return found;
}

bool server_said(ix_ctx *cx, server *server, const char *text, int times)
{
    return wait_for_log(server, text, times) ||
           ix_fail(cx, IOTS_TIMEOUT, "iotsd does not say '%s': %s", text, server_log(cx, server));
}

/* ---- start and stop ---- */

static bool start(ix_ctx *cx, server *server)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0)
        return ix_fail(cx, IOTS_INTERNAL, "pipe: %s", strerror(errno));
    ix_buf_clear(&server->log);
    server->log_ended = false;
    server->url[0] = '\0';
    server->pid = spawn((const char *const[]){iotsd_path(), NULL}, server->env, -1, fds[1]);
    close(fds[1]);
    server->log_fd = fds[0];
    server->is_reading = pthread_create(&server->reader, NULL, read_log, server) == 0;
    if (server->pid < 0 || !server->is_reading) {
        server_kill(server);
        return ix_fail(cx, IOTS_INTERNAL, "%s: %s", iotsd_path(), strerror(errno));
    }
    if (wait_for_log(server, NULL, 0))
        return true;
    server_kill(server);
    return ix_fail(cx, IOTS_UNAVAILABLE, "%s did not start: %s", iotsd_path(),
                   server_log(cx, server));
}

static bool make_folder(ix_ctx *cx, server *server)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(server->folder, sizeof(server->folder), "%s/iots-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(server->folder)) {
        server->folder[0] = '\0';
        return ix_fail(cx, IOTS_INTERNAL, "mkdtemp: %s", strerror(errno));
    }
    snprintf(server->data, sizeof(server->data), "%s/data", server->folder);
    return true;
}

static bool make_env(ix_ctx *cx, server *server, const char *const *env, size_t count)
{
    static const char *const ours[] = {
        "IOTSD_LISTEN=127.0.0.1:0",
        "IOTSD_MQTT_LISTEN=off",
        "IOTS_SPACE=" SERVER_SPACE,
        "IOTS_CLIENT_ID=" SERVER_CLIENT_ID,
        "IOTS_CLIENT_SECRET=" SERVER_CLIENT_SECRET,
    };
    const char *data = ix_format(cx, "IOTSD_DATA=%s", server->data);
    const char *spool = ix_format(cx, "IOTSD_MAIL_SPOOL=%s/mail", server->folder);
    server->env = env_new();
    bool ok =
        data && spool && server->env && env_add(server->env, data) && env_add(server->env, spool);
    if (ok && server->database[0])
        ok = env_add(server->env,
                     ix_format(cx, "IOTSD_STORE=%s", postgres_url(cx, server->database)));
    for (size_t i = 0; ok && i < sizeof(ours) / sizeof(ours[0]); i++)
        ok = env_add(server->env, ours[i]);
    for (size_t i = 0; ok && i < count; i++)
        ok = env_add(server->env, env[i]);
    return ok || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

server *server_start(ix_ctx *cx, const char *const *env, size_t count)
{
    server *server = calloc(1, sizeof(*server));
    if (!server) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    servers_add(server);
    if ((!postgres_folder() || postgres_make(cx, server->database)) && make_folder(cx, server) &&
        make_env(cx, server, env, count) && start(cx, server))
        return server;
    server_free(server);
    return NULL;
}

void server_begin_stop(server *server)
{
    if (server->pid > 0 && !server->is_asked_to_stop)
        kill(server->pid, SIGTERM); /* a second one would end it at once */
    server->is_asked_to_stop = true;
}

bool server_stop(ix_ctx *cx, server *server)
{
    if (server->pid <= 0)
        return ix_fail(cx, IOTS_UNAVAILABLE, "the server does not run");
    server_begin_stop(server);
    const int status = wait_for(server->pid, STOP_TIMEOUT_MS);
    if (status >= 0)
        server->pid = 0;
    server_kill(server);
    if (status == 0)
        return true;
    fprintf(stderr, "---- log of iotsd ----\n%s----\n", server_log(cx, server));
    return ix_fail(cx, IOTS_UNEXPECTED, status < 0 ? "iotsd does not end" : "iotsd ended with %d",
                   status);
}

void server_kill(server *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGKILL);
        while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    server->pid = 0;
    server->is_asked_to_stop = false;
    stop_reading(server);
}

bool server_restart(ix_ctx *cx, server *server)
{
    return start(cx, server);
}

void server_free(server *server)
{
    if (!server)
        return;
    server_kill(server);
    servers_remove(server);
    if (server->folder[0])
        remove_folder(server->folder);
    if (server->database[0])
        postgres_drop(server->database);
    env_free(server->env);
    ix_buf_done(&server->log);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

bool server_runs(server *server)
{
    int status;
    if (server->pid > 0 && waitpid(server->pid, &status, WNOHANG) == server->pid)
        server->pid = 0;
    return server->pid > 0;
}

const char *server_url(const server *server)
{
    return server->url;
}

const char *server_folder(const server *server)
{
    return server->folder;
}

const char *server_data(const server *server)
{
    return server->data;
}

pid_t server_pid(const server *server)
{
    return server->pid;
}

const char *server_log(ix_ctx *cx, server *server)
{
    pthread_mutex_lock(&server->lock);
    const char *log = ix_strdup(cx, ix_buf_cstr(&server->log));
    pthread_mutex_unlock(&server->lock);
    return log ? log : "";
}

/* ---- on a running server ---- */

const char *server_token_for(ix_ctx *cx, const char *url, const char *client_id,
                             const char *client_secret, const char *scope)
{
    const char *token = NULL;
    ix_buf form = {0};
    ix_buf_text(&form, "grant_type=client_credentials&client_id=");
    ix_buf_percent(&form, ix_str_of(client_id));
    ix_buf_text(&form, "&client_secret=");
    ix_buf_percent(&form, ix_str_of(client_secret));
    if (scope) {
        ix_buf_text(&form, "&scope=");
        ix_buf_percent(&form, ix_str_of(scope));
    }
    http *http = http_new(url);
    http_request request = {.method = "POST", .target = "/oauth2/token"};
    request.body = ix_buf_cstr(&form);
    request.body_len = form.len;
    http_request_header(&request, "Content-Type", "application/x-www-form-urlencoded");
    http_reply reply;
    if (!http || form.failed) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    } else if (http_call(cx, http, &request, &reply)) {
        const ix_json *body = ix_json_parse(cx, reply.body, reply.body_len);
        token = ix_json_string(ix_json_member(body, "access_token"));
        if (!token)
            ix_fail(cx, IOTS_UNEXPECTED, "no token: %d %s", reply.status, reply.body);
    }
    http_free(http);
    ix_buf_done(&form);
    return token;
}

const char *server_token(ix_ctx *cx, const server *server, const char *scope)
{
    return server_token_for(cx, server->url, SERVER_CLIENT_ID, SERVER_CLIENT_SECRET, scope);
}

int server_admin(ix_ctx *cx, const server *server, const char *const *args, const char **ret_out)
{
    enum { ARGS_MAX = 32 };
    const char *argv[ARGS_MAX] = {iotsd_path()};
    for (size_t i = 0; args[i] && i + 2 < ARGS_MAX; i++)
        argv[i + 1] = args[i];
    const char *err = "";
    const int status = run_with(cx, argv, server->env, ADMIN_TIMEOUT_MS, ret_out, &err);
    if (status > 0)
        ix_fail(cx, IOTS_UNEXPECTED, "iotsd %s ended with %d: %s", args[0], status, err);
    return status;
}
