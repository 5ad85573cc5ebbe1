/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scans as SQL: each is one statement, with its filters in it.
 *
 * A filter is put in two ways. As a *probe* it holds or does not hold for the Thing `t` at hand; as a
 * candidate set it is a query of all Things that meet it, which an index answers. What a statement starts
 * from has an alias: `t` all Things, `d` a driving set, `s` the values of a property. Where only what the
 * index has is asked for, the row of the Thing is not read (covering).
 *
 * What the SQL says about conditions inside arrays and objects is only "perhaps": see
 * condition_needs_recheck.
 */
#include "store/scan.h"

#include <string.h>

#include "store/sql/grams.h"
#include "store/sql/query.h"
#include "store/sql/things.h"

/* ---- conditions ---- */

bool scan_filter_conditions(ix_ctx *cx, scan_filter_kind kind, const filter_condition *conditions,
                            scan_filter *ret)
{
    size_t count = 0;
    for (const filter_condition *c = conditions; c; c = kind == SCAN_ANY_OF ? c->next : NULL)
        count++;
    key_ranges *ranges = ix_new(cx, key_ranges, count + 1);
    if (!ranges)
        return false;
    *ret = (scan_filter){.kind = kind, .conditions = conditions, .ranges = ranges};
    for (size_t i = 0; i < count; i++, conditions = conditions->next) {
        ranges[i] = (key_ranges){0};
        if (!conditions->is_time && !condition_ranges(cx, conditions, &ranges[i]))
            return false;
    }
    return true;
}

/* A text over a row of `properties` that holds if its key is in the range. */
static void put_range(sql_query *query, const key_range *range)
{
    const int from = query_arg(query, db_blob(range->from.at, range->from.len));
    if (key_range_is_point(range))
        ix_buf_format(&query->sql, "key = $%d", from);
    else
        ix_buf_format(&query->sql, "key >= $%d AND key < $%d", from,
                      query_arg(query, db_blob(range->to.at, range->to.len)));
}

/* One that holds if the value may meet the condition by what it holds: of the properties that have the
 * names before each dot of the condition's. */
static void put_inside(sql_query *query, const filter_condition *condition)
{
    ix_ctx *cx = query->cx;
    const key_range objects = {key_of_kind(IX_OBJECT), key_of_kind(IX_OBJECT + 1)};
    const char *name = condition->name;
    size_t count = 0;
    const char **names = ix_new(cx, const char *, strlen(name) + 1);
    for (const char *dot = strchr(name, '.'); names && dot; dot = strchr(dot + 1, '.'))
        names[count++] = ix_strndup(cx, name, (size_t)(dot - name));
    if (ix_failed(cx))
        return;
    ix_buf_text(&query->sql, " OR (");
    put_range(query, &objects);
    ix_buf_text(&query->sql, " AND p.name IN (");
    query_items(query, names, count);
    ix_buf_text(&query->sql, "))");
}

/* A string holds the text only if it is written in it, as JSON is: asked so that few are read. */
static void put_contains(sql_query *query, const filter_condition *condition)
{
    ix_ctx *cx = query->cx;
    const key_range containers = {key_of_kind(IX_ARRAY), key_of_kind(IX_OBJECT + 1)};
    const char *quoted = ix_json_text(cx, ix_json_new_text(cx, condition->text));
    if (!quoted || strlen(quoted) == 2)
        return;
    ix_buf_text(&query->sql, " AND ((");
    put_range(query, &containers);
    ix_buf_format(&query->sql, ") OR replace(value, $%d, '') <> value)",
                  query_arg(query, db_str((ix_str){quoted + 1, strlen(quoted) - 2})));
}

/* A text that the index by times understands: `at` lies at most VALUE_TIME_SLACK_US behind `at_floor`. */
static void put_time(sql_query *query, const filter_condition *condition)
{
    static const char *const signs[] = {
        [FILTER_EQ] = "=",   [FILTER_NEQ] = "<>", [FILTER_GT] = ">",
        [FILTER_GTE] = ">=", [FILTER_LT] = "<",   [FILTER_LTE] = "<="};
    const filter_op op = condition->op;
    const bool has_least = op == FILTER_EQ || op == FILTER_GT || op == FILTER_GTE;
    const bool has_most = op == FILTER_EQ || op == FILTER_LT || op == FILTER_LTE;
    const int at = query_arg(query, db_int(condition->at_us));
    ix_buf_format(&query->sql, "at_floor IS NOT NULL AND at %s $%d", signs[op], at);
    if (has_least)
        ix_buf_format(&query->sql, " AND at_floor >= $%d",
                      query_arg(query, db_int(condition->at_us - VALUE_TIME_SLACK_US)));
    if (has_most)
        ix_buf_format(&query->sql, " AND at_floor <= $%d", at);
}

