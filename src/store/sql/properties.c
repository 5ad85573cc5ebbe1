/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of properties: one row for each property a thing defines.
 *
 * A value is kept as JSON text, and once more as its key (key.h). There is one index, in the order of
 * property, key, thing: what a condition asks for is a few ranges of it, and to sort by a property is to
 * go along it. What lies inside arrays and objects is not found so: for that SQL only says "perhaps",
 * and the domain is asked about the whole value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/key.h"
#include "store/sql/parts.h"

/* ---- definitions ---- */

static bool property_put(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                         const char *name, int64_t ord, const char *affordance, db_value keep_us)
{
    static const char sql[] =
        "INSERT INTO properties (space, thing, name, ord, key, value, affordance, keep_us)"
        " VALUES ($1, $2, $3, $4, $5, 'null', $6, $7)"
        " ON CONFLICT (space, thing, name)"
        " DO UPDATE SET ord = excluded.ord, affordance = excluded.affordance,"
        " keep_us = excluded.keep_us"
        " WHERE properties.ord <> excluded.ord OR properties.affordance <> excluded.affordance";
    const ix_str key = key_of_kind(IX_NULL);
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(uid), db_text(name), db_int(ord),
                       db_blob(key.at, key.len), db_text(affordance), keep_us));
}

/* Removes the properties that are not among `properties`. */
static bool drop_others(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        const ix_json *properties)
{
    static const char names_sql[] = "SELECT name FROM properties WHERE space = $1 AND thing = $2";
    static const char drop_sql[] =
        "DELETE FROM properties WHERE space = $1 AND thing = $2 AND name = $3";

    ix_json *removed = ix_json_new_array(cx);
    db_rows *rows;
    if (!removed || !sql_rows(cx, store, names_sql, ARGS(db_text(space), db_text(uid)), &rows))
        return false;
    while (sql_next(cx, store, rows)) {
        const ix_str name = sql_str(store, rows, 0);
        if (!ix_json_member_str(properties, name) &&
            !ix_json_append(cx, removed, ix_json_new_text(cx, name)))
            break;
    }
    sql_done(store, rows);

    for (size_t i = 0; i < ix_json_count(removed) && !ix_failed(cx); i++)
        sql_do(cx, store, drop_sql,
               ARGS(db_text(space), db_text(uid), db_str(ix_json_str(ix_json_item(removed, i)))));
    return !ix_failed(cx);
}

/* How long the history of a property may become; NULL: as long as all. */
static db_value keep_of(const ix_json *affordance)
{
    int64_t keep_us;
    const ix_json *given = ix_json_member(affordance, "iots:historyRetention");
    return ix_duration_parse(ix_json_str(given), &keep_us) ? db_int(keep_us) : db_null();
}

bool properties_put(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                    const ix_json *properties, bool is_new)
{
    if (!is_new && !drop_others(cx, store, space, uid, properties))
        return false;

    int64_t ord = 0;
    for (ix_member m = ix_members(properties); m.name; m = ix_members_next(m)) {
        const char *affordance = ix_json_text(cx, m.value);
        if (!affordance ||
            !property_put(cx, store, space, uid, m.name, ord++, affordance, keep_of(m.value)))
            return false;
    }
    return true;
}

bool properties_drop_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid)
{
    static const char sql[] = "DELETE FROM properties WHERE space = $1 AND thing = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid)));
}

bool properties_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] = "DELETE FROM properties WHERE space = $1";
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}

/* ---- values ---- */

bool store_property_find(ix_ctx *cx, store_handle *store, const char *space, const char *category,
                         const char *uid, const char *name, property_row *ret, bool *found)
{
    static const char sql[] = "SELECT affordance, value, at, at_floor FROM properties"
                              " WHERE space = $1 AND thing = $2 AND name = $3" //
        SQL_IN_CATEGORY("$2", "$4");
    db_rows *row;
    if (!sql_first(cx, store, sql,
                   ARGS(db_text(space), db_text(uid), db_text(name), db_text(category)), &row))
        return false;
    *found = row != NULL;
    if (!row)
        return true;

    const size_t affordance_len = sql_str(store, row, 0).len;
    const size_t value_len = sql_str(store, row, 1).len;
    *ret = (property_row){
        .affordance = {sql_text(cx, store, row, 0), affordance_len},
        .value = {sql_text(cx, store, row, 1), value_len},
        .at_us = sql_int(store, row, 2),
        .floor_us = sql_int(store, row, 3),
    };
    sql_done(store, row);
    return !ix_failed(cx);
}

/* A value that is about to be written out, and its place among the others. */
typedef struct ordered_value {
    int64_t ord;
    const char *name;
    ix_str value;
    int64_t at_us; /* 0: never */
} ordered_value;

enum { PLACED_FIRST = 16 }; /* values there is room for at first */

static int compare_places(const void *a, const void *b)
{
    const int64_t one = ((const ordered_value *)a)->ord, other = ((const ordered_value *)b)->ord;
    return (one > other) - (one < other);
}

