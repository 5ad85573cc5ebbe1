/* SPDX-License-Identifier: Apache-2.0 */
#include "net/committer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "net/completion.h"
#include "net/net_test.h"
#include "store/sql/db.h"
#include "store/sql/sql.h"

/* ---- the words in which the tests are said ---- */

/* The committer of the test that runs, without anything above it. */
static struct bench {
    api_settings settings;
    api_state *api;
    breaker *breaker;
    net_committer *committer;
    store_handle *writer; /* the committer's; to be made faulty only while it rests */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t done_count;
    api_call *done[1000];    /* in the order in which they completed */
    api_call *away;          /* sent to be prepared */
    _Atomic bool stops_next; /* as soon as somebody asks for the time */
} bench = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void on_done(api_call *call)
{
    pthread_mutex_lock(&bench.lock);
    bench.done[bench.done_count++] = call;
    pthread_cond_broadcast(&bench.changed);
    pthread_mutex_unlock(&bench.lock);
}

static const net_completion bench_completion = {.done = on_done};

static void bench_end(void *unused)
{
    (void)unused;
    if (store_in_transaction(scene.store))
        store_rollback(scene.store);
    committer_stop(bench.committer);
    committer_free(bench.committer);
    for (size_t i = 0; i < bench.done_count; i++)
        call_free(bench.done[i]);
    api_free(bench.api);
    breaker_free(bench.breaker);
}

static int64_t now_us(void)
{
    if (atomic_exchange(&bench.stops_next, false))
        committer_quiesce(bench.committer, 0);
    return ix_now_us();
}

static bool do_nothing(ix_ctx *cx, store_handle *store, void *arg)
{
    (void)cx, (void)store, (void)arg;
    return true;
}

/* With what is in the store of the scene. What the committer does of itself as it starts is done: it looks
 * once between two jobs. */
static void start_with(ix_ctx *cx, committer_settings settings)
{
    bench.done_count = 0;
    bench.settings =
        (api_settings){.token_lifetime_us = IX_SECOND_US, .body_limit = 1 << 20, .now_us = now_us};
    settings.breaker = bench.breaker = breaker_new(cx, scene.url, 0);
    CHECK_OK(cx, store_open(cx, scene.url, STORE_WRITE, &bench.writer));
    bench.api = api_new(cx, &bench.settings, bench.writer);
    CHECK_OK(cx, bench.api != NULL);
    /* Passes everything on until it is asked to fail. */
    bench.writer->db = db_faulty_new(bench.writer->db);
    bench.committer = committer_start(cx, &settings, bench.api, bench.writer);
    CHECK_OK(cx, bench.committer != NULL);
    ix_arena_defer(cx->arena, bench_end, NULL);
    for (int i = 0; i < 2; i++)
        CHECK_OK(cx, committer_do(cx, bench.committer, do_nothing, NULL));
}

static void commit_with(ix_ctx *cx, committer_settings settings)
{
    make_scene(cx);
    start_with(cx, settings);
}

static void commit(ix_ctx *cx)
{
    commit_with(cx, (committer_settings){0});
}

static api_call *call_of(const char *method, const char *target, const char *body)
{
    const call_request request = {
        .method = ix_str_of(method),
        .target = ix_str_of(target),
        .authorization = IX_STR("Bearer " TOKEN),
        .host = IX_STR("x"),
    };
    api_call *call = call_new(bench.api, &request);
    CHECK(call != NULL);
    union {
        const net_completion *from;
        void *to;
    } hold = {.from = &bench_completion};
    call->completion = hold.to;
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, body ? ix_str_of(body) : (ix_str){0}),
              strcmp(method, "GET") == 0 ? PHASE_READ : PHASE_WRITE);
    return call;
}

static const ix_json *reply_of(ix_ctx *cx, const api_call *call)
{
    return json_of(cx, ix_strndup(cx, call->reply.at, call->reply.len));
}

/* Sets t. */
static api_call *put(const char *value)
{
    return call_of("PUT", PLACE, ix_format(scene.cx, "{\"t\":%s}", value));
}

static void hand_over(api_call *call)
{
    CHECK(committer_put(bench.committer, call));
}

