/* SPDX-License-Identifier: Apache-2.0 */
/*
 * InfluxDB's line protocol, one point at a time:
 *
 *     weather,station=barn,room=2 temperature=21.5,door="open",count=7i 1556813561098000000
 *
 * A measurement, tags that say whose point it is, fields with values, and a time. A line ends a point,
 * but not inside the quotes of a text.
 */
#ifndef CLI_INFLUX_LINE_H
#define CLI_INFLUX_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/str.h"

enum { INFLUX_PARTS_MAX = 64 * 1024 }; /* tags, and fields, of one point */

/* A name and what it says: tags. */
typedef struct influx_tag {
    ix_str name, value;
} influx_tag;

typedef enum influx_kind { INFLUX_NUMBER, INFLUX_BOOLEAN, INFLUX_TEXT } influx_kind;

typedef struct influx_field {
    ix_str name;
    influx_kind kind;
    const char *json;  /* the value; NULL: it cannot be kept as it is */
    const char *fault; /* why not */
} influx_field;

typedef struct influx_point {
    ix_str measurement;
    influx_tag *tags;
    size_t tag_count;
    influx_field *fields;
    size_t field_count;
    ix_str time; /* as it stands there; without any, empty */
} influx_point;

/* Where the point at the beginning of a text ends: the bytes before its line break, or the whole text
 * if there is none in it. *is_open: a text in quotes has no end in it. */
size_t influx_point_end(ix_str text, bool *is_open);

/* Reads a point, without its line break. All of it is in cx. IOTS_INVALID for what is not a point. */
bool influx_point_read(ix_ctx *cx, ix_str text, influx_point *ret);

#endif
