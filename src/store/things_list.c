/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many things: pages of them, sorted, and bulk removal.
 *
 * There are three ways to make a page:
 *
 *     a stream   things come in the order that is wanted, that of uids, and are told as they come
 *     a walk     the first key has an index (title, created, modified, one value of status), which is gone
 *                along from the edge of the page until the page is full
 *     gathering  all things that match are looked at, and the best kept, as many as fit on the page: if
 *                the filter leaves few, or the first key has no index
 *
 * A walk must put in order what has the first key in common: by the other keys, or by uid where the
 * index runs the other way. So it offers what it meets to the same list of the best, and looks again at
 * the one key that the page may have cut in two.
 */
#include <stdlib.h>
#include <string.h>

#include "store/best.h"
#include "store/key.h"
#include "store/parts.h"
#include "store/properties.h"
#include "store/things.h"
#include "store/where.h"

/* ---- sort keys ---- */

/* Where a key's value is found. The address of a thing sorts as its uid does; times sort as times, not
 * as the text they are shown as; IN_VALUES is one value of status. */
typedef enum key_place {
    IN_DOCUMENT,
    IN_UID,
    IN_TITLE,
    IN_CREATED,
    IN_MODIFIED,
    IN_VALUES
} key_place;

static const struct {
    const char *path;
    key_place place;
} paths[] = {
    {"uid", IN_UID},     {"id", IN_UID},          {"href", IN_UID},
    {"title", IN_TITLE}, {"created", IN_CREATED}, {"modified", IN_MODIFIED},
};

static const char *const columns[IN_VALUES + 1] = {
    [IN_TITLE] = "t.title", [IN_CREATED] = "t.created", [IN_MODIFIED] = "t.modified"};

#define STATUS "status."

/* The property whose value a path speaks of, or NULL. With another dot it may be inside a value. */
static const char *property_of(const char *path)
{
    const char *name = path + strlen(STATUS);
    return strncmp(path, STATUS, strlen(STATUS)) == 0 && *name && !strchr(name, '.') ? name : NULL;
}

static key_place place_of(const sort_key *key, bool has_dots)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strcmp(key->path, paths[i].path) == 0)
            return paths[i].place;
    }
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
    int names[SORT_KEYS_MAX]; /* of keys IN_VALUES: the argument that names the property */
    bool has_views;           /* rows begin with THING_COLUMNS, else with the uid */
    query query;
    where where;
    db_rows *rows;
    ix_buf status; /* of the row in hand */
    ix_buf times;  /* likewise, of its values, if with_times */
    bool with_times;
    values_run run; /* of the values of all things in their order */
    bool is_run;    /* that is the order in which they come */
    ix_ctx scratch; /* of the row in hand */
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
    ix_ctx_done(&listing->scratch);
}

/* Where rows are taken from. */
typedef struct source {
    const char *from, *holds; /* as in `where` */
    const char *uid;          /* its column */
    const char *first;        /* the column of the first key's value; NULL: as the other keys' */
    const char *order;        /* NULL: any */
    int64_t most;             /* rows; 0: all */
} source;

/* The column with the value of sort key `i`, in cx. */
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
        return value_column(&listing->query, source->uid, listing->names[i]);
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
    return sql && query_run(&listing->query, sql, &listing->rows);
}

/* The values of the thing in hand, where something asks for them. */
static bool read_status(listing *listing, thing_view *view)
{
    ix_buf *times = listing->with_times ? &listing->times : NULL;
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
    view->status_at = (ix_str){ix_buf_cstr(&listing->times), listing->times.len};
    return true;
}

/* What SQL was vague about. */
static bool is_match(listing *listing)
{
    const ix_json *status =
        ix_json_parse(&listing->scratch, ix_buf_cstr(&listing->status), listing->status.len);
    if (!status)
        return scratch_fail(listing);
    return conditions_hold(listing->filter->conditions, status);
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

/* ---- the keys of a thing ---- */

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
    if (view->model.len > 0 &&
        !(ix_json_set(cx, model, "name", ix_json_new_text(cx, view->model)) &&
          ix_json_set(cx, model, "version", ix_json_new_int(cx, view->version)) &&
          ix_json_set(cx, doc, "model", model)))
        return NULL;
    if (view->client_id.len > 0 &&
        !ix_json_set(cx, doc, "client_id", ix_json_new_text(cx, view->client_id)))
        return NULL;
    return doc;
}

