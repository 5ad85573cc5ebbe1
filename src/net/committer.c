/* SPDX-License-Identifier: Apache-2.0 */
#include "net/committer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "net/completion.h"
#include "net/queue.h"
#include "net/room.h"
#include "store/sql/db.h"

#define POLL_EVERY_US  (INT64_C(250) * 1000)        /* has someone else committed; is there room? */
#define PURGE_EVERY_US (INT64_C(60) * IX_SECOND_US) /* has something become too old? */

enum {
    PURGE_STEP = 500,     /* rows forgotten at a time */
    REMOVALS_STEP = 100,  /* of those that may be large */
    GIVEN_BACK = 100,     /* pages given back to the disk at a time */
    PURGE_MAX_US = 10000, /* calls wait for so many of these steps */
    GROUP_MAX_US = 20000, /* once a group has taken so long, no call joins it */
};

/* Something to write that is not a call. Lives with whoever waits for it. */
typedef struct job {
    committer_job *committer_run;
    void *arg;
    ix_ctx *cx;
    bool is_done, ok;
    struct job *next;
} job;

/* The calls whose writes are in the transaction, and those that are only answered after it. */
typedef struct group {
    api_call *written[COMMITTER_GROUP_MAX];
    size_t written_count;
    api_call *all[COMMITTER_GROUP_MAX];
    size_t count;
} group;

/* What waits for the outcome of a commit whose answer was lost: a group of calls, or a job. */
typedef struct doubt {
    bool is_open;
    db_txid txid;
    int64_t until_us; /* of the monotonic clock */
    group group;
    job *job;              /* or NULL */
    change_batch *changes; /* or NULL */
} doubt;

struct net_committer {
    committer_settings settings;
    api_state *api;
    store_handle *writer; /* NULL while it is lost */
    net_queue queue;
    pthread_t thread;
    ix_ctx cx; /* of the step in hand */
    room room;
    int64_t version;
    int64_t next_poll_us, next_purge_us, next_room_us;
    bool has_removals; /* of what was removed, something may still be to be deleted */
    doubt doubt;
    bool is_failing;           /* the last group could not be committed */
    bool poll_failed;          /* the last look around failed */
    pthread_mutex_t jobs_lock; /* over what follows and all jobs */
    pthread_cond_t job_done;
    job *jobs;
    bool is_over; /* nobody runs jobs any more */
    _Atomic uint64_t groups, calls;
    void (*offload)(void *arg, api_call *call); /* NULL: nobody plans but we */
    void *offload_arg;
    _Atomic int64_t until_us;       /* afterwards calls are refused */
    api_call *parted, **parted_end; /* calls that go on here, one of them with each group */
};

/* ---- the writer ---- */

static void reset_scratch(net_committer *committer)
{
    ix_arena_reset(committer->cx.arena);
    ix_ctx_clear_error(&committer->cx);
}

static void drop_connection(net_committer *committer)
{
    breaker_disconnect(committer->settings.breaker, committer->writer);
    committer->writer = NULL;
}

static bool settle_doubt(net_committer *committer);

static bool follow_changes(ix_ctx *cx, net_committer *committer)
{
    return !committer->settings.changed || store_note_changes(cx, committer->writer);
}

/* Passes them on. */
static void announce(net_committer *committer, change_batch *changes)
{
    if (changes)
        committer->settings.changed(committer->settings.changed_arg, change_batch_first(changes));
    change_batch_free(changes);
}

static bool commit_and_announce(ix_ctx *cx, net_committer *committer)
{
    if (!store_commit(cx, committer->writer))
        return false;
    announce(committer, store_take_changes(committer->writer));
    return true;
}

/* What others have committed while there was no connection would go unnoticed, so all is read anew. */
static bool open_writer(net_committer *committer, breaker_role role)
{
    ix_ctx *cx = &committer->cx;
    if (committer->writer && store_is_alive(committer->writer))
        return true;
    drop_connection(committer);
    if (!breaker_connect(cx, committer->settings.breaker, STORE_WRITE, role, &committer->writer))
        return false;
    if (follow_changes(cx, committer) && settle_doubt(committer) &&
        store_version(cx, committer->writer, &committer->version) &&
        api_refresh(cx, committer->api, committer->writer)) {
        room_look(cx, &committer->room, committer->writer);
        return true;
    }
    drop_connection(committer);
    return false;
}