/* The value of the row in hand goes to the end of a list that grows by doubling, in cx. */
static bool place_value(ix_ctx *cx, store_handle *store, db_rows *row, ordered_value **list,
                        size_t count)
{
    const bool is_full = count == 0 || (count >= PLACED_FIRST && (count & (count - 1)) == 0);
    if (is_full) {
        ordered_value *wider = ix_new(cx, ordered_value, count ? 2 * count : PLACED_FIRST);
        if (!wider)
            return false;
        if (count > 0)
            memcpy(wider, *list, count * sizeof(**list));
        *list = wider;
    }
    const ix_str value = sql_str(store, row, 1);
    (*list)[count] = (ordered_value){sql_int(store, row, 2),
                                     sql_text(cx, store, row, 0),
                                     {ix_strndup(cx, value.at, value.len), value.len},
                                     sql_int(store, row, 3)};
    return !ix_failed(cx);
}

static void write_time(ix_buf *buf, int64_t at_us)
{
    if (!at_us) {
        ix_buf_text(buf, "null");
        return;
    }
    ix_buf_char(buf, '"');
    ix_buf_time(buf, at_us);
    ix_buf_char(buf, '"');
}

void value_write(ix_buf *buf, ix_str value, int64_t at_us, values_form form)
{
    switch (form) {
    case VALUES_ONLY:
        ix_buf_str(buf, value);
        break;
    case VALUES_TIMES:
        write_time(buf, at_us);
        break;
    case VALUES_WITH_TIMES:
        ix_buf_text(buf, "{\"value\":");
        ix_buf_str(buf, value);
        ix_buf_text(buf, ",\"at\":");
        write_time(buf, at_us);
        ix_buf_char(buf, '}');
        break;
    }
}

static bool write_placed(ix_ctx *cx, const ordered_value *list, size_t count, values_form form,
                         ix_buf *buf)
{
    ix_buf_char(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            ix_buf_char(buf, ',');
        ix_json_write_text(buf, ix_str_of(list[i].name));
        ix_buf_char(buf, ':');
        value_write(buf, list[i].value, list[i].at_us, form);
    }
    ix_buf_char(buf, '}');
    return !buf->failed || ix_fail(cx, IOTS_NO_MEMORY, NULL);
}

/* Values of a thing come in the order of names. Asked for in the order they have in the thing's
 * description, they would take the database a third longer than all else about them. */
static void sort_placed(ordered_value *list, size_t count)
{
    if (count > 1)
        qsort(list, count, sizeof(*list), compare_places);
}

static bool read_placed(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        ordered_value **ret, size_t *ret_count)
{
    static const char sql[] =
        "SELECT name, value, ord, at FROM properties WHERE space = $1 AND thing = $2";
    db_rows *rows;
    *ret = NULL;
    *ret_count = 0;
    if (!sql_rows(cx, store, sql, ARGS(db_text(space), db_text(uid)), &rows))
        return false;
    while (sql_next(cx, store, rows) && place_value(cx, store, rows, ret, *ret_count))
        ++*ret_count;
    sql_done(store, rows);
    sort_placed(*ret, *ret_count);
    return !ix_failed(cx);
}

static bool write_values_and_times(ix_ctx *cx, const ordered_value *list, size_t count,
                                   ix_buf *values, ix_buf *times)
{
    return write_placed(cx, list, count, VALUES_ONLY, values) &&
           (!times || write_placed(cx, list, count, VALUES_TIMES, times));
}

bool values_write(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                  ix_buf *values, ix_buf *times)
{
    ordered_value *list;
    size_t count;
    return read_placed(cx, store, space, uid, &list, &count) &&
           write_values_and_times(cx, list, count, values, times);
}

/* ---- the values of one thing after another ---- */

static bool run_begin(ix_ctx *cx, value_reader *run, const char *uid)
{
    static const char sql[] = "SELECT name, value, ord, at, thing FROM properties"
                              " WHERE space = $1 AND thing >= $2 ORDER BY thing, name LIMIT $3";
    value_reader_end(run);
    run->left = VALUE_READER_ROWS;
    snprintf(run->uid, sizeof(run->uid), "%s", uid); /* as long as the statement runs */
    return sql_stream(cx, run->store, sql,
                      ARGS(db_text(run->space), db_text(run->uid), db_int(VALUE_READER_ROWS)),
                      &run->rows);
}

/* The next row is in hand. False at the end of the rows, and on failure. */
static bool run_next(ix_ctx *cx, value_reader *run)
{
    run->has_row = sql_next(cx, run->store, run->rows);
    run->left -= run->has_row;
    return run->has_row;
}

/* The values of one thing, as a run has them. */
typedef struct ordered_values {
    ordered_value *list;
    size_t count;
    bool is_whole; /* the rows did not end before them */
} ordered_values;

/* Goes on to the values of the thing and past them. */
static bool run_place(ix_ctx *cx, value_reader *run, ix_str uid, ordered_values *ret)
{
    *ret = (ordered_values){0};
    bool has_row = run->has_row || run_next(cx, run);
    for (; has_row; has_row = run_next(cx, run)) {
        const ix_str thing = sql_str(run->store, run->rows, 4);
        if (key_is_before(uid, thing))
            break;
        if (ix_str_equal(uid, thing) &&
            !place_value(cx, run->store, run->rows, &ret->list, ret->count++))
            return false;
    }
    ret->is_whole = has_row || run->left > 0;
    return !ix_failed(cx);
}

