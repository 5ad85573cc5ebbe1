/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many things: pages of them, sorted, and bulk removal.
 *
 * There are three ways to make a page:
 *
 *     an ordered scan   things come in the order that is wanted, that of uids, and are told as they come
 *     an index scan     the first key has an index (title, created, modified, one value of status), which
 *                       is gone along from the edge of the page until the page is full
 *     a top-k scan      all things that match are looked at, and the first kept, as many as fit on the
 *                       page: if the filter leaves few, or the first key has no index
 *
 * An index scan must put in order what has the first key in common: by the other keys, or by uid where
 * the index runs the other way. So it offers what it meets to the same list of the first, and looks again
 * at the one key that the page may have cut in two.
 *
 * Things are told from the edge of the page on, so that whoever has no room for more may stop. Whatever
 * is sorted by, only keys (thing_key.h) are held, and one thing at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "store/key.h"
#include "store/parts.h"
#include "store/properties.h"
#include "store/thing_key.h"
#include "store/things.h"
#include "store/topk.h"
#include "store/where.h"

/* ---- sort keys ---- */

/* Where a key's value is found. The address of a thing sorts as its uid does; times sort as times, not
 * as the text they are shown as; IN_VALUES is one value of status, IN_TIMES when one was written. */
typedef enum key_place {
    IN_DOCUMENT,
    IN_UID,
    IN_TITLE,
    IN_CREATED,
    IN_MODIFIED,
    IN_VALUES,
    IN_TIMES
} key_place;

static const struct {
    const char *path;
    key_place place;
} paths[] = {
    {"uid", IN_UID},     {"id", IN_UID},          {"href", IN_UID},
    {"title", IN_TITLE}, {"created", IN_CREATED}, {"modified", IN_MODIFIED},
};

static const char *const columns[IN_TIMES + 1] = {
    [IN_TITLE] = "t.title", [IN_CREATED] = "t.created", [IN_MODIFIED] = "t.modified"};

#define STATUS "status."

/* The property whose value a path speaks of, or NULL. With another dot it may be inside a value. */
static const char *property_of(const char *path)
{
    const char *name = path + strlen(STATUS);
    return strncmp(path, STATUS, strlen(STATUS)) == 0 && *name && !strchr(name, '.') ? name : NULL;
}

#define STATUS_AT "status_at."

/* The property the time of whose value a path speaks of, or NULL. */
static const char *timed_property_of(const char *path)
{
    const char *name = path + strlen(STATUS_AT);
    return strncmp(path, STATUS_AT, strlen(STATUS_AT)) == 0 && *name ? name : NULL;
}

static key_place place_of(const sort_key *key, bool has_dots)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strcmp(key->path, paths[i].path) == 0)
            return paths[i].place;
    }
    if (timed_property_of(key->path))
        return IN_TIMES;
    return property_of(key->path) && !has_dots ? IN_VALUES : IN_DOCUMENT;
}

/* ---- things that match ---- */

/* A list under way: a filter, its rows, and what the row in hand needs. */
typedef struct listing {
    ix_ctx *cx;
    store *store;
    const char *space;
    const thing_filter *filter;
    const sort_list *sort;
    key_place places[SORT_KEYS_MAX];
    int names
        [SORT_KEYS_MAX]; /* of keys IN_VALUES and IN_TIMES: the argument that names the property */
    bool has_views;      /* rows begin with THING_COLUMNS, else with the uid */
    query query;
    where where;
    db_rows *rows;
    bool with_times; /* `times` is wanted, too */
    values_run run;  /* of the values of all things in their order */
    bool is_run;     /* that is the order in which they come */

    /* of the row in hand */
    ix_buf status;
    ix_buf times;       /* of its values */
    ix_buf first, rest; /* of its sort key */
    ix_ctx scratch;
} listing;

enum { VIEW_COLUMNS = 8 }; /* of THING_COLUMNS */

static void scratch_reset(listing *listing)
{
    ix_arena_reset(listing->scratch.arena);
    ix_ctx_forgive(&listing->scratch);
}

/* What failed in scratch has failed in cx. */
static bool scratch_fail(listing *listing)
{
    return ix_fail(listing->cx, listing->scratch.error.code, "%s", listing->scratch.error.message);
}

