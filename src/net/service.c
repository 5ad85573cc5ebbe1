/* SPDX-License-Identifier: Apache-2.0 */
#include "net/service.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/process.h"
#include "base/time.h"
#include "net/breaker.h"
#include "net/committer.h"
#include "net/mailer.h"
#include "net/metrics.h"
#include "net/readers.h"
#include "net/workers.h"

struct net_service {
    service_settings settings;
    net_metrics *metrics;
    breaker *breaker;
    api_state *api;
    net_readers *readers;
    net_committer *committer;
    net_mailer *mailer; /* NULL: e-mail is not set up */
    net_workers *workers;
    http_server *http;
    net_admin *admin;           /* NULL: there is no socket for it */
    pthread_mutex_t admin_lock; /* one command writes at a time */
};

/* For admin_settings. */
static bool run_command(ix_ctx *cx, admin_session *session, void *arg)
{
    net_service *service = arg;
    const service_admin *admin = &service->settings.admin;
    return admin->run(cx, service, session, admin->arg);
}

/* The socket by which commands come, if there is to be one. */
static bool open_admin(ix_ctx *cx, net_service *service)
{
    const admin_settings settings = {
        .path = service->settings.admin.socket,
        .run = run_command,
        .arg = service,
    };
    service->admin = settings.path ? admin_open(cx, &settings) : NULL;
    return service->admin || !settings.path;
}

net_service *service_open(ix_ctx *cx, const service_settings *settings)
{
    net_service *service = calloc(1, sizeof *service);
    if (!service) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    service->settings = *settings;
    pthread_mutex_init(&service->admin_lock, NULL);
    service->metrics = metrics_new();
    service->settings.http.metrics = service->metrics;
    service->breaker = breaker_new(cx, settings->store_url, settings->store_timeout_us);
    if (!service->metrics)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    else if (service->breaker && (service->http = http_open(cx, &service->settings.http)) &&
             open_admin(cx, service))
        return service;
    service_stop(service);
    return NULL;
}

/* ---- metrics ---- */

/* What the store reports, if it answers. */
static void look_at_store(net_readers *readers, int64_t of[METRIC_COUNT])
{
    ix_ctx cx;
    store_handle *store = ix_ctx_init(&cx, 0) ? readers_get(&cx, readers) : NULL;
    int64_t size_bytes, mail_count;
    const bool is_up =
        store && store_size(&cx, store, &size_bytes) && store_mail_count(&cx, store, &mail_count);
    of[METRIC_store_up] = is_up;
    if (is_up) {
        of[METRIC_store_size] = size_bytes;
        of[METRIC_mail_waiting] = mail_count;
    }
    ix_ctx_done(&cx);
}

static void look_at_process(int64_t of[METRIC_COUNT])
{
    const ix_process process = ix_process_now();
    const struct {
        metric_id id;
        int64_t level;
    } levels[] = {
        {METRIC_cpu_time, process.cpu_us},
        {METRIC_resident, process.resident_bytes},
        {METRIC_open_files, process.open_files},
        {METRIC_files_max, process.files_max},
    };
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (levels[i].level >= 0)
            of[levels[i].id] = levels[i].level;
}

/* For api_settings. Only calls ask, so everything is there. */
static void write_metrics(void *arg, ix_buf *out)
{
    const net_service *service = arg;
    metrics_levels levels = metrics_levels_new(service->metrics);
    levels.of[METRIC_connections] = http_connections(service->http);
    levels.of[METRIC_bodies] = (int64_t)http_bodies(service->http);
    levels.of[METRIC_replies] = (int64_t)http_replies(service->http);
    levels.of[METRIC_queue_writes] = (int64_t)committer_queue_length(service->committer);
    levels.of[METRIC_queue_slow] = (int64_t)workers_queue_length(service->workers);
    levels.of[METRIC_store_full] = committer_is_full(service->committer);
    levels.of[METRIC_tokens] = (int64_t)api_token_count(service->api);
    look_at_store(service->readers, levels.of);
    look_at_process(levels.of);
    metrics_write(service->metrics, &levels, out);
}

/* ---- start ---- */

/* Has calls wake the mailer, if there is one. */
static bool open_mailer(ix_ctx *cx, net_service *service, api_settings *settings)
{
    if (!mailer_is_set(&service->settings.mail))
        return true;
    service->mailer = mailer_new(cx, &service->settings.mail);
    settings->mail_waits = mailer_wake;
    settings->mail_arg = service->mailer;
    return service->mailer != NULL;
}