static bool committer_begin_transaction(net_committer *committer)
{
    if (!open_writer(committer, BREAKER_USER))
        return false;
    if (store_begin(&committer->cx, committer->writer))
        return true;
    /* A connection that cannot even committer_begin_transaction is tried anew, but not because the disk is full. */
    if (committer->cx.error.code != IOTS_NO_ROOM)
        drop_connection(committer);
    return false;
}

static void roll_back(net_committer *committer)
{
    if (store_in_transaction(committer->writer))
        store_rollback(committer->writer);
}

/* A write has found no room. False: that is no news. */
static bool lose_room(net_committer *committer)
{
    if (!committer->writer || !room_is_lost(&committer->room, committer->writer))
        return false;
    committer->next_room_us = ix_monotonic_us(); /* from now on it is looked for all the time */
    return true;
}

/* A transaction of our own has failed: if for want of room, it will find some the next time. */
static void end_failed(net_committer *committer, const ix_ctx *cx)
{
    roll_back(committer);
    if (cx->error.code == IOTS_NO_ROOM)
        lose_room(committer);
}

/* ---- a group ---- */

/* The call found the transaction gone: so are the writes of the others. */
static void fail_group(ix_ctx *cx, const api_call *call)
{
    const ix_error *why = &call->cx->error;
    ix_fail(cx, why->code == IOTS_NO_ROOM ? IOTS_NO_ROOM : IOTS_UNAVAILABLE, NULL);
    cx->error.reason = why->reason ? ix_strdup(cx, why->reason) : NULL;
}

/* What to write into the log: the store's own words, if it left any. */
static const char *reason(const ix_ctx *cx)
{
    return cx->error.reason ? cx->error.reason : cx->error.message;
}

/* What a call came to in the committer. */
typedef enum outcome {
    OUTCOME_WRITTEN, /* what it wrote is part of the transaction */
    OUTCOME_REFUSED, /* it wrote nothing */
    OUTCOME_FAILED, /* nothing of it is kept; the transaction may be gone, and then our cx says why */
    OUTCOME_AWAY,   /* it wrote nothing, and is to be prepared first */
} outcome;

/* Plans and writes. */
static outcome run_call(net_committer *committer, api_call *call)
{
    call->is_disk_full = room_is_full(&committer->room);
    switch (call_plan(call, committer->writer, committer->offload != NULL)) {
    case PLAN_LATER:
        return OUTCOME_AWAY;
    case PLAN_REFUSED:
        return OUTCOME_REFUSED;
    case PLAN_FAILED:
        return OUTCOME_FAILED;
    case PLAN_READY:
        break;
    }
    if (call_write(call, committer->writer))
        return OUTCOME_WRITTEN;
    return call->status >= 500 ? OUTCOME_FAILED : OUTCOME_REFUSED;
}

/* Without a savepoint, which costs as much as one of the writes. Nothing can be undone for this call
 * alone: when the store has failed it, all of the transaction goes. */
static outcome run_plainly(net_committer *committer, api_call *call)
{
    store_handle *writer = committer->writer;
    const outcome outcome = run_call(committer, call);
    if (outcome == OUTCOME_FAILED)
        store_rollback(writer);
    if (!store_in_transaction(writer))
        fail_group(&committer->cx, call);
    return outcome;
}

static outcome run_undoably(net_committer *committer, api_call *call)
{
    ix_ctx *cx = &committer->cx;
    store_handle *writer = committer->writer;
    if (!store_savepoint(cx, writer)) {
        call_not_committed(call, &cx->error);
        return OUTCOME_FAILED;
    }
    const outcome outcome = run_call(committer, call);
    if (outcome == OUTCOME_WRITTEN) {
        if (store_release(cx, writer))
            return OUTCOME_WRITTEN;
        call_not_committed(call, &cx->error);
        return OUTCOME_FAILED;
    }
    if (store_in_transaction(writer))
        store_rollback_to(writer);
    else
        fail_group(cx, call);
    return outcome;
}

static void log_outcome(net_committer *committer, bool is_failing)
{
    if (is_failing && !committer->is_failing)
        ix_log(IX_LOG_ERROR, "writes fail: %s", reason(&committer->cx));
    if (!is_failing && committer->is_failing)
        ix_log(IX_LOG_INFO, "writes work again");
    committer->is_failing = is_failing;
}