/* Has the space a thing with a member such as "status.t"? The longest literal name wins. */
static bool find_dots(ix_ctx *cx, store *store, const char *space, bool *ret)
{
    static const char sql[] = "SELECT 1 FROM things WHERE space = $1"
                              " AND replace(doc, '\"" STATUS "', '') <> doc LIMIT 1";
    return sql_any(cx, store, sql, ARGS(db_text(space)), ret);
}

static bool find_places(listing *listing)
{
    bool has_dots = false;
    bool is_asked = false;
    for (size_t i = 0; i < listing->sort->count; i++) {
        const sort_key *key = &listing->sort->keys[i];
        if (property_of(key->path) && !is_asked &&
            !find_dots(listing->cx, listing->store, listing->space, &has_dots))
            return false;
        is_asked |= property_of(key->path) != NULL;
        listing->places[i] = place_of(key, has_dots);
        listing->has_views |= listing->places[i] == IN_DOCUMENT;
        if (listing->places[i] == IN_VALUES)
            listing->names[i] = query_arg(&listing->query, db_text(property_of(key->path)));
        if (listing->places[i] == IN_TIMES)
            listing->names[i] = query_arg(&listing->query, db_text(timed_property_of(key->path)));
    }
    return true;
}

/* To be ended with listing_end even on failure. */
static bool listing_begin(listing *listing, ix_ctx *cx, store *store, const char *space,
                          const thing_filter *filter, const sort_list *sort)
{
    memset(listing, 0, sizeof(*listing));
    listing->cx = cx;
    listing->store = store;
    listing->space = space;
    listing->filter = filter;
    listing->sort = sort;
    listing->run = (values_run){.store = store, .space = space};
    query_init(&listing->query, cx, store, space);
    if (!ix_ctx_init(&listing->scratch, 0))
        return scratch_fail(listing);
    return find_places(listing);
}

static void listing_stop(listing *listing)
{
    sql_done(listing->store, listing->rows);
    listing->rows = NULL;
    values_run_end(&listing->run);
}

static void listing_end(listing *listing)
{
    listing_stop(listing);
    ix_buf_done(&listing->status);
    ix_buf_done(&listing->times);
    ix_buf_done(&listing->first);
    ix_buf_done(&listing->rest);
    ix_ctx_done(&listing->scratch);
}

/* Where rows are taken from. */
typedef struct source {
    const char *from, *holds; /* as in `where` */
    const char *uid;          /* its column */
    const char *first;        /* the column of the first sort key; NULL: as the other keys' */
    const char *order;        /* NULL: any */
    int64_t most;             /* rows; 0: all */
} source;

/* The column that sort key `i` is made of, in cx. */
static const char *key_column(listing *listing, const source *source, size_t i)
{
    if (i == 0 && source->first)
        return source->first;
    switch (listing->places[i]) {
    case IN_UID:
        return source->uid;
    case IN_DOCUMENT:
        return "NULL";
    case IN_VALUES:
        return value_key_column(&listing->query, source->uid, listing->names[i]);
    case IN_TIMES:
        return value_time_column(&listing->query, source->uid, listing->names[i]);
    default:
        return columns[listing->places[i]];
    }
}

/* Starts the rows. Needs to be stopped before it is run again. */
static bool listing_run(listing *listing, const source *source)
{
    ix_ctx *cx = listing->cx;
    const char *sql = ix_format(cx, "SELECT %s", listing->has_views ? THING_COLUMNS : source->uid);
    for (size_t i = 0; i < listing->sort->count && sql; i++) {
        const char *column = key_column(listing, source, i);
        sql = column ? ix_format(cx, "%s, %s", sql, column) : NULL;
    }
    if (sql)
        sql = ix_format(cx, "%s FROM %s WHERE %s", sql, source->from, source->holds);
    if (sql && source->order)
        sql = ix_format(cx, "%s ORDER BY %s", sql, source->order);
    if (sql && source->most > 0)
        sql = ix_format(cx, "%s LIMIT $%d", sql, query_arg(&listing->query, db_int(source->most)));
    return sql &&
           (listing->has_views ? query_stream : query_run)(&listing->query, sql, &listing->rows);
}

/* Where one condition is enough, what SQL has found out about times does not say which one it was. */
static bool needs_times(const listing *listing)
{
    return listing->where.is_vague && listing->filter->any_of && filter_asks_times(listing->filter);
}

