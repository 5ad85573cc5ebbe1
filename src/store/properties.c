/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of properties: one row for each property a thing defines.
 *
 * A value is kept as JSON text, and once more as its key (key.h). There is one index, in the order of
 * property, key, thing: what a condition asks for is a few ranges of it, and to sort by a property is to
 * go along it. What lies inside arrays and objects is not found so: for that SQL only says "perhaps",
 * and the domain is asked about the whole value.
 */
#include "store/properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/key.h"
#include "store/parts.h"

/* The key below those of all values of a kind, and above those of lesser kinds; of null it is the key. */
static ix_str kind_key(ix_kind kind)
{
    static const char kinds[] = {IX_NONE, IX_NULL,  IX_BOOL,   IX_INT,       IX_REAL,
                                 IX_TEXT, IX_ARRAY, IX_OBJECT, IX_OBJECT + 1};
    return (ix_str){&kinds[kind], 1};
}

static bool is_before(ix_str a, ix_str b)
{
    const int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return order < 0 || (order == 0 && a.len < b.len);
}

/* ---- definitions ---- */

static bool property_put(ix_ctx *cx, store *store, const char *space, const char *uid,
                         const char *name, int64_t ord, const char *affordance, db_value keep_us)
{
    static const char sql[] =
        "INSERT INTO properties (space, thing, name, ord, key, value, affordance, keep_us)"
        " VALUES ($1, $2, $3, $4, $5, 'null', $6, $7)"
        " ON CONFLICT (space, thing, name)"
        " DO UPDATE SET ord = excluded.ord, affordance = excluded.affordance,"
        " keep_us = excluded.keep_us"
        " WHERE properties.ord <> excluded.ord OR properties.affordance <> excluded.affordance";
    const ix_str key = kind_key(IX_NULL);
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(uid), db_text(name), db_int(ord),
                       db_blob(key.at, key.len), db_text(affordance), keep_us));
}

/* Removes the properties that are not among `properties`. */
static bool drop_others(ix_ctx *cx, store *store, const char *space, const char *uid,
                        const ix_json *properties)
{
    static const char names_sql[] = "SELECT name FROM properties WHERE space = $1 AND thing = $2";
    static const char drop_sql[] =
        "DELETE FROM properties WHERE space = $1 AND thing = $2 AND name = $3";

    ix_json *gone = ix_json_new_array(cx);
    db_rows *rows;
    if (!gone || !sql_rows(cx, store, names_sql, ARGS(db_text(space), db_text(uid)), &rows))
        return false;
    while (sql_next(cx, store, rows)) {
        const ix_str name = sql_str(store, rows, 0);
        if (!ix_json_member_str(properties, name) &&
            !ix_json_append(cx, gone, ix_json_new_text(cx, name)))
            break;
    }
    sql_done(store, rows);

    for (size_t i = 0; i < ix_json_count(gone) && !ix_failed(cx); i++)
        sql_do(cx, store, drop_sql,
               ARGS(db_text(space), db_text(uid), db_str(ix_json_str(ix_json_item(gone, i)))));
    return !ix_failed(cx);
}

/* How long the history of a property may become; NULL: as long as all. */
static db_value keep_of(const ix_json *affordance)
{
    int64_t keep_us;
    const ix_json *given = ix_json_member(affordance, "iots:historyRetention");
    return ix_duration_parse(ix_json_str(given), &keep_us) ? db_int(keep_us) : db_null();
}

