/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording that is read: a file of some form, record by record, as values at times.
 *
 * One row of a table for each form; import_history.c does the rest.
 */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "cli/args.h"
#include "cli/transfer/targets.h"

/* One property at one time. */
typedef struct reading {
    int64_t at_us;
    uint64_t line;
    target *target;
    const char *json;
} reading;

/* The values of a record, until the next one is read; their JSON lives in the cx of the call. */
typedef struct record {
    uint64_t line;
    reading *readings;
    size_t count;
} record;

typedef enum recording_result {
    RECORDING_RECORD, /* perhaps without values */
    RECORDING_END,
    RECORDING_BAD,    /* this record is unreadable, cx says why; the next may be fine */
    RECORDING_FAILED, /* it cannot go on: cx says why, or errno if reading failed */
} recording_result;

/* What a recording needs to know. All of it has to stay. */
typedef struct recording_setup {
    ix_ctx *cx; /* for as long as it is read */
    const cli_args *args;
    targets *targets;
    const char *thing; /* the uid of the Thing */
    int fd;
} recording_setup;

/* A recording of some form begins with this. */
typedef struct recording recording;

typedef struct recording_form {
    /* Reads what is before the first record. NULL on failure: in setup->cx, or errno if that is fine. */
    recording *(*open)(const recording_setup *setup);
    void (*close)(recording *recording);
    /* The next record, with its values in cx. */
    recording_result (*next)(recording *recording, ix_ctx *cx, record *ret);
    /* The line on which the record at hand begins, and the bytes that were read. */
    uint64_t (*line)(const recording *recording);
    uint64_t (*bytes)(const recording *recording);
    /* Calls `remark` for each thing that is worth knowing about how the file was read. */
    bool (*remarks)(const recording *recording, ix_ctx *cx,
                    void (*remark)(void *arg, const char *text), void *arg);
} recording_form;

struct recording {
    const recording_form *form;
};

/* Calls `visit` with the name of each column of a file of CSV, as the options say it is read, and `end`. */
bool csv_columns_visit(ix_ctx *cx, const cli_args *args, int fd,
                       void (*visit)(void *arg, ix_str name, const char *end), void *arg,
                       const char *end);

extern const recording_form csv_recording, influx_recording;

#endif