/* The values of the thing in hand, where something asks for them. */
static bool read_status(listing *listing, thing_view *view)
{
    ix_buf *times = listing->with_times || needs_times(listing) ? &listing->times : NULL;
    ix_buf_clear(&listing->status);
    ix_buf_clear(&listing->times);
    if (!listing->has_views && !listing->where.is_vague)
        return true;
    const char *uid = ix_strndup(&listing->scratch, view->uid.at, view->uid.len);
    if (!uid)
        return scratch_fail(listing);
    if (!(listing->is_run
              ? values_run_write(&listing->scratch, &listing->run, uid, &listing->status, times)
              : values_write(&listing->scratch, listing->store, listing->space, uid,
                             &listing->status, times)))
        return scratch_fail(listing);
    view->status = (ix_str){ix_buf_cstr(&listing->status), listing->status.len};
    if (listing->with_times)
        view->status_at = (ix_str){ix_buf_cstr(&listing->times), listing->times.len};
    return true;
}

/* What SQL was vague about. */
static bool is_match(listing *listing)
{
    ix_ctx *cx = &listing->scratch;
    const ix_json *times = NULL;
    const ix_json *status = ix_json_parse(cx, ix_buf_cstr(&listing->status), listing->status.len);
    if (status && needs_times(listing))
        times = ix_json_parse(cx, ix_buf_cstr(&listing->times), listing->times.len);
    if (!status || ix_failed(cx))
        return scratch_fail(listing);
    return filter_holds(listing->filter, status, times);
}

/* The next thing that matches; only its uid, unless has_views. False at the end and on failure. */
static bool listing_next(listing *listing, thing_view *ret)
{
    while (sql_next(listing->cx, listing->store, listing->rows)) {
        thing_view view = {.uid = sql_str(listing->store, listing->rows, 0)};
        scratch_reset(listing);
        if (listing->has_views)
            view = thing_view_of(listing->store, listing->rows);
        if (!read_status(listing, &view))
            return false;
        if (!listing->where.is_vague || is_match(listing)) {
            *ret = view;
            return true;
        }
        if (ix_failed(listing->cx))
            return false;
    }
    return false;
}

/* ---- the sort key of a thing ---- */

/* Puts a JSON text into a document under a name; no text, no member. */
static bool set_text(ix_ctx *cx, ix_json *doc, const char *name, ix_str text)
{
    return text.len == 0 || ix_json_set(cx, doc, name, ix_json_parse(cx, text.at, text.len));
}

/* The thing as a document, with all members that a key can speak of and that are no columns. */
static ix_json *thing_document(ix_ctx *cx, const thing_view *view)
{
    const char *text = ix_format(cx, "{%.*s}", (int)view->doc.len, view->doc.at);
    ix_json *doc = text ? ix_json_parse(cx, text, view->doc.len + 2) : NULL;
    ix_json *model = ix_json_new_object(cx);
    if (!doc || !model || !set_text(cx, doc, "categories", view->categories) ||
        !set_text(cx, doc, "status", view->status))
        return NULL;
    if (view->model.len > 0 && !ix_json_member(doc, "model") &&
        !(ix_json_set(cx, model, "name", ix_json_new_text(cx, view->model)) &&
          ix_json_set(cx, model, "version", ix_json_new_int(cx, view->version)) &&
          ix_json_set(cx, doc, "model", model)))
        return NULL;
    if (view->client_id.len > 0 &&
        !ix_json_set(cx, doc, "client_id", ix_json_new_text(cx, view->client_id)))
        return NULL;
    return doc;
}

/* Adds sort key `i`, which is made of a column of its own. */
static void add_column(listing *listing, size_t i, ix_buf *buf)
{
    const bool down = listing->sort->keys[i].descending;
    const int column = (int)i + (listing->has_views ? VIEW_COLUMNS : 1);
    const ix_str text = sql_str(listing->store, listing->rows, column);
    switch (listing->places[i]) {
    case IN_CREATED:
    case IN_MODIFIED:
        thing_key_add_int(buf, sql_int(listing->store, listing->rows, column), down);
        break;
    case IN_TIMES:
        if (sql_is_null(listing->store, listing->rows, column))
            thing_key_add_none(buf);
        else
            thing_key_add_int(buf, sql_int(listing->store, listing->rows, column), down);
        break;
    case IN_VALUES:
        if (text.len > 0 && text.at[0] > IX_NULL)
            thing_key_add(buf, text, down);
        else
            thing_key_add_none(buf);
        break;
    default:
        thing_key_add_text(buf, text, down);
        break;
    }
}

