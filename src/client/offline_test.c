/* SPDX-License-Identifier: Apache-2.0 */
#include "iots/offline.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

/* ---- the clock, which the linker puts in the place of the usual one (see CMakeLists.txt) ---- */

static int64_t clock_ahead_us;

int64_t __real_ix_now_us(void);
int64_t __wrap_ix_now_us(void);

int64_t __wrap_ix_now_us(void)
{
    return __real_ix_now_us() + clock_ahead_us;
}

static _Atomic int64_t monotonic_ahead_us,
    monotonic_step_us; /* the latter for each look at the clock */

int64_t __real_ix_monotonic_us(void);
int64_t __wrap_ix_monotonic_us(void);

int64_t __wrap_ix_monotonic_us(void)
{
    monotonic_ahead_us += monotonic_step_us;
    return __real_ix_monotonic_us() + monotonic_ahead_us;
}

static uint32_t boot = 1; /* which start of the machine this is */

uint32_t __wrap_clock_boot(void);

uint32_t __wrap_clock_boot(void)
{
    return boot;
}

/* ---- a server made of an array ----
 *
 * It keeps the history of any property of any Thing as docs/api/http.md section 12 says, and current
 * values. It lies in memory that a child shares with its parent. */

enum { ENTRIES = 20000, TEXT = 64, PAST = 1000 };

#define NO_DATE INT64_MIN

typedef struct entry {
    char property[TEXT]; /* "Thing/property" */
    char value[TEXT];    /* JSON */
    int64_t at_us;
} entry;

typedef struct farm {
    pthread_mutex_t lock;
    entry entries[ENTRIES];
    int count;
    entry current[512];
    int current_count;
    int requests;
    int goes_after;      /* requests that are answered before the server is away; negative: none */
    int status;          /* of each answer to a change, instead; 0: as it should be */
    bool is_foreign;     /* that answer is somebody else's */
    const char *wants;   /* a text that values are to have in them; others are refused. NULL: any */
    char troubled[TEXT]; /* "Thing/property" whose changes are answered with `trouble`; "": none */
    int trouble;
    bool fails_put;
    bool may_not_look;        /* at the history */
    int64_t ahead_us;         /* of the real time, in what it says as Date; NO_DATE: nothing */
    char reported[20 * TEXT]; /* what was reported, in words */
    iots_transport transport;
    iots_api *api;
    iots_offline *buffer;
    char path[TEXT];
} farm;

static iots_code answer(iots_response *response, int status, const char *body)
{
    iots_response_set_status(response, status);
    iots_response_add_header(response, "Content-Type", "application/json");
    return iots_response_add_body(response, body, strlen(body))
               ? IOTS_OK
               : iots_response_fail(response, IOTS_NO_MEMORY, NULL);
}

static bool has(const farm *farm, const char *property, int64_t at_us)
{
    for (int i = 0; i < farm->count; i++) {
        if (farm->entries[i].at_us == at_us && strcmp(farm->entries[i].property, property) == 0)
            return true;
    }
    return false;
}

static iots_code farm_post(ix_ctx *cx, farm *farm, const char *property, const char *query,
                           const ix_json *items, iots_response *response)
{
    const int before = farm->count;
    const bool skips = strstr(query, "skip_existing=true");
    for (size_t i = 0; i < ix_json_count(items); i++) {
        const ix_json *item = ix_json_item(items, i);
        const ix_json *value = ix_members(ix_json_member(item, "properties")).value;
        CHECK(farm->count < ENTRIES);
        entry *entry = &farm->entries[farm->count];
        if (!ix_time_parse(ix_json_str(ix_json_member(item, "at")), &entry->at_us))
            abort();
        snprintf(entry->property, TEXT, "%s", property);
        snprintf(entry->value, TEXT, "%s", ix_json_text(cx, value));
        const bool is_taken = has(farm, property, entry->at_us);
        if (is_taken && skips)
            continue;
        const bool is_invalid = farm->wants && !strstr(entry->value, farm->wants);
        if (is_taken || is_invalid) {
            farm->count = before;
            return answer(response, is_taken ? 409 : 400, "{\"error\": {\"status\": 400}}");
        }
        farm->count++;
    }
    return answer(response, 201, "[]");
}

static iots_code farm_get(ix_ctx *cx, const farm *farm, const char *property, const char *query,
                          iots_response *response)
{
    char range[2 * TEXT];
    const char *at = strstr(query, "at=") + 3;
    range[ix_percent_decode((ix_str){at, strcspn(at, "&")}, false, range)] = '\0';
    ix_str first;
    const ix_str last = ix_str_cut(ix_str_of(range), '|', &first);
    int64_t first_us, last_us;
    if (!ix_time_parse(first, &first_us) || !ix_time_parse(last, &last_us))
        abort();
    ix_buf body = {0};
    ix_buf_text(&body, "{\"data\": [");
    for (int i = 0, written = 0; i < farm->count; i++) {
        const entry *entry = &farm->entries[i];
        if (entry->at_us < first_us || entry->at_us > last_us ||
            strcmp(entry->property, property) != 0)
            continue;
        ix_buf_text(&body, written++ ? ", {\"at\": \"" : "{\"at\": \"");
        ix_buf_time(&body, entry->at_us);
        ix_buf_format(&body, "\", \"properties\": {\"%s\": %s}}", strchr(property, '/') + 1,
                      entry->value);
    }
    ix_buf_text(&body, "], \"paging\": {\"next_cursor\": \"\"}}");
    const iots_code code = answer(response, 200, ix_buf_cstr(&body));
    ix_buf_done(&body);
    (void)cx;
    return code;
}

static void entry_note(entry *entry, ix_ctx *cx, const char *property, const ix_json *body)
{
    snprintf(entry->property, TEXT, "%s", property);
    snprintf(entry->value, TEXT, "%s", ix_json_text(cx, ix_members(body).value));
}

