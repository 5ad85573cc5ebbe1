/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What properties were: one row for each value, in the order of thing, property, time.
 *
 * That order is the only one there is, so that adding a value stays cheap. A list over all properties
 * of a thing therefore merges them: each property has a cursor of its own that reads a few rows ahead,
 * and the newest row among the cursors is the next item.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/sql/parts.h"

/* ---- adding ---- */

static bool history_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        const char *name, int64_t at_us, ix_str value, bool *taken)
{
    static const char sql[] = "INSERT INTO history (space, thing, name, at, value)"
                              " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    if (!sql_do(cx, store, sql,
                ARGS(db_text(space), db_text(uid), db_text(name), db_int(at_us), db_str(value))))
        return false;
    *taken = sql_changes(store) == 0;
    return true;
}

bool store_history_add(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, int64_t at_us, const ix_json *value, bool *taken)
{
    const char *text = ix_json_text(cx, value);
    return text && history_add(cx, store, space, uid, name, at_us, ix_str_of(text), taken);
}

bool store_history_has(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, int64_t at_us, const ix_json *value, bool *same)
{
    static const char sql[] = "SELECT value FROM history"
                              " WHERE space = $1 AND thing = $2 AND name = $3 AND at = $4";
    const char *text = ix_json_text(cx, value);
    db_rows *row;
    if (!text || !sql_first(cx, store, sql,
                            ARGS(db_text(space), db_text(uid), db_text(name), db_int(at_us)), &row))
        return false;
    *same = row && ix_str_is(sql_str(store, row, 0), text);
    sql_done(store, row);
    return true;
}

/* Removes the oldest `most` of the values that a property had from `from_us` to `to_us`, both included.
 * They lie side by side, so the last of them says all; of two upper bounds the database would use one, and
 * go through all that is within it. */
static bool series_remove(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *name, int64_t from_us, int64_t to_us, int64_t most)
{
    static const char sql[] =
        "DELETE FROM history WHERE space = $1 AND thing = $2 AND name = $3 AND at >= $4 AND at <="
        " coalesce((SELECT at FROM history WHERE space = $1 AND thing = $2 AND name = $3"
        " AND at >= $4 AND at <= $5 ORDER BY at LIMIT 1 OFFSET $6), $5)";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(uid), db_text(name), db_int(from_us), db_int(to_us),
                       db_int(most - 1)));
}

bool history_add_timestamp(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                           const timestamp_value *values, size_t count, int64_t *at_us)
{
    for (size_t i = 0; i < count;) {
        bool taken;
        if (!history_add(cx, store, space, uid, values[i].name, *at_us, values[i].value, &taken))
            return false;
        if (!taken) {
            i++;
            continue;
        }
        /* Rare: start again a microsecond later. */
        while (i > 0) {
            if (!series_remove(cx, store, space, uid, values[--i].name, *at_us, *at_us, 1))
                return false;
        }
        ++*at_us;
    }
    return true;
}

/* ---- the series of a thing ---- */

typedef struct entry {
    int64_t at_us;
    const char *name;
    ix_str value; /* {NULL, 0}: it is large, and is read when its turn comes */
} entry;

/* One property's history while it is merged with others. */
typedef struct series {
    const char *name;
    entry *entries; /* read ahead, in the direction of the page */
    int count, at;  /* how many; the next one */
    bool is_over;   /* nothing follows what was read ahead */
} series;

/* Each is looked for behind the one before, in one statement. The list grows by doubling. */
bool store_history_names(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                         const char ***ret, size_t *ret_count)
{
    static const char sql[] =
        "WITH RECURSIVE names (name) AS"
        " (SELECT min(name) FROM history WHERE space = $1 AND thing = $2"
        " UNION ALL SELECT (SELECT min(h.name) FROM history h WHERE h.space = $1"
        " AND h.thing = $2 AND h.name > names.name) FROM names WHERE names.name IS NOT NULL)"
        " SELECT name FROM names WHERE name IS NOT NULL";
    size_t size = 16;
    size_t count = 0;
    const char **names = ix_new(cx, const char *, size);
    db_rows *rows;
    if (!names || !sql_rows(cx, store, sql, ARGS(db_text(space), db_text(uid)), &rows))
        return false;
    while (sql_next(cx, store, rows)) {
        if (count == size) {
            const char **wider = ix_new(cx, const char *, 2 * size);
            if (!wider)
                break;
            memcpy(wider, names, size * sizeof(*names));
            names = wider;
            size *= 2;
        }
        if (!(names[count] = sql_text(cx, store, rows, 0)))
            break;
        count++;
    }
    sql_done(store, rows);
    *ret = names;
    *ret_count = count;
    return !ix_failed(cx);
}

