/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many things: pages of them, sorted, and bulk removal.
 *
 * There are three ways to make a page:
 *
 *     an ordered scan   things come in the order that is wanted, that of uids, and are reported as they come
 *     an index scan     the first key has an index (title, created, modified, one value of status), which
 *                       is gone along from the boundary of the page until the page is full
 *     a top-k scan      all things that match are looked at, and the first kept, as many as fit on the
 *                       page: if the filter leaves few, or the first key has no index
 *
 * An index scan must put in order what has the first key in common: by the other keys, or by uid where
 * the index runs the other way. So it offers what it meets to the same list of the first, and looks again
 * at the one key that the page may have cut in two.
 *
 * Things are distinguished from the boundary of the page on, so that whoever has no room for more may stop. Whatever
 * is sorted by, only keys (thing_key.h) are held, and one thing at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "store/sql/parts.h"
#include "store/thing_key.h"
#include "store/things_plan.h"
#include "store/topk.h"

/* ---- sort keys ---- */

/* Members of a Thing that scans know. Its address sorts as its uid does; times sort as times, not as the
 * text they are shown as. */
static const struct {
    const char *path;
    scan_member member;
} paths[] = {
    {"uid", SCAN_UID},     {"id", SCAN_UID},          {"href", SCAN_UID},
    {"title", SCAN_TITLE}, {"created", SCAN_CREATED}, {"modified", SCAN_MODIFIED},
};

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

/* What a scan says of a sort key. False: nothing, it is somewhere in the Thing's document. */
static bool find_member(const sort_key *key, bool has_status_members, scan_key *ret)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strcmp(key->path, paths[i].path) == 0) {
            *ret = (scan_key){.member = paths[i].member};
            return true;
        }
    }
    *ret = (scan_key){.member = SCAN_VALUE_TIME, .property = timed_property_of(key->path)};
    if (ret->property)
        return true;
    *ret = (scan_key){.member = SCAN_VALUE, .property = property_of(key->path)};
    return ret->property && !has_status_members;
}

/* ---- Things that match ---- */

/* A list under way: its plan, a scan, and what the row in hand needs. */
typedef struct listing {
    ix_ctx *cx;
    store_handle *store;
    const char *space;
    const thing_filter *filter;
    const sort_list *sort;
    bool is_in_document[SORT_KEYS_MAX]; /* of each sort key: no scan says it */
    int columns[SORT_KEYS_MAX];         /* which of `keys` it is, else */
    scan_key keys[SORT_KEYS_MAX];
    size_t key_count;
    bool has_views; /* rows have the whole Thing */
    plan plan;
    scan_spec spec; /* of `scan` */
    scan *scan;
    scan_row row;
    bool with_times;  /* `times` is wanted, too */
    value_reader run; /* of the values of all Things in their order */
    bool is_run;      /* that is the order in which they come */

    /* of the row in hand */
    ix_buf status;
    ix_buf times;       /* of its values */
    ix_buf first, rest; /* of its sort key */
    bool is_cut;        /* which was long: see thing_key_cut */
    ix_ctx scratch;
} listing;

static void scratch_reset(listing *listing)
{
    ix_arena_reset(listing->scratch.arena);
    ix_ctx_clear_error(&listing->scratch);
}

/* What failed in scratch has failed in cx. */
static bool scratch_fail(listing *listing)
{
    return ix_fail(listing->cx, listing->scratch.error.code, "%s", listing->scratch.error.message);
}

static bool find_members(listing *listing)
{
    bool has_status_members = false;
    bool is_asked = false;
    for (size_t i = 0; i < listing->sort->count; i++) {
        const sort_key *key = &listing->sort->keys[i];
        if (property_of(key->path) && !is_asked &&
            !scan_has_status_members(listing->cx, listing->store, listing->space,
                                     &has_status_members))
            return false;
        is_asked |= property_of(key->path) != NULL;
        listing->is_in_document[i] =
            !find_member(key, has_status_members, &listing->keys[listing->key_count]);
        listing->has_views |= listing->is_in_document[i];
        if (!listing->is_in_document[i])
            listing->columns[i] = (int)listing->key_count++;
    }
    return true;
}