static void put_condition_probe(sql_query *query, const filter_condition *condition,
                                const key_ranges *ranges)
{
    const int name = query_arg(query, db_text(condition->name));
    const bool has_dot = !condition->is_time && condition_has_dot(condition);
    ix_buf_format(&query->sql,
                  "EXISTS (SELECT 1 FROM properties p WHERE p.space = $1 AND p.thing = t.uid AND %s"
                  "p.name = $%d AND ",
                  has_dot ? "((" : "", name);
    if (condition->is_time) {
        put_time(query, condition);
    } else {
        ix_buf_text(&query->sql, ranges->count > 0 ? "(" : "(1 = 0");
        for (size_t i = 0; i < ranges->count; i++) {
            ix_buf_text(&query->sql, i > 0 ? " OR " : "");
            put_range(query, &ranges->list[i]);
        }
        ix_buf_char(&query->sql, ')');
        if (condition->op == FILTER_CONTAINS)
            put_contains(query, condition);
    }
    if (has_dot) {
        ix_buf_char(&query->sql, ')');
        put_inside(query, condition);
        ix_buf_char(&query->sql, ')');
    }
    ix_buf_char(&query->sql, ')');
}

/* How many parts its candidate set has. */
static size_t condition_parts(const filter_condition *condition, const key_ranges *ranges)
{
    if (condition->is_time)
        return 1;
    return condition_has_dot(condition) ? 0 : ranges->count;
}

static void put_condition_part(sql_query *query, const filter_condition *condition,
                               const key_ranges *ranges, size_t part)
{
    ix_buf_format(&query->sql, "SELECT thing FROM properties WHERE space = $1 AND name = $%d AND ",
                  query_arg(query, db_text(condition->name)));
    if (condition->is_time)
        put_time(query, condition);
    else
        put_range(query, &ranges->list[part]);
}

/* ---- members ---- */

static db_value value_arg(scan_member member, const scan_value *value)
{
    switch (member) {
    case SCAN_VALUE:
        return db_blob(value->bytes.at, value->bytes.len);
    case SCAN_UID:
    case SCAN_TITLE:
        return db_str(value->bytes);
    default:
        return db_int(value->number);
    }
}

static const char *const columns[] = {
    [SCAN_UID] = "t.uid",           [SCAN_TITLE] = "t.title", [SCAN_CREATED] = "t.created",
    [SCAN_MODIFIED] = "t.modified", [SCAN_VALUE] = NULL,      [SCAN_VALUE_TIME] = NULL,
};

static bool is_of_values(scan_member member)
{
    return member == SCAN_VALUE || member == SCAN_VALUE_TIME;
}

static void put_key_probe(sql_query *query, const scan_filter *filter)
{
    const scan_key *key = &filter->key;
    const db_value is = value_arg(key->member, &filter->is);
    if (!is_of_values(key->member)) {
        ix_buf_format(&query->sql, "%s = $%d", columns[key->member], query_arg(query, is));
        return;
    }
    const int name = query_arg(query, db_text(key->property));
    ix_buf_format(&query->sql,
                  "EXISTS (SELECT 1 FROM properties p WHERE p.space = $1 AND p.thing = t.uid"
                  " AND p.name = $%d AND p.%s = $%d)",
                  name, key->member == SCAN_VALUE ? "key" : "at", query_arg(query, is));
}

static void put_key_set(sql_query *query, const scan_filter *filter)
{
    const scan_key *key = &filter->key;
    const db_value is = value_arg(key->member, &filter->is);
    if (key->member == SCAN_VALUE) {
        const int name = query_arg(query, db_text(key->property));
        ix_buf_format(&query->sql,
                      "SELECT thing FROM properties WHERE space = $1 AND name = $%d AND key = $%d",
                      name, query_arg(query, is));
        return;
    }
    ix_buf_format(&query->sql, "SELECT uid AS thing FROM things t WHERE t.space = $1 AND %s = $%d",
                  columns[key->member], query_arg(query, is));
}