/* ---- listing ---- */

enum {
    READ_AHEAD_MIN = 2, /* entries of one series among several */
    READ_AHEAD_MAX = 16,
    AHEAD_BYTES = 16 << 20, /* what all that is read ahead may take */
    AHEAD_VALUE_MAX = 4096,
};

/* Twice its share of the page, within bounds. */
static int read_ahead(int limit, size_t series)
{
    const size_t share = 2 * ((size_t)limit + 1) / (series + 1);
    return share < READ_AHEAD_MIN   ? READ_AHEAD_MIN
           : share > READ_AHEAD_MAX ? READ_AHEAD_MAX
                                    : (int)share;
}

/* The longest value, in characters, that is read ahead: where there are many series, a short one. */
static int64_t ahead_value_max(int ahead, size_t series)
{
    const size_t share = AHEAD_BYTES / 4 / ((size_t)ahead * (series + 1));
    return share < AHEAD_VALUE_MAX ? (int64_t)share : AHEAD_VALUE_MAX;
}

/* A list under way. */
typedef struct walk {
    ix_ctx *cx;
    store_handle *store;
    const char *space, *uid;
    bool is_rising;         /* towards newer */
    bool is_name_falling;   /* names of one time, last one first */
    bool is_timestamp;      /* only the newest entry of each series */
    int64_t from_us, to_us; /* bounds, both included */
    bool has_boundary;
    int64_t boundary_us;       /* of the page's boundary */
    const char *boundary_name; /* NULL when grouped */
    int read_ahead;
    int64_t value_max; /* longer values are not read ahead */
    series *series;    /* in the order of their names */
    size_t count;
    struct series *
        *heap; /* those that have an entry in front; no one's comes before its parent's */
    size_t heap_count;
} walk;

/* Does an entry lie beyond the boundary of the page, in its direction? */
static bool is_beyond(const walk *walk, const char *name, int64_t at_us)
{
    if (!walk->has_boundary)
        return true;
    if (at_us != walk->boundary_us || !walk->boundary_name)
        return walk->is_rising ? at_us > walk->boundary_us : at_us < walk->boundary_us;
    const int order = strcmp(name, walk->boundary_name);
    return walk->is_name_falling ? order < 0 : order > 0;
}

/* Reads entries of `series` from `from_us` to `to_us`, `most` of them. */
static bool series_read(walk *walk, series *series, int64_t from_us, int64_t to_us, int most)
{
#define SQL_AHEAD(way)                                                         \
    "SELECT at, CASE WHEN length(value) <= $7 THEN value END FROM history"     \
    " WHERE space = $1 AND thing = $2 AND name = $3 AND at >= $4 AND at <= $5" \
    " ORDER BY at" way " LIMIT $6"
    static const char newest_sql[] = SQL_AHEAD(" DESC");
    static const char oldest_sql[] = SQL_AHEAD("");

    ix_ctx *cx = walk->cx;
    if (!series->entries)
        series->entries = ix_new(cx, entry, (size_t)most);
    db_rows *rows;
    if (!series->entries ||
        !sql_rows(cx, walk->store, walk->is_rising && !walk->is_timestamp ? oldest_sql : newest_sql,
                  ARGS(db_text(walk->space), db_text(walk->uid), db_text(series->name),
                       db_int(from_us), db_int(to_us), db_int(most), db_int(walk->value_max)),
                  &rows))
        return false;

    series->at = 0;
    series->count = 0;
    while (series->count < most && sql_next(cx, walk->store, rows)) {
        const size_t len = sql_str(walk->store, rows, 1).len;
        const char *value = sql_text(cx, walk->store, rows, 1);
        if (ix_failed(cx))
            break;
        series->entries[series->count++] =
            (entry){sql_int(walk->store, rows, 0), series->name, {value, value ? len : 0}};
    }
    sql_done(walk->store, rows);
    series->is_over = walk->is_timestamp || series->count < most;
    return !ix_failed(cx);
}