/* Adds sort key `i`, which is somewhere in the thing. */
static bool add_member(listing *listing, size_t i, const ix_json *doc, ix_buf *buf)
{
    const ix_json *value = sort_value(doc, listing->sort->keys[i].path);
    if (ix_json_kind(value) <= IX_NULL) {
        thing_key_add_none(buf);
        return true;
    }
    const ix_str key = value_key(&listing->scratch, value);
    thing_key_add(buf, key, listing->sort->keys[i].descending);
    return key.at != NULL;
}

static bool is_uid_path(const char *path)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (paths[i].place == IN_UID && strcmp(path, paths[i].path) == 0)
            return true;
    }
    return false;
}

/* Are things in the order of uids? What else they are sorted by makes no difference then. */
static bool is_by_uid(const sort_list *sort)
{
    return sort->count == 0 || is_uid_path(sort->keys[0].path);
}

/* The key of the thing in hand, good until the next one. */
static bool key_of_row(listing *listing, const thing_view *view, thing_key *ret)
{
    const ix_json *doc = NULL;
    ix_buf_clear(&listing->first);
    ix_buf_clear(&listing->rest);
    const size_t count = is_by_uid(listing->sort) ? 0 : listing->sort->count;
    for (size_t i = 0; i < count; i++) {
        ix_buf *buf = i == 0 ? &listing->first : &listing->rest;
        if (listing->places[i] != IN_DOCUMENT) {
            add_column(listing, i, buf);
            continue;
        }
        if (!doc)
            doc = thing_document(&listing->scratch, view);
        if (!doc || !add_member(listing, i, doc, buf))
            return scratch_fail(listing);
    }
    thing_key_cut(&listing->rest, listing->first.len);
    if (listing->first.failed || listing->rest.failed)
        return ix_fail(listing->cx, IOTS_NO_MEMORY, NULL);
    *ret = (thing_key){{ix_buf_cstr(&listing->first), listing->first.len},
                       {ix_buf_cstr(&listing->rest), listing->rest.len},
                       view->uid};
    return true;
}

size_t store_things_keys(const sort_list *sort)
{
    return is_by_uid(sort) ? THING_KEY_UID_VALUES : THING_KEY_VALUES;
}

/* A value of the first sort key as its index has it. */
static bool index_value(listing *listing, ix_str component, db_value *ret)
{
    const bool down = listing->sort->keys[0].descending;
    ix_ctx *cx = listing->cx;
    ix_str text = {0};
    int64_t number = 0;
    bool ok = true;
    switch (listing->places[0]) {
    case IN_VALUES:
        ok = thing_key_value(cx, component, down, &text);
        *ret = db_blob(text.at, text.len);
        break;
    case IN_TITLE:
        ok = thing_key_text(cx, component, down, &text);
        *ret = db_str(text);
        break;
    case IN_TIMES:
    case IN_CREATED:
    case IN_MODIFIED:
        ok = thing_key_int(cx, component, down, &number);
        *ret = db_int(number);
        break;
    default:
        break;
    }
    return ok || ix_fail(cx, IOTS_INVALID, "invalid cursor");
}

/* Is there an index in the order of the first sort key? */
static bool has_index(const listing *listing)
{
    return listing->places[0] != IN_DOCUMENT && listing->places[0] != IN_TIMES;
}

static bool may_lack(const listing *listing)
{
    return listing->places[0] == IN_VALUES || !has_index(listing);
}

/* The key that a cursor has brought, if it is such as key_of_row makes. */
static bool read_boundary(listing *listing, const ix_json *edge, thing_key *ret)
{
    db_value value;
    const bool by_uid = is_by_uid(listing->sort);
    if (!thing_key_read(listing->cx, edge, !by_uid, ret))
        return false;
    return by_uid || (thing_key_is_none(ret->first) && may_lack(listing)) ||
           index_value(listing, ret->first, &value);
}

/* ---- by uid ---- */

