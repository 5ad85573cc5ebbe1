/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/serve.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "iotsd/admin.h"
#include "iotsd/admin_request.h"
#include "iotsd/admin_server.h"
#include "iotsd/notify.h"
#include "net/service.h"
#include "store/store.h"

enum {
    FILES_BESIDE_CONNECTIONS = 256, /* open at one time: the store's, logs, threads' own */
};

/* ---- signals ---- */

static void set_handler(int signal_number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

/* Those that the main thread waits for; no other thread gets them. Call before there are any. */
static sigset_t catch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    set_handler(SIGPIPE, SIG_IGN);
    return set;
}

static void stop_now(int signal_number)
{
    (void)signal_number;
    _exit(1);
}

/* A second signal, or a stop that takes far too long, ends the program: what was acknowledged is on
 * disk. */
static void let_signals_end_us(const sigset_t *set)
{
    set_handler(SIGTERM, stop_now);
    set_handler(SIGINT, stop_now);
    set_handler(SIGHUP, SIG_IGN);
    set_handler(SIGALRM, stop_now);
    alarm(SERVICE_STOP_S);
    pthread_sigmask(SIG_UNBLOCK, set, NULL);
}

/* ---- settings ---- */

/* A certificate that does not work is not worth an end: the one in force goes on. */
static void reload_certificate(ix_ctx *cx, net_service *service, const iotsd_settings *before,
                               const iotsd_settings *now)
{
    const char *certificate = SET(now, tls_certificate).text;
    const bool was_tls = SET(before, tls_certificate).text != NULL;
    if (was_tls != (certificate != NULL))
        ix_log(IX_LOG_WARN, "TLS is turned %s at the next start only", was_tls ? "off" : "on");
    else if (was_tls &&
             !service_change_certificate(cx, service, certificate, SET(now, tls_key).text))
        ix_log(IX_LOG_ERROR, "the certificate stays as it is: %s", cx->error.message);
    else if (was_tls)
        ix_log(IX_LOG_INFO, "read the certificate again");
}

static void reload(const admin_command *command, net_service *service)
{
    ix_ctx cx;
    iotsd_settings settings;
    if (ix_ctx_init(&cx, 0) && command_settings(&cx, command, &settings)) {
        ix_log_set_level((ix_log_level)SET(&settings, log_level).number);
        ix_log(IX_LOG_INFO, "read the log level again");
        reload_certificate(&cx, service, &command->settings, &settings);
    } else {
        ix_log(IX_LOG_WARN, "settings stay as they are: %s", cx.error.message);
    }
    ix_ctx_done(&cx);
}

static void warn_of_waiting(const iotsd_settings *settings)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const iotsd_setting *setting = &settings->all[i];
        const bool is_off = setting->text && strcmp(setting->text, "off") == 0;
        if (setting_rows[i].is_waiting && setting->place && setting->text && !is_off)
            ix_log(IX_LOG_WARN, "%s: %s has no effect yet", setting->place, setting_rows[i].name);
    }
}

/* E-mail needs both an address of a relay and one of a sender. */
static void warn_of_mail(const iotsd_settings *settings)
{
    const iotsd_setting *url = &SET(settings, smtp_url);
    const iotsd_setting *from = &SET(settings, mail_from);
    if (url->text && !from->text && !SET(settings, mail_spool).text)
        ix_log(IX_LOG_WARN, "%s: mail_from is missing, so e-mail answers 503", url->place);
}

/* Connections need open files, beside what the store and the threads need. Has the limit of files
 * raised as far as `wanted` connections need it (0: as far as it goes, and HTTP_CONNECTIONS_MOST need
 * it) and returns how many there may be. */
static unsigned connections_max(unsigned wanted)
{
    const rlim_t most = wanted > 0 ? wanted : HTTP_CONNECTIONS_MOST;
    const rlim_t files = most + FILES_BESIDE_CONNECTIONS;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted > 0 ? wanted : HTTP_CONNECTIONS_MAX;
    if (limit.rlim_cur < files) {
        limit.rlim_cur = limit.rlim_max < files ? limit.rlim_max : files;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= files)
        return (unsigned)most;
    const unsigned possible = limit.rlim_cur > (rlim_t)2 * FILES_BESIDE_CONNECTIONS
                                  ? (unsigned)(limit.rlim_cur - FILES_BESIDE_CONNECTIONS)
                                  : (unsigned)limit.rlim_cur / 2;
    if (wanted > 0)
        ix_log(IX_LOG_WARN, "max_connections: the limit of open files allows %u, not %u", possible,
               wanted);
    return possible;
}

static unsigned thread_count(const iotsd_settings *settings)
{
    const int64_t wanted = SET(settings, threads).number;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return wanted > 0 ? (unsigned)wanted : cores > 0 ? (unsigned)cores : 1;
}

