/* SPDX-License-Identifier: Apache-2.0 */
#include "net/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"

/* ---- what is counted ---- */

/* The statuses we answer with, the most usual ones first; 0 stands for all others. */
static const int statuses[] = {200, 201, 204, 202, 207, 302, 400, 401, 403, 404, 405, 409,
                               413, 414, 415, 421, 429, 431, 500, 501, 503, 505, 507, 0};
enum { STATUS_COUNT = sizeof statuses / sizeof statuses[0] };

/* Upper ends of the buckets of histograms; one more bucket has no end. */
static const int64_t times_us[] = {100,     250,     500,     1000,    2500,   5000,
                                   10000,   25000,   50000,   100000,  250000, 500000,
                                   1000000, 2500000, 5000000, 10000000};
static const int64_t sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

typedef struct bounds {
    const int64_t *at;
    size_t count;
} bounds;

#define BOUNDS(list) ((bounds){(list), sizeof(list) / sizeof((list)[0])})
enum { BUCKETS_MAX = sizeof times_us / sizeof times_us[0] + 1 };

typedef _Atomic uint64_t counter;

typedef struct histogram {
    counter buckets[BUCKETS_MAX]; /* each without those below */
    counter sum;
} histogram;

typedef struct op_counts {
    counter requests[STATUS_COUNT];
    histogram times;
} op_counts;

struct net_metrics {
    int64_t made_us;
    op_counts ops[IX_OP_COUNT + 1]; /* the last: no operation */
    histogram group_sizes, commit_times;
};

net_metrics *metrics_new(void)
{
    net_metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics)
        metrics->made_us = ix_now_us();
    return metrics;
}

void metrics_free(net_metrics *metrics)
{
    free(metrics);
}

/* ---- counting ---- */