/* ---- filters ---- */

static void put_categories(sql_query *query, const scan_filter *filter)
{
    if (filter->text_count == 1) {
        ix_buf_format(&query->sql, "category = $%d", query_arg(query, db_text(filter->texts[0])));
        return;
    }
    ix_buf_text(&query->sql, "category IN (");
    query_items(query, filter->texts, filter->text_count);
    ix_buf_char(&query->sql, ')');
}

static void put_links(sql_query *query, const scan_filter *filter)
{
    ix_ctx *cx = query->cx;
    if (filter->other)
        ix_buf_format(&query->sql, " AND href = $%d", query_arg(query, key_arg(cx, filter->other)));
    if (filter->text)
        ix_buf_format(&query->sql, " AND rel = $%d", query_arg(query, key_arg(cx, filter->text)));
}

static void put_model(sql_query *query, const scan_filter *filter)
{
    ix_buf_format(&query->sql, "model = $%d", query_arg(query, db_text(filter->text)));
    if (filter->number != 0)
        ix_buf_format(&query->sql, " AND version = $%d", query_arg(query, db_int(filter->number)));
}

static void put_any_probe(sql_query *query, const scan_filter *filter)
{
    const key_ranges *ranges = filter->ranges;
    for (const filter_condition *c = filter->conditions; c; c = c->next, ranges++) {
        ix_buf_text(&query->sql, c == filter->conditions ? "(" : " OR ");
        put_condition_probe(query, c, ranges);
    }
    ix_buf_char(&query->sql, ')');
}

/* A text that holds for the Thing `t` if it meets the filter. */
static void put_probe(sql_query *query, const scan_filter *filter)
{
    ix_ctx *cx = query->cx;
    ix_buf *sql = &query->sql;
    switch (filter->kind) {
    case SCAN_HAS_ID:
        ix_buf_text(sql, "t.uid IN (");
        query_items(query, filter->texts, filter->text_count);
        ix_buf_char(sql, ')');
        break;
    case SCAN_HAS_CATEGORY:
        ix_buf_text(sql, "EXISTS (SELECT 1 FROM members m WHERE m.space = $1 AND ");
        put_categories(query, filter);
        ix_buf_text(sql, " AND m.thing = t.uid)");
        break;
    case SCAN_IN_CATEGORY:
        ix_buf_text(sql, filter->is_in ? "t.categories <> '[]'" : "t.categories = '[]'");
        break;
    case SCAN_HAS_TITLE:
        ix_buf_format(sql, "t.title = $%d", query_arg(query, key_arg(cx, filter->text)));
        break;
    case SCAN_HAS_TYPE:
        ix_buf_format(sql,
                      "EXISTS (SELECT 1 FROM types y"
                      " WHERE y.space = $1 AND y.type = $%d AND y.thing = t.uid)",
                      query_arg(query, key_arg(cx, filter->text)));
        break;
    case SCAN_HAS_MODEL:
        put_model(query, filter);
        break;
    case SCAN_HAS_LINK:
        ix_buf_text(sql, "EXISTS (SELECT 1 FROM links l WHERE l.space = $1 AND l.thing = t.uid");
        put_links(query, filter);
        ix_buf_char(sql, ')');
        break;
    case SCAN_SEARCH:
        ix_buf_format(sql,
                      "EXISTS (SELECT 1 FROM search_texts x WHERE x.space = $1 AND x.thing = t.uid"
                      " AND replace(x.text, $%d, '') <> x.text)",
                      query_arg(query, db_text(filter->text)));
        break;
    case SCAN_CONDITION:
        put_condition_probe(query, filter->conditions, filter->ranges);
        break;
    case SCAN_ANY_OF:
        put_any_probe(query, filter);
        break;
    case SCAN_KEY_IS:
        put_key_probe(query, filter);
        break;
    case SCAN_LACKS: {
        const ix_str least = key_of_kind(IX_BOOL);
        const int name = query_arg(query, db_text(filter->text));
        ix_buf_format(sql,
                      "NOT EXISTS (SELECT 1 FROM properties v WHERE v.space = $1"
                      " AND v.thing = t.uid AND v.name = $%d AND v.key >= $%d)",
                      name, query_arg(query, db_blob(least.at, least.len)));
        break;
    }
    }
}