bool properties_put(ix_ctx *cx, store *store, const char *space, const char *uid,
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

bool properties_drop_thing(ix_ctx *cx, store *store, const char *space, const char *uid)
{
    static const char sql[] = "DELETE FROM properties WHERE space = $1 AND thing = $2";
    return sql_do(cx, store, sql, ARGS(db_text(space), db_text(uid)));
}

bool properties_drop_space(ix_ctx *cx, store *store, const char *space)
{
    static const char sql[] = "DELETE FROM properties WHERE space = $1";
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}

/* ---- values ---- */

bool store_property_find(ix_ctx *cx, store *store, const char *space, const char *category,
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
typedef struct placed_value {
    int64_t ord;
    const char *name;
    ix_str value;
    int64_t at_us; /* 0: never */
} placed_value;

enum { PLACED_FIRST = 16 }; /* values there is room for at first */

static int compare_places(const void *a, const void *b)
{
    const int64_t one = ((const placed_value *)a)->ord, other = ((const placed_value *)b)->ord;
    return (one > other) - (one < other);
}

/* The value of the row in hand goes to the end of a list that grows by doubling, in cx. */
static bool place_value(ix_ctx *cx, store *store, db_rows *row, placed_value **list, size_t count)
{
    const bool is_full = count == 0 || (count >= PLACED_FIRST && (count & (count - 1)) == 0);
    if (is_full) {
        placed_value *wider = ix_new(cx, placed_value, count ? 2 * count : PLACED_FIRST);
        if (!wider)
            return false;
        if (count > 0)
            memcpy(wider, *list, count * sizeof(**list));
        *list = wider;
    }
    const ix_str value = sql_str(store, row, 1);
    (*list)[count] = (placed_value){sql_int(store, row, 2),
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
    case VALUES_ALONE:
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

static bool write_placed(ix_ctx *cx, const placed_value *list, size_t count, values_form form,
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
static void sort_placed(placed_value *list, size_t count)
{
    if (count > 1)
        qsort(list, count, sizeof(*list), compare_places);
}

static bool read_placed(ix_ctx *cx, store *store, const char *space, const char *uid,
                        placed_value **ret, size_t *ret_count)
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

static bool write_values_and_times(ix_ctx *cx, const placed_value *list, size_t count,
                                   ix_buf *values, ix_buf *times)
{
    return write_placed(cx, list, count, VALUES_ALONE, values) &&
           (!times || write_placed(cx, list, count, VALUES_TIMES, times));
}

bool values_write(ix_ctx *cx, store *store, const char *space, const char *uid, ix_buf *values,
                  ix_buf *times)
{
    placed_value *list;
    size_t count;
    return read_placed(cx, store, space, uid, &list, &count) &&
           write_values_and_times(cx, list, count, values, times);
}

/* ---- the values of one thing after another ---- */

static bool run_begin(ix_ctx *cx, values_run *run, const char *uid)
{
    static const char sql[] = "SELECT name, value, ord, at, thing FROM properties"
                              " WHERE space = $1 AND thing >= $2 ORDER BY thing, name LIMIT $3";
    values_run_end(run);
    run->left = VALUES_RUN;
    snprintf(run->uid, sizeof(run->uid), "%s", uid); /* as long as the statement runs */
    return sql_stream(cx, run->store, sql,
                      ARGS(db_text(run->space), db_text(run->uid), db_int(VALUES_RUN)), &run->rows);
}

/* The next row is in hand. False at the end of the rows, and on failure. */
static bool run_next(ix_ctx *cx, values_run *run)
{
    run->has_row = sql_next(cx, run->store, run->rows);
    run->left -= run->has_row;
    return run->has_row;
}

/* The values of one thing, as a run has them. */
typedef struct placed_values {
    placed_value *list;
    size_t count;
    bool is_whole; /* the rows did not end before them */
} placed_values;

/* Goes on to the values of the thing and past them. */
static bool run_place(ix_ctx *cx, values_run *run, ix_str uid, placed_values *ret)
{
    *ret = (placed_values){0};
    bool has_row = run->has_row || run_next(cx, run);
    for (; has_row; has_row = run_next(cx, run)) {
        const ix_str thing = sql_str(run->store, run->rows, 4);
        if (is_before(uid, thing))
            break;
        if (ix_str_equal(uid, thing) &&
            !place_value(cx, run->store, run->rows, &ret->list, ret->count++))
            return false;
    }
    ret->is_whole = has_row || run->left > 0;
    return !ix_failed(cx);
}

bool values_run_write(ix_ctx *cx, values_run *run, const char *uid, ix_buf *values, ix_buf *times)
{
    placed_values placed = {0};
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

void values_run_end(values_run *run)
{
    sql_done(run->store, run->rows);
    run->rows = NULL;
    run->has_row = false;
}

bool store_values_get(ix_ctx *cx, store *store, const char *space, const char *uid,
                      values_form form, ix_str *ret)
{
    placed_value *list;
    size_t count;
    ix_buf buf = {0};
    const bool ok = read_placed(cx, store, space, uid, &list, &count) &&
                    write_placed(cx, list, count, form, &buf);
    return sql_take(cx, &buf, ret) && ok;
}

/* ---- setting them ---- */

#define IS_PROPERTY " WHERE space = $1 AND thing = $2 AND name = $3"

/* What `before` needs to have, if the caller has not. */
static bool value_look(ix_ctx *cx, store *store, const char *space, const char *uid,
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
static bool value_set(ix_ctx *cx, store *store, const char *space, const char *uid,
                      const moment_value *value, const ix_json *json, const property_row *before,
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

bool store_values_set(ix_ctx *cx, store *store, const char *space, const char *uid,
                      const ix_json *values, const property_row *before, int64_t now_us,
                      bool history)
{
    const size_t count = ix_json_count(values);
    moment_value *taken = ix_new(cx, moment_value, count + 1);
    size_t i = 0;
    if (!taken)
        return false;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        const char *text = ix_json_text(cx, m.value);
        if (!text)
            return false;
        taken[i++] = (moment_value){m.name, ix_str_of(text)};
    }
    /* History comes first because it may move the moment on. */
    if (history && !history_add_moment(cx, store, space, uid, taken, count, &now_us))
        return false;
    i = 0;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m), i++) {
        if (!value_set(cx, store, space, uid, &taken[i], m.value, before ? &before[i] : NULL,
                       now_us))
            return false;
    }
    return true;
}

bool store_value_time_set(ix_ctx *cx, store *store, const char *space, const char *uid,
                          const char *name, int64_t at_us)
{
    static const char sql[] = "UPDATE properties SET at = $4, at_floor = $4" IS_PROPERTY;
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(uid), db_text(name),
                       at_us ? db_int(at_us) : db_null()));
}

/* ---- where values lie that meet a condition ---- */

static const key_ranges no_ranges;

/* The least key above this one. {NULL, 0} when memory is out. */
static ix_str key_after(ix_ctx *cx, ix_str key)
{
    const char *copy = ix_strndup(cx, key.at, key.len);
    return copy ? (ix_str){copy, key.len + 1} : (ix_str){0}; /* a zero follows the copy */
}

/* Does it hold one key only? */
static bool is_point(const key_range *range)
{
    return range->to.len == range->from.len + 1 && range->to.at[range->from.len] == '\0' &&
           memcmp(range->from.at, range->to.at, range->from.len) == 0;
}

/* Adds to a list that has room, unless there is nothing in it. */
static void add_range(key_ranges *ranges, ix_str from, ix_str to)
{
    if (is_before(from, to))
        ranges->list[ranges->count++] = (key_range){from, to};
}

/* What is in both. */
static bool intersect(ix_ctx *cx, const key_ranges *a, const key_ranges *b, key_ranges *ret)
{
    key_ranges both = {.list = ix_new(cx, key_range, a->count + b->count + 1)};
    if (!both.list)
        return false;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        const key_range *x = &a->list[i];
        const key_range *y = &b->list[k];
        add_range(&both, is_before(x->from, y->from) ? y->from : x->from,
                  is_before(x->to, y->to) ? x->to : y->to);
        if (is_before(x->to, y->to))
            i++;
        else
            k++;
    }
    *ret = both;
    return true;
}

bool key_ranges_beyond(ix_ctx *cx, key_ranges *ranges, ix_str key, bool is_below)
{
    key_range beyond = {kind_key(IX_NONE), key};
    if (!is_below)
        beyond = (key_range){key_after(cx, key), kind_key(IX_OBJECT + 1)};
    return beyond.from.at &&
           intersect(cx, ranges, &(key_ranges){.list = &beyond, .count = 1}, ranges);
}

static bool is_container(const ix_json *json)
{
    return ix_json_kind(json) == IX_ARRAY || ix_json_kind(json) == IX_OBJECT;
}

static bool has_dot(const condition *condition)
{
    return strchr(condition->name, '.') != NULL;
}

static bool is_about_order(const condition *condition)
{
    return condition->op >= FILTER_GT && condition->op <= FILTER_LTE;
}

/* The key of a condition's text as a string, and as what else it may be read: only a number has an
 * order. {NULL, 0} if it cannot be read so, and when memory is out. */
static ix_str text_key(ix_ctx *cx, const condition *condition)
{
    const ix_json *text = ix_json_new_text(cx, condition->text);
    return text ? value_key(cx, text) : (ix_str){0};
}

static ix_str other_key(ix_ctx *cx, const condition *condition)
{
    const ix_str text = condition->text;
    const bool is_word = ix_str_is(text, "true") || ix_str_is(text, "false") ||
                         (ix_str_is(text, "null") && condition->op == FILTER_EQ);
    const bool is_read = ix_json_is_number(condition->json) ||
                         (!is_about_order(condition) && (is_word || is_container(condition->json)));
    return is_read ? value_key(cx, condition->json) : (ix_str){0};
}

/* The values of the key's kind that stand in this order to it. */
static void add_ordered(ix_ctx *cx, key_ranges *ranges, filter_op op, ix_str key)
{
    const ix_kind kind = (ix_kind)key.at[0];
    const ix_kind next = kind == IX_INT ? IX_TEXT : kind + 1;
    const ix_str after = key_after(cx, key);
    if (!after.at)
        return;
    if (op == FILTER_GT || op == FILTER_GTE)
        add_range(ranges, op == FILTER_GT ? after : key, kind_key(next));
    else
        add_range(ranges, kind_key(kind), op == FILTER_LT ? key : after);
}

/* Where values lie that may meet the condition, if it is not about what is inside them: at most
 * CONDITION_SETS_MAX ranges. False when memory is out. */
static bool ranges_of(ix_ctx *cx, const condition *condition, key_ranges *ret)
{
    key_ranges ranges = {.list = ix_new(cx, key_range, CONDITION_SETS_MAX)};
    const ix_str text = text_key(cx, condition);
    const ix_str other = other_key(cx, condition);
    ix_str keys[] = {other, text};
    if (ix_failed(cx) || !text.at || !ranges.list)
        return false;
    if (other.at && is_before(text, other)) {
        keys[0] = text;
        keys[1] = other;
    }

    ix_str from = kind_key(IX_BOOL); /* of what is between the keys, for neq */
    for (size_t i = 0; i < 2; i++) {
        const ix_str key = keys[i];
        if (!key.at || condition->op == FILTER_CONTAINS)
            continue;
        const ix_str after = key_after(cx, key);
        if (!after.at)
            return false;
        if (condition->op == FILTER_EQ) {
            add_range(&ranges, key, after);
        } else if (condition->op == FILTER_NEQ) {
            add_range(&ranges, from, key);
            from = after;
        } else if (key.at[0] == IX_TEXT && key.len > KEY_MAX) {
            add_range(&ranges, kind_key(IX_TEXT), kind_key(IX_ARRAY));
        } else {
            add_ordered(cx, &ranges, condition->op, key);
        }
    }
    if (condition->op == FILTER_NEQ)
        add_range(&ranges, from, kind_key(IX_OBJECT + 1));
    if (condition->op == FILTER_CONTAINS)
        add_range(&ranges, kind_key(IX_TEXT), kind_key(IX_OBJECT + 1));
    *ret = ranges;
    return !ix_failed(cx);
}

bool values_bound(ix_ctx *cx, const condition *conditions, const char *name, key_ranges *ret,
                  bool *ret_lacking)
{
    key_ranges all = {.list = ix_new(cx, key_range, 1)};
    if (!all.list)
        return false;
    add_range(&all, kind_key(IX_NULL), kind_key(IX_OBJECT + 1));
    bool is_asked = false;
    for (const condition *c = conditions; c; c = c->next) {
        key_ranges own = no_ranges;
        if (c->is_time || strcmp(c->name, name) != 0)
            continue;
        if (!ranges_of(cx, c, &own) || !intersect(cx, &all, &own, &all))
            return false;
        is_asked = true;
    }
    *ret_lacking = !is_asked || (all.count > 0 && all.list[0].from.at[0] == IX_NULL);

    key_range value = {kind_key(IX_BOOL), kind_key(IX_OBJECT + 1)};
    return intersect(cx, &all, &(key_ranges){.list = &value, .count = 1}, ret);
}

/* ---- as SQL ---- */

/* Text over a row of properties that holds if its key is in the range. */
static const char *range_text(query *query, const key_range *range)
{
    const int from = query_arg(query, db_blob(range->from.at, range->from.len));
    if (is_point(range))
        return ix_format(query->cx, "key = $%d", from);
    return ix_format(query->cx, "key >= $%d AND key < $%d", from,
                     query_arg(query, db_blob(range->to.at, range->to.len)));
}

bool condition_is_vague(ix_ctx *cx, const condition *condition)
{
    if (condition->is_time)
        return false;
    return condition->op == FILTER_CONTAINS || has_dot(condition) ||
           (is_about_order(condition) && text_key(cx, condition).len > KEY_MAX);
}

/* The names before each dot of `name`: of properties whose value may hold the rest. */
static const char *holders(query *query, const char *name)
{
    size_t count = 0;
    const char **names = ix_new(query->cx, const char *, strlen(name) + 1);
    if (!names)
        return NULL;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        names[count] = ix_strndup(query->cx, name, (size_t)(dot - name));
        if (!names[count++])
            return NULL;
    }
    return query_items(query, names, count);
}

/* Text over a row of properties that holds if its value may meet the condition by what it holds. */
static const char *inside_text(query *query, const condition *condition)
{
    const key_range objects = {kind_key(IX_OBJECT), kind_key(IX_OBJECT + 1)};
    const char *names = holders(query, condition->name);
    const char *are_objects = range_text(query, &objects);
    return names && are_objects
               ? ix_format(query->cx, " OR (%s AND p.name IN (%s))", are_objects, names)
               : NULL;
}

/* A string holds the text only if it is written in it, as JSON is: asked so that few are read. */
static const char *contains_text(query *query, const condition *condition)
{
    const key_range containers = {kind_key(IX_ARRAY), kind_key(IX_OBJECT + 1)};
    const char *quoted = ix_json_text(query->cx, ix_json_new_text(query->cx, condition->text));
    if (!quoted)
        return NULL;
    const size_t len = strlen(quoted) - 2;
    const char *are_containers = range_text(query, &containers);
    if (!are_containers || len == 0)
        return are_containers ? "" : NULL;
    return ix_format(query->cx, " AND ((%s) OR replace(value, $%d, '') <> value)", are_containers,
                     query_arg(query, db_str((ix_str){quoted + 1, len})));
}

/* Text that the index by times understands: `at` lies at most VALUE_TIME_SLACK_US behind `at_floor`. */
static const char *time_text(query *query, const condition *condition)
{
    static const char *const signs[] = {
        [FILTER_EQ] = "=",   [FILTER_NEQ] = "<>", [FILTER_GT] = ">",
        [FILTER_GTE] = ">=", [FILTER_LT] = "<",   [FILTER_LTE] = "<="};
    const filter_op op = condition->op;
    const bool has_least = op == FILTER_EQ || op == FILTER_GT || op == FILTER_GTE;
    const bool has_most = op == FILTER_EQ || op == FILTER_LT || op == FILTER_LTE;
    const int at = query_arg(query, db_int(condition->at_us));
    const char *text = ix_format(query->cx, "at_floor IS NOT NULL AND at %s $%d", signs[op], at);
    if (text && has_least)
        text = ix_format(query->cx, "%s AND at_floor >= $%d", text,
                         query_arg(query, db_int(condition->at_us - VALUE_TIME_SLACK_US)));
    if (text && has_most)
        text = ix_format(query->cx, "%s AND at_floor <= $%d", text, at);
    return text;
}

/* A condition on when a value was written. */
static bool time_write(query *query, const condition *condition, condition_sql *ret)
{
    const int name = query_arg(query, db_text(condition->name));
    const char *holds = time_text(query, condition);
    *ret = (condition_sql){.count = 1};
    ret->probe = ix_format(query->cx,
                           "EXISTS (SELECT 1 FROM properties p WHERE p.space = $1"
                           " AND p.thing = t.uid AND p.name = $%d AND %s)",
                           name, holds ? holds : "");
    ret->sets[0] =
        ix_format(query->cx, "SELECT thing FROM properties WHERE space = $1 AND name = $%d AND %s",
                  name, holds ? holds : "");
    return holds && ret->probe && ret->sets[0];
}

bool condition_write(query *query, const condition *condition, condition_sql *ret)
{
    ix_ctx *cx = query->cx;
    if (condition->is_time)
        return time_write(query, condition, ret);
    key_ranges ranges = no_ranges;
    const char *meets = "";
    const char *contains = "";
    const char *inside = "";
    *ret = (condition_sql){0};
    if (!ranges_of(cx, condition, &ranges))
        return false;

    const int name = query_arg(query, db_text(condition->name));
    for (size_t i = 0; i < ranges.count; i++) {
        const char *range = range_text(query, &ranges.list[i]);
        if (!range)
            return false;
        meets = ix_format(cx, "%s%s%s", meets, i > 0 ? " OR " : "", range);
        ret->is_sorted[i] = is_point(&ranges.list[i]);
        ret->sets[i] =
            ix_format(cx, "SELECT thing FROM properties WHERE space = $1 AND name = $%d AND %s",
                      name, range);
        if (!meets || !ret->sets[i])
            return false;
    }
    ret->count = has_dot(condition) ? 0 : ranges.count;
    if (condition->op == FILTER_CONTAINS)
        contains = contains_text(query, condition);
    if (has_dot(condition))
        inside = inside_text(query, condition);
    if (contains && inside)
        ret->probe = ix_format(cx,
                               "EXISTS (SELECT 1 FROM properties p WHERE p.space = $1"
                               " AND p.thing = t.uid AND ((p.name = $%d AND (%s)%s)%s))",
                               name, ranges.count > 0 ? meets : "1 = 0", contains, inside);
    return ret->probe != NULL;
}

const char *value_key_column(query *query, const char *uid, int name)
{
    return ix_format(query->cx,
                     "(SELECT v.key FROM properties v"
                     " WHERE v.space = $1 AND v.thing = %s AND v.name = $%d)",
                     uid, name);
}

const char *value_time_column(query *query, const char *uid, int name)
{
    return ix_format(query->cx,
                     "(SELECT v.at FROM properties v"
                     " WHERE v.space = $1 AND v.thing = %s AND v.name = $%d)",
                     uid, name);
}

bool value_walk_make(query *query, int name, value_walk *ret)
{
    const ix_str least = kind_key(IX_BOOL);
    *ret = (value_walk){
        .from = "properties s",
        .holds = ix_format(query->cx, "s.space = $1 AND s.name = $%d", name),
        .uid = "s.thing",
        .key = "s.key",
        .lacks = ix_format(query->cx,
                           "NOT EXISTS (SELECT 1 FROM properties v WHERE v.space = $1"
                           " AND v.thing = t.uid AND v.name = $%d AND v.key >= $%d)",
                           name, query_arg(query, db_blob(least.at, least.len))),
    };
    return ret->holds && ret->lacks;
}
