/* SPDX-License-Identifier: Apache-2.0 */
#include "net/metrics.h"

#include <math.h>
#include <pthread.h>

#include "net/net_test.h"

/* ---- is it the text format? ---- */

/*
 * A strict reader of the text format 0.0.4: HELP, TYPE, then the samples of this metric and no others;
 * no metric and no sample twice; the buckets of a histogram in rising order, each holding those
 * before it, the last one +Inf and equal to the _count.
 */
typedef struct reader {
    ix_ctx *cx;
    const char *whole;          /* for finding what was there before */
    ix_str name, type;          /* of the metric that is exported */
    ix_str series;              /* of the histogram that is exported: its labels without le */
    double bucket, upper, last; /* its last bucket: count, upper end; and the +Inf one, or -1 */
} reader;

/* The line that `text` begins with, without its end; `at` NULL: there is no end. No function of strings:
 * a sanitizer that looks at strings strictly reads all of the text in each. */
static ix_str first_line(ix_str text)
{
    const char *end = memchr(text.at, '\n', text.len);
    return end ? (ix_str){text.at, (size_t)(end - text.at)} : (ix_str){0};
}

/* Is `line` the first to begin with these words? */
static bool is_first(const reader *reader, const char *line, size_t len)
{
    const size_t before = (size_t)(line - reader->whole);
    for (size_t at = 0; at < before;) {
        if (memcmp(reader->whole + at, line, len) == 0) /* what comes before is not a shorter */
            return false;
        at += first_line((ix_str){reader->whole + at, before - at}).len + 1;
    }
    return true;
}

static bool is_name(ix_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len > 0;
}

/* name="value", separated by commas; the values hold nothing that needs an escape. */
static bool are_labels(ix_str text)
{
    while (text.len) {
        ix_str name, value;
        text = ix_str_cut(ix_str_cut(text, '=', &name), '"', &value);
        if (!is_name(name) || value.len || !text.at)
            return false;
        text = ix_str_cut(text, '"', &value);
        if (!text.at || memchr(value.at, '\\', value.len) || memchr(value.at, '\n', value.len))
            return false;
        if (text.len && *text.at != ',')
            return false;
        text = text.len ? (ix_str){text.at + 1, text.len - 1} : text;
    }
    return true;
}

static bool read_declaration(reader *reader, ix_str line)
{
    ix_str hash, word, name;
    const ix_str rest =
        ix_str_cut(ix_str_cut(ix_str_cut(line, ' ', &hash), ' ', &word), ' ', &name);
    const size_t words = (size_t)(rest.at - line.at);
    if (!rest.len || !is_name(name) || !is_first(reader, line.at, words))
        return false;
    if (ix_str_is(word, "HELP")) {
        reader->name = name;
        reader->type = (ix_str){0};
        return true;
    }
    const bool is_counter = ix_str_is(rest, "counter");
    const bool is_total = name.len > 6 && memcmp(name.at + name.len - 6, "_total", 6) == 0;
    if (!ix_str_is(word, "TYPE") || !ix_str_equal(name, reader->name) || reader->type.len ||
        is_counter != is_total)
        return false;
    reader->type = rest;
    reader->last = -1;
    reader->series = (ix_str){0};
    reader->bucket = reader->upper = 0;
    return is_counter || ix_str_is(rest, "gauge") || ix_str_is(rest, "histogram");
}

/* What `le` says; 0 if it is not a number. */
static double end_of_bucket(ix_str text)
{
    double number;
    if (ix_str_is(text, "+Inf"))
        return INFINITY;
    return ix_str_number(text, &number) ? number : 0;
}

static bool read_bucket(reader *reader, ix_str labels, double value)
{
    const char *le = !labels.len ? NULL : memmem(labels.at, labels.len, "le=\"", 4);
    if (!le)
        return false;
    const ix_str series = {labels.at, (size_t)(le - labels.at)};
    if (!ix_str_equal(series, reader->series) || reader->last >= 0) {
        if (reader->bucket > 0 && reader->last < 0)
            return false; /* the one before has no +Inf */
        reader->series = series;
        reader->bucket = reader->upper = 0;
        reader->last = -1;
    }
    const char *end = memchr(le + 4, '"', (size_t)(labels.at + labels.len - (le + 4)));
    const double upper = end ? end_of_bucket((ix_str){le + 4, (size_t)(end - (le + 4))}) : 0;
    if (upper <= reader->upper || value < reader->bucket)
        return false;
    reader->upper = upper;
    reader->bucket = value;
    if (upper == INFINITY)
        reader->last = value;
    return true;
}