/* Who is told of the things of a page. */
typedef struct visitor {
    bool (*each)(void *arg, const thing_view *view, ix_str keys);
    void *arg;
    bool *more;
} visitor;

static bool visit(listing *listing, const visitor *visitor, const thing_view *view,
                  const thing_key *key)
{
    const ix_str keys = thing_key_write(&listing->scratch, key);
    if (!keys.at)
        return scratch_fail(listing);
    *visitor->more = !visitor->each(visitor->arg, view, keys);
    return !*visitor->more;
}

/* Text that holds for uids beyond this one, after or before it. */
static const char *beyond_uid(query *query, const char *column, ix_str uid, bool is_descending)
{
    return ix_format(query->cx, " AND %s %s $%d", column, is_descending ? "<" : ">",
                     query_arg(query, db_str(uid)));
}

static const char *direction(bool is_descending)
{
    return is_descending ? " DESC" : "";
}

/* A page that is asked for. */
typedef struct asked {
    int limit;
    bool is_backward;
    const thing_key *boundary; /* NULL: it begins where the list does, or ends */
} asked;

/* Do the uids of a page by uid come in falling order? */
static bool goes_down(const listing *listing, const asked *page)
{
    return (listing->sort->count > 0 && listing->sort->keys[0].descending) != page->is_backward;
}

/* The things of a page by uid, and one more if there is one: whatever must be read of them. */
static bool ordered_source(listing *listing, const asked *page, source *ret)
{
    ix_ctx *cx = listing->cx;
    const bool is_descending = goes_down(listing, page);
    const char *beyond = "";
    if (page->boundary)
        beyond = beyond_uid(&listing->query, ret->uid, page->boundary->uid, is_descending);
    ret->holds = beyond ? ix_format(cx, "%s%s", ret->holds, beyond) : NULL;
    ret->order = ix_format(cx, "%s%s", ret->uid, direction(is_descending));
    ret->most = listing->where.is_vague ? 0 : page->limit + 1;
    listing->is_run = listing->where.is_all && !is_descending;
    return ret->holds && ret->order;
}

/* Tells things as they come. */
static bool ordered_scan(listing *listing, const asked *page, const visitor *visitor)
{
    const where *where = &listing->where;
    source source = {.from = where->from, .holds = where->holds, .uid = where->uid};
    listing->has_views = true;
    if (!ordered_source(listing, page, &source) || !listing_run(listing, &source))
        return false;
    thing_view view;
    for (int count = 0; listing_next(listing, &view); count++) {
        *visitor->more = count == page->limit;
        if (*visitor->more || !visit(listing, visitor, &view, &(thing_key){.uid = view.uid}))
            break;
    }
    return !ix_failed(listing->cx);
}

/* ---- the first of many ---- */

/* Runs a query and offers what it gives and lies beyond the edge, up to `most` things (0: all of
 * them). */
static bool take(listing *listing, topk *topk, const source *source, size_t most)
{
    ix_ctx *cx = listing->cx;
    thing_view view;
    size_t taken = 0;
    if (!listing_run(listing, source))
        return false;
    while ((most == 0 || taken < most) && listing_next(listing, &view)) {
        thing_key key;
        if (!key_of_row(listing, &view, &key))
            return false;
        if (!topk_is_beyond(topk, &key))
            continue;
        if (!topk_offer(cx, topk, &key))
            return false;
        taken++;
    }
    listing_stop(listing);
    return !ix_failed(cx);
}

/* Reads the things again whose keys were kept. */
static bool visit_first(listing *listing, const topk *topk, int limit, const visitor *visitor)
{
    for (size_t i = 0; i < topk->count; i++) {
        const thing_key *key = topk_at(topk, i);
        thing_view view;
        bool found;
        *visitor->more = i == (size_t)limit;
        if (*visitor->more)
            break;
        scratch_reset(listing);
        const char *uid = ix_strndup(&listing->scratch, key->uid.at, key->uid.len);
        if (!uid || !store_thing_find(&listing->scratch, listing->store, listing->space, NULL, uid,
                                      listing->with_times, &view, &found))
            return scratch_fail(listing);
        if (found && !visit(listing, visitor, &view, key))
            break;
    }
    return !ix_failed(listing->cx);
}