/* Mail that a former run accepted, and that this one has no way to send, must not wait in silence. */
static bool look_for_stranded_mail(ix_ctx *cx, const net_service *service, store_handle *store)
{
    int64_t due_us;
    bool found;
    if (service->mailer)
        return true;
    if (!store_mail_due(cx, store, &due_us, &found))
        return false;
    if (found)
        ix_log(IX_LOG_WARN,
               "accepted e-mail waits in the store, and nothing is set to send it with");
    return true;
}

bool service_serve(ix_ctx *cx, net_service *service)
{
    const service_settings *settings = &service->settings;
    api_settings calling = settings->api;
    calling.write_metrics = write_metrics;
    calling.metrics_arg = service;
    store_handle *writer;
    if (!open_mailer(cx, service, &calling) ||
        !breaker_connect(cx, service->breaker, STORE_WRITE, BREAKER_PROBE, &writer))
        return false;
    service->api = api_new(cx, &calling, writer);
    if (!service->api || !look_for_stranded_mail(cx, service, writer)) {
        store_close(writer);
        return false;
    }
    const committer_settings committing = {
        .breaker = service->breaker,
        .retention_us = settings->retention_us,
        .reserve_bytes = settings->reserve_bytes,
        .metrics = service->metrics,
    };
    service->committer = committer_start(cx, &committing, service->api, writer);
    if (!service->committer ||
        (service->mailer && !mailer_start(cx, service->mailer, service->committer)))
        return false;
    service->readers = readers_new(cx, service->breaker);
    if (!service->readers)
        return false;
    service->workers = workers_start(cx, service->readers, service->committer, service->breaker);
    if (!service->workers)
        return false;
    if (service->admin && !admin_serve(cx, service->admin))
        return false;
    http_serve(service->http, service->api, service->readers, service->workers);
    return true;
}

/* ---- administration ---- */

static bool read_anew(ix_ctx *cx, store_handle *writer, void *api)
{
    return api_refresh(cx, api, writer);
}

bool service_administer(ix_ctx *cx, net_service *service, committer_job *task, void *arg,
                        const admin_effect *effect)
{
    pthread_mutex_lock(&service->admin_lock);
    bool ok = committer_do(cx, service->committer, task, arg);
    if (ok && !admin_effect_apply(cx, effect, service->api)) {
        ix_ctx_clear_error(cx);
        ok = committer_do(cx, service->committer, read_anew, service->api);
    }
    pthread_mutex_unlock(&service->admin_lock);
    return ok;
}

const char *service_address(const net_service *service, size_t index)
{
    return http_address(service->http, index);
}

bool service_change_certificate(ix_ctx *cx, net_service *service, const char *certificate_file,
                                const char *key_file)
{
    return http_change_certificate(cx, service->http, certificate_file, key_file);
}

/* ---- stop ---- */

static void log_counts(const net_committer *committer)
{
    if (!committer)
        return;
    const committer_counts counts = committer_count(committer);
    ix_log(IX_LOG_INFO, "%llu calls that write went to disk in %llu groups",
           (unsigned long long)counts.calls, (unsigned long long)counts.groups);
}

bool service_stop(net_service *service)
{
    if (!service)
        return true;
    bool all_done = true;
    const int64_t now_us = ix_monotonic_us();
    admin_quiesce(service->admin);
    mailer_quiesce(service->mailer, now_us + SERVICE_STOP_MAIL_MS * INT64_C(1000));
    workers_quiesce(service->workers, now_us + SERVICE_STOP_CALLS_MS * INT64_C(1000));
    committer_quiesce(service->committer, now_us + SERVICE_STOP_CALLS_MS * INT64_C(1000));
    breaker_stop_at(service->breaker, now_us + SERVICE_STOP_STORE_MS * INT64_C(1000));
    if (service->http) {
        http_quiesce(service->http);
        all_done = http_wait(service->http, now_us + SERVICE_STOP_REPLIES_MS * INT64_C(1000));
    }
    /* Commands, workers and mailer hand work to the committer, which wakes the mailer; calls go back to
     * their front ends: stop in this order, and free only when nobody is left who could knock. */
    admin_stop(service->admin);
    workers_stop(service->workers);
    mailer_stop(service->mailer);
    committer_stop(service->committer);
    log_counts(service->committer);
    http_stop(service->http);
    workers_free(service->workers);
    committer_free(service->committer);
    mailer_free(service->mailer);
    readers_free(service->readers);
    api_free(service->api);
    breaker_free(service->breaker);
    metrics_free(service->metrics);
    pthread_mutex_destroy(&service->admin_lock);
    free(service);
    return all_done;
}