static iots_code farm_put(ix_ctx *cx, farm *farm, const char *property, const char *query,
                          const ix_json *body, iots_response *response)
{
    int i = 0;
    while (i < farm->current_count && strcmp(farm->current[i].property, property) != 0)
        i++;
    entry_note(&farm->current[i], cx, property, body);
    farm->current_count += i == farm->current_count;
    if (!strstr(query, "update_history=false")) {
        CHECK(farm->count < ENTRIES);
        entry *entry = &farm->entries[farm->count++];
        entry_note(entry, cx, property, body);
        entry->at_us = PAST + farm->count; /* its own clock */
    }
    return answer(response, 200, "{}");
}

static iots_code farm_serve(ix_ctx *cx, farm *farm, const iots_request *request,
                            iots_response *response)
{
    char property[TEXT];
    const char *thing = strstr(request->url, "/things/") + 8;
    const size_t thing_size = strcspn(thing, "/");
    const char *name = strchr(thing + thing_size + 1, '/') + 1;
    const size_t name_size = strcspn(name, "?");
    snprintf(property, sizeof property, "%.*s/%.*s", (int)thing_size, thing, (int)name_size, name);
    const ix_json *body =
        request->body ? ix_json_parse(cx, request->body, request->body_size) : NULL;
    const bool is_get = strcmp(request->method, "GET") == 0;
    if (farm->status && !is_get)
        return answer(response, farm->status,
                      farm->is_foreign ? "{\"login\": \"here\"}"
                                       : "{\"error\": {\"status\": 400}}");
    if (is_get)
        return farm->may_not_look ? answer(response, 403, "{\"error\": {\"status\": 403}}")
                                  : farm_get(cx, farm, property, name + name_size, response);
    if (strcmp(property, farm->troubled) == 0)
        return answer(response, farm->trouble, "{\"error\": {\"status\": 500}}");
    if (strcmp(request->method, "POST") == 0)
        return farm_post(cx, farm, property, name + name_size, body, response);
    return farm->fails_put ? answer(response, 500, "{\"error\": {\"status\": 500}}")
                           : farm_put(cx, farm, property, name + name_size, body, response);
}

/* What it says to anybody who asks. */
static void say_date(const farm *farm, iots_response *response)
{
    char text[64];
    const time_t seconds = (time_t)((__real_ix_now_us() + farm->ahead_us) / IX_SECOND_US);
    struct tm parts;
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &parts));
    iots_response_add_header(response, "Date", text);
}

static iots_code farm_send(void *self, const iots_request *request, iots_response *response)
{
    farm *farm = self;
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        abort();
    pthread_mutex_lock(&farm->lock);
    iots_code code;
    if (farm->goes_after >= 0 && farm->requests >= farm->goes_after)
        code = iots_response_fail(response, IOTS_TRANSPORT, "nobody is there");
    else if (strstr(request->url, "/health"))
        code = answer(response, 200, "{\"status\": \"ok\"}");
    else {
        farm->requests++;
        code = farm_serve(&cx, farm, request, response);
    }
    if (code == IOTS_OK && farm->ahead_us != NO_DATE)
        say_date(farm, response);
    pthread_mutex_unlock(&farm->lock);
    ix_ctx_done(&cx);
    return code;
}

/* ---- words ---- */

static void note_report(const iots_offline_report *report, void *user)
{
    farm *farm = user;
    const size_t len = strlen(farm->reported);
    const char *what = report->what == IOTS_OFFLINE_REFUSED   ? "refused"
                       : report->what == IOTS_OFFLINE_DROPPED ? "dropped"
                                                              : "held";
    snprintf(farm->reported + len, sizeof farm->reported - len, "%s %s/%s %s %d; ", what,
             report->thing.id, report->property, report->json ? report->json : "-",
             report->reply ? iots_reply_status(report->reply) : 0);
    CHECK(report->json ? report->at_us > 0 : report->at_us == 0);
}

static void note_clock(int64_t ahead_ms, void *user)
{
    farm *farm = user;
    const size_t len = strlen(farm->reported);
    snprintf(farm->reported + len, sizeof farm->reported - len, "clock %+lld h; ",
             (long long)(ahead_ms + (ahead_ms < 0 ? -60000 : 60000)) / 3600000);
}

static iots_offline *opened_with(farm *farm, iots_offline_opts opts)
{
    opts.size = sizeof opts;
    opts.report = note_report;
    opts.clock_wrong = note_clock;
    opts.user = farm;
    opts.retry_ms = opts.retry_ms ? opts.retry_ms : -1;
    farm->buffer = iots_offline_open(farm->api, farm->path, &opts);
    return farm->buffer;
}