/* The first entries of a series that belong to the page. */
static bool series_start(walk *walk, series *series)
{
    int64_t from_us = walk->from_us;
    int64_t to_us = walk->to_us;
    if (walk->is_timestamp) {
        if (!series_read(walk, series, from_us, to_us, 1))
            return false;
        if (series->count > 0 && !is_beyond(walk, series->name, series->entries[0].at_us))
            series->count = 0;
        return true;
    }

    if (walk->has_boundary) {
        const bool with_boundary = is_beyond(walk, series->name, walk->boundary_us);
        if (walk->is_rising && from_us < walk->boundary_us + !with_boundary)
            from_us = walk->boundary_us + !with_boundary;
        if (!walk->is_rising && to_us > walk->boundary_us - !with_boundary)
            to_us = walk->boundary_us - !with_boundary;
    }
    return series_read(walk, series, from_us, to_us, walk->read_ahead);
}

/* Steps over the entry in front, reading on when none is left. */
static bool series_step(walk *walk, series *series)
{
    const int64_t at_us = series->entries[series->at++].at_us;
    if (series->at < series->count || series->is_over)
        return true;
    return walk->is_rising ? series_read(walk, series, at_us + 1, walk->to_us, walk->read_ahead)
                           : series_read(walk, series, walk->from_us, at_us - 1, walk->read_ahead);
}

/* Does the entry in front of one series come before that of another? Names decide between equal times. */
static bool comes_before(const walk *walk, const series *one, const series *other)
{
    const int64_t one_us = one->entries[one->at].at_us;
    const int64_t other_us = other->entries[other->at].at_us;
    if (one_us != other_us)
        return walk->is_rising ? one_us < other_us : one_us > other_us;
    return walk->is_name_falling ? one > other : one < other;
}

/* Lets the series at `at` sink to its place. */
static void heap_sink(walk *walk, size_t at)
{
    series **heap = walk->heap;
    for (size_t child; (child = 2 * at + 1) < walk->heap_count; at = child) {
        if (child + 1 < walk->heap_count && comes_before(walk, heap[child + 1], heap[child]))
            child++;
        if (!comes_before(walk, heap[child], heap[at]))
            return;
        series *sinking = heap[at];
        heap[at] = heap[child];
        heap[child] = sinking;
    }
}

static bool heap_init(walk *walk)
{
    walk->heap = ix_new(walk->cx, series *, walk->count + 1);
    for (size_t i = 0; walk->heap && i < walk->count; i++)
        if (walk->series[i].count > 0)
            walk->heap[walk->heap_count++] = &walk->series[i];
    for (size_t i = walk->heap_count / 2; i > 0; i--)
        heap_sink(walk, i - 1);
    return walk->heap != NULL;
}

/* The next entry of the whole list, in the direction of the page. False at the end and on failure. */
static bool walk_next(walk *walk, entry *ret)
{
    if (walk->heap_count == 0)
        return false;
    series *front = walk->heap[0];
    *ret = front->entries[front->at];
    if (!series_step(walk, front))
        return false;
    if (front->at == front->count)
        walk->heap[0] = walk->heap[--walk->heap_count];
    heap_sink(walk, 0);
    return true;
}