/* The value of sort key `i`, which is in a column of its own. */
static ix_json *column_value(ix_ctx *cx, listing *listing, size_t i)
{
    const int column = (int)i + (listing->has_views ? VIEW_COLUMNS : 1);
    const ix_str text = sql_str(listing->store, listing->rows, column);
    switch (listing->places[i]) {
    case IN_CREATED:
    case IN_MODIFIED:
        return ix_json_new_int(cx, sql_int(listing->store, listing->rows, column));
    case IN_VALUES:
        return text.len > 0 ? ix_json_parse(cx, text.at, text.len) : ix_json_new_null(cx);
    default:
        return ix_json_new_text(cx, text);
    }
}

/* The sort keys' values and the uid, as page marks hold them. NULL on failure. */
static ix_json *keys_of(ix_ctx *cx, listing *listing, const thing_view *view)
{
    ix_json *keys = ix_json_new_array(cx);
    const ix_json *doc = NULL;
    for (size_t i = 0; i < listing->sort->count && keys; i++) {
        const ix_json *value;
        if (listing->places[i] != IN_DOCUMENT) {
            value = column_value(cx, listing, i);
        } else {
            if (!doc)
                doc = thing_document(cx, view);
            if (!doc)
                return NULL;
            value = sort_value(doc, listing->sort->keys[i].path);
            if (!value)
                value = ix_json_new_null(cx);
        }
        if (!ix_json_append(cx, keys, value))
            return NULL;
    }
    return keys && ix_json_append(cx, keys, ix_json_new_text(cx, view->uid)) ? keys : NULL;
}

/* Are these keys such as keys_of makes? */
static bool check_edge(const listing *listing, const ix_json *edge)
{
    static const ix_kind kinds[] = {[IN_UID] = IX_TEXT,
                                    [IN_TITLE] = IX_TEXT,
                                    [IN_CREATED] = IX_INT,
                                    [IN_MODIFIED] = IX_INT,
                                    [IN_VALUES] = IX_NONE};
    const size_t count = listing->sort->count;
    bool ok = ix_json_count(edge) == count + 1 && ix_json_string(ix_json_item(edge, count));
    for (size_t i = 0; i < count && ok; i++) {
        const ix_kind kind = kinds[listing->places[i]];
        ok = kind == IX_NONE || ix_json_kind(ix_json_item(edge, i)) == kind;
    }
    return ok || ix_fail(listing->cx, IOTS_INVALID, "invalid cursor");
}

/* ---- by uid ---- */

/* Who hears the things of a page. */
typedef struct hearer {
    bool (*each)(void *arg, const thing_view *view, const ix_json *keys);
    void *arg;
    bool *more;
} hearer;

/* Tells things as they come. */
static bool tell_forward(listing *listing, int limit, const hearer *hearer)
{
    thing_view view;
    for (int count = 0; listing_next(listing, &view); count++) {
        *hearer->more = count == limit;
        if (*hearer->more)
            break;
        const ix_json *keys = keys_of(&listing->scratch, listing, &view);
        if (!keys)
            return scratch_fail(listing);
        if (!hearer->each(hearer->arg, &view, keys)) {
            *hearer->more = true;
            break;
        }
    }
    return !ix_failed(listing->cx);
}

/* Things come last one first, and are kept until all are there. */
static bool tell_backward(listing *listing, int limit, const hearer *hearer)
{
    ix_ctx *cx = listing->cx;
    thing_view *views = ix_new(cx, thing_view, (size_t)limit);
    const ix_json **keys = ix_new(cx, const ix_json *, (size_t)limit);
    int count = 0;
    thing_view view;
    while (views && keys && listing_next(listing, &view)) {
        *hearer->more = count == limit;
        if (*hearer->more)
            break;
        keys[count] = keys_of(cx, listing, &view);
        if (!keys[count] || !thing_view_keep(cx, &view))
            return false;
        views[count++] = view;
    }
    if (ix_failed(cx))
        return false;
    while (count-- > 0) {
        if (!hearer->each(hearer->arg, &views[count], keys[count])) {
            *hearer->more = true;
            break;
        }
    }
    return !ix_failed(cx);
}

