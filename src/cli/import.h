/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An import on its way: what import.c, which reads the recording, and batch.c, which has it stored,
 * both work on.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <iots/iots.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/map.h"
#include "cli/csv.h"
#include "cli/progress.h"
#include "cli/session.h"

enum {
    BATCH_ITEMS = 1000,       /* what the server takes at once */
    BATCH_BYTES = 512 * 1024, /* well below its limit of 1 MiB for a body */
    MAPPINGS_MAX = 256,
    EMPTY_MAX = 16,
};

/* A column of the file and the property it goes to. */
typedef struct mapping {
    const char *column;
    const char *property;
    const char *type; /* as the Thing declares it; NULL: not */
    size_t index;     /* of the column */
} mapping;

/* What becomes of one record. */
typedef struct item {
    int64_t at_us;
    uint64_t line;
    const char **values; /* JSON by mapping; NULL: none, or taken out */
    struct item *same;   /* another one of this batch at the same time */
} item;

typedef struct import {
    session *session;
    iots_thing thing;
    iots_reply *description; /* the Thing; types are borrowed from it */
    csv *csv;
    int fd;
    uint64_t size; /* of the file in bytes; 0: unknown */
    mapping mappings[MAPPINGS_MAX];
    size_t mapping_count;
    size_t time_index, columns;
    const char *empty[EMPTY_MAX]; /* what else stands for an empty cell */
    size_t empty_count;
    bool skips_conflicts, skips_errors;
    int timeout_ms; /* of a batch; 0: as everywhere */

    ix_ctx batch_cx; /* all of the batch at hand; emptied after it */
    item *items[BATCH_ITEMS];
    size_t item_count, item_bytes;
    ix_map *times;       /* at_us to the first item at that time */
    bool expects_stored; /* most of the last batch was stored already */

    uint64_t stored, conflicts, unreadable, records;
    uint64_t line; /* all up to this line is settled */
    progress progress;
} import;

/* ---- import.c ---- */

/* How it goes, now and then, if someone is looking. */
void import_show(import *import);

/* The failure in `error`, with the line it is about. Always false. */
bool fail_line(import *import, uint64_t line, const ix_error *error);

/* A line that is passed over. */
void remark_line(import *import, uint64_t line, const char *message);

/* ---- batch.c ---- */

/* Begins a new batch; what was made in batch_cx is gone. */
bool batch_clear(import *import);

/* Puts an item into the batch, without what another one has already, at the same time. There is
 * room for it. */
bool batch_add(import *import, item *item);

/* Has the batch at hand stored, but for what is at fault, and begins a new one: then all up to
 * `last_line` is settled. False when it cannot go on, or should not, because of Ctrl-C. */
bool batch_send(import *import, uint64_t last_line);

#endif