static farm *farm_new(void)
{
    farm *farm =
        mmap(NULL, sizeof *farm, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutex_init(&farm->lock, NULL);
    farm->goes_after = -1;
    farm->ahead_us = NO_DATE;
    farm->transport = (iots_transport){.send = farm_send, .self = farm};
    farm->api =
        iots_api_new(IOTS_API_OPTS(.host = "http://iots.test", .transport = &farm->transport));
    iots_api_set_token(farm->api, "T");
    snprintf(farm->path, TEXT, "/tmp/iots-offline-XXXXXX");
    const int file = mkstemp(farm->path);
    close(file);
    return farm;
}

/* One whose buffer is open. */
static farm *farm_with(iots_offline_opts opts)
{
    farm *farm = farm_new();
    CHECK_TEXT(iots_offline_error(opened_with(farm, opts)), "");
    return farm;
}

static farm *farm_begin(void)
{
    return farm_with((iots_offline_opts){0});
}

static void farm_done(farm *farm)
{
    iots_offline_close(farm->buffer);
    iots_api_free(farm->api);
    unlink(farm->path);
    munmap(farm, sizeof *farm);
}

static void farm_leaves(farm *farm)
{
    farm->goes_after = 0;
}

static void farm_returns(farm *farm)
{
    farm->goes_after = -1;
}

static iots_thing thing_of(const farm *farm, const char *id)
{
    return iots_space_thing(iots_api_space(farm->api, "farm"), id);
}

static iots_reply *update(const farm *farm, const char *property, iots_value value)
{
    return iots_offline_update(farm->buffer, thing_of(farm, "A"), property, value);
}

static iots_code code_of(iots_reply *reply)
{
    const iots_code code = iots_reply_code(reply);
    iots_reply_free(reply);
    return code;
}

/* Is the number acknowledged? And where: 200 with the server, 0 in the file, or minus the code. */
static int set(const farm *farm, const char *property, int number)
{
    iots_reply *reply = update(farm, property, iots_integer(number));
    const int status = iots_ok(reply) ? iots_reply_status(reply) : -(int)iots_reply_code(reply);
    iots_reply_free(reply);
    return status;
}

static iots_code flush(const farm *farm)
{
    return code_of(iots_offline_flush(farm->buffer));
}

static int count(const farm *farm, iots_offline_what what)
{
    return (int)iots_offline_count(farm->buffer, what);
}

/* The history of a property in the order in which it came, with a blank after each value; times must
 * increase. */
static const char *history(ix_ctx *cx, const farm *farm, const char *property)
{
    ix_buf text = {0};
    int64_t before_us = 0;
    for (int i = 0; i < farm->count; i++) {
        const entry *entry = &farm->entries[i];
        if (strcmp(entry->property, property) != 0)
            continue;
        CHECK(entry->at_us > before_us);
        before_us = entry->at_us;
        ix_buf_format(&text, "%s ", entry->value);
    }
    const char *ret = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return ret;
}

static const char *current(const farm *farm, const char *property)
{
    for (int i = 0; i < farm->current_count; i++) {
        if (strcmp(farm->current[i].property, property) == 0)
            return farm->current[i].value;
    }
    return "";
}

/* ---- away and back ---- */

TEST("a value goes to the server while it is there, and nothing waits")
{
    farm *farm = farm_begin();
    CHECK_INT(set(farm, "t", 1), 200);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 ");
    CHECK_INT(farm->requests, 1);
    farm_done(farm);
}

TEST("values that waited arrive in order, with their times, the last one as current value")
{
    farm *farm = farm_begin();
    const int64_t before_us = ix_now_us();
    farm_leaves(farm);
    for (int i = 1; i <= 5; i++)
        CHECK_INT(set(farm, "t", i), 0);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 5);
    CHECK_INT(flush(farm), IOTS_TRANSPORT);
    const int64_t after_us = ix_now_us() + 5;

    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 2 3 4 5 ");
    CHECK_TEXT(current(farm, "A/t"), "5");
    CHECK(farm->entries[0].at_us >= before_us && farm->entries[4].at_us <= after_us);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
    CHECK_INT(farm->requests, 2); /* all of the history at once, and the current value */
    CHECK_INT(set(farm, "t", 6), 200);
    farm_done(farm);
}

TEST("values wait for the next program, too")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    CHECK_INT(set(farm, "t", 1), 0);
    iots_offline_close(farm->buffer);
    opened_with(farm, (iots_offline_opts){0});
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 1);
    CHECK_INT(set(farm, "t", 2), 0);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 2 ");
    farm_done(farm);
}

TEST("no value overtakes those that wait; an update sends them when it is time to try again")
{
    farm *farm = farm_with((iots_offline_opts){.retry_ms = 1});
    farm_leaves(farm);
    CHECK_INT(set(farm, "t", 1), 0);
    farm_returns(farm);
    int last = 1;
    while (count(farm, IOTS_OFFLINE_WAITING) > 0)
        CHECK_INT(set(farm, "t", ++last), 0);
    char number[16];
    snprintf(number, sizeof number, "%d", last);
    CHECK_TEXT(current(farm, "A/t"), number);
    CHECK_INT(farm->count, last);
    CHECK_INT(set(farm, "t", ++last), 200);
    farm_done(farm);
}

TEST("a server that was away is left in peace until it is time, or until the next flush")
{
    farm *farm = farm_with((iots_offline_opts){.retry_ms = 3600000});
    farm->status = 503;
    CHECK_INT(set(farm, "t", 1), 0);
    CHECK_INT(set(farm, "t", 2), 0);
    CHECK_INT(farm->requests, 1);
    CHECK_INT(flush(farm), IOTS_UNAVAILABLE);
    CHECK_INT(farm->requests, 2);
    farm_done(farm);
}

TEST("values of several Things and properties keep their order, and each its newest value")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    iots_thing b =
        iots_category_thing(iots_space_category(iots_api_space(farm->api, "farm"), "Boilers"), "B");
    for (int i = 1; i <= 3; i++) {
        set(farm, "t", i);
        set(farm, "u", 10 * i);
        iots_reply_free(
            iots_offline_update(farm->buffer, b, "t", iots_text(i == 3 ? "off" : "on")));
    }
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 2 3 ");
    CHECK_TEXT(history(cx, farm, "A/u"), "10 20 30 ");
    CHECK_TEXT(history(cx, farm, "B/t"), "\"on\" \"on\" \"off\" ");
    CHECK_TEXT(current(farm, "A/u"), "30");
    CHECK_TEXT(current(farm, "B/t"), "\"off\"");
    CHECK_INT(farm->requests, 6);
    farm_done(farm);
}

TEST("more than a window of values arrives in one flush")
{
    farm *farm = farm_with((iots_offline_opts){.sync = IOTS_NO});
    farm_leaves(farm);
    for (int i = 1; i <= 1000; i++)
        CHECK_INT(set(farm, "t", i), 0);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_INT(farm->count, 1000);
    CHECK_TEXT(current(farm, "A/t"), "1000");
    farm_done(farm);
}

/* The device program ends, and another one begins. */
static void reopen(farm *farm)
{
    iots_offline_close(farm->buffer);
    CHECK_TEXT(iots_offline_error(opened_with(farm, (iots_offline_opts){0})), "");
}

/* ---- clocks ---- */