static bool walk_init(walk *walk, const history_query *query, const page_range *page)
{
    ix_ctx *cx = walk->cx;
    walk->is_rising = query->is_oldest_first != page->is_backward;
    walk->is_name_falling = page->is_backward;
    walk->is_timestamp = query->at && !query->at->is_range;
    walk->from_us = query->at && query->at->is_range ? query->at->from_us : ix_time_first_us;
    walk->to_us = query->at ? query->at->to_us : ix_time_last_us;

    if (page->boundary) {
        const ix_json *at = ix_json_item(page->boundary, 0);
        walk->has_boundary = true;
        walk->boundary_us = ix_json_int(at, 0);
        walk->boundary_name = query->group ? NULL : ix_json_string(ix_json_item(page->boundary, 1));
        if (ix_json_kind(at) != IX_INT || walk->boundary_us < ix_time_first_us ||
            walk->boundary_us > ix_time_last_us || (!query->group && !walk->boundary_name))
            return ix_fail(cx, IOTS_INVALID, "invalid cursor");
    }

    const char **names = NULL;
    if (query->name) {
        names = ix_new(cx, const char *, 1);
        if (!names)
            return false;
        names[0] = query->name;
        walk->count = 1;
    } else if (!store_history_names(cx, walk->store, walk->space, walk->uid, &names,
                                    &walk->count)) {
        return false;
    }

    walk->read_ahead = query->name ? page->limit + 1 : read_ahead(page->limit, walk->count);
    walk->value_max = ahead_value_max(walk->read_ahead, walk->count);
    walk->series = ix_new(cx, series, walk->count + 1);
    if (!walk->series)
        return false;
    for (size_t i = 0; i < walk->count; i++) {
        walk->series[i].name = names[i];
        if (!series_start(walk, &walk->series[i]))
            return false;
    }
    return heap_init(walk);
}

/* An item that is put together: one entry, or all of one moment. */
typedef struct item {
    int64_t at_us;
    const char *name; /* of the entry that came first */
    ix_buf members;   /* "name":value, one after the other as they came, with commas between */
    size_t *members_at;
    size_t count, size; /* of members_at */
    ix_buf text;        /* the whole object */
} item;

static void item_done(item *item)
{
    ix_buf_done(&item->members);
    ix_buf_done(&item->text);
    free(item->members_at);
}

/* Appends a value that was not read ahead. */
static bool add_large_value(walk *walk, const entry *entry, ix_buf *buf)
{
    static const char sql[] = "SELECT value FROM history"
                              " WHERE space = $1 AND thing = $2 AND name = $3 AND at = $4";
    db_rows *row;
    if (!sql_first(walk->cx, walk->store, sql,
                   ARGS(db_text(walk->space), db_text(walk->uid), db_text(entry->name),
                        db_int(entry->at_us)),
                   &row))
        return false;
    if (row)
        ix_buf_str(buf, sql_str(walk->store, row, 0));
    else
        ix_buf_text(buf, "null"); /* not in a snapshot, where it is still there */
    sql_done(walk->store, row);
    return true;
}

static bool item_add(walk *walk, item *item, const entry *entry)
{
    if (item->count == item->size) {
        const size_t size = item->size ? 2 * item->size : 16;
        size_t *grown = realloc(item->members_at, size * sizeof(*grown));
        if (!grown)
            return ix_fail(walk->cx, IOTS_NO_MEMORY, NULL);
        item->members_at = grown;
        item->size = size;
    }
    if (item->count == 0) {
        item->at_us = entry->at_us;
        item->name = entry->name;
    } else {
        ix_buf_char(&item->members, ',');
    }
    item->members_at[item->count++] = item->members.len;
    ix_json_write_text(&item->members, ix_str_of(entry->name));
    ix_buf_char(&item->members, ':');
    if (!entry->value.at)
        return add_large_value(walk, entry, &item->members);
    ix_buf_str(&item->members, entry->value);
    return true;
}

/* The visitor of items. */
typedef struct visitor {
    bool (*each)(void *arg, int64_t at_us, ix_str name, ix_str values);
    void *arg;
    bool *more;
} visitor;