static bool is_by_uid(const listing *listing)
{
    return listing->sort->count == 0 || listing->places[0] == IN_UID;
}

/* Text that holds for uids beyond this one, after or before it. */
static const char *beyond_uid(query *query, const char *column, const char *uid, bool is_descending)
{
    return ix_format(query->cx, " AND %s %s $%d", column, is_descending ? "<" : ">",
                     query_arg(query, db_text(uid)));
}

static const char *direction(bool is_descending)
{
    return is_descending ? " DESC" : "";
}

/* Do the uids of a page by uid come in falling order? */
static bool goes_down(const listing *listing, const page *page)
{
    return (listing->sort->count > 0 && listing->sort->keys[0].descending) != page->is_backward;
}

/* The things of a page by uid, and one more if there is one: whatever must be read of them. */
static bool stream_source(listing *listing, const page *page, source *ret)
{
    ix_ctx *cx = listing->cx;
    const bool is_descending = goes_down(listing, page);
    const char *edge = "";
    if (page->edge)
        edge = beyond_uid(&listing->query, ret->uid, ix_json_string(ix_json_item(page->edge, 0)),
                          is_descending);
    ret->holds = edge ? ix_format(cx, "%s%s", ret->holds, edge) : NULL;
    ret->order = ix_format(cx, "%s%s", ret->uid, direction(is_descending));
    ret->most = listing->where.is_vague ? 0 : page->limit + 1;
    listing->is_run = listing->where.is_all && !is_descending;
    return ret->holds && ret->order;
}

/* Tells things as they come. */
static bool list_stream(listing *listing, const page *page, const hearer *hearer)
{
    const where *where = &listing->where;
    source source = {.from = where->from, .holds = where->holds, .uid = where->uid};
    listing->has_views = true;
    if (!stream_source(listing, page, &source) || !listing_run(listing, &source))
        return false;
    return page->is_backward ? tell_backward(listing, page->limit, hearer)
                             : tell_forward(listing, page->limit, hearer);
}

/* ---- the best ---- */

/* Runs a query and offers what it gives and lies beyond the edge, up to `most` things (0: all of
 * them). */
static bool best_take(listing *listing, best *best, const source *source, size_t most)
{
    ix_ctx *cx = listing->cx;
    thing_view view;
    size_t taken = 0;
    if (!listing_run(listing, source))
        return false;
    while ((most == 0 || taken < most) && listing_next(listing, &view)) {
        const ix_json *keys = keys_of(&listing->scratch, listing, &view);
        if (!keys)
            return scratch_fail(listing);
        if (!best_is_beyond(&listing->scratch, best, keys))
            continue;
        if (!best_offer(&listing->scratch, best, keys))
            return scratch_fail(listing);
        taken++;
    }
    listing_stop(listing);
    return !ix_failed(cx);
}

/* Reads the things again whose keys were kept. */
static bool best_tell(listing *listing, const best *best, int limit, const hearer *hearer)
{
    size_t count = best->count;
    *hearer->more = count > (size_t)limit;
    if (*hearer->more)
        count--;
    for (size_t i = 0; i < count; i++) {
        const ix_json *keys = best->keys[best->is_backward ? count - 1 - i : i];
        const char *uid = ix_json_string(ix_json_item(keys, best->sort->count));
        thing_view view;
        bool found;
        scratch_reset(listing);
        if (!store_thing_find(&listing->scratch, listing->store, listing->space, NULL, uid,
                              listing->with_times, &view, &found))
            return scratch_fail(listing);
        if (found && !hearer->each(hearer->arg, &view, keys)) {
            *hearer->more = true;
            break;
        }
    }
    return !ix_failed(listing->cx);
}