/* Runs calls from the list until it is at its end, the transaction is gone, or those before have waited
 * long enough. While the disk is full, one call is a group: many could need more room than there is.
 * Returns the rest. */
static api_call *write_calls(net_committer *committer, group *group, api_call *calls,
                             int64_t until_us)
{
    static const ix_error full = {.code = IOTS_NO_ROOM,
                                  .message = "No room left to store this",
                                  .reason = "the disk is full"};
    const bool is_full = room_is_full(&committer->room);
    while (calls && !ix_failed(&committer->cx)) {
        api_call *call = calls;
        calls = calls->next;
        if (!room_admits(&committer->room, call)) {
            call_not_committed(call, &full);
            group->all[group->count++] = call;
            continue;
        }
        const outcome outcome =
            call_checks_first(call) ? run_plainly(committer, call) : run_undoably(committer, call);
        if (outcome == OUTCOME_AWAY)
            committer->offload(committer->offload_arg, call);
        else
            group->all[group->count++] = call;
        if (outcome == OUTCOME_WRITTEN)
            group->written[group->written_count++] = call;
        if (is_full || ix_monotonic_us() >= until_us)
            break;
    }
    return calls;
}

/* Says the calls of a group that wrote what became of it. `why`: of the failure, if `ok` is false. */
static void end_group(const group *group, bool ok, const ix_error *why)
{
    for (size_t i = 0; i < group->written_count; i++) {
        if (ok)
            call_committed(group->written[i]);
        else
            call_not_committed(group->written[i], why);
    }
}

static bool has_found_no_room(const api_call *call)
{
    return call->cx->error.code == IOTS_NO_ROOM;
}

/* Has a call of this group been the first to find no room? Then those that the reserve is for leave the
 * group: they are tried again, before the `rest`. Returns what is left to do. */
static api_call *spend_reserve(net_committer *committer, group *group, api_call *rest)
{
    size_t without = 0;
    while (without < group->count && !has_found_no_room(group->all[without]))
        without++;
    if (without == group->count || !lose_room(committer))
        return rest;

    size_t left = 0;
    for (size_t i = 0; i < group->count; i++) {
        api_call *call = group->all[i];
        if (has_found_no_room(call) && room_admits(&committer->room, call)) {
            call_again(call);
            call->next = rest;
            rest = call;
        } else {
            group->all[left++] = call;
        }
    }
    group->count = left;
    return rest;
}

/* Answers the calls of a group. One that failed may have failed because of what another one of its
 * group wrote: it too is answered only now. */
static void answer_group(net_committer *committer, const group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        api_call *call = group->all[i];
        switch (call_goes_on(call)) {
        case PHASE_WRITE:
            call->next = NULL;
            *committer->parted_end = call;
            committer->parted_end = &call->next;
            break;
        case PHASE_OFFLOAD:
            committer->offload(committer->offload_arg, call);
            break;
        default:
            completion_done(call);
        }
    }
}

/* The call that is to go on next, without others. NULL: there is none. */
static api_call *take_parted(net_committer *committer)
{
    api_call *call = committer->parted;
    if (!call)
        return NULL;
    committer->parted = call->next;
    if (!committer->parted)
        committer->parted_end = &committer->parted;
    call->next = NULL;
    return call;
}

/* What is left of it, or all, is not done. */
static void refuse_call(api_call *call)
{
    static const ix_error why = {.code = IOTS_UNAVAILABLE, .message = "the server stops"};
    call_not_committed(call, &why);
    completion_done(call);
}

/* At the end. */
static void cut_parted(net_committer *committer)
{
    for (api_call *call; (call = take_parted(committer));)
        refuse_call(call);
}

static bool is_stopping(const net_committer *committer)
{
    return ix_monotonic_us() >= atomic_load(&committer->until_us);
}

/* The first of these calls. Returns the others. */
static api_call *refuse_first(api_call *calls)
{
    api_call *rest = calls->next;
    refuse_call(calls);
    return rest;
}

/* ---- doubt ---- */

static void finish_job(net_committer *committer, job *job, bool ok)
{
    pthread_mutex_lock(&committer->jobs_lock);
    job->ok = ok;
    job->is_done = true;
    pthread_cond_broadcast(&committer->job_done);
    pthread_mutex_unlock(&committer->jobs_lock);
}