/* Keeps a value while the clock is so far ahead. */
static void set_at(farm *farm, int64_t ahead_us, int number)
{
    clock_ahead_us = ahead_us;
    farm_leaves(farm);
    CHECK_INT(set(farm, "t", number), 0);
}

/* Are all values in the order of their numbers, and of the time from then to now? */
static void check_times(ix_ctx *cx, const farm *farm, int64_t then_us, const char *values)
{
    CHECK_TEXT(history(cx, farm, "A/t"), values);
    for (int i = 0; i < farm->count; i++)
        CHECK(farm->entries[i].at_us >= then_us && farm->entries[i].at_us <= __real_ix_now_us());
}

#define HOUR_US (3600 * IX_SECOND_US)
#define YEAR_US (365 * 24 * HOUR_US)

TEST("values keep their order and have their own times when the clock is set while they wait")
{
    static const int64_t aheads_us[] = {HOUR_US, -HOUR_US, 10 * YEAR_US, -56 * YEAR_US};
    for (size_t i = 0; i < sizeof aheads_us / sizeof *aheads_us; i++) {
        farm *farm = farm_begin();
        const int64_t then_us = __real_ix_now_us();
        set_at(farm, aheads_us[i], 1);
        set_at(farm, aheads_us[i], 2);
        set_at(farm, 0, 3);
        reopen(farm);
        set_at(farm, 0, 4);
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        check_times(cx, farm, then_us - IX_SECOND_US / 2, "1 2 3 4 ");
        CHECK_TEXT(current(farm, "A/t"), "4");
        farm_done(farm);
    }
}

TEST("a clock that goes back by less than a second makes no step")
{
    farm *farm = farm_begin();
    const int64_t then_us = __real_ix_now_us();
    set_at(farm, IX_SECOND_US / 2, 1);
    set_at(farm, 0, 2);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 2 ");
    CHECK(farm->entries[0].at_us >= then_us + IX_SECOND_US / 2);
    farm_done(farm);
}

TEST("what an earlier start of the machine stamped with a wrong time comes before what followed")
{
    static const int64_t aheads_us[] = {HOUR_US, 10 * YEAR_US, -56 * YEAR_US};
    for (size_t i = 0; i < sizeof aheads_us / sizeof *aheads_us; i++) {
        farm *farm = farm_begin();
        const int64_t then_us = __real_ix_now_us();
        set_at(farm, 0, 1);
        for (int number = 2; number <= 4; number++)
            set_at(farm, aheads_us[i], number);
        boot = 2;
        reopen(farm);
        set_at(farm, 0, 5);
        set_at(farm, 0, 6);
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        check_times(cx, farm, then_us, "1 2 3 4 5 6 ");
        CHECK(farm->entries[1].at_us == farm->entries[4].at_us - 3);
        boot = 1;
        farm_done(farm);
    }
}

TEST("a value of the future, or of a clock that was not set, gets the time of its sending at the "
     "latest")
{
    static const int64_t aheads_us[] = {10 * YEAR_US, -56 * YEAR_US};
    for (size_t i = 0; i < 2; i++) {
        farm *farm = farm_begin();
        const int64_t then_us = __real_ix_now_us();
        set_at(farm, aheads_us[i], 1);
        set_at(farm, aheads_us[i], 2);
        boot = 2;
        clock_ahead_us = 0;
        reopen(farm);
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        check_times(cx, farm, then_us, "1 2 ");
        boot = 1;
        farm_done(farm);
    }
}

TEST("a clock that is plainly wrong is reported, and the server's time counts")
{
    static const struct {
        int64_t ahead_us;
        const char *reported;
    } cases[] = {{2 * HOUR_US, "clock +2 h; "},
                 {-2 * HOUR_US, "clock -2 h; "},
                 {120 * IX_SECOND_US, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        farm *farm = farm_begin();
        farm->ahead_us = 0;
        const int64_t then_us = __real_ix_now_us() + (*cases[i].reported ? 0 : cases[i].ahead_us);
        set_at(farm, cases[i].ahead_us, 1);
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        set_at(farm, cases[i].ahead_us, 2); /* now it is known */
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK_TEXT(farm->reported, cases[i].reported);
        CHECK_TEXT(history(cx, farm, "A/t"), "1 2 ");
        for (int j = 0; j < 2; j++)
            CHECK(farm->entries[j].at_us >= then_us - 2 * IX_SECOND_US &&
                  farm->entries[j].at_us <= then_us + 60 * IX_SECOND_US);

        set_at(farm, 0, 3); /* and is right again, before the server is heard of */
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK(farm->entries[2].at_us <= __real_ix_now_us());
        CHECK_TEXT(farm->reported, cases[i].reported);
        farm_done(farm);
    }
    clock_ahead_us = 0;
}

TEST("one value of a clock ten years ahead does not take those after it along")
{
    farm *farm = farm_begin();
    const int64_t then_us = __real_ix_now_us();
    set_at(farm, 10 * YEAR_US, 1);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK); /* while it is: nobody could know better */
    for (int number = 2; number <= 4; number++)
        set_at(farm, 0, number);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    for (int i = 1; i < 4; i++)
        CHECK(farm->entries[i].at_us >= then_us && farm->entries[i].at_us <= __real_ix_now_us());
    farm_done(farm);
}

/* ---- sending that is cut off ---- */

TEST("wherever sending is cut off, nothing is lost, and nothing is stored twice")
{
    bool is_over = false;
    for (int cut = 1; !is_over; cut++) {
        farm *farm = farm_begin();
        farm_leaves(farm);
        for (int i = 1; i <= 4; i++) {
            set(farm, "t", i);
            set(farm, "u", i);
        }
        farm->goes_after = cut;
        is_over = flush(farm) == IOTS_OK;
        CHECK(is_over || count(farm, IOTS_OFFLINE_WAITING) == 8);
        set(farm, "t", 5);
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK_TEXT(history(cx, farm, "A/t"), "1 2 3 4 5 ");
        CHECK_TEXT(history(cx, farm, "A/u"), "1 2 3 4 ");
        CHECK_TEXT(current(farm, "A/t"), "5");
        CHECK_TEXT(current(farm, "A/u"), "4");
        CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 0);
        farm_done(farm);
    }
}