/* Does the probe read columns of `t` beyond its uid? */
static bool reads_row(const scan_filter *filter)
{
    switch (filter->kind) {
    case SCAN_HAS_TITLE:
    case SCAN_HAS_MODEL:
    case SCAN_IN_CATEGORY:
        return true;
    case SCAN_KEY_IS:
        return !is_of_values(filter->key.member);
    default:
        return false;
    }
}

/* ---- candidate sets ---- */

/* All sets of the conditions together are one part, if each has one. */
static size_t any_parts(const scan_filter *filter)
{
    const key_ranges *ranges = filter->ranges;
    for (const filter_condition *c = filter->conditions; c; c = c->next, ranges++) {
        if (condition_parts(c, ranges) == 0)
            return 0;
    }
    return 1;
}

static void put_any_part(sql_query *query, const scan_filter *filter)
{
    const key_ranges *ranges = filter->ranges;
    for (const filter_condition *c = filter->conditions; c; c = c->next, ranges++) {
        for (size_t i = 0; i < condition_parts(c, ranges); i++) {
            ix_buf_text(&query->sql, c == filter->conditions && i == 0 ? "" : " UNION ALL ");
            put_condition_part(query, c, ranges, i);
        }
    }
}

size_t scan_parts(const store_handle *store, const scan_filter *filter)
{
    switch (filter->kind) {
    case SCAN_IN_CATEGORY:
    case SCAN_LACKS:
        return 0;
    case SCAN_SEARCH:
        return grams_of(store->db)->parts(filter->text);
    case SCAN_CONDITION:
        return condition_parts(filter->conditions, filter->ranges);
    case SCAN_ANY_OF:
        return any_parts(filter);
    case SCAN_KEY_IS:
        return filter->key.member != SCAN_VALUE_TIME;
    default:
        return 1;
    }
}

_Static_assert((int)SCAN_PARTS_MAX >= (int)GRAMS_ASKED &&
                   (int)SCAN_PARTS_MAX >= (int)CONDITION_RANGES_MAX,
               "each part has a bit");

/* Is it one part alone? *ret: the first one. */
static bool is_one(unsigned parts, size_t *ret)
{
    for (*ret = 0; *ret < SCAN_PARTS_MAX && !(parts & 1u << *ret);)
        ++*ret;
    return parts == 1u << *ret;
}

/* Is each part of a condition's set one value? */
static bool are_points(const scan_set *set)
{
    const key_ranges *ranges = set->filter->ranges;
    if (set->filter->conditions->is_time)
        return false;
    for (size_t i = 0; i < ranges->count; i++) {
        if (set->parts & 1u << i && !key_range_is_point(&ranges->list[i]))
            return false;
    }
    return true;
}

/* Adds the values in a range, each once, to a list of SCAN_PARTS_MAX. *ret false: there are more. */
static bool add_values(ix_ctx *cx, store_handle *store, const char *space, const char *name,
                       const key_range *range, key_ranges *list, bool *ret)
{
    /* From one value to the next one: what lies between is not read. */
    static const char sql[] =
        "WITH RECURSIVE keys (key) AS ("
        "SELECT (SELECT p.key FROM properties p WHERE p.space = $1 AND p.name = $2"
        " AND p.key >= $3 AND p.key < $4 ORDER BY p.key LIMIT 1)"
        " UNION ALL "
        "SELECT (SELECT p.key FROM properties p WHERE p.space = $1 AND p.name = $2"
        " AND p.key > keys.key AND p.key < $4 ORDER BY p.key LIMIT 1)"
        " FROM keys WHERE keys.key IS NOT NULL)"
        " SELECT key FROM keys WHERE key IS NOT NULL LIMIT $5";
    db_rows *rows;
    if (!sql_rows(cx, store, sql,
                  ARGS(db_text(space), db_text(name), db_blob(range->from.at, range->from.len),
                       db_blob(range->to.at, range->to.len), db_int(SCAN_PARTS_MAX + 1)),
                  &rows))
        return false;
    *ret = true;
    while (*ret && sql_next(cx, store, rows)) {
        const ix_str key = sql_str(store, rows, 0);
        const char *copy = ix_strndup(cx, key.at, key.len);
        *ret = list->count < SCAN_PARTS_MAX;
        if (!copy)
            break;
        if (*ret) /* a zero follows the copy: the least key above it */
            list->list[list->count++] = (key_range){{copy, key.len}, {copy, key.len + 1}};
    }
    sql_done(store, rows);
    return !ix_failed(cx);
}