/* A sample of a histogram, by what follows its name. */
static bool read_part(reader *reader, ix_str suffix, ix_str labels, double value)
{
    if (ix_str_is(suffix, "_bucket"))
        return read_bucket(reader, labels, value);
    /* Those of the buckets end in a comma, if there are any. */
    const ix_str series = {reader->series.at, reader->series.len - (reader->series.len > 0)};
    if (reader->last < 0 || !ix_str_equal(labels, series))
        return false;
    return ix_str_is(suffix, "_sum") || (ix_str_is(suffix, "_count") && value == reader->last);
}

static bool read_sample(reader *reader, ix_str line)
{
    ix_str series, labels = {0};
    const ix_str number = ix_str_cut(line, ' ', &series);
    double value;
    if (!reader->type.len || !ix_str_number(number, &value) || value < 0 ||
        !is_first(reader, line.at, series.len + 1))
        return false;
    ix_str name = series;
    const ix_str braced = ix_str_cut(series, '{', &name);
    if (braced.at) {
        labels = (ix_str){braced.at, braced.len - 1};
        if (!braced.len || braced.at[braced.len - 1] != '}' || !labels.len || !are_labels(labels))
            return false;
    }
    if (!is_name(name) || name.len < reader->name.len ||
        memcmp(name.at, reader->name.at, reader->name.len) != 0)
        return false;
    const ix_str suffix = {name.at + reader->name.len, name.len - reader->name.len};
    return ix_str_is(reader->type, "histogram") ? read_part(reader, suffix, labels, value)
                                                : suffix.len == 0;
}

/* The first line at fault; "" if there is none. */
static const char *fault_in(ix_ctx *cx, const char *text)
{
    reader reader = {.cx = cx, .whole = text};
    ix_str rest = ix_str_of(text);
    while (rest.len) {
        const ix_str line = first_line(rest);
        if (!line.at)
            return "a line without its end";
        if (!(*line.at == '#' ? read_declaration(&reader, line) : read_sample(&reader, line)))
            return ix_format(cx, "'%.*s'", (int)line.len, line.at);
        rest = (ix_str){line.at + line.len + 1, rest.len - line.len - 1};
    }
    return "";
}