/* Was the commit that has just failed perhaps made? Then who waits for it goes on waiting. */
static bool open_doubt(net_committer *committer, const group *group, job *job)
{
    doubt *doubt = &committer->doubt;
    if (!store_in_doubt(committer->writer, &doubt->txid))
        return false;
    doubt->is_open = true;
    doubt->until_us = ix_monotonic_us() + COMMITTER_DOUBT_S * IX_SECOND_US;
    doubt->group.count = doubt->group.written_count = 0;
    if (group)
        doubt->group = *group;
    doubt->job = job;
    doubt->changes = store_take_changes(committer->writer);
    committer->next_poll_us = ix_monotonic_us();
    drop_connection(committer);
    return true;
}

static void close_doubt(net_committer *committer, bool ok, const ix_error *why)
{
    doubt *doubt = &committer->doubt;
    doubt->is_open = false;
    if (ok)
        announce(committer, doubt->changes);
    else
        change_batch_free(doubt->changes);
    doubt->changes = NULL;
    end_group(&doubt->group, ok, why);
    answer_group(committer, &doubt->group);
    if (!doubt->job)
        return;
    if (ok)
        ix_ctx_clear_error(doubt->job->cx);
    finish_job(committer, doubt->job, ok);
}

/* On a new connection. False: nobody knows yet. */
static bool settle_doubt(net_committer *committer)
{
    static const ix_error lost = {.code = IOTS_UNAVAILABLE,
                                  .message = "the connection to the database was lost"};
    ix_ctx *cx = &committer->cx;
    bool is_committed;
    if (!committer->doubt.is_open)
        return true;
    if (!store_outcome(cx, committer->writer, &committer->doubt.txid, &is_committed))
        return false;
    ix_log(IX_LOG_INFO, "the commit whose answer was lost was%s made", is_committed ? "" : " not");
    close_doubt(committer, is_committed, &lost);
    return true;
}

/* Nobody can wait for ever. Other failures mean that nothing was stored; this one does not. */
static void give_up_doubt(net_committer *committer, int64_t now_us)
{
    static const ix_error unknown = {.code = IOTS_INTERNAL,
                                     .message = "the database did not say what became of a commit"};
    if (!committer->doubt.is_open || now_us < committer->doubt.until_us)
        return;
    ix_log(IX_LOG_ERROR, "%s", unknown.message);
    close_doubt(committer, false, &unknown);
}

/* ---- groups ---- */

/* One transaction over as many of the calls as it bears. Returns those that are left over. */
static api_call *commit_some(net_committer *committer, api_call *calls)
{
    ix_ctx *cx = &committer->cx;
    const int64_t begun_us = ix_monotonic_us();
    group group;
    group.count = group.written_count = 0;
    const bool has_begun = committer_begin_transaction(committer);
    if (has_begun) {
        calls = write_calls(committer, &group, calls, begun_us + GROUP_MAX_US);
    } else {
        for (; calls; calls = calls->next) {
            call_not_committed(calls, &cx->error);
            group.all[group.count++] = calls;
        }
    }

    const bool ok = has_begun && !ix_failed(cx) && commit_and_announce(cx, committer);
    const bool is_in_doubt = has_begun && !ok && open_doubt(committer, &group, NULL);
    if (has_begun && !ok && !is_in_doubt)
        roll_back(committer);
    metrics_count_group(committer->settings.metrics, group.count, ix_monotonic_us() - begun_us);
    atomic_fetch_add_explicit(&committer->groups, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&committer->calls, group.count, memory_order_relaxed);
    if (!is_in_doubt) {
        end_group(&group, ok, &cx->error);
        calls = spend_reserve(committer, &group, calls);
        answer_group(committer, &group);
    }
    log_outcome(committer, !ok && !room_is_full(&committer->room));
    reset_scratch(committer);
    return calls;
}

/* ---- jobs ---- */

/* False as well if it is in doubt, which then finishes it. */
static bool run_job(net_committer *committer, job *job, bool *ret_is_in_doubt)
{
    ix_ctx *cx = job->cx;
    *ret_is_in_doubt = false;
    if (!committer_begin_transaction(committer)) {
        ix_fail(cx, committer->cx.error.code, "%s", reason(&committer->cx));
        reset_scratch(committer);
        return false;
    }
    const bool ok =
        job->committer_run(cx, committer->writer, job->arg) && commit_and_announce(cx, committer);
    *ret_is_in_doubt = !ok && open_doubt(committer, NULL, job);
    if (!ok && !*ret_is_in_doubt)
        end_failed(committer, cx);
    return ok;
}