bool scan_split(ix_ctx *cx, store_handle *store, const char *space, scan_filter *filter, bool *ret)
{
    key_ranges *values = ix_new(cx, key_ranges, 1);
    if (!values)
        return false;
    *values = (key_ranges){.list = ix_new(cx, key_range, SCAN_PARTS_MAX)};
    *ret = values->list != NULL;
    for (size_t i = 0; *ret && i < filter->ranges->count; i++) {
        if (!add_values(cx, store, space, filter->conditions->name, &filter->ranges->list[i],
                        values, ret))
            return false;
    }
    *ret = *ret && values->count > 0;
    if (*ret)
        filter->ranges = values;
    return !ix_failed(cx);
}

scan_set_order scan_order(const scan_set *set)
{
    const scan_filter *filter = set->filter;
    size_t part;
    int letters;
    switch (filter->kind) {
    case SCAN_HAS_TITLE:
    case SCAN_HAS_TYPE:
    case SCAN_KEY_IS:
        return SCAN_SORTED;
    case SCAN_HAS_CATEGORY:
        return filter->text_count == 1 ? SCAN_SORTED : SCAN_REPEATING;
    case SCAN_HAS_MODEL:
        return filter->number > 0 ? SCAN_SORTED : SCAN_UNIQUE;
    case SCAN_SEARCH:
        gram_at(filter->text, GRAM_LETTERS, &letters);
        return letters < GRAM_LETTERS ? SCAN_REPEATING : SCAN_UNIQUE;
    case SCAN_CONDITION:
        if (!are_points(set))
            return SCAN_UNIQUE;
        return is_one(set->parts, &part) ? SCAN_SORTED : SCAN_MERGED;
    default:
        return SCAN_REPEATING;
    }
}

bool scan_is_hint(const scan_set *set)
{
    return set->filter->kind == SCAN_SEARCH;
}

/* A query of the Things of a part, as `thing`. */
static void put_part(sql_query *query, const scan_filter *filter, size_t part)
{
    ix_ctx *cx = query->cx;
    ix_buf *sql = &query->sql;
    switch (filter->kind) {
    case SCAN_HAS_ID:
        ix_buf_text(sql, "SELECT item AS thing FROM (");
        query_items(query, filter->texts, filter->text_count);
        ix_buf_text(sql, ") ids");
        break;
    case SCAN_HAS_CATEGORY:
        ix_buf_text(sql, "SELECT thing FROM members WHERE space = $1 AND ");
        put_categories(query, filter);
        break;
    case SCAN_HAS_TITLE:
        ix_buf_format(sql, "SELECT uid AS thing FROM things WHERE space = $1 AND title = $%d",
                      query_arg(query, key_arg(cx, filter->text)));
        break;
    case SCAN_HAS_TYPE:
        ix_buf_format(sql, "SELECT thing FROM types WHERE space = $1 AND type = $%d",
                      query_arg(query, key_arg(cx, filter->text)));
        break;
    case SCAN_HAS_MODEL:
        ix_buf_text(sql, "SELECT uid AS thing FROM things WHERE space = $1 AND ");
        put_model(query, filter);
        break;
    case SCAN_HAS_LINK:
        ix_buf_text(sql, "SELECT thing FROM links WHERE space = $1");
        put_links(query, filter);
        break;
    case SCAN_SEARCH:
        grams_of(query->store->db)->put(query, filter->text, part);
        break;
    case SCAN_CONDITION:
        put_condition_part(query, filter->conditions, filter->ranges, part);
        break;
    case SCAN_ANY_OF:
        put_any_part(query, filter);
        break;
    case SCAN_KEY_IS:
        put_key_set(query, filter);
        break;
    case SCAN_IN_CATEGORY:
    case SCAN_LACKS:
        break; /* no index finds them */
    }
}

/* A query of the Things of a set, as `thing`. */
static void put_set(sql_query *query, const scan_set *set)
{
    bool is_first = true;
    for (size_t i = 0; i < SCAN_PARTS_MAX; i++) {
        if (!(set->parts & 1u << i))
            continue;
        ix_buf_text(&query->sql, is_first ? "" : " UNION ALL ");
        put_part(query, set->filter, i);
        is_first = false;
    }
}

/* One that has as many rows as that of a search. */
static void put_search_count(sql_query *query, const scan_set *set)
{
    size_t part;
    is_one(set->parts, &part);
    grams_of(query->store->db)->put_ids(query, set->filter->text, part);
}

