/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of this folder have in common: the constant, started and ended; the median. */
#ifndef BENCH_CONSTANT_H
#define BENCH_CONSTANT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/ctx.h"

typedef struct constant {
    pid_t pid; /* 0: not started */
    char url[64];
    int in; /* closing it ends the constant */
} constant;

bool constant_start(ix_ctx *cx, long threads, constant *ret);
void constant_stop(const constant *constant);

/* Sorts the values. */
double median(double *values, long count);

#endif