/* Are uids and values all that is asked of things? */
static bool needs_no_things(const listing *listing)
{
    bool needs = listing->has_views || listing->where.is_vague;
    for (size_t i = 0; i < listing->sort->count; i++)
        needs |= listing->places[i] != IN_UID && listing->places[i] != IN_VALUES;
    return !needs;
}

/* Looks at everything that matches; where uids decide, the database finds the best of them. */
static bool gather(listing *listing, const page *page, best *best)
{
    const where *where = &listing->where;
    source source = {.from = where->from, .holds = where->holds, .uid = where->uid};
    if (where->alone && needs_no_things(listing)) {
        source.from = where->alone;
        source.holds = "1 = 1";
    }
    if (is_by_uid(listing) && !stream_source(listing, page, &source))
        return false;
    return best_take(listing, best, &source, 0);
}

/* ---- a walk ---- */

/* Goes along the index of the first key, one stretch of it after another; things that have no value are
 * not in it and come last. */
typedef struct walk {
    listing *listing;
    best *best;
    source source;       /* all that match and have a value of the first key */
    const char *key;     /* the column that the index is sorted by, before uids */
    source lacking;      /* all that match and have none; no `from`: it cannot be lacking */
    key_ranges ranges;   /* of values: where they may lie */
    const ix_json *edge; /* the first key of the page's edge; NULL: there is no edge */
    const char *edge_uid;
    bool is_descending; /* the first key, in the direction of the page */
    bool is_uid_down;   /* uids, of things that have all keys in common */
    bool is_sole_key;
    int args; /* of the query that stay from one run to the next */
} walk;

static bool is_lacking(const ix_json *value)
{
    return ix_json_kind(value) <= IX_NULL;
}

/* A value of the first key as the index has it. */
static bool key_bound(const walk *walk, const ix_json *value, db_value *ret)
{
    ix_ctx *cx = walk->listing->cx;
    const key_place place = walk->listing->places[0];
    if (place == IN_VALUES) {
        const ix_str key = value_key(cx, value);
        *ret = db_blob(key.at, key.len);
        return key.at != NULL;
    }
    *ret = place == IN_TITLE ? db_str(ix_json_str(value)) : db_int(ix_json_int(value, 0));
    return true;
}

/* How many things are still wanted. */
static size_t wanted(const walk *walk)
{
    return walk->best->size - walk->best->count;
}

/* Takes things of `source` that hold what `also` says, in this order: as many as may be among the best
 * (`most`), or all, if only all keys tell which are. */
static bool walk_take(walk *walk, const source *source, const char *also, const char *order,
                      size_t most)
{
    ix_ctx *cx = walk->listing->cx;
    struct source part = *source;
    part.holds = also ? ix_format(cx, "%s%s", source->holds, also) : NULL;
    part.order = order;
    part.most = walk->listing->where.is_vague ? 0 : (int64_t)most;
    const bool ok = part.holds && order && best_take(walk->listing, walk->best, &part, most);
    walk->listing->query.count = walk->args;
    return ok;
}

/* What has its first key in common, or lacks it: in the order of uids, as far as they decide. */
static bool walk_alike(walk *walk, const source *source, const char *also, bool is_at_edge)
{
    query *query = &walk->listing->query;
    if (is_at_edge && walk->is_sole_key && also) {
        const char *beyond = beyond_uid(query, source->uid, walk->edge_uid, walk->is_uid_down);
        also = beyond ? ix_format(query->cx, "%s%s", also, beyond) : NULL;
    }
    const char *order = ix_format(query->cx, "%s%s", source->uid, direction(walk->is_uid_down));
    return walk_take(walk, source, also, order, walk->is_sole_key ? walk->best->size : 0);
}

/* What has this value of the first key. It is said rather than read, so that the index is enough. */
static bool walk_key(walk *walk, const ix_json *value, bool is_at_edge)
{
    query *query = &walk->listing->query;
    struct source source = walk->source;
    db_value key;
    if (!key_bound(walk, value, &key))
        return false;
    if (walk->listing->places[0] == IN_VALUES) {
        const char *text = ix_json_text(query->cx, value);
        source.first =
            text ? ix_format(query->cx, "CAST($%d AS TEXT)", query_arg(query, db_text(text)))
                 : NULL;
        if (!source.first)
            return false;
    }
    const char *also = ix_format(query->cx, " AND %s = $%d", walk->key, query_arg(query, key));
    return walk_alike(walk, &source, also, is_at_edge);
}