bool scan_estimate(ix_ctx *cx, store_handle *store, const char *space, const scan_set *set,
                   int64_t most, int64_t *ret)
{
    sql_query query;
    query_init(&query, cx, store, space);
    ix_buf_text(&query.sql, "SELECT count(*) FROM (");
    if (set->filter->kind == SCAN_SEARCH)
        put_search_count(&query, set);
    else
        put_set(&query, set);
    ix_buf_format(&query.sql, " LIMIT %lld) few", (long long)most);
    return query_count(&query, ret);
}

/* ---- a statement ---- */

/* What a scan starts from, and whether the rows of Things are read. */
typedef struct shape {
    const scan_spec *spec;
    const char *uid;  /* its column */
    bool is_by_value; /* from the index of a property */
    bool is_covering; /* without the rows of Things */
} shape;

static bool is_key(const scan_key *a, const scan_key *b)
{
    return a->member == b->member &&
           (!is_of_values(a->member) || strcmp(a->property, b->property) == 0);
}

/* Are uids and values all that is asked for? */
static bool needs_no_rows(const scan_spec *spec)
{
    bool needs = spec->with_views || spec->filter_count > 0;
    for (size_t i = 0; i < spec->key_count; i++)
        needs |= spec->keys[i].member != SCAN_UID && !is_of_values(spec->keys[i].member);
    return !needs;
}

static shape shape_of(const scan_spec *spec)
{
    shape shape = {.spec = spec, .uid = "t.uid"};
    shape.is_by_value = spec->is_ordered && spec->order.member == SCAN_VALUE;
    if (spec->driving) {
        shape.uid = "d.thing";
        /* An ID that somebody names need not be one of a Thing. */
        shape.is_covering = needs_no_rows(spec) && scan_order(spec->driving) != SCAN_REPEATING;
    } else if (shape.is_by_value) {
        shape.uid = "s.thing";
        shape.is_covering = needs_no_rows(spec);
    }
    return shape;
}

/* A set of which each part comes in the order of uids: as many of each as are wanted of all. */
static void put_merged(sql_query *query, const scan_spec *spec)
{
    const char *direction = spec->is_descending ? " DESC" : "";
    const int most = query_arg(query, db_int(spec->most));
    const int beyond = spec->beyond_uid.at ? query_arg(query, db_str(spec->beyond_uid)) : 0;
    const char *next = "";
    ix_buf_text(&query->sql, "(SELECT thing FROM (");
    for (size_t i = 0; i < SCAN_PARTS_MAX; i++) {
        if (!(spec->driving->parts & 1u << i))
            continue;
        ix_buf_format(&query->sql, "%sSELECT thing FROM (", next);
        put_part(query, spec->driving->filter, i);
        if (beyond > 0)
            ix_buf_format(&query->sql, " AND thing %s $%d", spec->is_descending ? "<" : ">",
                          beyond);
        ix_buf_format(&query->sql, " ORDER BY thing%s LIMIT $%d) p", direction, most);
        next = " UNION ALL ";
    }
    ix_buf_format(&query->sql, ") parts ORDER BY thing%s LIMIT $%d) d", direction, most);
}

/* The set, once each. One that does not come in order is of few Things, and the limit, which is never
 * reached, keeps the database from putting it in order by asking about every Thing there is. */
static void put_driving(sql_query *query, const scan_spec *spec)
{
    const scan_set *set = spec->driving;
    const scan_set_order order = scan_order(set);
    if (order == SCAN_MERGED && spec->is_ordered && spec->most > 0 && spec->filter_count == 0) {
        put_merged(query, spec);
        return;
    }
    ix_buf_text(&query->sql, order == SCAN_REPEATING ? "(SELECT DISTINCT thing FROM (" : "(");
    put_set(query, set);
    ix_buf_text(&query->sql, order == SCAN_REPEATING ? ") few" : "");
    if (order != SCAN_SORTED && set->most > 0)
        ix_buf_format(&query->sql, " LIMIT %lld", (long long)set->most);
    ix_buf_text(&query->sql, ") d");
}

static const char *order_column(const shape *shape)
{
    const scan_member member = shape->spec->order.member;
    if (member == SCAN_UID)
        return shape->uid;
    return member == SCAN_VALUE ? "s.key" : columns[member];
}