/* Are uids and values all that is asked of things? */
static bool needs_no_things(const listing *listing)
{
    bool needs = listing->has_views || listing->where.is_vague;
    for (size_t i = 0; i < listing->sort->count; i++)
        needs |= listing->places[i] != IN_UID && listing->places[i] < IN_VALUES;
    return !needs;
}

/* Looks at everything that matches; where uids decide, the database finds the first of them. */
static bool topk_scan(listing *listing, const asked *page, topk *topk)
{
    const where *where = &listing->where;
    source source = {.from = where->from, .holds = where->holds, .uid = where->uid};
    if (where->alone && needs_no_things(listing)) {
        source.from = where->alone;
        source.holds = "1 = 1";
    }
    if (is_by_uid(listing->sort) && !ordered_source(listing, page, &source))
        return false;
    return take(listing, topk, &source, 0);
}

/* ---- an index scan ---- */

/* Goes along the index of the first key, one stretch of it after another; things that have no value are
 * not in it and come last. */
typedef struct index_scan {
    listing *listing;
    topk *topk;
    source source;      /* all that match and have a value of the first key */
    const char *key;    /* the column that the index is sorted by, before uids */
    source lacking;     /* all that match and have none; no `from`: it cannot be lacking */
    key_ranges ranges;  /* of values: where they may lie */
    bool is_descending; /* the first key, in the direction of the page */
    bool is_uid_down;   /* uids, of things that have all keys in common */
    bool is_sole_key;
    int args; /* of the query that stay from one run to the next */
} index_scan;

/* Does the page begin among the things that have a value, or among those that have none? */
static bool begins_in_index(const index_scan *scan)
{
    return scan->topk->boundary && !thing_key_is_none(scan->topk->boundary->first);
}

static bool begins_behind(const index_scan *scan)
{
    return scan->topk->boundary && thing_key_is_none(scan->topk->boundary->first);
}

/* How many things are still wanted. */
static size_t wanted(const index_scan *scan)
{
    return scan->topk->size - scan->topk->count;
}

/* Takes things of `source` that hold what `also` says, in this order: as many as may be among the first
 * (`most`), or all, if only all keys tell which are. */
static bool scan_take(index_scan *scan, const source *source, const char *also, const char *order,
                      size_t most)
{
    ix_ctx *cx = scan->listing->cx;
    struct source part = *source;
    part.holds = also ? ix_format(cx, "%s%s", source->holds, also) : NULL;
    part.order = order;
    part.most = scan->listing->where.is_vague ? 0 : (int64_t)most;
    const bool ok = part.holds && order && take(scan->listing, scan->topk, &part, most);
    scan->listing->query.count = scan->args;
    return ok;
}

/* What has its first key in common, or lacks it: in the order of uids, as far as they decide. */
static bool scan_alike(index_scan *scan, const source *source, const char *also, bool is_at_edge)
{
    query *query = &scan->listing->query;
    if (is_at_edge && scan->is_sole_key && also) {
        const char *beyond =
            beyond_uid(query, source->uid, scan->topk->boundary->uid, scan->is_uid_down);
        also = beyond ? ix_format(query->cx, "%s%s", also, beyond) : NULL;
    }
    const char *order = ix_format(query->cx, "%s%s", source->uid, direction(scan->is_uid_down));
    return scan_take(scan, source, also, order, scan->is_sole_key ? scan->topk->size : 0);
}

/* What has this first key. */
static bool scan_key(index_scan *scan, ix_str first, bool is_at_edge)
{
    query *query = &scan->listing->query;
    db_value value = {0};
    if (!index_value(scan->listing, first, &value))
        return false;
    const char *also = ix_format(query->cx, " AND %s = $%d", scan->key, query_arg(query, value));
    return also && scan_alike(scan, &scan->source, also, is_at_edge);
}

/* A stretch of the index, where `also` holds. What is taken fills the page, unless the stretch ends
 * before; but the last key that was met may go on, with things that come before those on the page. */
static bool scan_stretch(index_scan *scan, const char *also)
{
    ix_ctx *cx = scan->listing->cx;
    const topk *topk = scan->topk;
    const char *down = direction(scan->is_descending);
    const char *order = ix_format(cx, "%s%s, %s%s", scan->key, down, scan->source.uid, down);
    if (!scan_take(scan, &scan->source, also, order, wanted(scan)))
        return false;
    const bool is_in_order = scan->is_sole_key && scan->is_descending == scan->is_uid_down;
    if (wanted(scan) > 0 || is_in_order)
        return true;
    const ix_str last = topk_at(topk, topk->count - 1)->first;
    const char *first = ix_strndup(cx, last.at, last.len); /* what is taken now may push it out */
    return first && scan_key(scan, (ix_str){first, last.len}, false);
}