/* Names are in their order, whichever way the entries came. Empties the item. */
static bool item_emit(walk *walk, item *item, const visitor *visitor)
{
    size_t end = item->members.len;
    const char *at = ix_buf_cstr(&item->members);
    ix_buf *text = &item->text;
    ix_buf_clear(text);
    ix_buf_char(text, '{');
    if (!walk->is_name_falling)
        ix_buf_str(text, (ix_str){at, end});
    for (size_t i = item->count; walk->is_name_falling && i-- > 0;) {
        if (i + 1 < item->count)
            ix_buf_char(text, ',');
        ix_buf_str(text, (ix_str){at + item->members_at[i], end - item->members_at[i]});
        end = item->members_at[i] - (i > 0);
    }
    ix_buf_char(text, '}');
    if (text->failed || item->members.failed)
        return ix_fail(walk->cx, IOTS_NO_MEMORY, NULL);
    *visitor->more = !visitor->each(visitor->arg, item->at_us, ix_str_of(item->name),
                                    (ix_str){ix_buf_cstr(text), text->len});
    ix_buf_clear(&item->members);
    item->count = 0;
    return !*visitor->more;
}

/* Says of the items of a page as they are complete. */
static bool walk_tell(walk *walk, bool is_grouped, int limit, const visitor *visitor)
{
    item item = {0};
    entry next;
    int emitted = 0;
    bool goes_on = true;
    while (goes_on && walk_next(walk, &next)) {
        const bool is_same = is_grouped && item.at_us == next.at_us;
        if (item.count > 0 && !is_same) {
            goes_on = item_emit(walk, &item, visitor);
            emitted++;
        }
        if (goes_on && emitted == limit) {
            *visitor->more = true;
            goes_on = false;
        }
        goes_on = goes_on && item_add(walk, &item, &next);
    }
    if (goes_on && !ix_failed(walk->cx) && item.count > 0)
        item_emit(walk, &item, visitor);
    item_done(&item);
    return !ix_failed(walk->cx);
}

bool store_history_list(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                        const history_query *query, const page_range *page,
                        bool (*each)(void *arg, int64_t at_us, ix_str name, ix_str values),
                        void *arg, bool *more)
{
    walk walk = {.cx = cx, .store = store, .space = space, .uid = uid};
    const visitor visitor = {each, arg, more};
    bool is_own;
    *more = false;
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    const bool ok =
        walk_init(&walk, query, page) && walk_tell(&walk, query->group, page->limit, &visitor);
    snapshot_end(store, is_own);
    return ok;
}

bool store_history_any(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                       const char *name, bool *found)
{
    static const char sql[] =
        "SELECT 1 FROM history WHERE space = $1 AND thing = $2 AND name = $3 LIMIT 1";
    return sql_any(cx, store, sql, ARGS(db_text(space), db_text(uid), db_text(name)), found);
}

/* ---- removing ---- */

bool store_history_remove(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                          const char *const *names, size_t count, const time_span *at, int most,
                          size_t *next, int *ret_done)
{
    int64_t done = 0;
    while (*next < count && done < most) {
        const int64_t left = most - done;
        if (!series_remove(cx, store, space, uid, names[*next], at->from_us, at->to_us, left))
            return false;
        const int64_t removed = sql_changes(store);
        if (removed < left)
            ++*next;
        done += removed < left ? removed + 1 : removed;
    }
    *ret_done = (int)done;
    return true;
}

bool history_purge_thing(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                         int64_t most, int64_t *rows)
{
    static const char sql[] = "SELECT name FROM history WHERE space = $1 AND thing = $2"
                              " ORDER BY name LIMIT 1";
    while (*rows < most) {
        db_rows *row;
        if (!sql_first(cx, store, sql, ARGS(db_text(space), db_text(uid)), &row))
            return false;
        if (!row)
            return true;
        const char *name = sql_text(cx, store, row, 0);
        sql_done(store, row);
        if (!name ||
            !series_remove(cx, store, space, uid, name, INT64_MIN, INT64_MAX, most - *rows))
            return false;
        *rows += sql_changes(store);
    }
    return true;
}

bool history_drop_space(ix_ctx *cx, store_handle *store, const char *space)
{
    static const char sql[] = "DELETE FROM history WHERE space = $1";
    return sql_do(cx, store, sql, ARGS(db_text(space)));
}