TEST("the reader of these tests sees what is wrong")
{
#define HEAD(name, type) "# HELP " name " It.\n# TYPE " name " " type "\n"
#define H                HEAD("h", "histogram")
    static const char *const good[] = {
        "",
        HEAD("a", "gauge") "a 1\n" HEAD("b_total", "counter") "b_total{x=\"1\",y=\"\"} 2.5\n",
        H "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        H "h_bucket{a=\"b\",le=\"1\"} 1\nh_bucket{a=\"b\",le=\"+Inf\"} 2\nh_sum{a=\"b\"} 1\n"
          "h_count{a=\"b\"} 2\nh_bucket{a=\"c\",le=\"1\"} 0\nh_bucket{a=\"c\",le=\"+Inf\"} 0\n"
          "h_sum{a=\"c\"} 0\nh_count{a=\"c\"} 0\n",
    };
    static const char *const bad[] = {
        "a 1\n",
        HEAD("a", "gauge") "a 1",
        HEAD("a", "gauge") "b 1\n",
        HEAD("a", "gauge") "a_sum 1\n",
        HEAD("a", "gauge") "a 1\na 2\n",
        HEAD("a", "gauge") "a 1\n" HEAD("a", "gauge"),
        HEAD("a", "gauge") "a one\n",
        HEAD("a", "gauge") "a -1\n",
        HEAD("a", "gauge") "a{} 1\n",
        HEAD("a", "gauge") "a{x=1} 1\n",
        HEAD("a", "gauge") "a{x=\"1\" 1\n",
        HEAD("a", "gauge") "a{x=\"1\"y=\"1\"} 1\n",
        HEAD("a", "gauge") "\n",
        HEAD("a", "counter") "a 1\n",
        HEAD("a_total", "gauge") "a_total 1\n",
        "# HELP a It.\na 1\n",
        "# TYPE a gauge\na 1\n",
        "# a comment\n",
        H "h 1\n",
        H "h_bucket 1\n",
        H "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
        H "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        H "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n",
        H "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
        H "h_bucket{a=\"b\",le=\"+Inf\"} 1\nh_count{a=\"c\"} 1\n",
        H "h_bucket{a=\"b\",le=\"1\"} 1\nh_bucket{a=\"c\",le=\"+Inf\"} 1\n",
    };
#undef H
#undef HEAD
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK_TEXT(fault_in(cx, good[i]), "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (!*fault_in(cx, bad[i]))
            fail_msg("this is wrong: %s", bad[i]);
}

/* ---- what is counted ---- */

static void free_metrics(void *metrics)
{
    metrics_free(metrics);
}

static net_metrics *new_metrics(ix_ctx *cx)
{
    net_metrics *made = metrics_new();
    CHECK(made != NULL);
    ix_arena_defer(cx->arena, free_metrics, made);
    return made;
}

static const char *text_of(ix_ctx *cx, const net_metrics *metrics, const metrics_levels *levels)
{
    ix_buf out = {0};
    metrics_write(metrics, levels, &out);
    const char *text = ix_strdup(cx, ix_buf_cstr(&out));
    CHECK(!out.failed && text);
    ix_buf_done(&out);
    return text;
}

/* The value of a sample as it is written; "" if it is not there. */
static const char *value_in(ix_ctx *cx, const char *text, const char *series)
{
    const char *at = strstr(text, ix_format(cx, "\n%s ", series));
    if (!at)
        return "";
    at += strlen(series) + 2;
    return ix_strndup(cx, at, strcspn(at, "\n"));
}

static const char *reported(ix_ctx *cx, const net_metrics *metrics, const char *series)
{
    const metrics_levels levels = metrics_levels_new(metrics);
    const char *text = text_of(cx, metrics, &levels);
    CHECK_TEXT(fault_in(cx, text), "");
    return value_in(cx, text, series);
}

TEST("requests are exported by operation and status, and not before there are any")
{
    net_metrics *metrics = new_metrics(cx);
    const char *series = "iotsd_http_requests_total{operation=\"thing_get\",status=\"200\"}";
    CHECK_TEXT(reported(cx, metrics, series), "");
    metrics_count_request(metrics, &ix_ops[IX_OP_thing_get], 200, 1);
    metrics_count_request(metrics, &ix_ops[IX_OP_thing_get], 200, 1);
    metrics_count_request(metrics, &ix_ops[IX_OP_thing_get], 404, 1);
    CHECK_TEXT(reported(cx, metrics, series), "2");
    CHECK_TEXT(reported(cx, metrics,
                        "iotsd_http_requests_total{operation=\"thing_get\",status=\"404\"}"),
               "1");
    metrics_count_request(metrics, NULL, 400, 1);
    metrics_count_request(metrics, NULL, 418, 1);
    CHECK_TEXT(
        reported(cx, metrics, "iotsd_http_requests_total{operation=\"none\",status=\"400\"}"), "1");
    CHECK_TEXT(reported(cx, metrics,
                        "iotsd_http_requests_total{operation=\"none\",status=\"other\"}"),
               "1");
}

TEST("every status that the tables know has a counter of its own")
{
    static const int of_codes[] = {
#define CODE(id, value, status, text) status,
        IOTS_CODES(CODE)
#undef CODE
    };
    net_metrics *metrics = new_metrics(cx);
    for (size_t i = 0; i < sizeof of_codes / sizeof of_codes[0]; i++)
        if (of_codes[i] != 0)
            metrics_count_request(metrics, NULL, of_codes[i], 1);
    for (size_t i = 0; i < IX_OP_COUNT; i++)
        metrics_count_request(metrics, &ix_ops[i], ix_ops[i].status, 1);
    const metrics_levels levels = metrics_levels_new(metrics);
    CHECK(!strstr(text_of(cx, metrics, &levels), "status=\"other\""));
}

TEST("a time is in the first bucket that it fits in, and in all after it")
{
    static const struct {
        int64_t took_us;
        const char *below, *in; /* upper ends */
    } cases[] = {
        {100, NULL, "0.0001"},
        {101, "0.0001", "0.00025"},
        {250000, "0.1", "0.25"},
        {10000000, "5", "10"},
        {10000001, "10", "+Inf"},
        {0, NULL, "0.0001"},
        {INT64_C(1) << 40, "10", "+Inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static const char format[] =
            "iotsd_http_request_duration_seconds_bucket{operation=\"none\",le=\"%s\"}";
        net_metrics *metrics = new_metrics(cx);
        metrics_count_request(metrics, NULL, 200, cases[i].took_us);
        if (cases[i].below)
            CHECK_TEXT(reported(cx, metrics, ix_format(cx, format, cases[i].below)), "0");
        CHECK_TEXT(reported(cx, metrics, ix_format(cx, format, cases[i].in)), "1");
        CHECK_TEXT(reported(cx, metrics, ix_format(cx, format, "+Inf")), "1");
    }
}

TEST("times are summed up in seconds")
{
    net_metrics *metrics = new_metrics(cx);
    metrics_count_request(metrics, NULL, 200, 1500000);
    metrics_count_request(metrics, NULL, 200, 1020);
    CHECK_TEXT(reported(cx, metrics, "iotsd_http_request_duration_seconds_sum{operation=\"none\"}"),
               "1.50102");
    metrics_count_group(metrics, 3, 2000000);
    metrics_count_group(metrics, 256, 5);
    CHECK_TEXT(reported(cx, metrics, "iotsd_commit_duration_seconds_sum"), "2.000005");
    CHECK_TEXT(reported(cx, metrics, "iotsd_commit_group_size_sum"), "259");
    CHECK_TEXT(reported(cx, metrics, "iotsd_commit_group_size_bucket{le=\"2\"}"), "0");
    CHECK_TEXT(reported(cx, metrics, "iotsd_commit_group_size_bucket{le=\"4\"}"), "1");
    CHECK_TEXT(reported(cx, metrics, "iotsd_commit_group_size_bucket{le=\"256\"}"), "2");
}

TEST("a level that is not known is not exported")
{
    net_metrics *metrics = new_metrics(cx);
    metrics_levels levels = metrics_levels_new(metrics);
    CHECK(!strstr(text_of(cx, metrics, &levels), "iotsd_queue_length"));
    levels.of[METRIC_queue_slow] = 0;
    levels.of[METRIC_cpu_time] = 90000001;
    const char *text = text_of(cx, metrics, &levels);
    CHECK_TEXT(fault_in(cx, text), "");
    CHECK_TEXT(value_in(cx, text, "iotsd_queue_length{queue=\"slow\"}"), "0");
    CHECK(!strstr(text, "queue=\"writes\""));
    CHECK_TEXT(value_in(cx, text, "process_cpu_seconds_total"), "90.000001");
    CHECK_TEXT(value_in(cx, text, "iotsd_build_info{version=\"" IOTS_VERSION "\"}"), "1");
}

enum { COUNTERS = 4, COUNTED = 20000 };

static void *count_on(void *metrics)
{
    for (int i = 0; i < COUNTED; i++) {
        metrics_count_request(metrics, &ix_ops[i % IX_OP_COUNT], 200, i);
        metrics_count_group(metrics, (size_t)i % 300, i);
    }
    return NULL;
}

TEST("nothing is lost when many count at once, and what is exported meanwhile is sound")
{
    net_metrics *metrics = new_metrics(cx);
    pthread_t threads[COUNTERS];
    for (int i = 0; i < COUNTERS; i++)
        CHECK(pthread_create(&threads[i], NULL, count_on, metrics) == 0);
    for (int i = 0; i < 5; i++)
        reported(cx, metrics, "");
    for (int i = 0; i < COUNTERS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(atoi(reported(cx, metrics, "iotsd_commit_group_size_count")), COUNTERS * COUNTED);
    CHECK_INT(atoi(reported(cx, metrics,
                            "iotsd_http_request_duration_seconds_count{operation=\"none\"}")),
              0);
}

/* ---- of a server ---- */

/* The text that a server exports now, which must be sound. */
static const char *scrape(ix_ctx *cx)
{
    phone phone = dial();
    CHECK(say(&phone, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
    const answer answer = hear(&phone);
    hang_up(&phone);
    CHECK_INT(answer.status, 200);
    CHECK_TEXT(header_of(&answer, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    CHECK_TEXT(fault_in(cx, answer.body), "");
    return answer.body;
}

TEST("a server exports every metric that there is, and the page about them explains each")
{
    static const char *const names[] = {
#define METRIC(id, name, ...) name,
#include "net/metrics.def"
#undef METRIC
    };
    static char page[1 << 16];
    FILE *in = fopen(MONITORING_PAGE, "re");
    CHECK(in != NULL);
    CHECK(fread(page, 1, sizeof page - 1, in) > 0);
    fclose(in);
    serve(cx);
    scrape(cx);
    const char *text = scrape(cx);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        if (!strstr(text, ix_format(cx, "\n# TYPE %s ", names[i])))
            fail_msg("%s is not exported", names[i]);
        if (!strstr(page, ix_format(cx, "\n| `%s` |", names[i])))
            fail_msg("%s is not explained", names[i]);
    }
}

TEST("what is refused before there is a call is counted, too")
{
    serve(cx);
    phone phone = dial();
    CHECK(say(&phone, "GET /health HTTP/1.1\r\n\r\n")); /* no Host */
    CHECK_INT(hear(&phone).status, 400);
    hang_up(&phone);
    CHECK_TEXT(value_in(cx, scrape(cx),
                        "iotsd_http_requests_total{operation=\"none\",status=\"400\"}"),
               "1");
}

TEST("open connections, calls that wait, groups, tokens and the size of the store are exported")
{
    enum { PHONES = 200 };
    static const char waiting[] = "iotsd_queue_length{queue=\"writes\"}";
    serve(cx);
    hold_writes();
    phone phones[PHONES];
    int count = 0;
    /* Those of the first group do not wait in the queue any more; whoever comes then does. */
    do {
        CHECK(count < PHONES);
        phones[count] = dial();
        CHECK(say(&phones[count++], put_request("1")));
    } while (atoi(value_in(cx, scrape(cx), waiting)) == 0);
    CHECK(atoi(value_in(cx, scrape(cx), "iotsd_http_connections")) > count);
    let_write();
    for (int i = 0; i < count; i++) {
        CHECK_INT(hear(&phones[i]).status, 200);
        hang_up(&phones[i]);
    }
    const char *text = scrape(cx);
    CHECK_INT(atoi(value_in(cx, text, "iotsd_commit_group_size_sum")), count);
    CHECK(atoi(value_in(cx, text, "iotsd_commit_group_size_count")) > 0);
    CHECK_TEXT(value_in(cx, text, waiting), "0");
    CHECK_TEXT(value_in(cx, text, "iotsd_tokens"), "1");
    CHECK(atoi(value_in(cx, text, "iotsd_store_size_bytes")) > 0);
}

TEST("metrics are exported while the store is out of reach, and say so")
{
    serve_with(cx, (http_settings){.threads = 1});
    const char *elsewhere = ix_format(cx, "%s-away", scene.folder);
    CHECK(rename(scene.folder, elsewhere) == 0);
    const char *text = scrape(cx);
    CHECK(rename(elsewhere, scene.folder) == 0);
    CHECK_TEXT(value_in(cx, text, "iotsd_store_up"), "0");
    CHECK_TEXT(value_in(cx, text, "iotsd_store_size_bytes"), "");
    text = scrape(cx);
    CHECK_TEXT(value_in(cx, text, "iotsd_store_up"), "1");
    CHECK(atoi(value_in(cx, text, "iotsd_store_size_bytes")) > 0);
}