TEST("a value at a time at which the history has another one moves on by a microsecond")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    set(farm, "t", 1);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    const int64_t at_us = farm->entries[0].at_us;

    farm_leaves(farm);
    set(farm, "t", 2);
    set(farm, "t", 3);
    iots_offline_close(farm->buffer);
    farm->goes_after = farm->requests + 1; /* the history arrives, nobody hears of it */
    opened_with(farm, (iots_offline_opts){0});
    CHECK_INT(flush(farm), IOTS_TRANSPORT);
    CHECK_INT(farm->count, 3);
    snprintf(farm->entries[1].value, TEXT, "7"); /* somebody else's, as it were */
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_INT(farm->count, 4);
    CHECK(farm->entries[3].at_us == farm->entries[1].at_us + 1 && at_us > 0);
    CHECK_TEXT(farm->entries[3].value, "2");
    farm_done(farm);
}

/* ---- what the server refuses ---- */

TEST("a value that the server will never take does not hold up the others, and is counted")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    for (int i = 1; i <= 9; i++)
        set(farm, "t", i == 4 || i == 9 ? -i : 10 + i);
    farm->wants = "1";
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_INVALID);
    CHECK_TEXT(history(cx, farm, "A/t"), "11 12 13 15 16 17 18 ");
    CHECK_TEXT(current(farm, "A/t"), "18");
    CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 2);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
    CHECK_INT(flush(farm), IOTS_OK);

    iots_offline_close(farm->buffer);
    opened_with(farm, (iots_offline_opts){0});
    CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 2); /* since the file was made */
    farm_done(farm);
}

TEST("a Thing that is gone costs one request, not one for each value")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    for (int i = 0; i < 20; i++)
        set(farm, "t", i);
    farm->status = 404;
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_NOT_FOUND);
    CHECK_INT(farm->requests, 1);
    CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 20);
    farm_done(farm);
}

TEST("a value that a server that is there will never take is passed on, and not kept")
{
    static const struct {
        int status;
        iots_code code;
    } cases[] = {{400, IOTS_INVALID}, {404, IOTS_NOT_FOUND}, {413, IOTS_TOO_LARGE}};
    farm *farm = farm_begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        farm->status = cases[i].status;
        CHECK_INT(set(farm, "t", 1), -(int)cases[i].code);
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
    }
    farm_done(farm);
}

TEST("what the server does not take for now is kept, whether others wait or not")
{
    static const struct {
        int status;
        iots_code code;
    } cases[] = {{401, IOTS_UNAUTHENTICATED}, {403, IOTS_FORBIDDEN}, {405, IOTS_METHOD_NOT_ALLOWED},
                 {429, IOTS_TOO_MANY},        {500, IOTS_INTERNAL},  {501, IOTS_NOT_IMPLEMENTED},
                 {503, IOTS_UNAVAILABLE},     {507, IOTS_NO_ROOM}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        farm *farm = farm_begin();
        farm->status = cases[i].status;
        CHECK_INT(set(farm, "t", 1), 0);
        CHECK_INT(set(farm, "t", 2), 0);
        CHECK_INT(flush(farm), cases[i].code);
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 2);
        CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 0);
        farm->status = 0;
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK_TEXT(history(cx, farm, "A/t"), "1 2 ");
        farm_done(farm);
    }
}

/* A server that wants a token, and gives none to this client. */
static iots_code tokenless_send(void *self, const iots_request *request, iots_response *response)
{
    farm *farm = self;
    if (!strstr(request->url, "/oauth2/token"))
        return farm_send(farm, request, response);
    return answer(response, farm->trouble, "{\"error\": \"invalid_client\"}");
}

TEST("values are kept while the client's secret is refused, in whatever way")
{
    static const int statuses[] = {400, 401, 403, 404, 413, 429};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        farm *farm = farm_begin();
        iots_offline_close(farm->buffer);
        iots_api_free(farm->api);
        farm->transport.send = tokenless_send;
        farm->trouble = statuses[i];
        farm->api =
            iots_api_new(IOTS_API_OPTS(.host = "http://iots.test", .transport = &farm->transport));
        iots_api_set_credentials(farm->api, "id", "old secret", NULL, IOTS_OAUTH2(.lazy = true));
        opened_with(farm, (iots_offline_opts){0});
        CHECK_INT(set(farm, "t", 1), 0);
        CHECK_INT(set(farm, "t", 2), 0);
        CHECK(flush(farm) != IOTS_OK);
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 2);
        CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 0);
        iots_api_set_token(farm->api, "T");
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK_TEXT(history(cx, farm, "A/t"), "1 2 ");
        farm_done(farm);
    }
}

/* ---- one property that is not taken ---- */

static void trouble(farm *farm, const char *property, int status)
{
    snprintf(farm->troubled, TEXT, "%s", property);
    farm->trouble = status;
}