/* Waits until so many calls are done. */
static void wait_for(size_t count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TEST_WAIT_S;
    pthread_mutex_lock(&bench.lock);
    while (bench.done_count < count)
        CHECK(pthread_cond_timedwait(&bench.changed, &bench.lock, &until) == 0);
    pthread_mutex_unlock(&bench.lock);
}

/* One call, from beginning to end; its status. */
static int run(api_call *call)
{
    const size_t before = bench.done_count;
    hand_over(call);
    wait_for(before + 1);
    return call->status;
}

static bool becomes_true(bool (*is_so)(void))
{
    const int64_t until_us = ix_monotonic_us() + TEST_WAIT_S * IX_SECOND_US;
    while (!is_so()) {
        if (ix_monotonic_us() > until_us)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return true;
}

/* ---- groups ---- */

TEST("calls that wait together go to disk together, in their order")
{
    enum { CALLS = 50 };
    static api_call *calls[CALLS];
    commit(cx);
    hold_writes();
    for (int i = 0; i < CALLS; i++)
        hand_over(calls[i] = put(ix_format(cx, "%d", i)));
    let_write();
    wait_for(CALLS);
    for (int i = 0; i < CALLS; i++) {
        CHECK_INT(calls[i]->status, 200);
        CHECK(bench.done[i] == calls[i]);
    }
    CHECK_TEXT(stored(cx), "49");
    /* The first may have gone alone, before there were others. */
    const committer_counts counts = committer_count(bench.committer);
    CHECK_INT(counts.calls, CALLS);
    CHECK(counts.groups <= 2);
}

TEST("a group has an end")
{
    enum { CALLS = 2 * COMMITTER_GROUP_MAX + 2 };
    commit(cx);
    hold_writes();
    for (int i = 0; i < CALLS; i++)
        hand_over(put("1"));
    let_write();
    wait_for(CALLS);
    CHECK(committer_count(bench.committer).groups >= 3);
}

/* So many values of t, long ago, that removing them takes more than one part. */
static void add_history(ix_ctx *cx)
{
    CHECK_OK(cx, store_begin(cx, scene.store));
    for (int i = 0; i < PART_ROWS + 500; i++) {
        bool taken;
        CHECK_OK(cx, store_history_add(cx, scene.store, "farm", THING, "t", 1000 + i,
                                       ix_json_new_int(cx, i), &taken));
    }
    CHECK_OK(cx, store_commit(cx, scene.store));
}

TEST("who removes much history lets others write before it is done")
{
    commit(cx);
    add_history(cx);
    hold_writes();
    api_call *removes =
        call_of("DELETE", "/spaces/farm/things/" THING "/properties-history?at=1970|1971", NULL);
    api_call *other = put("7");
    hand_over(removes);
    hand_over(other);
    let_write();
    wait_for(2);
    CHECK(bench.done[0] == other && bench.done[1] == removes);
    CHECK_INT(other->status, 200);
    CHECK_INT(removes->status, 204);
    CHECK(committer_count(bench.committer).groups >= 2);
    bool found;
    CHECK_OK(cx, store_history_any(cx, scene.store, "farm", THING, "t", &found));
    CHECK(found); /* of the other */
}

static bool history_is_deleted(void)
{
    bool found;
    CHECK_OK(scene.cx, store_history_any(scene.cx, scene.store, "farm", THING, "t", &found));
    return !found;
}

TEST("who removes a Thing is answered before its history is deleted, which others do not wait for")
{
    commit(cx);
    add_history(cx);
    hold_writes();
    api_call *removes = call_of("DELETE", "/spaces/farm/things/" THING, NULL);
    hand_over(removes);
    let_write();
    wait_for(1);
    CHECK_INT(removes->status, 204);
    CHECK_INT(run(call_of("POST", "/spaces/farm/things", "{\"title\":\"other\"}")), 201);
    CHECK(becomes_true(history_is_deleted));
    CHECK_OK(cx, store_check(cx, scene.store));
}

TEST("what was removed before the start is deleted, a little at a time")
{
    make_scene(cx);
    add_history(cx);
    bool found;
    CHECK_OK(cx, store_begin(cx, scene.store));
    CHECK_OK(cx, store_thing_remove(cx, scene.store, "farm", THING, &found));
    CHECK_OK(cx, store_commit(cx, scene.store));
    start_with(cx, (committer_settings){0});
    CHECK(becomes_true(history_is_deleted));
}

TEST("a Thing that is made again at once has nothing of the history of the one before")
{
    commit(cx);
    add_history(cx);
    hold_writes();
    hand_over(call_of("DELETE", "/spaces/farm/things/" THING, NULL));
    api_call *again =
        call_of("POST", "/spaces/farm/things?preserve_uid=true",
                "{\"uid\":\"" THING "\",\"title\":\"again\",\"properties\":{\"t\":{}}}");
    hand_over(again);
    let_write();
    wait_for(2);
    CHECK_INT(again->status, 201);
    CHECK(history_is_deleted());
    CHECK_OK(cx, store_check(cx, scene.store));
}

TEST("a call that fails undoes itself and no other")
{
    commit(cx);
    hold_writes();
    api_call *before = put("1");
    api_call *absent =
        call_of("PUT", "/spaces/farm/things/01JM2Q8V5T7XK3E9A4B6C8D0EG/properties/t", "{\"t\":2}");
    api_call *after = call_of("PUT", "/spaces/farm/things/" THING "/properties/u", "{\"u\":3}");
    api_call *twin = call_of("POST", "/spaces/farm/categories", "{\"name\":\"a\"}");
    api_call *second_twin = call_of("POST", "/spaces/farm/categories", "{\"name\":\"a\"}");
    hand_over(before);
    hand_over(absent);
    hand_over(after);
    hand_over(twin);
    hand_over(second_twin);
    let_write();
    wait_for(5);
    CHECK_INT(before->status, 200);
    CHECK_INT(absent->status, 404);
    CHECK_INT(after->status, 200);
    CHECK_INT(twin->status, 201);
    CHECK_INT(second_twin->status, 409);
    ix_str values;
    CHECK_OK(cx, store_values_get(cx, scene.store, "farm", THING, VALUES_ONLY, &values));
    CHECK(ix_str_is(values, "{\"t\":1,\"u\":3}"));
}

static void take_away(void *unused, api_call *call)
{
    (void)unused;
    pthread_mutex_lock(&bench.lock);
    bench.away = call;
    pthread_cond_broadcast(&bench.changed);
    pthread_mutex_unlock(&bench.lock);
}

TEST("a call whose plan takes long is sent to be prepared, and nobody waits for it")
{
    commit(cx);
    bench.away = NULL;
    committer_offload_to(bench.committer, take_away, NULL);
    ix_buf thing = {0};
    ix_buf_text(&thing, "{\"properties\":{\"t\":{},\"u\":{\"oneOf\":[{\"type\":\"number\"}");
    while (thing.len < CALL_QUICK_BODY - 100) /* which is read at once */
        ix_buf_text(&thing, ",{\"enum\":[1,1,1,1]}");
    ix_buf_text(&thing, "]}}}");
    CHECK_INT(run(call_of("PUT", "/spaces/farm/things/" THING, ix_buf_cstr(&thing))), 200);
    ix_buf_done(&thing);

    api_call *slow = call_of("PUT", "/spaces/farm/things/" THING "/properties/u", "{\"u\":7}");
    hold_writes();
    hand_over(slow);
    hand_over(put("1"));
    let_write();
    wait_for(2);
    CHECK(bench.away == slow);
    CHECK_TEXT(stored(cx), "1");
    CHECK_INT(slow->status, 0);
    CHECK_INT(call_offload(slow, scene.store), PHASE_WRITE);
    CHECK_INT(run(slow), 200);
}

TEST("a stop commits what waits, and then nothing is taken")
{
    commit(cx);
    hold_writes();
    for (int i = 0; i < 10; i++)
        hand_over(put("5"));
    let_write();
    committer_stop(bench.committer);
    CHECK_INT(bench.done_count, 10);
    CHECK_TEXT(stored(cx), "5");
    api_call *late = put("6");
    CHECK(!committer_put(bench.committer, late));
    call_free(late);
    committer_free(bench.committer);
    bench.committer = NULL;
}

TEST("once a stop does not wait any longer, calls are refused")
{
    commit(cx);
    CHECK_INT(run(put("1")), 200);
    committer_quiesce(bench.committer, 0);
    CHECK_INT(run(put("2")), 503);
    CHECK_TEXT(stored(cx), "1");
}

TEST("once a stop does not wait any longer, a PATCH of many ends after its part, and says so")
{
    const size_t items = 500;
    ix_buf body = {0};
    commit(cx);
    api_call *first = call_of("POST", "/spaces/farm/things", "{}");
    CHECK_INT(run(first), 201);
    const char *uid = ix_json_string(ix_json_member(reply_of(cx, first), "uid"));
    for (size_t i = 0; i < items; i++)
        ix_buf_format(&body,
                      "%s{\"id\":\"%s\",\"patch\":[{\"op\":\"add\",\"path\":\"/x:n\","
                      "\"value\":%zu}]}",
                      i > 0 ? "," : "[", uid, i);
    ix_buf_char(&body, ']');
    api_call *many = call_of("PATCH", "/spaces/farm/things", ix_strdup(cx, ix_buf_cstr(&body)));
    ix_buf_done(&body);
    bench.stops_next = true; /* while it works on the first part */
    CHECK_INT(run(many), 207);
    const ix_json *results = ix_json_member(reply_of(cx, many), "results");
    CHECK_INT(ix_json_count(results), items);
    size_t done = 0;
    while (ix_json_int(ix_json_at(ix_json_item(results, done), "/status"), 0) == 200)
        done++;
    fprintf(stderr, "%zu %.300s\n", done, many->reply.at);
    CHECK(done > 0 && done < items);
    for (size_t i = done; i < items; i++)
        CHECK_INT(ix_json_int(ix_json_at(ix_json_item(results, i), "/status"), 0), 503);
    api_call *after = call_of("GET", ix_format(cx, "/spaces/farm/things/%s", uid), "");
    CHECK_INT(call_read(after, scene.store), PHASE_REPLY);
    CHECK_INT(ix_json_int(ix_json_member(reply_of(cx, after), "x:n"), -1), (int64_t)done - 1);
    call_free(after);
}

TEST("who finds the queue full keeps his call")
{
    commit_with(cx, (committer_settings){.queue_max = 3});
    hold_writes();
    int taken = 0;
    api_call *call;
    while (committer_put(bench.committer, call = put("1")))
        CHECK(++taken < 10);
    call_free(call);
    CHECK(taken >= 3);
    let_write();
    wait_for((size_t)taken);
    CHECK_INT(run(put("2")), 200);
}

/* ---- a store that goes away ---- */

/* Makes the nth call of the database fail from now on, once. The committer must be at rest. */
static void fail_at(int nth, iots_code code)
{
    db_faulty_set(bench.writer->db, nth, code);
}

/* Whatever the database does, at whatever moment: what was answered with success is there, what was
 * not is not, and afterwards everything works as before. */
static void survive(ix_ctx *cx, int nth, iots_code code, int status)
{
    const char *before = stored(cx);
    const char *values[] = {ix_format(cx, "%d", 10 * nth), ix_format(cx, "%d", 10 * nth + 1),
                            ix_format(cx, "%d", 10 * nth + 2)};
    const size_t done = bench.done_count;
    api_call *calls[3];
    fail_at(nth, code);
    hold_writes();
    for (int i = 0; i < 3; i++)
        hand_over(calls[i] = put(values[i]));
    let_write();
    wait_for(done + 3);

    const char *expected = before;
    for (int i = 0; i < 3; i++) {
        CHECK(calls[i]->status == 200 || calls[i]->status == status);
        if (calls[i]->status == 200)
            expected = values[i];
    }
    CHECK_TEXT(stored(cx), expected);
}

TEST("a store that fails at any moment loses nothing that was acknowledged")
{
    static const struct {
        iots_code code;
        int status;
    } cases[] = {{IOTS_NO_ROOM, 507}, {IOTS_UNAVAILABLE, 503}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ix_ctx inner;
        CHECK(ix_ctx_init(&inner, 0));
        ix_log_set_level(IX_LOG_ERROR);
        commit(&inner);
        for (int nth = 1; nth <= 40; nth++) {
            survive(&inner, nth, cases[i].code, cases[i].status);
            if (cases[i].code == IOTS_UNAVAILABLE)
                break; /* the writer was opened anew, and is no longer faulty */
        }
        CHECK_INT(run(put("99")), 200);
        CHECK_TEXT(stored(&inner), "99");
        ix_ctx_done(&inner);
    }
}

static bool count_entry(void *arg, int64_t at_us, ix_str name, ix_str values)
{
    (void)at_us;
    (void)name;
    (void)values;
    ++*(int *)arg;
    return true;
}

TEST("a value is stored with its history or not at all, whatever else is in the group")
{
    commit(cx);
    ix_log_set_level(IX_LOG_ERROR);
    int stored_count = 0;
    for (int nth = 1; nth <= 20; nth++) {
        const char *before = stored(cx);
        const size_t done = bench.done_count;
        fail_at(nth, IOTS_NO_ROOM);
        hold_writes();
        api_call *other =
            call_of("POST", "/spaces/farm/categories", ix_format(cx, "{\"name\":\"c%d\"}", nth));
        api_call *set = put(ix_format(cx, "%d", nth));
        hand_over(other);
        hand_over(set);
        let_write();
        wait_for(done + 2);
        fail_at(0, IOTS_OK);

        const bool is_set = set->status == 200;
        category_row category;
        bool is_added;
        CHECK_OK(cx, store_category_find(cx, scene.store, "farm", ix_format(cx, "c%d", nth),
                                         &category, &is_added));
        CHECK(is_added == (other->status == 201));
        CHECK_TEXT(stored(cx), is_set ? ix_format(cx, "%d", nth) : before);
        stored_count += is_set;

        int entries = 0;
        bool more;
        CHECK_OK(cx, store_history_list(cx, scene.store, "farm", THING, &(history_query){0},
                                        &(page_range){.limit = 100}, count_entry, &entries, &more));
        CHECK_INT(entries, stored_count);
    }
    CHECK(stored_count > 0 && stored_count < 20);
}

/* ---- jobs ---- */

static bool add_space(ix_ctx *cx, store_handle *writer, void *name)
{
    return store_space_add(cx, writer, name, 1);
}

static bool add_space_and_fail(ix_ctx *cx, store_handle *writer, void *name)
{
    return store_space_add(cx, writer, name, 1) && ix_fail(cx, IOTS_INVALID, "no");
}

static bool keep_name(void *arg, ix_str name)
{
    ix_buf *names = arg;
    ix_buf_str(names, name);
    ix_buf_char(names, ' ');
    return true;
}

/* As another connection sees it. */
static const char *spaces(ix_ctx *cx)
{
    ix_buf names = {0};
    CHECK_OK(cx, store_spaces_each(cx, scene.store, keep_name, &names));
    const char *text = ix_strdup(cx, ix_buf_cstr(&names));
    ix_buf_done(&names);
    return text;
}

TEST("a job is on disk when it is done, or undone as a whole")
{
    char barn[] = "barn", mill[] = "mill";
    commit(cx);
    CHECK_OK(cx, committer_do(cx, bench.committer, add_space, barn));
    CHECK_TEXT(spaces(cx), "barn farm ");
    CHECK_FAILS(cx, committer_do(cx, bench.committer, add_space, barn), IOTS_CONFLICT);
    CHECK_FAILS(cx, committer_do(cx, bench.committer, add_space_and_fail, mill), IOTS_INVALID);
    CHECK_TEXT(spaces(cx), "barn farm ");
    CHECK_INT(run(put("1")), 200);
}

TEST("a job does not hear of a failure of the store too late")
{
    char barn[] = "barn";
    commit(cx);
    ix_log_set_level(IX_LOG_ERROR);
    for (int nth = 1; nth <= 3; nth++) { /* begin, run, commit */
        fail_at(nth, IOTS_NO_ROOM);
        CHECK_FAILS(cx, committer_do(cx, bench.committer, add_space, barn), IOTS_NO_ROOM);
        fail_at(0, IOTS_OK);
    }
    CHECK_TEXT(spaces(cx), "farm ");
    CHECK_OK(cx, committer_do(cx, bench.committer, add_space, barn));
}

static void *do_job(void *arg)
{
    ix_ctx cx;
    const bool ok = ix_ctx_init(&cx, 0) && committer_do(&cx, bench.committer, add_space, arg);
    ix_ctx_done(&cx);
    return ok ? arg : NULL;
}

TEST("jobs of several threads and calls go side by side, and after a stop there are none")
{
    enum { THREADS = 8, CALLS = 50 };
    char names[THREADS][8];
    pthread_t threads[THREADS];
    commit(cx);
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof names[i], "s%d", i);
        CHECK_INT(pthread_create(&threads[i], NULL, do_job, names[i]), 0);
    }
    for (int i = 0; i < CALLS; i++)
        hand_over(put(ix_format(cx, "%d", i)));
    for (int i = 0; i < THREADS; i++) {
        void *done;
        CHECK_INT(pthread_join(threads[i], &done), 0);
        CHECK(done != NULL);
    }
    wait_for(CALLS);
    CHECK_TEXT(spaces(cx), "farm s0 s1 s2 s3 s4 s5 s6 s7 ");
    committer_stop(bench.committer);
    CHECK(!do_job(names[0]));
    CHECK_FAILS(cx, committer_do(cx, bench.committer, add_space, names[0]), IOTS_UNAVAILABLE);
    committer_free(bench.committer);
    bench.committer = NULL;
}