/* Sort key `i`, if a scan has it; else NULL. */
static const scan_key *scan_key_at(const listing *listing, size_t i)
{
    return i < listing->sort->count && !listing->is_in_document[i]
               ? &listing->keys[listing->columns[i]]
               : NULL;
}

/* To be ended with listing_end even on failure. */
static bool listing_begin(listing *listing, ix_ctx *cx, store_handle *store, const char *space,
                          const thing_filter *filter, const sort_list *sort)
{
    memset(listing, 0, sizeof(*listing));
    listing->cx = cx;
    listing->store = store;
    listing->space = space;
    listing->filter = filter;
    listing->sort = sort;
    listing->run = (value_reader){.store = store, .space = space};
    if (!ix_ctx_init(&listing->scratch, 0))
        return scratch_fail(listing);
    return find_members(listing);
}

static void listing_stop(listing *listing)
{
    scan_close(listing->scan);
    listing->scan = NULL;
    value_reader_end(&listing->run);
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

/* A scan of what the plan starts from, with its filters, in any order. */
static scan_spec spec_of(const listing *listing)
{
    const plan *plan = &listing->plan;
    return (scan_spec){
        .space = listing->space,
        .driving = plan->is_driven ? &plan->driving : NULL,
        .filters = plan->filters,
        .filter_count = plan->filter_count,
    };
}

/* Starts the rows. Needs to be stopped before it is run again. */
static bool listing_run(listing *listing, const scan_spec *spec)
{
    listing->spec = *spec;
    listing->spec.with_views = listing->has_views;
    listing->spec.keys = listing->keys;
    listing->spec.key_count = listing->key_count;
    return scan_open(listing->cx, listing->store, &listing->spec, &listing->scan);
}

/* Where one condition is enough, what a scan has found out about times does not say which one it was. */
static bool needs_times(const listing *listing)
{
    return listing->plan.needs_recheck && listing->filter->any_of &&
           filter_asks_times(listing->filter);
}

/* The values of the Thing in hand, where something asks for them. */
static bool read_status(listing *listing, thing_view *view)
{
    ix_buf *times = listing->with_times || needs_times(listing) ? &listing->times : NULL;
    ix_buf_clear(&listing->status);
    ix_buf_clear(&listing->times);
    if (!listing->has_views && !listing->plan.needs_recheck)
        return true;
    const char *uid = ix_strndup(&listing->scratch, view->uid.at, view->uid.len);
    if (!uid)
        return scratch_fail(listing);
    if (!(listing->is_run
              ? value_reader_write(&listing->scratch, &listing->run, uid, &listing->status, times)
              : values_write(&listing->scratch, listing->store, listing->space, uid,
                             &listing->status, times)))
        return scratch_fail(listing);
    view->status = (ix_str){ix_buf_cstr(&listing->status), listing->status.len};
    if (listing->with_times)
        view->status_at = (ix_str){ix_buf_cstr(&listing->times), listing->times.len};
    return true;
}

/* Does the Thing in hand meet what scans say only "perhaps" about? */
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

/* The next Thing that matches; only its uid, unless has_views. False at the end and on failure. */
static bool listing_next(listing *listing, thing_view *ret)
{
    while (scan_next(listing->cx, listing->scan, &listing->row)) {
        scratch_reset(listing);
        if (!read_status(listing, &listing->row.view))
            return false;
        if (!listing->plan.needs_recheck || is_match(listing)) {
            *ret = listing->row.view;
            return true;
        }
        if (ix_failed(listing->cx))
            return false;
    }
    return false;
}

/* ---- the sort key of a Thing ---- */

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

/* Adds sort key `i`, which the scan has given. */
static void add_told(listing *listing, size_t i, ix_buf *buf)
{
    const bool down = listing->sort->keys[i].descending;
    const int column = listing->columns[i];
    const scan_value *value = &listing->row.keys[column];
    switch (listing->keys[column].member) {
    case SCAN_CREATED:
    case SCAN_MODIFIED:
        thing_key_add_int(buf, value->number, down);
        break;
    case SCAN_VALUE_TIME:
        if (value->is_set)
            thing_key_add_int(buf, value->number, down);
        else
            thing_key_add_none(buf);
        break;
    case SCAN_VALUE:
        if (value->is_set)
            thing_key_add(buf, value->bytes, down);
        else
            thing_key_add_none(buf);
        break;
    default:
        thing_key_add_text(buf, value->bytes, down);
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
        if (paths[i].member == SCAN_UID && strcmp(path, paths[i].path) == 0)
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
        if (!listing->is_in_document[i]) {
            add_told(listing, i, buf);
            continue;
        }
        if (!doc)
            doc = thing_document(&listing->scratch, view);
        if (!doc || !add_member(listing, i, doc, buf))
            return scratch_fail(listing);
    }
    listing->is_cut = thing_key_cut(&listing->rest, listing->first.len);
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

/* A value of sort key `i`, which has an index, from its component of a key, in cx. */
static bool value_of_component(listing *listing, size_t i, ix_str component, scan_value *ret)
{
    const bool down = listing->sort->keys[i].descending;
    const scan_key *key = scan_key_at(listing, i);
    ix_ctx *cx = listing->cx;
    bool ok = true;
    *ret = (scan_value){.is_set = true};
    if (key && key->member == SCAN_VALUE)
        ok = thing_key_value(cx, component, down, &ret->bytes);
    else if (key && key->member == SCAN_TITLE)
        ok = thing_key_text(cx, component, down, &ret->bytes);
    else if (key)
        ok = thing_key_int(cx, component, down, &ret->number);
    return ok || ix_fail(cx, IOTS_INVALID, "invalid cursor");
}

/* Is there an index in the order of sort key `i`, beside that of uids? */
static bool has_index(const listing *listing, size_t i)
{
    const scan_key *key = scan_key_at(listing, i);
    return key && key->member != SCAN_VALUE_TIME && key->member != SCAN_UID;
}

/* May Things be without the first sort key? */
static bool may_lack_first(const listing *listing)
{
    return !has_index(listing, 0) || scan_key_at(listing, 0)->member == SCAN_VALUE;
}

/* The key that a cursor has brought, if it is such as key_of_row makes. */
static bool read_boundary(listing *listing, const ix_json *boundary, thing_key *ret)
{
    scan_value value;
    const bool by_uid = is_by_uid(listing->sort);
    if (!thing_key_read(listing->cx, boundary, !by_uid, ret))
        return false;
    return by_uid || (thing_key_is_none(ret->first) && may_lack_first(listing)) ||
           value_of_component(listing, 0, ret->first, &value);
}

/* ---- by uid ---- */

/* The visitor of the things of a page. */
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

/* A scan of the Things of a page by uid, and one more if there is one: whatever must be read of them. */
static scan_spec spec_by_uid(listing *listing, const asked *page)
{
    const plan *plan = &listing->plan;
    scan_spec spec = spec_of(listing);
    spec.is_ordered = true;
    spec.is_descending = goes_down(listing, page);
    if (page->boundary)
        spec.beyond_uid = page->boundary->uid;
    spec.most = plan->needs_recheck ? 0 : page->limit + 1;
    listing->is_run = !plan->is_driven && plan->filter_count == 0 && !spec.is_descending;
    return spec;
}

/* Things are visited as they come. */
static bool ordered_scan(listing *listing, const asked *page, const visitor *visitor)
{
    const scan_spec spec = spec_by_uid(listing, page);
    listing->has_views = true;
    if (!listing_run(listing, &spec))
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

/* What was taken of a scan. */
typedef struct taken {
    size_t count;    /* Things beyond the boundary */
    scan_value last; /* of the order of the scan, of the last of them; in cx */
    bool is_cut;     /* the key of the last one was long: see thing_key_cut */
} taken;

/* Copies a value of the row in hand into cx. */
static bool keep_value(ix_ctx *cx, const scan_value *value, scan_value *ret)
{
    *ret = *value;
    ret->bytes.at = ix_strndup(cx, value->bytes.at ? value->bytes.at : "", value->bytes.len);
    return ret->bytes.at != NULL;
}

/* Runs a scan and offers what it gives and lies beyond the boundary, up to `most` Things (0: all of
 * them). `column`: which of the keys is kept of the last one; -1: none. */
static bool page_take(listing *listing, topk *topk, const scan_spec *spec, size_t most, int column,
                      taken *ret)
{
    ix_ctx *cx = listing->cx;
    thing_view view;
    *ret = (taken){0};
    if (!listing_run(listing, spec))
        return false;
    while ((most == 0 || ret->count < most) && listing_next(listing, &view)) {
        thing_key key;
        if (!key_of_row(listing, &view, &key))
            return false;
        if (!topk_is_beyond(topk, &key))
            continue;
        if (!topk_offer(cx, topk, &key))
            return false;
        ret->count++;
        ret->is_cut = listing->is_cut;
        if (ret->count == most && column >= 0 &&
            !keep_value(cx, &listing->row.keys[column], &ret->last))
            return false;
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

/* Looks at everything that matches; where uids decide, the scan finds the first of them. */
static bool topk_scan(listing *listing, const asked *page, topk *topk)
{
    const scan_spec spec = is_by_uid(listing->sort) ? spec_by_uid(listing, page) : spec_of(listing);
    taken all;
    return page_take(listing, topk, &spec, 0, -1, &all);
}

/* ---- an index scan ---- */

/*
 * An index scan goes along the index of the first key until the page is full. The last value that it meets
 * may have more Things than were taken, and which of them belong on the page is decided by the other keys.
 * If they are few they are all looked at; else they are gone through along the index of the next key, and
 * so on. So Things have more in common from level to level: at level 0 nothing, at level 1 a value of the
 * first key (or that they have none), and where all keys are in common uids decide.
 */

typedef struct index_scan {
    listing *listing;
    topk *topk;
} index_scan;

/* The Things of a level. */
typedef struct level {
    size_t depth;               /* so many keys they have in common */
    const scan_filter *filters; /* those of the plan, and one for each key in common */
    size_t filter_count;
    bool is_at_boundary; /* the boundary of the page has the same keys */
    ix_str rest;         /* then: its other components */
} level;

/* Where the boundary lies in the order of the next key. */
typedef struct position {
    bool is_known; /* it lies in this level */
    bool is_lost;  /* but where is not known, because its key was too long */
    bool is_none;  /* behind all values */
    scan_value value;
    ix_str rest; /* its other components */
} position;

static bool find_position(const index_scan *scan, const level *level, position *ret)
{
    listing *listing = scan->listing;
    const thing_key *boundary = scan->topk->boundary;
    const bool is_value = scan_key_at(listing, level->depth)->member == SCAN_VALUE;
    *ret = (position){.is_known = level->is_at_boundary};
    if (!level->is_at_boundary)
        return true;
    ix_str component = boundary->first;
    ret->rest = boundary->rest;
    if (level->depth > 0) {
        ret->is_lost =
            thing_key_may_be_cut(boundary) ||
            !thing_key_split(level->rest, is_value, listing->sort->keys[level->depth].descending,
                             &component, &ret->rest);
        if (ret->is_lost)
            return true;
    }
    ret->is_none = thing_key_is_none(component);
    return ret->is_none || value_of_component(listing, level->depth, component, &ret->value);
}

static bool scan_level(index_scan *scan, const level *level, size_t wanted, size_t *ret);

/* Takes from the level below, of Things that meet one more filter. `boundary`: where it lies, if it has
 * this key; else NULL. */
static bool scan_below(index_scan *scan, const level *level, scan_filter filter,
                       const position *boundary, size_t wanted, size_t *ret)
{
    scan_filter *filters = ix_new(scan->listing->cx, scan_filter, level->filter_count + 1);
    if (!filters)
        return false;
    if (level->filter_count > 0)
        memcpy(filters, level->filters, level->filter_count * sizeof(*filters));
    filters[level->filter_count] = filter;
    const struct level below = {.depth = level->depth + 1,
                                .filters = filters,
                                .filter_count = level->filter_count + 1,
                                .is_at_boundary = boundary != NULL,
                                .rest = boundary ? boundary->rest : (ix_str){0}};
    return scan_level(scan, &below, wanted, ret);
}

/* That the next key has this value. */
static scan_filter value_filter(const index_scan *scan, const level *level, const scan_value *value)
{
    return (scan_filter){.kind = SCAN_KEY_IS,
                         .key = *scan_key_at(scan->listing, level->depth),
                         .is = *value};
}

static bool is_next_descending(const index_scan *scan, const level *level)
{
    const sort_list *sort = scan->listing->sort;
    return level->depth < sort->count && sort->keys[level->depth].descending;
}

/* Makes a scan one of a level: along the index in which the last value that it has in common stands, with
 * the other filters. */
static bool put_level(const index_scan *scan, const level *level, scan_spec *spec)
{
    size_t at = level->filter_count;
    while (at > 0 && level->filters[at - 1].kind != SCAN_KEY_IS)
        at--;
    spec->filters = level->filters;
    spec->filter_count = level->filter_count;
    if (at-- == 0)
        return true; /* it lacks all of them */
    const scan_filter *last = &level->filters[at];
    scan_filter *others = ix_new(scan->listing->cx, scan_filter, level->filter_count);
    if (!others)
        return false;
    memcpy(others, level->filters, at * sizeof(*others));
    memcpy(others + at, last + 1, (level->filter_count - at - 1) * sizeof(*others));
    spec->filters = others;
    spec->filter_count--;
    spec->order = last->key;
    spec->range = (scan_range){.from = last->is, .to = last->is, .is_to_in = true};
    return true;
}

/* Takes the Things of a level in the order of uids: `most`, if nothing else decides; 0: all. */
static bool take_by_uid(index_scan *scan, const level *level, size_t most, size_t *ret)
{
    const topk *topk = scan->topk;
    scan_spec spec = spec_of(scan->listing);
    taken taken;
    spec.is_ordered = true;
    spec.is_descending = topk->is_backward != is_next_descending(scan, level);
    if (!put_level(scan, level, &spec))
        return false;
    if (most > 0 && level->is_at_boundary)
        spec.beyond_uid = topk->boundary->uid;
    spec.most = scan->listing->plan.needs_recheck ? 0 : (int64_t)most;
    const bool ok = page_take(scan->listing, scan->topk, &spec, most, -1, &taken);
    *ret = taken.count;
    return ok;
}

/* A scan of a stretch of the index of the next key. */
static scan_spec spec_along(const index_scan *scan, const level *level, const scan_range *range)
{
    scan_spec spec = spec_of(scan->listing);
    spec.filters = level->filters;
    spec.filter_count = level->filter_count;
    spec.is_ordered = true;
    spec.order = *scan_key_at(scan->listing, level->depth);
    spec.is_descending = is_next_descending(scan, level) != scan->topk->is_backward;
    spec.range = *range;
    return spec;
}

/* Takes a stretch of the index of the next key. What is taken fills the page, unless the stretch ends
 * before; but the last value that was met may go on, with Things that come before those on the page. */
static bool scan_stretch(index_scan *scan, const level *level, const scan_range *range,
                         size_t wanted, size_t *ret)
{
    listing *listing = scan->listing;
    const bool is_backward = scan->topk->is_backward;
    scan_spec spec = spec_along(scan, level, range);
    taken taken;
    size_t again;
    spec.most = listing->plan.needs_recheck ? 0 : (int64_t)wanted;
    if (!page_take(listing, scan->topk, &spec, wanted, listing->columns[level->depth], &taken))
        return false;
    *ret = taken.count;
    if (taken.count < wanted)
        return true;
    /* The order of Things ends where a long key was cut, that of the index goes on. */
    if (level->depth > 0 && taken.is_cut)
        return take_by_uid(scan, level, 0, &again);
    if (level->depth + 1 == listing->sort->count && spec.is_descending == is_backward)
        return true;
    return scan_below(scan, level, value_filter(scan, level, &taken.last), NULL, wanted, &again);
}

/* The whole index of the next key, which all Things have, from the boundary on. */
static bool scan_members(index_scan *scan, const level *level, const position *boundary,
                         size_t wanted, size_t *ret)
{
    scan_range range = {.is_after_from = true};
    if (boundary->is_known)
        *(is_next_descending(scan, level) != scan->topk->is_backward ? &range.to : &range.from) =
            boundary->value;
    return scan_stretch(scan, level, &range, wanted, ret);
}

/* The ranges of values of the next key, from the boundary on. */
static bool scan_values(index_scan *scan, const level *level, key_ranges ranges,
                        const position *boundary, size_t wanted, size_t *ret)
{
    const bool is_descending = is_next_descending(scan, level) != scan->topk->is_backward;
    *ret = 0;
    if (boundary->is_known && !boundary->is_none &&
        !key_ranges_beyond(scan->listing->cx, &ranges, boundary->value.bytes, is_descending))
        return false;
    for (size_t i = 0; i < ranges.count && *ret < wanted; i++) {
        const key_range *keys = &ranges.list[is_descending ? ranges.count - 1 - i : i];
        const scan_range range = {.from = {.is_set = true, .bytes = keys->from},
                                  .to = {.is_set = true, .bytes = keys->to}};
        size_t count;
        if (!scan_stretch(scan, level, &range, wanted - *ret, &count))
            return false;
        *ret += count;
    }
    return true;
}

/* Things that have a value of the next key, the boundary's own first; `ranges` NULL: all have one. */
static bool scan_having(index_scan *scan, const level *level, const key_ranges *ranges,
                        const position *boundary, size_t wanted, size_t *ret)
{
    size_t count = 0;
    *ret = 0;
    if (boundary->is_known && !boundary->is_none &&
        !scan_below(scan, level, value_filter(scan, level, &boundary->value), boundary, wanted,
                    ret))
        return false;
    if (*ret >= wanted)
        return true;
    const bool ok = ranges ? scan_values(scan, level, *ranges, boundary, wanted - *ret, &count)
                           : scan_members(scan, level, boundary, wanted - *ret, &count);
    *ret += count;
    return ok;
}

/* Things that have none. */
static bool scan_lacking(index_scan *scan, const level *level, const position *boundary,
                         size_t wanted, size_t *ret)
{
    const scan_filter lacks = {.kind = SCAN_LACKS,
                               .text = scan_key_at(scan->listing, level->depth)->property};
    const bool is_at_boundary = boundary->is_known && boundary->is_none;
    return scan_below(scan, level, lacks, is_at_boundary ? boundary : NULL, wanted, ret);
}

/* Goes along the index of the next key. What has a value of it comes first, what lacks it last; a page that
 * goes backward meets them the other way round, and one that begins in the later part leaves out the other. */
static bool scan_along(index_scan *scan, const level *level, const position *boundary,
                       size_t wanted, size_t *ret)
{
    listing *listing = scan->listing;
    const thing_filter *filter = listing->filter;
    const scan_key *key = scan_key_at(listing, level->depth);
    const bool is_value = key->member == SCAN_VALUE;
    const bool is_backward = scan->topk->is_backward;
    key_ranges ranges;
    bool may_lack = false;
    *ret = 0;
    if (is_value && !conditions_ranges(listing->cx, filter->any_of ? NULL : filter->conditions,
                                       key->property, &ranges, &may_lack))
        return false;
    for (int side = 0; side < 2 && *ret < wanted; side++) {
        const bool is_lacking = (side == 1) != is_backward;
        const bool is_over = side == 0 && boundary->is_known && boundary->is_none != is_lacking;
        size_t count = 0;
        if (is_over || (is_lacking && !may_lack))
            continue;
        if (!(is_lacking ? scan_lacking(scan, level, boundary, wanted - *ret, &count)
                         : scan_having(scan, level, is_value ? &ranges : NULL, boundary,
                                       wanted - *ret, &count)))
            return false;
        *ret += count;
    }
    return true;
}

/* Is it better to go along the index of the next key than to look at all Things of a level? Not if they are
 * few, nor if so few of those that come next belong to the level that more would be asked about. */
static bool choose_index(const index_scan *scan, const level *level, const position *boundary,
                         size_t wanted, bool *ret)
{
    listing *listing = scan->listing;
    const scan_filter *last = &level->filters[level->filter_count - 1];
    const scan_set set = {.filter = last, .parts = 1};
    const int window = LOOKAHEAD * (int)(scan->topk->size - 1);
    int64_t size = 0, met = 0;
    *ret = true;
    if (last->kind == SCAN_LACKS || boundary->is_none)
        return true;
    if (!scan_estimate(listing->cx, listing->store, listing->space, &set, SELECTIVE_MAX + 1, &size))
        return false;
    *ret = size > 2 * (int64_t)wanted;
    if (!*ret)
        return true;
    const scan_spec spec = spec_along(scan, level, &(scan_range){.from = {0}});
    if (!scan_look_ahead(listing->cx, listing->store, &spec, window, window, &met))
        return false;
    *ret = met > 0 && (size > SELECTIVE_MAX || (int64_t)wanted * window < size * met);
    return true;
}

static bool is_uid_next(const index_scan *scan, const level *level)
{
    const scan_key *key = scan_key_at(scan->listing, level->depth);
    return key && key->member == SCAN_UID;
}

/* Takes the first `wanted` Things of a level, or more; *ret: how many. */
static bool scan_level(index_scan *scan, const level *level, size_t wanted, size_t *ret)
{
    position boundary;
    bool along = true;
    if (level->depth == scan->listing->sort->count || is_uid_next(scan, level))
        return take_by_uid(scan, level, wanted, ret);
    if (!has_index(scan->listing, level->depth))
        return take_by_uid(scan, level, 0, ret);
    if (!find_position(scan, level, &boundary) ||
        (level->depth > 0 && !boundary.is_lost &&
         !choose_index(scan, level, &boundary, wanted, &along)))
        return false;
    return along && !boundary.is_lost ? scan_along(scan, level, &boundary, wanted, ret)
                                      : take_by_uid(scan, level, 0, ret);
}

static bool index_scan_run(listing *listing, topk *topk)
{
    index_scan scan = {.listing = listing, .topk = topk};
    const level all = {.filters = listing->plan.filters,
                       .filter_count = listing->plan.filter_count,
                       .is_at_boundary = topk->boundary != NULL};
    size_t count;
    return scan_level(&scan, &all, topk->size, &count);
}

/* ---- which way ---- */

static bool list_first(listing *listing, const asked *page, const visitor *visitor)
{
    topk topk;
    const bool is_down = is_by_uid(listing->sort) ? goes_down(listing, page) : page->is_backward;
    const bool by_index = listing->plan.way == PLAN_INDEX_SCAN;
    const bool ok =
        topk_init(listing->cx, &topk, (size_t)page->limit + 1, is_down, page->boundary) &&
        (by_index ? index_scan_run(listing, &topk) : topk_scan(listing, page, &topk)) &&
        visit_first(listing, &topk, page->limit, visitor);
    topk_done(&topk);
    return ok;
}

static bool list_plan(listing *listing, const asked *page)
{
    const bool by_uid = is_by_uid(listing->sort);
    const plan_query query = {
        .space = listing->space,
        .filter = listing->filter,
        .is_by_uid = by_uid,
        .has_index = !by_uid && has_index(listing, 0),
        .is_descending = goes_down(listing, page),
        .beyond_uid = by_uid && page->boundary ? page->boundary->uid : (ix_str){0},
        .limit = page->limit,
    };
    return plan_make(listing->cx, listing->store, &query, &listing->plan);
}

static bool list_page(listing *listing, const asked *page, const visitor *visitor)
{
    if (!list_plan(listing, page))
        return false;
    return listing->plan.way == PLAN_ORDERED_SCAN ? ordered_scan(listing, page, visitor)
                                                  : list_first(listing, page, visitor);
}

/* ---- the functions of store.h ---- */

/* Begins a list with a page of it. To be ended with listing_end even on failure. */
static bool begin_page(listing *listing, ix_ctx *cx, store_handle *store, const char *space,
                       const thing_filter *filter, const sort_list *sort, const page_range *page,
                       asked *ret, thing_key *boundary)
{
    *ret = (asked){.limit = page->limit, .is_backward = page->is_backward};
    if (page->boundary)
        ret->boundary = boundary;
    const bool ok = listing_begin(listing, cx, store, space, filter, sort);
    listing->with_times = page->with_times;
    return ok && (!page->boundary || read_boundary(listing, page->boundary, boundary));
}

bool store_things_list(ix_ctx *cx, store_handle *store, const char *space,
                       const thing_filter *filter, const sort_list *sort, const page_range *page,
                       bool (*each)(void *arg, const thing_view *view, ix_str keys), void *arg,
                       bool *more)
{
    const visitor visitor = {each, arg, more};
    asked asked;
    thing_key boundary;
    listing listing;
    bool is_own;
    *more = false;
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    const bool ok = begin_page(&listing, cx, store, space, filter, sort, page, &asked, &boundary) &&
                    list_page(&listing, &asked, &visitor);
    listing_end(&listing);
    snapshot_end(store, is_own);
    return ok;
}

bool store_things_explain(ix_ctx *cx, store_handle *store, const char *space,
                          const thing_filter *filter, const sort_list *sort, const page_range *page,
                          ix_str *ret)
{
    asked asked;
    thing_key boundary;
    listing listing;
    bool is_own;
    ix_buf buf = {0};
    if (!snapshot_begin(cx, store, &is_own))
        return false;
    const bool ok = begin_page(&listing, cx, store, space, filter, sort, page, &asked, &boundary) &&
                    list_plan(&listing, &asked);
    if (ok)
        plan_write(&listing.plan, &buf);
    listing_end(&listing);
    snapshot_end(store, is_own);
    return ix_buf_take_in(cx, &buf, ret) && ok;
}

bool store_things_remove(ix_ctx *cx, store_handle *store, const char *space,
                         const thing_filter *filter, bool (*each)(void *arg, ix_str uid), void *arg)
{
    static const sort_list by_uid = {0};
    listing listing;
    ix_json *uids = ix_json_new_array(cx);
    if (!uids)
        return false;

    const asked all = {0};
    bool ok =
        listing_begin(&listing, cx, store, space, filter, &by_uid) && list_plan(&listing, &all);
    scan_spec spec = spec_of(&listing);
    spec.is_ordered = true;
    ok = ok && listing_run(&listing, &spec);
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
