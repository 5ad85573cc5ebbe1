/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents on their way out: a reply lists the members it has, by the rows of the public models
 * (include/iots/models), from which name and type come, as in the field tables (rows.h).
 *
 *     ix_document_write(buf, 2, (const ix_out[]){
 *         {IX_OUT(model, name), .text = ix_str_of(row->name)},
 *         {IX_OUT(model, created), .number = row->created_us},
 *     });
 *
 * Thread-safe: there is no state. Out of memory: the buffer's `failed`.
 */
#ifndef IX_WRITE_H
#define IX_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "contract/rows.h"

typedef struct ix_out {
    ix_str key;
    unsigned type;  /* IX_T_...: says which of the next two is written, and how */
    ix_str text;    /* of a string; of an object, array or any value: its JSON. at NULL: null */
    int64_t number; /* an integer; of a boolean 0 or 1; of a time microseconds since 1970 */
    const struct ix_out *inside; /* of an object that is written by its members; else NULL */
    size_t inside_count;
    bool is_absent; /* the member is left out */
} ix_out;

#define IX_OUT_AS(model, member, its_type)                                           \
    .key = {ix_rows_##model.member##_key, sizeof(ix_rows_##model.member##_key) - 1}, \
    .type = (its_type)

/* Name and type of a member of a model. */
#define IX_OUT(model, member) \
    IX_OUT_AS(model, member, sizeof(((const struct ix_types_##model *)NULL)->member))

/* Appends the members, each after a comma unless the document has just begun ("{"). */
void ix_members_write(ix_buf *buf, size_t count, const ix_out *members);

/* Appends a whole document. */
void ix_document_write(ix_buf *buf, size_t count, const ix_out *members);

#endif
