/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the values of a recording go: what a file calls them, and the properties of the Thing.
 *
 * Without --map, names are those of properties. With it, the names that are mapped count, and no others.
 * What goes nowhere is counted by its name, and said at the end.
 */
#ifndef CLI_TARGETS_H
#define CLI_TARGETS_H

#include <iots/iots.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/map.h"
#include "cli/args.h"
#include "cli/transfer/time_zone.h"

/* A property that values go to. */
typedef struct target {
    const char *property;
    const char *type; /* as the Thing declares it; NULL: not */
    size_t index;
    const char *source; /* what it is called in the file, if it is mapped; else NULL */
    bool is_met;        /* the file has values for it */
    time_track track;   /* of its times, where a row has one value only */
    const char
        *series; /* what else told the first of its values from those of others; NULL: nothing */
} target;

typedef struct targets {
    ix_ctx *cx;
    ix_map *properties; /* of the Thing, by name; to their targets */
    const iots_json *declared;
    ix_map *sources; /* names in the file; to their targets */
    target **mapped; /* in the order of --map */
    size_t mapped_count, count;
    ix_map *passed; /* names that go nowhere, to their counts */
    struct passed_name *first_passed, *last_passed;
} targets;

/* Reads --map COLUMN=PROPERTY. `description` is of the Thing, and has to stay. IOTS_NOT_FOUND for a
 * property it does not have, IOTS_USAGE for one that is mapped twice. */
bool targets_init(ix_ctx *cx, targets *targets, const iots_json *description, const cli_args *args);
void targets_done(targets *targets);

/* The target of a property of the Thing; NULL without failure if it has none of this name. */
target *targets_property(const targets *targets, ix_str name);

/* The target of what the file calls `name`: by --map, or, without any, the property of this name. NULL
 * without failure if there is none. */
target *targets_find(const targets *targets, ix_str name);

/* Values of two series must not become one: fails if the target has had values of another one. What is
 * kept of it is in `keep`. `word`: what --where says series apart by. */
bool target_series_check(ix_ctx *cx, ix_ctx *keep, target *target, const char *series,
                         const char *word);

/* Notes that a value, or a column of them, goes nowhere. */
bool targets_pass(targets *targets, ix_str name);

/* Sentences about what went nowhere, without a full stop; NULL if there is nothing to say. */
const char *targets_passed(const targets *targets, const char *counted);

/* What was mapped and is not in the file; NULL if all is. */
const char *targets_unmet(const targets *targets);

/* "a, b, c" of the Thing's properties, as many as are good to read. */
const char *targets_names(const targets *targets);

#endif