static void run_jobs(net_committer *committer, bool is_over)
{
    pthread_mutex_lock(&committer->jobs_lock);
    job *jobs = committer->jobs;
    committer->jobs = NULL;
    committer->is_over = is_over;
    pthread_mutex_unlock(&committer->jobs_lock);
    while (jobs) {
        job *job = jobs; /* gone as soon as it is done */
        bool is_in_doubt;
        jobs = job->next;
        const bool ok = run_job(committer, job, &is_in_doubt);
        if (!is_in_doubt)
            finish_job(committer, job, ok);
    }
}

bool committer_do(ix_ctx *cx, net_committer *committer, committer_job *committer_run, void *arg)
{
    job job = {.committer_run = committer_run, .arg = arg, .cx = cx};
    pthread_mutex_lock(&committer->jobs_lock);
    const bool is_taken = !committer->is_over;
    if (is_taken) {
        job.next = committer->jobs;
        committer->jobs = &job;
        queue_wake(&committer->queue);
    }
    while (is_taken && !job.is_done)
        pthread_cond_wait(&committer->job_done, &committer->jobs_lock);
    pthread_mutex_unlock(&committer->jobs_lock);
    return is_taken ? job.ok : ix_fail(cx, IOTS_UNAVAILABLE, "the server stops");
}

/* ---- between groups ---- */

/* Has somebody else changed the store? Only where its lock does not keep everybody out for as long as we run:
 * that of PostgreSQL ends with the connection that holds it, and then others may write. */
static void poll_changes(net_committer *committer)
{
    ix_ctx *cx = &committer->cx;
    int64_t version;
    if (open_writer(committer, BREAKER_PROBE) && store_version(cx, committer->writer, &version) &&
        version != committer->version && api_refresh(cx, committer->api, committer->writer)) {
        committer->version = version;
        committer->has_removals = true; /* they may have removed a space */
    }
    if (!ix_failed(cx))
        breaker_answered(committer->settings.breaker);
    if (ix_failed(cx) && !committer->poll_failed)
        ix_log(IX_LOG_WARN, "cannot see what others have changed: %s", reason(cx));
    if (!ix_failed(cx) && committer->poll_failed)
        ix_log(IX_LOG_INFO, "can see again what others have changed");
    committer->poll_failed = ix_failed(cx);
    reset_scratch(committer);
}

/* Forgets a few tokens and history entries that are too old. *more: there are others. */
static bool purge_step(net_committer *committer, bool *more)
{
    ix_ctx *cx = &committer->cx;
    store_handle *writer = committer->writer;
    const int64_t retention_us = committer->settings.retention_us;
    const int64_t now_us = ix_now_us();
    int64_t removed;
    bool more_tokens, more_history = false;
    if (!store_tokens_purge(cx, writer, now_us, PURGE_STEP, &more_tokens))
        return false;
    if (retention_us > 0 && !store_history_purge(cx, writer, now_us - retention_us, PURGE_STEP,
                                                 &removed, &more_history))
        return false;
    bool more_narrower;
    if (!store_history_purge_narrower(cx, writer, now_us, PURGE_STEP, &removed, &more_narrower))
        return false;
    *more = more_tokens || more_history || more_narrower;
    return true;
}

/* As many steps as calls may wait for. */
static bool purge(net_committer *committer, bool *more)
{
    const int64_t until_us = ix_monotonic_us() + PURGE_MAX_US;
    do {
        if (!purge_step(committer, more))
            return false;
    } while (*more && ix_monotonic_us() < until_us);
    return true;
}

/* While there is more, it goes on after each group, so that it keeps up with what comes in. */
static void purge_old(net_committer *committer)
{
    bool more = false;
    if (committer_begin_transaction(committer)) {
        const bool ok = purge(committer, &more) && store_commit(&committer->cx, committer->writer);
        if (!ok)
            end_failed(committer, &committer->cx);
    }
    if (ix_failed(&committer->cx)) {
        ix_log(IX_LOG_WARN, "cannot forget what is too old: %s", reason(&committer->cx));
        more = false;
    }
    const int64_t now_us = ix_monotonic_us();
    committer->next_purge_us = more ? now_us : now_us + committer->settings.purge_every_us;
    reset_scratch(committer);
}