static void put_column(sql_query *query, const shape *shape, const scan_key *key)
{
    if (shape->spec->is_ordered && is_key(key, &shape->spec->order))
        ix_buf_text(&query->sql, order_column(shape));
    else if (key->member == SCAN_UID)
        ix_buf_text(&query->sql, shape->uid);
    else if (!is_of_values(key->member))
        ix_buf_text(&query->sql, columns[key->member]);
    else
        ix_buf_format(&query->sql,
                      "(SELECT v.%s FROM properties v"
                      " WHERE v.space = $1 AND v.thing = %s AND v.name = $%d)",
                      key->member == SCAN_VALUE ? "key" : "at", shape->uid,
                      query_arg(query, db_text(key->property)));
}

/* Beyond what does something begin? */
static void put_from(sql_query *query, const shape *shape)
{
    const scan_spec *spec = shape->spec;
    if (spec->driving) {
        put_driving(query, spec);
        ix_buf_text(&query->sql, shape->is_covering ? " WHERE 1 = 1"
                                                    : " CROSS JOIN things t"
                                                      " WHERE t.uid = d.thing AND t.space = $1");
    } else if (shape->is_by_value) {
        ix_buf_format(&query->sql, "properties s%s WHERE s.space = $1 AND s.name = $%d",
                      shape->is_covering ? "" : " CROSS JOIN things t",
                      query_arg(query, db_text(spec->order.property)));
        if (!shape->is_covering)
            ix_buf_text(&query->sql, " AND t.uid = s.thing AND t.space = $1");
    } else {
        ix_buf_text(&query->sql, "things t WHERE t.space = $1");
    }
}

static bool is_same(scan_member member, const scan_value *a, const scan_value *b)
{
    return member == SCAN_CREATED || member == SCAN_MODIFIED ? a->number == b->number
                                                             : ix_str_equal(a->bytes, b->bytes);
}

/* Does it hold one value alone? */
static bool is_point(const scan_spec *spec)
{
    const scan_range *range = &spec->range;
    return range->from.is_set && range->to.is_set && range->is_to_in && !range->is_after_from &&
           is_same(spec->order.member, &range->from, &range->to);
}

static void put_bounds(sql_query *query, const shape *shape)
{
    const scan_spec *spec = shape->spec;
    const scan_range *range = &spec->range;
    const scan_member member = spec->order.member;
    const char *column = order_column(shape);
    if (is_point(spec)) {
        ix_buf_format(&query->sql, " AND %s = $%d", column,
                      query_arg(query, value_arg(member, &range->from)));
    } else {
        if (range->from.is_set)
            ix_buf_format(&query->sql, " AND %s %s $%d", column, range->is_after_from ? ">" : ">=",
                          query_arg(query, value_arg(member, &range->from)));
        if (range->to.is_set)
            ix_buf_format(&query->sql, " AND %s %s $%d", column, range->is_to_in ? "<=" : "<",
                          query_arg(query, value_arg(member, &range->to)));
    }
    if (spec->beyond_uid.at)
        ix_buf_format(&query->sql, " AND %s %s $%d", shape->uid, spec->is_descending ? "<" : ">",
                      query_arg(query, db_str(spec->beyond_uid)));
}

static void put_order(sql_query *query, const shape *shape)
{
    const scan_spec *spec = shape->spec;
    const char *direction = spec->is_descending ? " DESC" : "";
    const char *column = order_column(shape);
    ix_buf_text(&query->sql, " ORDER BY ");
    if (spec->order.member != SCAN_UID && !is_point(spec))
        ix_buf_format(&query->sql, "%s%s, ", column, direction);
    ix_buf_format(&query->sql, "%s%s", shape->uid, direction);
}

static void put_filters(sql_query *query, const scan_spec *spec)
{
    for (size_t i = 0; i < spec->filter_count; i++) {
        ix_buf_text(&query->sql, " AND ");
        put_probe(query, &spec->filters[i]);
    }
}

static void put_scan(sql_query *query, const scan_spec *spec)
{
    const shape shape = shape_of(spec);
    ix_buf_format(&query->sql, "SELECT %s", spec->with_views ? THING_COLUMNS : shape.uid);
    for (size_t i = 0; i < spec->key_count; i++) {
        ix_buf_text(&query->sql, ", ");
        put_column(query, &shape, &spec->keys[i]);
    }
    ix_buf_text(&query->sql, " FROM ");
    put_from(query, &shape);
    put_filters(query, spec);
    if (spec->is_ordered) {
        put_bounds(query, &shape);
        put_order(query, &shape);
    }
    if (spec->most > 0)
        ix_buf_format(&query->sql, " LIMIT $%d", query_arg(query, db_int(spec->most)));
}