/* A stretch of the index, where `also` holds. What is taken fills the page, unless the stretch ends
 * before; but the last key that was met may go on, with things that come before those on the page. */
static bool walk_stretch(walk *walk, const char *also)
{
    ix_ctx *cx = walk->listing->cx;
    best *best = walk->best;
    const char *down = direction(walk->is_descending);
    const char *order = ix_format(cx, "%s%s, %s%s", walk->key, down, walk->source.uid, down);
    if (!walk_take(walk, &walk->source, also, order, wanted(walk)))
        return false;
    const bool is_in_order = walk->is_sole_key && walk->is_descending == walk->is_uid_down;
    if (wanted(walk) > 0 || is_in_order)
        return true;
    return walk_key(walk, ix_json_item(best->keys[best->count - 1], 0), false);
}

/* The whole index of a column, from the edge on. */
static bool walk_column(walk *walk)
{
    query *query = &walk->listing->query;
    const char *also = "";
    if (walk->edge) {
        db_value key;
        if (!key_bound(walk, walk->edge, &key))
            return false;
        also = ix_format(query->cx, " AND %s %s $%d", walk->key, walk->is_descending ? "<" : ">",
                         query_arg(query, key));
    }
    return walk_stretch(walk, also);
}

/* The ranges of values, from the edge on. */
static bool walk_values(walk *walk)
{
    query *query = &walk->listing->query;
    key_ranges ranges = walk->ranges;
    db_value edge;
    if (walk->edge && !is_lacking(walk->edge) &&
        !(key_bound(walk, walk->edge, &edge) &&
          key_ranges_beyond(query->cx, &ranges, edge.text, walk->is_descending)))
        return false;
    for (size_t i = 0; i < ranges.count && wanted(walk) > 0; i++) {
        const key_range *range = &ranges.list[walk->is_descending ? ranges.count - 1 - i : i];
        const int from = query_arg(query, db_blob(range->from.at, range->from.len));
        const int to = query_arg(query, db_blob(range->to.at, range->to.len));
        const char *also =
            ix_format(query->cx, " AND %s >= $%d AND %s < $%d", walk->key, from, walk->key, to);
        if (!walk_stretch(walk, also))
            return false;
    }
    return true;
}

/* What has a value of the first key. It comes first, wherever there is a first: going back from what
 * lacks it, it is all still to come. */
static bool walk_having(walk *walk)
{
    if (walk->edge && !is_lacking(walk->edge) && !walk_key(walk, walk->edge, true))
        return false;
    if (wanted(walk) == 0)
        return true;
    return walk->listing->places[0] == IN_VALUES ? walk_values(walk) : walk_column(walk);
}

static bool walk_lacking(walk *walk)
{
    if (!walk->lacking.from)
        return true;
    return walk_alike(walk, &walk->lacking, "", walk->edge && is_lacking(walk->edge));
}

static bool walk_run(walk *walk)
{
    const bool is_backward = walk->best->is_backward;
    const bool is_lacking_now = walk->edge && is_lacking(walk->edge);
    if (!is_backward)
        return (is_lacking_now || walk_having(walk)) && (wanted(walk) == 0 || walk_lacking(walk));
    return (!is_lacking_now || walk_lacking(walk)) && (wanted(walk) == 0 || walk_having(walk));
}