static bool give_back_step(net_committer *committer, bool *more)
{
    ix_ctx *cx = &committer->cx;
    *more = false;
    if (!committer_begin_transaction(committer))
        return false;
    const bool ok = store_give_back(cx, committer->writer, GIVEN_BACK, more) &&
                    store_commit(cx, committer->writer);
    if (!ok)
        roll_back(committer);
    return ok;
}

/* Gives room that is free in the store back to the disk, a little at a time, and sees to the reserve. */
static void see_to_room(net_committer *committer)
{
    bool more;
    const int64_t until_us = ix_monotonic_us() + PURGE_MAX_US;
    while (give_back_step(committer, &more) && more && ix_monotonic_us() < until_us)
        ;
    const bool was_full = room_is_full(&committer->room);
    if (ix_failed(&committer->cx) && !was_full)
        ix_log(IX_LOG_WARN, "cannot give room back to the disk: %s", reason(&committer->cx));
    more = more && !ix_failed(&committer->cx);
    /* Deleting takes room before it makes some, so a full disk counts as full until all is deleted. */
    const bool is_deleting = committer->has_removals;
    committer->has_removals = is_deleting || was_full;
    ix_ctx_clear_error(&committer->cx);
    if (committer->writer && !(was_full && is_deleting))
        room_look(&committer->cx, &committer->room, committer->writer);
    const int64_t now_us = ix_monotonic_us();
    committer->next_room_us = more ? now_us
                              : room_is_full(&committer->room)
                                  ? now_us + POLL_EVERY_US
                                  : now_us + committer->settings.purge_every_us;
    reset_scratch(committer);
}

static bool delete_rows(net_committer *committer)
{
    const int64_t until_us = room_is_full(&committer->room) ? 0 : ix_monotonic_us() + PURGE_MAX_US;
    do {
        if (!store_removals_purge(&committer->cx, committer->writer, REMOVALS_STEP,
                                  &committer->has_removals))
            return false;
    } while (committer->has_removals && ix_monotonic_us() < until_us);
    return true;
}

/* Deletes some of what was removed; goes on after each group until nothing is left. */
static void delete_removed(net_committer *committer)
{
    if (committer_begin_transaction(committer) &&
        !(delete_rows(committer) && store_commit(&committer->cx, committer->writer)))
        end_failed(committer, &committer->cx);
    if (ix_failed(&committer->cx)) {
        if (!room_is_full(&committer->room))
            ix_log(IX_LOG_WARN, "cannot delete what was removed: %s", reason(&committer->cx));
        committer->has_removals = false; /* until the next purge, or look for room */
    }
    reset_scratch(committer);
}

static int64_t next_poll_us(const net_committer *committer, int64_t now_us)
{
    const bool is_wanted =
        breaker_is_remote(committer->settings.breaker) || committer->doubt.is_open;
    return is_wanted ? now_us + POLL_EVERY_US : INT64_MAX;
}

/* When there is something to do, whether calls come or not. */
static int64_t next_us(const net_committer *committer)
{
    if (committer->has_removals && !committer->doubt.is_open)
        return 0;
    const int64_t at_us[] = {committer->next_purge_us, committer->next_room_us};
    int64_t first_us = committer->next_poll_us;
    for (size_t i = 0; i < sizeof at_us / sizeof at_us[0]; i++)
        if (at_us[i] < first_us)
            first_us = at_us[i];
    return first_us;
}

/* Those that wait until then, and the parted one (or NULL) behind them. */
static api_call *take_calls(net_committer *committer, api_call *parted, int64_t until_us)
{
    api_call *calls = NULL;
    api_call **end = &calls;
    for (ix_task *task = queue_take(&committer->queue, COMMITTER_GROUP_MAX - 1, until_us); task;
         task = task->next) {
        *end = call_of_task(task);
        end = &(*end)->next;
    }
    *end = parted;
    return calls;
}