/* The series after this one, over all spaces, and the time of its oldest value. *found false: that was
 * the last. A comparison of (space, thing, name) in one go would begin with all values of this one. */
static bool series_after(ix_ctx *cx, store_handle *store, const retention_position *mark,
                         retention_position *ret, int64_t *ret_oldest_us, bool *found)
{
#define NEXT_SERIES(where)                                    \
    "SELECT space, thing, name, at FROM history WHERE " where \
    " ORDER BY space, thing, name, at LIMIT 1"
    static const char *const sql[] = {
        NEXT_SERIES("space = $1 AND thing = $2 AND name > $3"),
        NEXT_SERIES("space = $1 AND thing > $2"),
        NEXT_SERIES("space > $1"),
    };
#undef NEXT_SERIES
    const db_value args[] = {db_text(mark->space), db_text(mark->thing), db_text(mark->name)};
    db_rows *row = NULL;
    for (size_t i = 0; i < 3 && !row; i++)
        if (!sql_first(cx, store, sql[i], args, 3 - i, &row))
            return false;
    *found = row != NULL;
    if (!row)
        return true;
    const ix_str space = sql_str(store, row, 0);
    const ix_str thing = sql_str(store, row, 1);
    const ix_str name = sql_str(store, row, 2);
    snprintf(ret->space, sizeof(ret->space), "%.*s", (int)space.len, space.at);
    snprintf(ret->thing, sizeof(ret->thing), "%.*s", (int)thing.len, thing.at);
    snprintf(ret->name, sizeof(ret->name), "%.*s", (int)name.len, name.at);
    *ret_oldest_us = sql_int(store, row, 3);
    sql_done(store, row);
    return true;
}

/* Removes the oldest values of a series that are older than `before_us`, `most` of them. */
static bool series_purge(ix_ctx *cx, store_handle *store, const retention_position *series,
                         int64_t before_us, int64_t most)
{
    return series_remove(cx, store, series->space, series->thing, series->name, INT64_MIN,
                         before_us - 1, most);
}

/* Every series has its turn: of one that has much to lose only a share goes at a time. A round over all
 * of them in which none was cut short is the last. */
bool store_history_purge(ix_ctx *cx, store_handle *store, int64_t before_us, int most,
                         int64_t *ret_removed, bool *ret_more)
{
    enum { SERIES_MAX = 500, SHARE = 500 };
    int64_t removed = 0;
    *ret_more = true;
    for (int i = 0; i < SERIES_MAX && removed < most; i++) {
        retention_position next;
        int64_t oldest_us;
        bool found;
        if (!series_after(cx, store, &store->purged, &next, &oldest_us, &found))
            return false;
        if (!found) {
            store->purged = (retention_position){0};
            *ret_more = store->purge_is_cut;
            store->purge_is_cut = false;
            if (!*ret_more)
                break;
            continue;
        }
        if (oldest_us < before_us) {
            const int64_t share = most - removed < SHARE ? most - removed : SHARE;
            if (!series_purge(cx, store, &next, before_us, share))
                return false;
            removed += sql_changes(store);
            store->purge_is_cut = store->purge_is_cut || sql_changes(store) >= share;
        }
        store->purged = next;
    }
    *ret_removed = removed;
    return true;
}

/* ---- what Categories and properties say ---- */

enum { LOOKED_AT_MAX = 200 }; /* properties, or Things of Categories, in one go */

/* Removes what is older of a series, as long as fewer than `most` have gone. */
static bool purge_narrower(ix_ctx *cx, store_handle *store, const retention_position *of,
                           int64_t before_us, int64_t most, int64_t *removed)
{
    if (!series_purge(cx, store, of, before_us, most - *removed))
        return false;
    *removed += sql_changes(store);
    return true;
}