TEST("a property whose values are not taken does not hold up the others")
{
    static const struct {
        int status;
        iots_code code;
    } cases[] = {{403, IOTS_FORBIDDEN}, {500, IOTS_INTERNAL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        farm *farm = farm_begin();
        farm_leaves(farm);
        for (int number = 1; number <= 3; number++) {
            set(farm, "t", number);
            set(farm, "u", 10 * number);
        }
        farm_returns(farm);
        trouble(farm, "A/t", cases[i].status);
        CHECK_INT(flush(farm), cases[i].code);
        CHECK_TEXT(history(cx, farm, "A/u"), "10 20 30 ");
        CHECK_TEXT(current(farm, "A/u"), "30");
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 3);
        CHECK_INT(count(farm, IOTS_OFFLINE_HELD), 3);
        CHECK_INT(count(farm, IOTS_OFFLINE_REFUSED), 0);

        CHECK_INT(set(farm, "u", 40), 200); /* the way is free for these */
        const int requests = farm->requests;
        CHECK_INT(set(farm, "t", 4), 0); /* and these wait, without a request */
        CHECK_INT(farm->requests, requests);
        CHECK_INT(count(farm, IOTS_OFFLINE_HELD), 4);
        CHECK_TEXT(farm->reported,
                   cases[i].status == 403 ? "held A/t - 403; " : "held A/t - 500; ");

        reopen(farm); /* what has gone is not sent again, and the current values stay */
        CHECK_INT(flush(farm), cases[i].code);
        CHECK_INT(farm->requests, requests + 1);
        CHECK_TEXT(current(farm, "A/u"), "40");

        trouble(farm, "", 0);
        CHECK_INT(set(farm, "t", 5), 0);
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK_TEXT(history(cx, farm, "A/t"), "1 2 3 4 5 ");
        CHECK_TEXT(current(farm, "A/t"), "5");
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
        CHECK_INT(count(farm, IOTS_OFFLINE_HELD), 0);
        CHECK_INT(set(farm, "t", 6), 200);
        farm_done(farm);
    }
}

TEST("a property that is held back is tried again after a while, by updates as well")
{
    farm *farm = farm_with((iots_offline_opts){.retry_ms = 1});
    trouble(farm, "A/t", 500);
    CHECK_INT(set(farm, "t", 1), 0);
    CHECK_INT(set(farm, "u", 1), 200);
    trouble(farm, "", 0);
    int last = 1;
    while (count(farm, IOTS_OFFLINE_WAITING) > 0) {
        const int status = set(farm, "t", ++last);
        CHECK(status == 0 ||
              status == 200); /* it waits, or is the first for which the time has come */
    }
    CHECK_INT(farm->count, last + 1);
    char number[16];
    snprintf(number, sizeof number, "%d", last);
    CHECK_TEXT(current(farm, "A/t"), number);
    farm_done(farm);
}

TEST("a property is tried again wherever in an update the time for it comes")
{
    enum { LONGEST_S = 40, UPDATES = 100 };
    for (int wait_s = 1; wait_s <= LONGEST_S; wait_s++) {
        farm *farm = farm_with((iots_offline_opts){.retry_ms = wait_s * 1000});
        trouble(farm, "A/t", 500);
        CHECK_INT(set(farm, "t", 1), 0);
        trouble(farm, "", 0);
        monotonic_step_us = IX_SECOND_US;
        for (int i = 2; i < UPDATES && count(farm, IOTS_OFFLINE_WAITING) > 0; i++)
            set(farm, "t", i);
        monotonic_step_us = 0;
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
        farm_done(farm);
    }
}

TEST("many properties are held back at once, and each waits for itself")
{
    enum { MANY = 300 };
    farm *farm = farm_with((iots_offline_opts){.sync = IOTS_NO});
    farm_leaves(farm);
    char name[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "p%d", i);
        CHECK_INT(set(farm, name, i), 0);
    }
    set(farm, "u", 1);
    farm_returns(farm);
    farm->status = 403;
    CHECK_INT(flush(farm), IOTS_FORBIDDEN);
    CHECK_INT(farm->requests, MANY + 1);
    CHECK_INT(count(farm, IOTS_OFFLINE_HELD), MANY + 1);
    farm->status = 0;
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_INT(farm->count, MANY + 1);
    farm_done(farm);
}

TEST("values that are held back make room for others, and that is counted and reported")
{
    static const iots_offline_full how[] = {IOTS_OFFLINE_DROP, IOTS_OFFLINE_REFUSE};
    for (size_t i = 0; i < 2; i++) {
        farm *farm = farm_with(
            (iots_offline_opts){.max_bytes = 12 << 10, .when_full = how[i], .sync = IOTS_NO});
        trouble(farm, "A/t", 403);
        CHECK_INT(set(farm, "t", 1), 0);
        CHECK_INT(set(farm, "t", 2), 0);
        farm_leaves(farm);
        int kept = 0;
        while (count(farm, IOTS_OFFLINE_REFUSED) < 2 && kept < 1000)
            CHECK_INT(set(farm, "u", ++kept), 0);
        CHECK_TEXT(farm->reported, "held A/t - 403; refused A/t 1 0; refused A/t 2 0; ");
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), kept);
        CHECK_INT(count(farm, IOTS_OFFLINE_DROPPED), 0);
        CHECK_INT(count(farm, IOTS_OFFLINE_HELD), 0);
        CHECK_INT(set(farm, "u", 0), how[i] == IOTS_OFFLINE_DROP ? 0 : -IOTS_NO_ROOM);
        farm_returns(farm);
        CHECK_INT(flush(farm), IOTS_OK);
        CHECK_INT(farm->count, kept);
        farm_done(farm);
    }
}

TEST("what is refused for good, and what is dropped, is reported with its value")
{
    farm *farm = farm_with((iots_offline_opts){.max_bytes = 12 << 10, .sync = IOTS_NO});
    farm_leaves(farm);
    for (int i = 1; i <= 3; i++)
        set(farm, "t", i == 2 ? -2 : 10 + i);
    farm->wants = "1";
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_INVALID);
    CHECK_TEXT(farm->reported, "refused A/t -2 400; ");

    farm->reported[0] = '\0';
    farm_leaves(farm);
    for (int i = 100; count(farm, IOTS_OFFLINE_DROPPED) == 0; i++)
        set(farm, "t", i);
    CHECK_TEXT(farm->reported, "dropped A/t 100 0; ");
    farm_done(farm);
}

TEST("a client that may not look at the history gets rid of its values, too")
{
    farm *farm = farm_begin();
    farm->may_not_look = true;
    farm_leaves(farm);
    for (int i = 1; i <= 3; i++)
        set(farm, "t", i);
    farm->goes_after = farm->requests + 1; /* the history arrives, nobody hears of it */
    CHECK_INT(flush(farm), IOTS_TRANSPORT);
    CHECK_INT(farm->count, 3);
    farm_leaves(farm);
    set(farm, "t", 4);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 2 3 4 ");
    CHECK_TEXT(current(farm, "A/t"), "4");
    farm_done(farm);
}