static void *committer_run(void *arg)
{
    net_committer *committer = arg;
    for (;;) {
        api_call *parted = take_parted(committer);
        api_call *calls = take_calls(committer, parted, parted ? 0 : next_us(committer));
        while (calls)
            calls = is_stopping(committer) ? refuse_first(calls) : commit_some(committer, calls);
        const bool is_over = queue_is_over(&committer->queue);
        run_jobs(committer, is_over);
        const int64_t now_us = ix_monotonic_us();
        if (is_over) {
            give_up_doubt(committer, INT64_MAX);
            cut_parted(committer);
            return NULL;
        }
        if (now_us >= committer->next_poll_us || committer->doubt.is_open) {
            poll_changes(committer);
            give_up_doubt(committer, is_stopping(committer) ? INT64_MAX : now_us);
            committer->next_poll_us = next_poll_us(committer, now_us);
        }
        if (committer->doubt.is_open)
            continue;
        if (now_us >= committer->next_purge_us) {
            purge_old(committer);
            committer->has_removals =
                true; /* perhaps: another program may have removed something */
        }
        if (now_us >= committer->next_room_us)
            see_to_room(committer);
        if (committer->writer && store_removals_noted(committer->writer))
            committer->has_removals = true;
        if (committer->has_removals)
            delete_removed(committer);
    }
}

/* ---- start and stop ---- */

static bool committer_begin(ix_ctx *cx, net_committer *committer)
{
    if (!ix_ctx_init(&committer->cx, 0))
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    if (!follow_changes(cx, committer) ||
        !store_version(cx, committer->writer, &committer->version))
        return false;
    room_look(cx, &committer->room, committer->writer);
    if (!queue_init(cx, &committer->queue, committer->settings.queue_max))
        return false;
    committer->has_removals = true; /* perhaps, from before the start */
    if (pthread_create(&committer->thread, NULL, committer_run, committer) == 0)
        return true;
    queue_done(&committer->queue);
    return ix_fail(cx, IOTS_UNAVAILABLE, "cannot start the thread that writes");
}

static void committer_release(net_committer *committer)
{
    store_close(committer->writer);
    ix_ctx_done(&committer->cx);
    pthread_cond_destroy(&committer->job_done);
    pthread_mutex_destroy(&committer->jobs_lock);
    free(committer);
}

net_committer *committer_start(ix_ctx *cx, const committer_settings *settings, api_state *api,
                               store_handle *writer)
{
    net_committer *committer = calloc(1, sizeof *committer);
    if (!committer) {
        store_close(writer);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    committer->settings = *settings;
    if (committer->settings.queue_max == 0)
        committer->settings.queue_max = COMMITTER_QUEUE_MAX;
    if (committer->settings.purge_every_us == 0)
        committer->settings.purge_every_us = PURGE_EVERY_US;
    pthread_mutex_init(&committer->jobs_lock, NULL);
    pthread_cond_init(&committer->job_done, NULL);
    committer->api = api;
    committer->until_us = INT64_MAX;
    committer->parted_end = &committer->parted;
    committer->writer = writer;
    committer->next_poll_us = next_poll_us(committer, ix_monotonic_us());
    committer->next_purge_us = ix_monotonic_us() + committer->settings.purge_every_us;
    committer->next_room_us = ix_monotonic_us() + POLL_EVERY_US;
    committer->room.reserve_bytes = settings->reserve_bytes;
    if (committer_begin(cx, committer))
        return committer;
    committer_release(committer);
    return NULL;
}

void committer_offload_to(net_committer *committer, void (*offload)(void *arg, api_call *call),
                          void *arg)
{
    committer->offload = offload;
    committer->offload_arg = arg;
}

bool committer_put(net_committer *committer, api_call *call)
{
    return queue_put(&committer->queue, &call->task);
}

bool committer_is_full(const net_committer *committer)
{
    return room_is_full(&committer->room);
}

size_t committer_queue_length(net_committer *committer)
{
    return queue_length(&committer->queue);
}

void committer_quiesce(net_committer *committer, int64_t until_us)
{
    if (committer)
        atomic_store(&committer->until_us, until_us);
}

void committer_stop(net_committer *committer)
{
    if (!committer)
        return;
    queue_close(&committer->queue);
    pthread_join(committer->thread, NULL);
}

void committer_free(net_committer *committer)
{
    if (!committer)
        return;
    queue_done(&committer->queue);
    committer_release(committer);
}

committer_counts committer_count(const net_committer *committer)
{
    return (committer_counts){
        .groups = atomic_load_explicit(&committer->groups, memory_order_relaxed),
        .calls = atomic_load_explicit(&committer->calls, memory_order_relaxed),
    };
}
