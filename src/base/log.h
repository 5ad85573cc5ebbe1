/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line per fact, on standard error, as text or JSON. Used by floors 5 and 6 only: below,
 * failures travel in cx and are logged where they stop. Thread-safe.
 */
#ifndef IX_LOG_H
#define IX_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

typedef enum ix_log_level { IX_LOG_ERROR, IX_LOG_WARN, IX_LOG_INFO, IX_LOG_DEBUG } ix_log_level;

void ix_log_set(ix_log_level level, bool as_json);
void ix_log_set_level(ix_log_level level);
bool ix_log_wants(ix_log_level level);

/* A fact in one sentence. Newlines in it are escaped. */
__attribute__((format(printf, 2, 3))) void ix_log(ix_log_level level, const char *format, ...);

/* What belongs to a fact, under a name of its own: name=value in text, a member in JSON. */
typedef struct ix_log_field {
    const char *name; /* a word of ours */
    ix_str value;     /* anything; what could end the line or talk to a terminal is escaped */
    bool is_number;   /* written as it stands, which must be a number of JSON */
} ix_log_field;

/* A fact with its fields. Is written whatever level is wanted: ask ix_log_wants before. */
void ix_log_fact(ix_log_level level, ix_str sentence, const ix_log_field *fields, size_t count);

#endif