/* The whole index of a column, from the edge on. */
static bool scan_column(index_scan *scan)
{
    query *query = &scan->listing->query;
    const char *also = "";
    if (begins_in_index(scan)) {
        db_value key = {0};
        if (!index_value(scan->listing, scan->topk->boundary->first, &key))
            return false;
        also = ix_format(query->cx, " AND %s %s $%d", scan->key, scan->is_descending ? "<" : ">",
                         query_arg(query, key));
    }
    return scan_stretch(scan, also);
}

/* The ranges of values, from the edge on. */
static bool scan_values(index_scan *scan)
{
    query *query = &scan->listing->query;
    key_ranges ranges = scan->ranges;
    db_value edge;
    if (begins_in_index(scan) &&
        !(index_value(scan->listing, scan->topk->boundary->first, &edge) &&
          key_ranges_beyond(query->cx, &ranges, edge.text, scan->is_descending)))
        return false;
    for (size_t i = 0; i < ranges.count && wanted(scan) > 0; i++) {
        const key_range *range = &ranges.list[scan->is_descending ? ranges.count - 1 - i : i];
        const int from = query_arg(query, db_blob(range->from.at, range->from.len));
        const int to = query_arg(query, db_blob(range->to.at, range->to.len));
        const char *also =
            ix_format(query->cx, " AND %s >= $%d AND %s < $%d", scan->key, from, scan->key, to);
        if (!scan_stretch(scan, also))
            return false;
    }
    return true;
}

/* What has a value of the first key. It comes first, wherever there is a first: going back from what
 * lacks it, it is all still to come. */
static bool scan_having(index_scan *scan)
{
    if (begins_in_index(scan) && !scan_key(scan, scan->topk->boundary->first, true))
        return false;
    if (wanted(scan) == 0)
        return true;
    return scan->listing->places[0] == IN_VALUES ? scan_values(scan) : scan_column(scan);
}

static bool scan_lacking(index_scan *scan)
{
    return !scan->lacking.from || scan_alike(scan, &scan->lacking, "", begins_behind(scan));
}

static bool scan_run(index_scan *scan)
{
    if (!scan->topk->is_backward)
        return (begins_behind(scan) || scan_having(scan)) &&
               (wanted(scan) == 0 || scan_lacking(scan));
    return (begins_in_index(scan) || scan_lacking(scan)) &&
           (wanted(scan) == 0 || scan_having(scan));
}

/* Things of the property's index, joined with what else must be known of them. */
static bool scan_by_values(index_scan *scan)
{
    listing *listing = scan->listing;
    ix_ctx *cx = listing->cx;
    const where *where = &listing->where;
    value_walk values;
    bool may_lack;
    if (!value_walk_make(&listing->query, listing->names[0], &values) ||
        !values_bound(cx, listing->filter->any_of ? NULL : listing->filter->conditions,
                      property_of(listing->sort->keys[0].path), &scan->ranges, &may_lack))
        return false;
    const bool is_alone = where->is_all && scan->is_sole_key;
    scan->key = values.key;
    scan->source = (source){
        .from =
            is_alone ? values.from : ix_format(cx, "%s CROSS JOIN %s", values.from, where->from),
        .holds = is_alone ? values.holds
                          : ix_format(cx, "%s AND t.uid = %s AND %s", values.holds, values.uid,
                                      where->holds),
        .uid = values.uid,
        .first = values.key,
    };
    if (may_lack)
        scan->lacking = (source){
            .from = where->from,
            .holds = ix_format(cx, "%s AND %s", where->holds, values.lacks),
            .uid = where->uid,
            .first = "NULL",
        };
    return scan->source.from && scan->source.holds && (!may_lack || scan->lacking.holds);
}