/* Two of the largest bodies, at least, unless it is said. */
static size_t body_budget(const iotsd_settings *settings)
{
    const size_t said = (size_t)SET(settings, body_budget).number;
    const size_t least = 2 * (size_t)SET(settings, body_limit).number;
    return said > 0 ? said : least > HTTP_BODIES_MAX ? least : HTTP_BODIES_MAX;
}

static service_settings service_settings_of(const iotsd_settings *settings, char *url,
                                            const char *socket)
{
    return (service_settings){
        .store_url = url,
        .store_timeout_us = SET(settings, store_timeout).number,
        .api =
            {
                .public_url = SET(settings, public_url).text,
                .token_lifetime_us = SET(settings, token_lifetime).number,
                .validate_values = (validate_mode)SET(settings, validate_values).number,
                .enforce_read_only = SET(settings, enforce_read_only).number != 0,
                .body_limit = (size_t)SET(settings, body_limit).number,
                .metrics = (metrics_mode)SET(settings, metrics).number,
            },
        .http =
            {
                .listen = SET(settings, listen).list,
                .listen_count = SET(settings, listen).count,
                .tls_certificate = SET(settings, tls_certificate).text,
                .tls_key = SET(settings, tls_key).text,
                .threads = thread_count(settings),
                .cors = {SET(settings, cors_origins).list, SET(settings, cors_origins).count},
                .rate_limit = SET(settings, rate_limit).number,
                .has_access_log = SET(settings, access_log).number != 0,
                .connections_max = connections_max((unsigned)SET(settings, max_connections).number),
                .bodies_max = body_budget(settings),
                .replies_max = (size_t)SET(settings, reply_budget).number,
            },
        .mail =
            {
                .smtp_url = SET(settings, smtp_url).text,
                .from = SET(settings, mail_from).text,
                .spool = SET(settings, mail_spool).text,
            },
        .admin = {.socket = socket, .run = admin_server_run, .arg = url},
        .reserve_bytes = store_is_remote(url) ? 0 : SET(settings, disk_reserve).number,
        .retention_us = SET(settings, history_retention).number,
    };
}

/* ---- serving ---- */

/* Scripts wait for this line and read the addresses from it, so no log level hides it. */
static void announce(const net_service *service, const service_settings *settings,
                     const char *store)
{
    ix_buf line = {0};
    const char *scheme = settings->http.tls_certificate ? "https" : "http";
    ix_buf_text(&line, "iotsd " IOTS_VERSION " serves ");
    const char *address;
    for (size_t i = 0; (address = service_address(service, i)); i++)
        ix_buf_format(&line, "%s%s://%s", i > 0 ? ", " : "", scheme, address);
    ix_buf_format(&line, ", store %s", store);
    ix_log_set_level(IX_LOG_INFO);
    ix_log(IX_LOG_INFO, "%s", ix_buf_cstr(&line));
    ix_log(IX_LOG_INFO, "ready");
    ix_buf_done(&line);
}

static void wait_for_end(const admin_command *command, net_service *service,
                         const sigset_t *signals)
{
    for (;;) {
        const int number = sigwaitinfo(signals, NULL);
        if (number == SIGHUP)
            reload(command, service);
        else if (number > 0)
            return;
    }
}

/* Where commands come in. A store elsewhere has no folder of its own here: it is made for the socket. */
static bool make_socket_place(ix_ctx *cx, const iotsd_settings *settings, const char **ret_path)
{
    return admin_socket_path(cx, settings, ret_path) &&
           (SET(settings, admin_socket).text || ix_folder_make(cx, SET(settings, data).text));
}

static bool serve_store(ix_ctx *cx, const admin_command *command, char *url)
{
    const sigset_t signals = catch_signals();
    const char *socket;
    if (!make_socket_place(cx, &command->settings, &socket))
        return false;
    const service_settings settings = service_settings_of(&command->settings, url, socket);
    const char *name = store_name(cx, url);
    net_service *service = name ? service_open(cx, &settings) : NULL;
    if (!service)
        return false;
    if (!admin_first_start(cx, url, command->env) || !service_serve(cx, service)) {
        service_stop(service);
        return false;
    }
    announce(service, &settings, name);
    settings_set_log(&command->settings);
    warn_of_waiting(&command->settings);
    warn_of_mail(&command->settings);
    notify("READY=1");

    wait_for_end(command, service, &signals);
    notify("STOPPING=1");
    let_signals_end_us(&signals);
    ix_log(IX_LOG_INFO, "stopping");
    if (!service_stop(service))
        ix_log(IX_LOG_WARN, "some answers took longer than %d seconds and were cut off",
               SERVICE_STOP_REPLIES_MS / 1000);
    ix_log(IX_LOG_INFO, "stopped");
    return true;
}

bool serve_run(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    char *url = ix_strdup(cx, host->store_url);
    struct db_lock *lock = url ? store_lock(cx, url) : NULL;
    if (!lock)
        return false;
    const bool ok = serve_store(cx, command, url);
    store_unlock(lock);
    return ok;
}