/* ---- scans ---- */

struct scan {
    store_handle *store;
    const scan_spec *spec;
    db_rows *rows;
};

bool scan_open(ix_ctx *cx, store_handle *store, const scan_spec *spec, scan **ret)
{
    sql_query query;
    scan *made = ix_new(cx, scan, 1);
    if (!made)
        return false;
    *made = (scan){.store = store, .spec = spec};
    query_init(&query, cx, store, spec->space);
    put_scan(&query, spec);
    if (!(spec->with_views ? query_stream : query_run)(&query, &made->rows))
        return false;
    *ret = made;
    return true;
}

static scan_value column_value(const scan *scan, int column, scan_member member)
{
    if (sql_is_null(scan->store, scan->rows, column))
        return (scan_value){0};
    if (member == SCAN_CREATED || member == SCAN_MODIFIED || member == SCAN_VALUE_TIME)
        return (scan_value){.is_set = true, .number = sql_int(scan->store, scan->rows, column)};
    const ix_str bytes = sql_str(scan->store, scan->rows, column);
    /* A value that is null is none. */
    const bool is_none = member == SCAN_VALUE && (bytes.len == 0 || bytes.at[0] <= IX_NULL);
    return (scan_value){.is_set = !is_none, .bytes = bytes};
}

bool scan_next(ix_ctx *cx, scan *scan, scan_row *ret)
{
    const scan_spec *spec = scan->spec;
    if (!sql_next(cx, scan->store, scan->rows))
        return false;
    if (spec->with_views)
        ret->view = thing_view_of(scan->store, scan->rows);
    else
        ret->view = (thing_view){.uid = sql_str(scan->store, scan->rows, 0)};
    for (size_t i = 0; i < spec->key_count; i++) {
        const int column = (int)i + (spec->with_views ? THING_COLUMN_COUNT : 1);
        ret->keys[i] = column_value(scan, column, spec->keys[i].member);
    }
    return true;
}

void scan_close(scan *scan)
{
    if (!scan)
        return;
    sql_done(scan->store, scan->rows);
    scan->rows = NULL;
}

/* The next Things in the order of a scan, as `t`. */
static void put_next(sql_query *query, const scan_spec *spec, int window)
{
    const shape shape = shape_of(spec);
    bool reads = false; /* else an index is enough */
    for (size_t i = 0; i < spec->filter_count; i++)
        reads |= reads_row(&spec->filters[i]);
    if (shape.is_by_value)
        ix_buf_format(&query->sql,
                      "(SELECT s.space, s.thing AS uid FROM properties s"
                      " WHERE s.space = $1 AND s.name = $%d",
                      query_arg(query, db_text(spec->order.property)));
    else
        ix_buf_format(&query->sql, "(SELECT space, uid%s FROM things t WHERE space = $1",
                      reads ? ", title, categories, model, version, created, modified" : "");
    put_bounds(query, &shape);
    put_order(query, &shape);
    ix_buf_format(&query->sql, " LIMIT %d) %s WHERE t.space = $1%s", window,
                  reads && shape.is_by_value ? "d CROSS JOIN things t" : "t",
                  reads && shape.is_by_value ? " AND t.uid = d.uid" : "");
}

bool scan_look_ahead(ix_ctx *cx, store_handle *store, const scan_spec *spec, int window,
                     int64_t most, int64_t *ret)
{
    sql_query query;
    query_init(&query, cx, store, spec->space);
    ix_buf_text(&query.sql, "SELECT count(*) FROM (SELECT 1 FROM ");
    put_next(&query, spec, window);
    put_filters(&query, spec);
    ix_buf_format(&query.sql, " LIMIT %lld) few", (long long)most);
    return query_count(&query, ret);
}

bool scan_has_status_members(ix_ctx *cx, store_handle *store, const char *space, bool *ret)
{
    static const char sql[] = "SELECT 1 FROM things WHERE space = $1"
                              " AND replace(doc, '\"status.', '') <> doc LIMIT 1";
    return sql_any(cx, store, sql, ARGS(db_text(space)), ret);
}
