/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An import on its way: import_history.c reads the recording, import_batch.c has it stored, and stored.c compares it
 * with what is stored already.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <iots/iots.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/map.h"
#include "cli/session.h"
#include "cli/transfer/progress.h"
#include "cli/transfer/recording.h"
#include "cli/transfer/targets.h"

enum {
    BATCH_ITEMS = 1000,       /* times; what the server takes at once */
    BATCH_BYTES = 512 * 1024, /* well below its limit of 1 MiB for a body */
};

/* A value of the batch. */
typedef struct batch_value {
    reading reading;
    bool is_settled; /* stored, or there already, or told why not: it is not sent (again) */
} batch_value;

/* What becomes of a value where another one is stored at its time. */
typedef enum conflict_rule {
    CONFLICT_NAMED,   /* it is named, and the exit code says */
    CONFLICT_SKIPPED, /* it is counted */
    CONFLICT_FAILS,   /* it is the end */
} conflict_rule;

typedef struct cli_import {
    cli_session *session;
    const char *file; /* for messages */
    int fd;
    uint64_t size; /* of the file in bytes; 0: unknown */
    iots_thing thing;
    iots_reply *description; /* the Thing; types are borrowed from it */
    targets targets;
    const recording_form *form;
    recording *recording;
    conflict_rule on_conflict;
    bool skips_errors;
    int timeout_ms; /* of a batch; 0: as everywhere */

    ix_ctx batch_cx; /* all of the batch at hand; emptied after it */
    batch_value **values;
    size_t count, room, bytes;
    ix_map *places;      /* time and target to the value there */
    ix_map *times;       /* those of the batch */
    bool expects_stored; /* most of the last batch was stored already */

    uint64_t stored, there, conflicts, unreadable, records;
    uint64_t line; /* all up to this line is settled */
    cli_progress progress;
} cli_import;

/* ---- import_history.c ---- */

/* How it goes, now and then, if someone is looking. */
void import_show(cli_import *import);

/* Puts file and line before the failure in `error`, which becomes the session's. Always false. */
bool fail_line(cli_import *import, uint64_t line, const ix_error *error);

/* A line that is passed over. */
void remark_line(cli_import *import, uint64_t line, const char *message);

/* ---- import_batch.c ---- */

/* Begins a new batch; what was made in batch_cx is gone. */
bool batch_clear(cli_import *import);

bool batch_is_full(const cli_import *import);

/* Puts values into the batch, but for those that it has already. */
bool batch_add(cli_import *import, const record *record);

/* Has the batch at hand stored, but for what is at fault, and begins a new one: then all up to
 * `last_line` is settled. False when it cannot go on, or should not, because of Ctrl-C. */
bool batch_send(cli_import *import, uint64_t last_line);

/* The value of the batch at a time; NULL if there is none. */
batch_value *batch_find(const cli_import *import, int64_t at_us, const target *target);

/* ---- stored.c ---- */

/* Settles a value at whose time there is `json`, in the history or on line `line` of the file (0: in
 * the history). False if that is the end. */
bool value_settle(cli_import *import, batch_value *value, const char *json, uint64_t line);

/* Looks up what is stored at the times of values, which are in order, and settles those that are there.
 * *ret_settled: so many. */
bool stored_settle(cli_import *import, batch_value *const *values, size_t count,
                   size_t *ret_settled);

#endif