/* ---- what is too old ---- */

static bool history_is_purged(void)
{
    bool found;
    CHECK_OK(scene.cx, store_history_any(scene.cx, scene.store, "farm", THING, "t", &found));
    return !found;
}

TEST("history that is too old goes, what is younger stays")
{
    make_scene(cx);
    bool taken;
    CHECK_OK(cx, store_begin(cx, scene.store));
    for (int i = 0; i < 20000; i++)
        CHECK_OK(cx, store_history_add(cx, scene.store, "farm", THING, "t", 1000 + i,
                                       ix_json_new_int(cx, i), &taken));
    CHECK_OK(cx, store_history_add(cx, scene.store, "farm", THING, "u", ix_now_us(),
                                   ix_json_new_int(cx, 1), &taken));
    CHECK_OK(cx, store_commit(cx, scene.store));

    bench.done_count = 0;
    bench.settings = (api_settings){.token_lifetime_us = IX_SECOND_US, .body_limit = 1 << 20};
    bench.breaker = breaker_new(cx, scene.url, 0);
    const committer_settings settings = {.breaker = bench.breaker,
                                         .purge_every_us = 1,
                                         .retention_us = 3600 * IX_SECOND_US};
    CHECK_OK(cx, store_open(cx, scene.url, STORE_WRITE, &bench.writer));
    bench.api = api_new(cx, &bench.settings, bench.writer);
    bench.committer = committer_start(cx, &settings, bench.api, bench.writer);
    CHECK_OK(cx, bench.committer != NULL);
    ix_arena_defer(cx->arena, bench_end, NULL);

    CHECK(becomes_true(history_is_purged));
    bool found;
    CHECK_OK(cx, store_history_any(cx, scene.store, "farm", THING, "u", &found));
    CHECK(found);
}

/* ---- changes ---- */

/* Written by the thread that writes, before the calls are done; read after they are. */
typedef struct heard {
    int count;
    int64_t last_number;
    bool is_rising;
    char values[10][32];
} heard;

static void hear_changes(void *arg, const change *first)
{
    heard *heard = arg;
    for (const change *c = first; c; c = c->next) {
        heard->is_rising = heard->is_rising && c->number > heard->last_number;
        heard->last_number = c->number;
        if (heard->count < 10)
            snprintf(heard->values[heard->count++], sizeof heard->values[0], "%s", c->json);
    }
}

TEST("the changes of a group are passed on in order, without those of calls that were refused")
{
    heard heard = {.is_rising = true};
    commit_with(cx, (committer_settings){.changed = hear_changes, .changed_arg = &heard});
    hand_over(put("1"));
    hand_over(call_of("PUT", PLACE, JSON({"other" : 1})));
    hand_over(put("2"));
    wait_for(3);
    CHECK_INT(heard.count, 2);
    CHECK_TEXT(heard.values[0], "{\"t\":1}");
    CHECK_TEXT(heard.values[1], "{\"t\":2}");
    CHECK(heard.is_rising);
}