bool value_reader_write(ix_ctx *cx, value_reader *run, const char *uid, ix_buf *values,
                        ix_buf *times)
{
    ordered_values placed = {0};
    const ix_str thing = ix_str_of(uid);
    if (run->rows && !run_place(cx, run, thing, &placed))
        return false;
    if (!placed.is_whole && (!run_begin(cx, run, uid) || !run_place(cx, run, thing, &placed)))
        return false;
    /* More values than a run reads. */
    if (!placed.is_whole)
        return values_write(cx, run->store, run->space, uid, values, times);
    sort_placed(placed.list, placed.count);
    return write_values_and_times(cx, placed.list, placed.count, values, times);
}

void value_reader_end(value_reader *run)
{
    sql_done(run->store, run->rows);
    run->rows = NULL;
    run->has_row = false;
}

bool store_values_get(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                      values_form form, ix_str *ret)
{
    ordered_value *list;
    size_t count;
    ix_buf buf = {0};
    const bool ok = read_placed(cx, store, space, uid, &list, &count) &&
                    write_placed(cx, list, count, form, &buf);
    return ix_buf_take_in(cx, &buf, ret) && ok;
}

/* ---- setting them ---- */

#define IS_PROPERTY " WHERE space = $1 AND thing = $2 AND name = $3"

/* What `before` needs to have, if the caller has not. */
static bool value_look(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, property_row *before)
{
    static const char sql[] = "SELECT value, at_floor FROM properties" IS_PROPERTY;
    db_rows *row;
    if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(name)), &row))
        return false;
    if (!row)
        return ix_fail_field(cx, IOTS_INVALID, NULL, name, "is not a property of this thing");
    const size_t len = sql_str(store, row, 0).len;
    *before = (property_row){.value = {sql_text(cx, store, row, 0), len},
                             .floor_us = sql_int(store, row, 1)};
    sql_done(store, row);
    return !ix_failed(cx);
}

/* Is the time in the index good enough for a value that is written now? */
static bool is_near(int64_t floor_us, int64_t at_us)
{
    return floor_us && at_us >= floor_us && at_us - floor_us <= VALUE_TIME_SLACK_US;
}

/* Most that is reported says that a value is still the same, or changes a value that was reported a moment
 * ago: each index is touched only if its key is another one. */
static bool value_set(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                      const timestamp_value *value, const ix_json *json, const property_row *before,
                      int64_t at_us)
{
    static const char same_sql[] = "UPDATE properties SET at = $4" IS_PROPERTY;
    static const char near_sql[] =
        "UPDATE properties SET key = $4, value = $5, at = $6" IS_PROPERTY;
    static const char sql[] =
        "UPDATE properties SET key = $4, value = $5, at = $6, at_floor = $6" IS_PROPERTY;
    property_row found = {0};
    if (!before || !before->value.at) {
        if (!value_look(cx, store, space, uid, value->name, &found))
            return false;
        before = &found;
    }
    const bool is_close = is_near(before->floor_us, at_us);
    if (is_close && ix_str_equal(before->value, value->value))
        return sql_do(cx, store, same_sql,
                      ARGS(db_text(space), db_text(uid), db_text(value->name), db_int(at_us)));

    const ix_str key = value_key(cx, json);
    return key.at && sql_do(cx, store, is_close ? near_sql : sql,
                            ARGS(db_text(space), db_text(uid), db_text(value->name),
                                 db_blob(key.at, key.len), db_str(value->value), db_int(at_us)));
}

bool store_values_set(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                      const ix_json *values, const property_row *before, int64_t now_us,
                      bool history)
{
    const size_t count = ix_json_count(values);
    timestamp_value *taken = ix_new(cx, timestamp_value, count + 1);
    size_t i = 0;
    if (!taken)
        return false;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        const char *text = ix_json_text(cx, m.value);
        if (!text)
            return false;
        taken[i++] = (timestamp_value){m.name, ix_str_of(text)};
    }
    /* History comes first because it may move the moment on. */
    if (history && !history_add_timestamp(cx, store, space, uid, taken, count, &now_us))
        return false;
    i = 0;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m), i++) {
        if (!value_set(cx, store, space, uid, &taken[i], m.value, before ? &before[i] : NULL,
                       now_us))
            return false;
    }
    if (!store->changes || !count)
        return true;
    const change set = {.kind = CHANGE_PROPERTIES,
                        .at_us = now_us,
                        .space = space,
                        .thing = uid,
                        .json = ix_json_text(cx, values)};
    return set.json && changes_note(cx, store, &set);
}

bool store_value_time_set(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *name, int64_t at_us)
{
    static const char sql[] = "UPDATE properties SET at = $4, at_floor = $4" IS_PROPERTY;
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(uid), db_text(name),
                       at_us ? db_int(at_us) : db_null()));
}