TEST("a failure to set the current value is made good later, without a second entry")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    set(farm, "t", 1);
    set(farm, "t", 2);
    farm_returns(farm);
    farm->fails_put = true;
    CHECK_INT(flush(farm), IOTS_INTERNAL);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 1);
    farm->fails_put = false;
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 2 ");
    CHECK_TEXT(current(farm, "A/t"), "2");
    farm_done(farm);
}

TEST("a refusal of somebody between us and the server is none: values are kept")
{
    static const int statuses[] = {400, 401, 403, 404, 409};
    farm *farm = farm_begin();
    farm->is_foreign = true;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        farm->status = statuses[i];
        CHECK_INT(set(farm, "t", (int)i), 0);
        CHECK(flush(farm) != IOTS_OK);
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), (int)i + 1);
    }
    farm->status = 0;
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "0 1 2 3 4 ");
    farm_done(farm);
}

TEST("values stay while the server knows us not")
{
    farm *farm = farm_begin();
    farm_leaves(farm);
    set(farm, "t", 1);
    farm_returns(farm);
    farm->status = 401;
    CHECK_INT(flush(farm), IOTS_UNAUTHENTICATED);
    farm->status = 403;
    CHECK_INT(flush(farm), IOTS_FORBIDDEN);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 1);
    farm->status = 0;
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "1 ");
    farm_done(farm);
}

/* ---- a full buffer ---- */

TEST("a full buffer that drops keeps the newest values and counts what it dropped")
{
    farm *farm = farm_with((iots_offline_opts){.max_bytes = 12 << 10, .sync = IOTS_NO});
    farm_leaves(farm);
    for (int i = 1; i <= 200; i++)
        CHECK_INT(set(farm, "t", i), 0);
    const int dropped = count(farm, IOTS_OFFLINE_DROPPED);
    CHECK(dropped > 0);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 200 - dropped);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    char first[16];
    snprintf(first, sizeof first, "%d", dropped + 1);
    CHECK_TEXT(farm->entries[0].value, first);
    CHECK_INT(farm->count, 200 - dropped);
    CHECK_TEXT(current(farm, "A/t"), "200");
    farm_done(farm);
}

TEST("a full buffer that refuses says so, and keeps what it has")
{
    farm *farm = farm_with((iots_offline_opts){
        .max_bytes = 12 << 10, .when_full = IOTS_OFFLINE_REFUSE, .sync = IOTS_NO});
    farm_leaves(farm);
    int kept = 0;
    while (set(farm, "t", kept + 1) == 0)
        kept++;
    CHECK(kept > 50);
    CHECK_INT(set(farm, "t", 0), -IOTS_NO_ROOM);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), kept);
    CHECK_INT(count(farm, IOTS_OFFLINE_DROPPED), 0);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_INT(farm->count, kept);
    CHECK_INT(set(farm, "t", 0), 200);
    farm_done(farm);
}

TEST("a value too large to wait is refused, and drops nothing")
{
    farm *farm = farm_with((iots_offline_opts){.max_bytes = 12 << 10});
    farm_leaves(farm);
    CHECK_INT(set(farm, "t", 1), 0);
    char text[8 << 10];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    CHECK_INT(code_of(update(farm, "t", iots_text(text))), IOTS_TOO_LARGE);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 1);
    farm_done(farm);
}

TEST("a disk without room is reported at once, and an update on it is not acknowledged")
{
    farm *farm = farm_new();
    struct rlimit usual;
    CHECK(getrlimit(RLIMIT_FSIZE, &usual) == 0);
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){10000, usual.rlim_max}) == 0);
    opened_with(farm, (iots_offline_opts){0});
    CHECK(setrlimit(RLIMIT_FSIZE, &usual) == 0);
    CHECK(strstr(iots_offline_error(farm->buffer), "the buffer file cannot be given its size"));
    CHECK_INT(set(farm, "t", 1), -IOTS_NO_ROOM);
    CHECK_INT(flush(farm), IOTS_NO_ROOM);
    CHECK_INT(farm->requests, 0);
    iots_offline_close(farm->buffer);

    opened_with(farm, (iots_offline_opts){0});
    farm_leaves(farm);
    CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){8200, usual.rlim_max}) == 0);
    const int status = set(farm, "t", 1);
    CHECK(setrlimit(RLIMIT_FSIZE, &usual) == 0);
    signal(SIGXFSZ, SIG_DFL);
    CHECK_INT(status, -IOTS_NO_ROOM);
    CHECK_INT(set(farm, "t", 2), 0);
    farm_returns(farm);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_TEXT(history(cx, farm, "A/t"), "2 ");
    farm_done(farm);
}

/* ---- wrong use ---- */

TEST("what makes no sense is refused with a sentence")
{
    farm *farm = farm_begin();
    iots_api *other = iots_api_new(IOTS_API_OPTS(.host = "http://iots.test"));
    iots_thing foreign = iots_space_thing(iots_api_space(other, "farm"), "A");
    CHECK_INT(code_of(iots_offline_update(farm->buffer, foreign, "t", iots_null())), IOTS_USAGE);
    CHECK_INT(code_of(update(farm, NULL, iots_null())), IOTS_USAGE);
    CHECK_INT(code_of(update(farm, "..", iots_null())), IOTS_USAGE);
    farm_leaves(farm);
    CHECK_INT(set(farm, "t", 1), 0);
    CHECK_INT(code_of(update(farm, "t", iots_none())), IOTS_USAGE);
    CHECK_INT(code_of(update(farm, "t", iots_raw("{"))), IOTS_USAGE);
    CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 1);
    iots_api_free(other);
    farm_done(farm);
}