static void metrics_add(counter *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t count_of(const counter *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void histogram_add(histogram *histogram, bounds bounds, int64_t value)
{
    size_t i = 0;
    while (i < bounds.count && value > bounds.at[i])
        i++;
    metrics_add(&histogram->buckets[i], 1);
    metrics_add(&histogram->sum, value > 0 ? (uint64_t)value : 0);
}

void metrics_count_request(net_metrics *metrics, const ix_op *op, int status, int64_t took_us)
{
    if (!metrics)
        return;
    op_counts *counts = &metrics->ops[op ? ix_op_index(op) : IX_OP_COUNT];
    size_t i = 0;
    while (statuses[i] && statuses[i] != status)
        i++;
    metrics_add(&counts->requests[i], 1);
    histogram_add(&counts->times, BOUNDS(times_us), took_us);
}

void metrics_count_group(net_metrics *metrics, size_t calls, int64_t took_us)
{
    if (!metrics)
        return;
    histogram_add(&metrics->group_sizes, BOUNDS(sizes), (int64_t)calls);
    histogram_add(&metrics->commit_times, BOUNDS(times_us), took_us);
}

/* ---- rows ---- */

typedef enum metric_type { COUNTER, GAUGE, HISTOGRAM } metric_type;
typedef enum metric_unit { ONE, BYTES, SECONDS } metric_unit;

typedef struct metric_row metric_row;

/* Writes the samples of a row. */
typedef void writer(ix_buf *out, const metric_row *row, const net_metrics *metrics,
                    const metrics_levels *levels);

struct metric_row {
    const char *name, *labels;
    metric_type type;
    metric_unit unit;
    writer *write;
    const char *help;
};

static writer write_level, write_requests, write_request_times, write_group_sizes,
    write_commit_times;

static const metric_row rows[METRIC_COUNT] = {
#define METRIC(id, ...) [METRIC_##id] = {__VA_ARGS__},
#include "net/metrics.def"
#undef METRIC
};

/* ---- samples ---- */

/* Seconds of microseconds, without zeros at the end. */
static void write_seconds(ix_buf *out, int64_t us)
{
    ix_buf_int(out, us / IX_SECOND_US);
    int64_t fraction = us % IX_SECOND_US;
    int digits = 6;
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; fraction /= 10)
        digits--;
    ix_buf_format(out, ".%0*lld", digits, (long long)fraction);
}

static void write_number(ix_buf *out, metric_unit unit, int64_t value)
{
    if (unit == SECONDS)
        write_seconds(out, value);
    else
        ix_buf_int(out, value);
}

static void write_level(ix_buf *out, const metric_row *row, const net_metrics *metrics,
                        const metrics_levels *levels)
{
    (void)metrics;
    ix_buf_text(out, row->name);
    if (row->labels)
        ix_buf_format(out, "{%s}", row->labels);
    ix_buf_char(out, ' ');
    write_number(out, row->unit, levels->of[row - rows]);
    ix_buf_char(out, '\n');
}

static const char *op_name(size_t i)
{
    return i < IX_OP_COUNT ? ix_ops[i].name : "none";
}

static void write_requests(ix_buf *out, const metric_row *row, const net_metrics *metrics,
                           const metrics_levels *levels)
{
    (void)levels;
    for (size_t i = 0; i <= IX_OP_COUNT; i++) {
        for (size_t j = 0; j < STATUS_COUNT; j++) {
            const uint64_t count = count_of(&metrics->ops[i].requests[j]);
            if (count == 0)
                continue;
            ix_buf_format(out, "%s{operation=\"%s\",status=\"", row->name, op_name(i));
            if (statuses[j])
                ix_buf_int(out, statuses[j]);
            else
                ix_buf_text(out, "other");
            ix_buf_format(out, "\"} %llu\n", (unsigned long long)count);
        }
    }
}

/* The labels of a sample of a histogram: those that all have, and, in a bucket, its upper end. */
static void write_sample(ix_buf *out, const metric_row *row, const char *suffix, const char *labels)
{
    ix_buf_format(out, "%s%s", row->name, suffix);
    if (*labels)
        ix_buf_format(out, "{%s}", labels);
    ix_buf_char(out, ' ');
}

/* Buckets are read once each: the last one is the count, whoever counts on meanwhile. */
static void write_histogram(ix_buf *out, const metric_row *row, const char *labels,
                            const histogram *histogram, bounds bounds)
{
    const char *comma = *labels ? "," : "";
    uint64_t count = 0;
    for (size_t i = 0; i <= bounds.count; i++) {
        count += count_of(&histogram->buckets[i]);
        ix_buf_format(out, "%s_bucket{%s%sle=\"", row->name, labels, comma);
        if (i < bounds.count)
            write_number(out, row->unit, bounds.at[i]);
        else
            ix_buf_text(out, "+Inf");
        ix_buf_format(out, "\"} %llu\n", (unsigned long long)count);
    }
    write_sample(out, row, "_sum", labels);
    write_number(out, row->unit, (int64_t)count_of(&histogram->sum));
    ix_buf_char(out, '\n');
    write_sample(out, row, "_count", labels);
    ix_buf_format(out, "%llu\n", (unsigned long long)count);
}

static bool was_asked(const op_counts *counts)
{
    for (size_t i = 0; i < STATUS_COUNT; i++)
        if (count_of(&counts->requests[i]) > 0)
            return true;
    return false;
}

static void write_request_times(ix_buf *out, const metric_row *row, const net_metrics *metrics,
                                const metrics_levels *levels)
{
    (void)levels;
    for (size_t i = 0; i <= IX_OP_COUNT; i++) {
        if (!was_asked(&metrics->ops[i]))
            continue;
        char labels[80];
        snprintf(labels, sizeof labels, "operation=\"%s\"", op_name(i));
        write_histogram(out, row, labels, &metrics->ops[i].times, BOUNDS(times_us));
    }
}

static void write_group_sizes(ix_buf *out, const metric_row *row, const net_metrics *metrics,
                              const metrics_levels *levels)
{
    (void)levels;
    write_histogram(out, row, "", &metrics->group_sizes, BOUNDS(sizes));
}

static void write_commit_times(ix_buf *out, const metric_row *row, const net_metrics *metrics,
                               const metrics_levels *levels)
{
    (void)levels;
    write_histogram(out, row, "", &metrics->commit_times, BOUNDS(times_us));
}

/* ---- the whole ---- */

metrics_levels metrics_levels_new(const net_metrics *metrics)
{
    metrics_levels levels;
    for (size_t i = 0; i < METRIC_COUNT; i++)
        levels.of[i] = METRICS_UNKNOWN;
    levels.of[METRIC_build_info] = 1;
    levels.of[METRIC_start_time] = metrics->made_us;
    return levels;
}

void metrics_write(const net_metrics *metrics, const metrics_levels *levels, ix_buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    const char *name = "";
    for (const metric_row *row = rows; row < rows + METRIC_COUNT; row++) {
        if (row->write == write_level && levels->of[row - rows] == METRICS_UNKNOWN)
            continue;
        if (strcmp(name, row->name) != 0)
            ix_buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                          types[row->type]);
        name = row->name;
        row->write(out, row, metrics, levels);
    }
}
