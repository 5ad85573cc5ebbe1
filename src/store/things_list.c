/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many things: pages of them, sorted, and bulk removal.
 *
 * There are two ways to sort. If every key is a column of its own, the database sorts, and a page
 * begins where its edge says. Any other key lies inside a description or among the values: then all
 * things that match are looked at, and the best of them, as many as fit on the page, are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "store/parts.h"
#include "store/things.h"
#include "store/where.h"

#define LIST_COLUMNS THING_COLUMNS ", t.title"

enum { TITLE_COLUMN = 8 }; /* in LIST_COLUMNS */

/* Sort keys that are columns. The address of a thing sorts as its uid does; times sort as times, not
 * as the text they are shown as. */
typedef enum key_column { KEY_NONE, KEY_UID, KEY_TITLE, KEY_CREATED, KEY_MODIFIED } key_column;

static const struct {
    const char *path;
    key_column column;
} key_columns[] = {
    {"uid", KEY_UID},     {"id", KEY_UID},          {"href", KEY_UID},
    {"title", KEY_TITLE}, {"created", KEY_CREATED}, {"modified", KEY_MODIFIED},
};

static key_column column_of(const sort_key *key)
{
    for (size_t i = 0; i < sizeof(key_columns) / sizeof(key_columns[0]); i++) {
        if (strcmp(key->path, key_columns[i].path) == 0)
            return key_columns[i].column;
    }
    return KEY_NONE;
}

/* ---- things that match ---- */

/* A list under way: a filter, its rows, and what the row in hand needs. */
typedef struct listing {
    ix_ctx *cx;
    store *store;
    const char *space;
    const thing_filter *filter;
    const sort_list *sort;
    query query;
    where where;
    db_rows *rows;
    ix_buf status;  /* of the row in hand */
    ix_ctx scratch; /* of the row in hand */
} listing;

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
    query_init(&listing->query, cx, store, space);
    return ix_ctx_init(&listing->scratch, 0) || scratch_fail(listing);
}

static void listing_end(listing *listing)
{
    sql_done(listing->store, listing->rows);
    ix_buf_done(&listing->status);
    ix_ctx_done(&listing->scratch);
}