TEST("a buffer that cannot be opened says why, and so does each call")
{
    static const struct {
        const char *path;
        iots_offline_opts opts;
        const char *want;
    } cases[] = {
        {"/no such folder/buffer", {0}, "/no such folder/buffer: No such file or directory"},
        {"", {0}, "the path of the buffer is missing"},
        {"/tmp", {0}, "/tmp: Is a directory"},
        {"/tmp/x", {.max_bytes = 100}, "max_bytes: from 12288 to 1073741824"},
        {"/tmp/x", {.when_full = 7}, "when_full: IOTS_OFFLINE_DROP or IOTS_OFFLINE_REFUSE"},
    };
    farm *farm = farm_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        iots_offline_opts opts = cases[i].opts;
        opts.size = sizeof opts;
        farm->buffer = iots_offline_open(farm->api, cases[i].path, &opts);
        CHECK_TEXT(iots_offline_error(farm->buffer), cases[i].want);
        iots_reply *reply = update(farm, "t", iots_integer(1));
        CHECK_TEXT(iots_error(reply), cases[i].want);
        CHECK_INT(code_of(reply), IOTS_USAGE);
        CHECK_INT(count(farm, IOTS_OFFLINE_WAITING), 0);
        iots_offline_close(farm->buffer);
    }
    farm->buffer = NULL;
    CHECK_INT(set(farm, "t", 1), -IOTS_NO_MEMORY);
    CHECK_INT(flush(farm), IOTS_NO_MEMORY);
    farm_done(farm);
}

TEST("a buffer in use by another program is not opened")
{
    farm *farm = farm_begin();
    iots_offline *second = iots_offline_open(farm->api, farm->path, NULL);
    CHECK(strstr(iots_offline_error(second), ": the buffer file is in use by another program"));
    CHECK_INT(code_of(iots_offline_flush(second)), IOTS_CONFLICT);
    iots_offline_close(second);
    farm_done(farm);
}

/* ---- threads ---- */

enum { THREADS = 4, EACH = 100 };

typedef struct writer {
    farm *farm;
    char property[8];
    pthread_t thread;
} writer;

static void *write_values(void *arg)
{
    const writer *writer = arg;
    for (int i = 1; i <= EACH; i++) {
        set(writer->farm, writer->property, i);
        if (i % 10 == 0)
            iots_reply_free(iots_offline_flush(writer->farm->buffer));
    }
    return NULL;
}

TEST("several threads update and flush at once, and each finds its values in order")
{
    farm *farm = farm_with((iots_offline_opts){.sync = IOTS_NO, .retry_ms = 1});
    farm_leaves(farm);
    set(farm, "x", 1); /* so that values wait from the start */
    farm_returns(farm);
    writer writers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        writers[i].farm = farm;
        snprintf(writers[i].property, sizeof writers[i].property, "p%d", i);
        pthread_create(&writers[i].thread, NULL, write_values, &writers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(writers[i].thread, NULL);
    CHECK_INT(flush(farm), IOTS_OK);
    CHECK_INT(farm->count, THREADS * EACH + 1);
    for (int i = 0; i < THREADS; i++) {
        char property[TEXT], last[16];
        snprintf(property, sizeof property, "A/%s", writers[i].property);
        snprintf(last, sizeof last, "%d", EACH);
        CHECK_TEXT(current(farm, property), last);
    }
    farm_done(farm);
}

/* ---- the end of the device program, at any moment ---- */

enum { ROUNDS = 25, ROUNDS_LONG = 200, DEVICE_VALUES = ENTRIES / ROUNDS_LONG - 1 };

/* A device: it flushes now and then, and notes in the pipe what is acknowledged. It ends by being killed:
 * should that take long, it waits after many values, since the farm keeps so many and no more. */
static void device_run(farm *farm, int first, int acknowledged)
{
    opened_with(farm, (iots_offline_opts){.max_bytes = 64 << 10});
    for (int i = first; i < first + DEVICE_VALUES; i++) {
        farm_leaves(farm);
        if (set(farm, "t", i) != 0 || write(acknowledged, &i, sizeof i) != sizeof i)
            _exit(1);
        farm_returns(farm);
        if (i % 7 == 0)
            iots_reply_free(iots_offline_flush(farm->buffer));
    }
    for (;;)
        pause();
}

/* Runs a device until it has acknowledged some values, and kills it. The last acknowledged one. */
static int device_kill(farm *farm, int first, int count)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        device_run(farm, first, ends[1]);
    }
    close(ends[1]);
    int last = 0, number;
    for (int i = 0; i < count && read(ends[0], &number, sizeof number) == sizeof number; i++)
        last = number;
    kill(child, SIGKILL);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    while (read(ends[0], &number, sizeof number) == sizeof number)
        last = number; /* acknowledged before the end, read after it */
    close(ends[0]);
    CHECK(last >= first);
    return last;
}

TEST("a device program that is killed at any moment loses nothing acknowledged")
{
    const int rounds = getenv("IOTS_TEST_LONG") ? ROUNDS_LONG : ROUNDS;
    srandom((unsigned)getpid());
    farm *farm = farm_new();
    int next = 1;
    for (int round = 0; round < rounds; round++) {
        const int last = device_kill(farm, next, (int)(random() % 20) + 1);
        pthread_mutex_init(&farm->lock, NULL); /* the child may have had it */
        farm_returns(farm);

        opened_with(farm, (iots_offline_opts){.max_bytes = 64 << 10});
        CHECK_INT(flush(farm), IOTS_OK);
        iots_offline_close(farm->buffer);
        farm->buffer = NULL;
        /* All of them, once each, in order; perhaps one more that nobody heard of any more. */
        CHECK(farm->count == last || farm->count == last + 1);
        for (int i = 0; i < farm->count; i++) {
            CHECK_INT(atoi(farm->entries[i].value), i + 1);
            CHECK(i == 0 || farm->entries[i].at_us > farm->entries[i - 1].at_us);
        }
        next = farm->count + 1;
    }
    farm_done(farm);
}