/* The mark and the time of the row, if there is one. */
static bool cursor_read(ix_ctx *cx, store_handle *store, const char *sql,
                        const retention_position *after, retention_position *ret,
                        int64_t *ret_keep_us, bool *found)
{
    db_rows *row;
    if (!sql_first(cx, store, sql,
                   ARGS(db_text(after->space), db_text(after->thing), db_text(after->name)), &row))
        return false;
    *found = row != NULL;
    if (!row)
        return true;
    const ix_str space = sql_str(store, row, 0), thing = sql_str(store, row, 1);
    const ix_str name = sql_str(store, row, 2);
    snprintf(ret->space, sizeof(ret->space), "%.*s", (int)space.len, space.at);
    snprintf(ret->thing, sizeof(ret->thing), "%.*s", (int)thing.len, thing.at);
    snprintf(ret->name, sizeof(ret->name), "%.*s", (int)name.len, name.at);
    *ret_keep_us = sql_int(store, row, 3);
    sql_done(store, row);
    return true;
}

static bool purge_properties(ix_ctx *cx, store_handle *store, int64_t now_us, int most,
                             int64_t *removed)
{
    static const char sql[] = "SELECT space, thing, name, keep_us FROM properties"
                              " WHERE keep_us IS NOT NULL AND (space, thing, name) > ($1, $2, $3)"
                              " ORDER BY space, thing, name LIMIT 1";
    for (int i = 0; i < LOOKED_AT_MAX && *removed < most; i++) {
        retention_position next;
        int64_t keep_us;
        bool found;
        if (!cursor_read(cx, store, sql, &store->purged_property, &next, &keep_us, &found))
            return false;
        if (!found) {
            store->purged_property = (retention_position){0};
            return true;
        }
        if (!purge_narrower(cx, store, &next, now_us - keep_us, most, removed))
            return false;
        if (*removed < most)
            store->purged_property = next;
    }
    return true;
}

/* All series of a thing. The mark's name is that of the Category. */
static bool purge_member(ix_ctx *cx, store_handle *store, const retention_position *member,
                         int64_t before_us, int most, int64_t *removed)
{
    retention_position of = *member;
    const char **names;
    size_t count;
    if (!store_history_names(cx, store, member->space, member->thing, &names, &count))
        return false;
    for (size_t i = 0; i < count && *removed < most; i++) {
        snprintf(of.name, sizeof(of.name), "%s", names[i]);
        if (!purge_narrower(cx, store, &of, before_us, most, removed))
            return false;
    }
    return true;
}

/* Goes along the Categories that have a time, and in each along its things. */
static bool purge_members(ix_ctx *cx, store_handle *store, int64_t now_us, int most,
                          int64_t *removed)
{
    static const char member_sql[] =
        "SELECT c.space, m.thing, c.name, c.keep_us FROM categories c"
        " JOIN members m ON m.space = c.space AND m.category = c.name"
        " WHERE c.keep_us IS NOT NULL AND c.space = $1 AND c.name = $3 AND m.thing > $2"
        " ORDER BY m.thing LIMIT 1";
    static const char category_sql[] =
        "SELECT space, CAST($2 AS TEXT), name, keep_us FROM categories"
        " WHERE keep_us IS NOT NULL AND (space, name) > ($1, $3) ORDER BY space, name LIMIT 1";
    for (int i = 0; i < LOOKED_AT_MAX && *removed < most; i++) {
        retention_position *at = &store->purged_member, next;
        int64_t keep_us;
        bool found;
        if (!cursor_read(cx, store, member_sql, at, &next, &keep_us, &found))
            return false;
        if (found) {
            if (!purge_member(cx, store, &next, now_us - keep_us, most, removed))
                return false;
            if (*removed < most)
                *at = next;
            continue;
        }
        at->thing[0] = '\0';
        if (!cursor_read(cx, store, category_sql, at, &next, &keep_us, &found))
            return false;
        *at = found ? next : (retention_position){0};
        if (!found)
            return true;
    }
    return true;
}

bool store_history_purge_narrower(ix_ctx *cx, store_handle *store, int64_t now_us, int most,
                                  int64_t *ret_removed, bool *more)
{
    int64_t removed = 0;
    const bool ok = purge_properties(cx, store, now_us, most, &removed) &&
                    purge_members(cx, store, now_us, most, &removed);
    *ret_removed = removed;
    *more = removed >= most || store->purged_property.space[0] || store->purged_member.space[0];
    return ok;
}
