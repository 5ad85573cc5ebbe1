/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted, and its text for Prometheus (GET /metrics), read off one table (metrics.def).
 *
 * Counting costs a few additions that wait for nobody: no lock, no memory, whatever is asked. There is
 * one row of counters for each operation and one for what is none, and in it one counter for each
 * status; so nobody can make it grow.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "contract/ops.h"

typedef struct net_metrics net_metrics;

typedef enum metric_id {
#define METRIC(id, ...) METRIC_##id,
#include "net/metrics.def"
#undef METRIC
    METRIC_COUNT,
} metric_id;

#define METRICS_UNKNOWN INT64_MIN

/* What is not counted but looked up when it is asked for: the rows of write_level, the others are not
 * looked at. In the unit of the row; METRICS_UNKNOWN: there is nothing to export. */
typedef struct metrics_levels {
    int64_t of[METRIC_COUNT];
} metrics_levels;

/* NULL when out of memory. */
net_metrics *metrics_new(void);
void metrics_free(net_metrics *metrics);

/* ---- counting; any thread; with NULL nothing is counted ---- */

/* A request was answered. `op` NULL: it found no operation. */
void metrics_count_request(net_metrics *metrics, const ix_op *op, int status, int64_t took_us);

/* A group of calls was committed, or could not be. */
void metrics_count_group(net_metrics *metrics, size_t calls, int64_t took_us);

/* ---- exporting ---- */

/* Nothing known but what is always so: the version, and when these metrics were made. */
metrics_levels metrics_levels_new(const net_metrics *metrics);

/* Adds the text format 0.0.4 to `out`. What is counted meanwhile may be exported in part, but never so
 * that a histogram contradicts itself. Any thread. */
void metrics_write(const net_metrics *metrics, const metrics_levels *levels, ix_buf *out);

#endif