static bool index_scan_run(listing *listing, const asked *page, topk *topk)
{
    const sort_list *sort = listing->sort;
    index_scan scan = {
        .listing = listing,
        .topk = topk,
        .source = {.from = listing->where.from,
                   .holds = listing->where.holds,
                   .uid = listing->where.uid},
        .key = columns[listing->places[0]],
        .is_descending = sort->keys[0].descending != page->is_backward,
        .is_uid_down = page->is_backward,
        .is_sole_key = sort->count == 1,
    };
    if (listing->places[0] == IN_VALUES && !scan_by_values(&scan))
        return false;
    scan.args = listing->query.count;
    return scan_run(&scan);
}

/* ---- which way ---- */

static bool list_first(listing *listing, const asked *page, const visitor *visitor, bool by_index)
{
    topk topk;
    const bool is_down = is_by_uid(listing->sort) ? goes_down(listing, page) : page->is_backward;
    const bool ok =
        topk_init(listing->cx, &topk, (size_t)page->limit + 1, is_down, page->boundary) &&
        (by_index ? index_scan_run(listing, page, &topk) : topk_scan(listing, page, &topk)) &&
        visit_first(listing, &topk, page->limit, visitor);
    topk_done(&topk);
    return ok;
}

static bool list_page(listing *listing, const asked *page, const visitor *visitor)
{
    const where *where = &listing->where;
    const bool by_uid = is_by_uid(listing->sort);
    const bool by_index = !by_uid && has_index(listing);
    nearby nearby = {.beyond = "", .is_descending = goes_down(listing, page), .limit = page->limit};
    if (by_uid && page->boundary)
        nearby.beyond =
            beyond_uid(&listing->query, "uid", page->boundary->uid, nearby.is_descending);
    if (!nearby.beyond || !where_make(&listing->query, listing->filter, by_index,
                                      by_uid ? &nearby : NULL, &listing->where))
        return false;
    if (by_uid && (where->is_sorted || !where->is_few))
        return ordered_scan(listing, page, visitor);
    return list_first(listing, page, visitor, by_index && !where->is_few);
}

/* ---- the functions of store.h ---- */

bool store_things_list(ix_ctx *cx, store *store, const char *space, const thing_filter *filter,
                       const sort_list *sort, const page *page,
                       bool (*each)(void *arg, const thing_view *view, ix_str keys), void *arg,
                       bool *more)
{
    const visitor visitor = {each, arg, more};
    asked asked = {.limit = page->limit, .is_backward = page->is_backward};
    thing_key boundary;
    listing listing;
    bool is_own;
    *more = false;
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    if (page->edge)
        asked.boundary = &boundary;
    bool ok = listing_begin(&listing, cx, store, space, filter, sort);
    listing.with_times = page->with_times;
    ok = ok && (!page->edge || read_boundary(&listing, page->edge, &boundary)) &&
         list_page(&listing, &asked, &visitor);
    listing_end(&listing);
    snapshot_end(store, is_own);
    return ok;
}

bool store_things_remove(ix_ctx *cx, store *store, const char *space, const thing_filter *filter,
                         bool (*each)(void *arg, ix_str uid), void *arg)
{
    static const sort_list by_uid = {0};
    listing listing;
    ix_json *uids = ix_json_new_array(cx);
    if (!uids)
        return false;

    bool ok = listing_begin(&listing, cx, store, space, filter, &by_uid) &&
              where_make(&listing.query, filter, false, NULL, &listing.where);
    const source source = {.from = listing.where.from,
                           .holds = listing.where.holds,
                           .uid = listing.where.uid,
                           .order = listing.where.uid};
    ok = ok && listing_run(&listing, &source);
    thing_view view = {0};
    while (ok && ix_json_count(uids) <= THINGS_REMOVED_MAX && listing_next(&listing, &view))
        ok = ix_json_append(cx, uids, ix_json_new_text(cx, view.uid));
    listing_end(&listing);
    if (ok && ix_json_count(uids) > THINGS_REMOVED_MAX)
        return ix_fail(
            cx, IOTS_INVALID,
            "more than %d Things match: delete them in smaller parts, such as by thingID[]",
            THINGS_REMOVED_MAX);

    for (size_t i = 0; i < ix_json_count(uids) && ok && !ix_failed(cx); i++) {
        const ix_json *uid = ix_json_item(uids, i);
        bool found;
        if (!each(arg, ix_json_str(uid)))
            break;
        ok = store_thing_remove(cx, store, space, ix_json_string(uid), &found);
    }
    return ok && !ix_failed(cx);
}