/* Starts the rows: things that match, in this order, at most `most` of them. */
static bool listing_run(listing *listing, const char *edge, const char *order, int64_t most)
{
    const int limit = query_arg(&listing->query, db_int(most));
    const char *sql =
        ix_format(listing->cx, "SELECT " LIST_COLUMNS " FROM %s WHERE %s%s ORDER BY %s LIMIT $%d",
                  listing->where.from, listing->where.holds, edge, order, limit);
    return sql && query_run(&listing->query, sql, &listing->rows);
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

/* The next thing that matches, with its status. False at the end and on failure. */
static bool listing_next(listing *listing, thing_view *ret)
{
    while (sql_next(listing->cx, listing->store, listing->rows)) {
        thing_view view = thing_view_of(listing->store, listing->rows);
        const char *uid = NULL;
        scratch_reset(listing);
        ix_buf_clear(&listing->status);
        uid = ix_strndup(&listing->scratch, view.uid.at, view.uid.len);
        if (!uid)
            return scratch_fail(listing);
        if (!values_write(listing->cx, listing->store, listing->space, uid, &listing->status))
            return false;
        view.status = (ix_str){ix_buf_cstr(&listing->status), listing->status.len};
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

/* The value of a key that is a column. */
static ix_json *column_value(ix_ctx *cx, listing *listing, key_column column,
                             const thing_view *view)
{
    switch (column) {
    case KEY_TITLE:
        return ix_json_new_text(cx, sql_str(listing->store, listing->rows, TITLE_COLUMN));
    case KEY_CREATED:
        return ix_json_new_int(cx, view->created_us);
    case KEY_MODIFIED:
        return ix_json_new_int(cx, view->modified_us);
    default:
        return ix_json_new_text(cx, view->uid);
    }
}

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

/* The sort keys' values and the uid, as page marks hold them. NULL on failure. */
static ix_json *keys_of(ix_ctx *cx, listing *listing, const thing_view *view)
{
    ix_json *keys = ix_json_new_array(cx);
    const ix_json *doc = NULL;
    for (size_t i = 0; i < listing->sort->count && keys; i++) {
        const sort_key *key = &listing->sort->keys[i];
        const key_column column = column_of(key);
        const ix_json *value;
        if (column != KEY_NONE) {
            value = column_value(cx, listing, column, view);
        } else {
            if (!doc)
                doc = thing_document(cx, view);
            if (!doc)
                return NULL;
            value = sort_value(doc, key->path);
            if (!value)
                value = ix_json_new_null(cx);
        }
        if (!ix_json_append(cx, keys, value))
            return NULL;
    }
    return keys && ix_json_append(cx, keys, ix_json_new_text(cx, view->uid)) ? keys : NULL;
}

/* ---- sorted by the database ---- */

typedef struct order_key {
    const char *column;
    bool is_descending; /* in the direction of the page */
    db_value edge;
} order_key;

typedef struct order {
    order_key keys[SORT_KEYS_MAX + 1];
    size_t count;
} order;

/* The edge's value for a column. False if it is of the wrong kind. */
static bool edge_value(const ix_json *value, key_column column, db_value *ret)
{
    const bool is_time = column == KEY_CREATED || column == KEY_MODIFIED;
    *ret = is_time ? db_int(ix_json_int(value, 0)) : db_str(ix_json_str(value));
    return ix_json_kind(value) == (is_time ? IX_INT : IX_TEXT);
}

/* The columns to sort by, up to the first that leaves nothing to decide. */
static bool order_make(listing *listing, const page *page, order *ret)
{
    const sort_list *sort = listing->sort;
    for (size_t i = 0; i <= sort->count; i++) {
        const bool is_last = i == sort->count;
        const key_column column = is_last ? KEY_UID : column_of(&sort->keys[i]);
        const bool descending = !is_last && sort->keys[i].descending;
        order_key *key = &ret->keys[ret->count++];

        key->column = column == KEY_TITLE      ? "t.title"
                      : column == KEY_CREATED  ? "t.created"
                      : column == KEY_MODIFIED ? "t.modified"
                                               : listing->where.uid;
        key->is_descending = descending != page->is_backward;
        if (page->edge && !edge_value(ix_json_item(page->edge, i), column, &key->edge))
            return ix_fail(listing->cx, IOTS_INVALID, "invalid cursor");
        if (column == KEY_UID)
            break;
    }
    return true;
}

/* Text that holds beyond the edge: the first key is beyond, or it is equal and the second is, or ...
 * With several keys the first also stands alone as a bound that an index can use. */
static const char *edge_text(query *query, const order *order)
{
    ix_ctx *cx = query->cx;
    const char *equal = "";
    const char *beyond = NULL;
    const char *bound = "";
    for (size_t i = 0; i < order->count; i++) {
        const order_key *key = &order->keys[i];
        const char *sign = key->is_descending ? "<" : ">";
        const int n = query_arg(query, key->edge);
        beyond = ix_format(cx, "%s%s%s%s %s $%d", beyond ? beyond : "", beyond ? " OR " : "", equal,
                           key->column, sign, n);
        if (i == 0 && order->count > 1)
            bound = ix_format(cx, "%s %s= $%d AND ", key->column, sign, n);
        equal = ix_format(cx, "%s%s = $%d AND ", equal, key->column, n);
        if (!beyond || !bound || !equal)
            return NULL;
    }
    return ix_format(cx, " AND %s(%s)", bound, beyond);
}

static const char *order_text(ix_ctx *cx, const order *order)
{
    const char *text = "";
    for (size_t i = 0; i < order->count && text; i++)
        text = ix_format(cx, "%s%s%s%s", text, i > 0 ? ", " : "", order->keys[i].column,
                         order->keys[i].is_descending ? " DESC" : "");
    return text;
}

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

static bool list_by_columns(listing *listing, const page *page, const hearer *hearer)
{
    order order = {0};
    const bool by_uid = listing->sort->count == 0 || column_of(&listing->sort->keys[0]) == KEY_UID;
    if (!where_make(&listing->query, listing->filter, by_uid, &listing->where) ||
        !order_make(listing, page, &order))
        return false;

    const char *edge = page->edge ? edge_text(&listing->query, &order) : "";
    const char *by = order_text(listing->cx, &order);
    const int64_t most = listing->where.is_vague ? INT64_MAX : page->limit + 1;
    if (!edge || !by || !listing_run(listing, edge, by, most))
        return false;
    return page->is_backward ? tell_backward(listing, page->limit, hearer)
                             : tell_forward(listing, page->limit, hearer);
}

/* ---- sorted here ---- */

/* The keys of the best things so far, in the order of the page. They live in `memory`, and so do
 * those that were pushed out, until there are too many of them. */
typedef struct best {
    const sort_list *sort;
    bool is_backward;
    const ix_json **keys;
    size_t count, size;
    ix_ctx memory;
    size_t made; /* copies in memory */
} best;

static int compare_keys(const best *best, const ix_json *a, const ix_json *b)
{
    int order = 0;
    for (size_t i = 0; i < best->sort->count && order == 0; i++) {
        const ix_json *x = ix_json_item(a, i);
        const ix_json *y = ix_json_item(b, i);
        const bool x_last = ix_json_kind(x) <= IX_NULL;
        const bool y_last = ix_json_kind(y) <= IX_NULL;
        if (x_last || y_last)
            order = x_last - y_last;
        else
            order = ix_json_compare(x, y) * (best->sort->keys[i].descending ? -1 : 1);
    }
    if (order == 0)
        order =
            ix_json_compare(ix_json_item(a, best->sort->count), ix_json_item(b, best->sort->count));
    return best->is_backward ? -order : order;
}

/* Copies the keys that are still wanted into new memory and lets the old one go. */
static bool best_tidy(ix_ctx *cx, best *best)
{
    ix_ctx fresh;
    if (!ix_ctx_init(&fresh, 0))
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    for (size_t i = 0; i < best->count; i++)
        best->keys[i] = ix_json_copy(&fresh, best->keys[i]);
    const bool ok = !ix_failed(&fresh) || ix_fail(cx, IOTS_NO_MEMORY, NULL);
    ix_ctx_done(&best->memory);
    best->memory = fresh;
    best->made = best->count;
    return ok;
}

/* Keeps the thing with these keys if it is among the best. */
static bool best_offer(ix_ctx *cx, best *best, const ix_json *keys)
{
    if (best->count == best->size && compare_keys(best, keys, best->keys[best->count - 1]) > 0)
        return true;
    if (best->made >= 4 * best->size && !best_tidy(cx, best))
        return false;
    const ix_json *kept = ix_json_copy(&best->memory, keys);
    if (!kept)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    best->made++;

    size_t low = 0;
    size_t high = best->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_keys(best, keys, best->keys[middle]) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (best->count < best->size)
        best->count++;
    for (size_t i = best->count - 1; i > low; i--)
        best->keys[i] = best->keys[i - 1];
    best->keys[low] = kept;
    return true;
}

/* Looks at everything that matches and is beyond the edge. */
static bool best_gather(listing *listing, const ix_json *edge, best *best)
{
    ix_ctx *cx = listing->cx;
    if (!where_make(&listing->query, listing->filter, true, &listing->where) ||
        !listing_run(listing, "", listing->where.uid, INT64_MAX))
        return false;

    thing_view view;
    while (listing_next(listing, &view)) {
        const ix_json *keys = keys_of(&listing->scratch, listing, &view);
        if (!keys)
            return scratch_fail(listing);
        if ((!edge || compare_keys(best, keys, edge) > 0) && !best_offer(cx, best, keys))
            return false;
    }
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
        if (!store_thing_find(&listing->scratch, listing->store, listing->space, NULL, uid, &view,
                              &found))
            return scratch_fail(listing);
        if (found && !hearer->each(hearer->arg, &view, keys)) {
            *hearer->more = true;
            break;
        }
    }
    return !ix_failed(listing->cx);
}

static bool list_by_values(listing *listing, const page *page, const hearer *hearer)
{
    ix_ctx *cx = listing->cx;
    best best = {.sort = listing->sort,
                 .is_backward = page->is_backward,
                 .size = (size_t)page->limit + 1};
    if (page->edge && (ix_json_count(page->edge) != listing->sort->count + 1 ||
                       !ix_json_string(ix_json_item(page->edge, listing->sort->count))))
        return ix_fail(cx, IOTS_INVALID, "invalid cursor");
    best.keys = ix_new(cx, const ix_json *, best.size);
    if (!best.keys)
        return false;
    if (!ix_ctx_init(&best.memory, 0))
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    const bool ok =
        best_gather(listing, page->edge, &best) && best_tell(listing, &best, page->limit, hearer);
    ix_ctx_done(&best.memory);
    return ok;
}

/* ---- the two functions of store.h ---- */

static bool is_all_columns(const sort_list *sort)
{
    for (size_t i = 0; i < sort->count; i++) {
        const key_column column = column_of(&sort->keys[i]);
        if (column == KEY_NONE)
            return false;
        if (column == KEY_UID)
            return true;
    }
    return true;
}

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
                    (is_all_columns(sort) ? list_by_columns(&listing, page, &hearer)
                                          : list_by_values(&listing, page, &hearer));
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
              where_make(&listing.query, filter, true, &listing.where) &&
              listing_run(&listing, "", listing.where.uid, INT64_MAX);
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