/* Things of the property's index, joined with what else must be known of them. */
static bool walk_by_values(walk *walk)
{
    listing *listing = walk->listing;
    ix_ctx *cx = listing->cx;
    const where *where = &listing->where;
    value_walk values;
    bool may_lack;
    if (!value_walk_make(&listing->query, listing->names[0], &values) ||
        !values_bound(cx, listing->filter->conditions, property_of(listing->sort->keys[0].path),
                      &walk->ranges, &may_lack))
        return false;
    const bool is_alone = where->is_all && walk->is_sole_key;
    walk->key = values.key;
    walk->source = (source){
        .from =
            is_alone ? values.from : ix_format(cx, "%s CROSS JOIN %s", values.from, where->from),
        .holds = is_alone ? values.holds
                          : ix_format(cx, "%s AND t.uid = %s AND %s", values.holds, values.uid,
                                      where->holds),
        .uid = values.uid,
        .first = values.text,
    };
    if (may_lack)
        walk->lacking = (source){
            .from = where->from,
            .holds = ix_format(cx, "%s AND %s", where->holds, values.lacks),
            .uid = where->uid,
            .first = "NULL",
        };
    return walk->source.from && walk->source.holds && (!may_lack || walk->lacking.holds);
}

static bool walk_index(listing *listing, const page *page, best *best)
{
    const sort_list *sort = listing->sort;
    walk walk = {
        .listing = listing,
        .best = best,
        .source = {.from = listing->where.from,
                   .holds = listing->where.holds,
                   .uid = listing->where.uid},
        .key = columns[listing->places[0]],
        .edge = ix_json_item(page->edge, 0),
        .edge_uid = ix_json_string(ix_json_item(page->edge, sort->count)),
        .is_descending = sort->keys[0].descending != page->is_backward,
        .is_uid_down = page->is_backward,
        .is_sole_key = sort->count == 1,
    };
    if (listing->places[0] == IN_VALUES && !walk_by_values(&walk))
        return false;
    walk.args = listing->query.count;
    return walk_run(&walk);
}

/* ---- which way ---- */

static bool list_best(listing *listing, const page *page, const hearer *hearer, bool by_walk)
{
    ix_ctx *cx = listing->cx;
    best best = {.sort = listing->sort,
                 .is_backward = page->is_backward,
                 .edge = page->edge,
                 .size = (size_t)page->limit + 1};
    const bool ok = best_init(cx, &best) &&
                    (by_walk ? walk_index(listing, page, &best) : gather(listing, page, &best)) &&
                    best_tell(listing, &best, page->limit, hearer);
    best_done(&best);
    return ok;
}

static bool list_page(listing *listing, const page *page, const hearer *hearer)
{
    listing->with_times = page->with_times;
    const where *where = &listing->where;
    const bool by_uid = is_by_uid(listing);
    const bool has_index = !by_uid && listing->places[0] != IN_DOCUMENT;
    nearby nearby = {.beyond = "", .is_descending = goes_down(listing, page), .limit = page->limit};
    if (by_uid && page->edge)
        nearby.beyond =
            beyond_uid(&listing->query, "uid", ix_json_string(ix_json_item(page->edge, 0)),
                       nearby.is_descending);
    if (!nearby.beyond || !where_make(&listing->query, listing->filter, has_index,
                                      by_uid ? &nearby : NULL, &listing->where))
        return false;
    if (by_uid && (where->is_sorted || !where->is_few))
        return list_stream(listing, page, hearer);
    return list_best(listing, page, hearer, has_index && !where->is_few);
}

/* ---- the two functions of store.h ---- */

bool store_things_list(ix_ctx *cx, store *store, const char *space, const thing_filter *filter,
                       const sort_list *sort, const page *page,
                       bool (*each)(void *arg, const thing_view *view, const ix_json *keys),
                       void *arg, bool *more)
{
    const hearer hearer = {each, arg, more};
    listing listing;
    bool is_own;
    *more = false;
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    const bool ok = listing_begin(&listing, cx, store, space, filter, sort) &&
                    (!page->edge || check_edge(&listing, page->edge)) &&
                    list_page(&listing, page, &hearer);
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
    while (ok && listing_next(&listing, &view))
        ok = ix_json_append(cx, uids, ix_json_new_text(cx, view.uid));
    listing_end(&listing);

    for (size_t i = 0; i < ix_json_count(uids) && ok && !ix_failed(cx); i++) {
        const ix_json *uid = ix_json_item(uids, i);
        bool found;
        if (!each(arg, ix_json_str(uid)))
            break;
        ok = store_thing_remove(cx, store, space, ix_json_string(uid), &found);
    }
    return ok && !ix_failed(cx);
}
