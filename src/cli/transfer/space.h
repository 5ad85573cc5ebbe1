/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A space in a folder, as `iots export space` writes it and `iots import space` reads it.
 *
 *     manifest.json         what this is, of which space, how much, and whether it is whole
 *     models.jsonl          a document a line, as the API shows it but for what names the server
 *     versions.jsonl        the same, with the Model's name as "model"
 *     categories.jsonl
 *     things.jsonl          with present values
 *     history/<uid>.jsonl   {"at": ..., "properties": {...}} of a Thing, newest first
 *     history/<uid>.csv     the same for people; not read back
 *     actions/<uid>.jsonl   what the Thing was asked to do
 *     events/<uid>.jsonl    what it reported
 *
 * Of a Thing without history, actions or events there is no such file.
 */
#ifndef CLI_SPACE_H
#define CLI_SPACE_H

#include <iots/iots.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "cli/transfer/line_reader.h"
#include "contract/ops.h"

enum { SPACE_FORMAT = 1 }; /* a folder of a later one is refused */

typedef enum cli_part {
    PART_MODELS,
    PART_VERSIONS,
    PART_CATEGORIES,
    PART_THINGS,
    PART_HISTORY, /* from here on, a file for each Thing */
    PART_ACTIONS,
    PART_EVENTS,
    PART_COUNT,
} cli_part;

typedef struct part_row {
    const char *name; /* of its file or folder, and of its count */
    const char *many; /* what is counted, for people */
    ix_op_id list, create;
    ix_op_id get;          /* one of them; IX_OP_COUNT: there is no such operation */
    ix_op_id remove;       /* likewise */
    const char *stamps[3]; /* members that tell one from every other, and from itself changed */
} part_row;

extern const part_row parts[PART_COUNT];

/* ---- files ---- */

/* The file of a part, in cx; `uid`: of this Thing, or NULL. */
const char *part_path(ix_ctx *cx, const char *folder, cli_part part, const char *uid);

typedef struct cli_manifest {
    const char *space, *host;
    bool is_complete;
    uint64_t counts[PART_COUNT]; /* lines */
} cli_manifest;

bool manifest_write(ix_ctx *cx, const char *folder, const cli_manifest *manifest);

/* *found false: there is none. IOTS_INVALID for what is not a manifest, or one of a later format. */
bool manifest_read(ix_ctx *cx, const char *folder, cli_manifest *ret, bool *found);

/* ---- documents ---- */

/* Appends the line of a document of the API, line break included. `model`: of this Model's versions. */
void record_write(ix_buf *buf, cli_part part, const char *model, const iots_json *doc);

/* The document in the next line, which must be an object; the caller frees it. NULL at the end.
 * IOTS_INVALID, with path and line, for what is no such document, or is cut short. */
bool record_next(ix_ctx *cx, line_reader *lines, iots_doc **ret);

/* Is it the same, unchanged? Its stamps say so, of which a record may lack some. */
bool record_is(cli_part part, const iots_json *record, const iots_json *doc);

/* The parameters of an operation on a record: its path variables, then `more`. In cx; NULL on failure.
 * `thing`: of which the record is, for parts with a file for each. */
const iots_param *record_params(ix_ctx *cx, cli_part part, ix_op_id op, const char *space,
                                const char *thing, const iots_json *record, const iots_param *more);

/* ---- for people ---- */

/* Appends "3 Models, 5 versions, ..." or "\"models\": 3, ...". */
void counts_write(ix_buf *buf, const uint64_t counts[PART_COUNT], bool is_json);

#endif
