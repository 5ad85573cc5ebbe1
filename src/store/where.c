/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter as SQL.
 *
 * Everything a filter asks for becomes a criterion, which can be put in two ways. A *probe* holds or
 * does not hold for a thing at hand. A *set* is a query of all things that meet it, answered by an
 * index. One criterion may lead: its set is what is gone through, in place of all things, and the
 * others are probed. A set may lead if it is of few things, or if it comes in the order of uids, so
 * that no more of it is read than a page needs. The smallest leads; so that this is known without
 * statistics, sets are counted, up to FEW.
 *
 * What the SQL says about conditions inside arrays and objects is only "perhaps"; see properties.c.
 */
#include "store/where.h"

#include "store/key.h"
#include "store/properties.h"

enum {
    FEW = 2000,
    FIELDS_MAX = 8,
    CRITERIA_MAX = FIELDS_MAX + FILTER_CONDITIONS_MAX,
};

typedef struct criterion {
    const char *probe;
    const char *set; /* NULL: no index answers it */
    bool is_sorted;  /* the set comes in the order of uids, each once */
    int64_t count;   /* of the set, FEW + 1 standing for more */
} criterion;

typedef struct criteria {
    query *query;
    size_t count;
    criterion list[CRITERIA_MAX];
} criteria;

/* Adds a criterion. Texts that could not be made leave their failure in cx. */
static void add(criteria *criteria, const char *probe, const char *set, bool is_sorted)
{
    criteria->list[criteria->count++] = (criterion){probe, set, is_sorted, 0};
}

/* ---- the fields of a filter ---- */

static void add_title(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    if (!filter->title)
        return;
    const int n = query_arg(criteria->query, key_arg(cx, filter->title));
    add(criteria, ix_format(cx, "t.title = $%d", n),
        ix_format(cx, "SELECT uid AS thing FROM things WHERE space = $1 AND title = $%d", n), true);
}

static void add_type(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    if (!filter->type)
        return;
    const int n = query_arg(criteria->query, key_arg(cx, filter->type));
    add(criteria,
        ix_format(cx,
                  "EXISTS (SELECT 1 FROM types y"
                  " WHERE y.space = $1 AND y.type = $%d AND y.thing = t.uid)",
                  n),
        ix_format(cx, "SELECT thing FROM types WHERE space = $1 AND type = $%d", n), true);
}

static void add_model(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    if (!filter->model)
        return;
    const int n = query_arg(criteria->query, db_text(filter->model));
    if (filter->version == 0) {
        add(criteria, ix_format(cx, "t.model = $%d", n),
            ix_format(cx, "SELECT uid AS thing FROM things WHERE space = $1 AND model = $%d", n),
            false);
        return;
    }
    const int v = query_arg(criteria->query, db_int(filter->version));
    add(criteria, ix_format(cx, "t.model = $%d AND t.version = $%d", n, v),
        ix_format(cx,
                  "SELECT uid AS thing FROM things"
                  " WHERE space = $1 AND model = $%d AND version = $%d",
                  n, v),
        true);
}

static void add_ids(criteria *criteria, const thing_filter *filter)
{
    if (!filter->ids)
        return;
    const char *items = query_items(criteria->query, filter->ids, filter->id_count);
    const char *in = items ? items : "";
    add(criteria, ix_format(criteria->query->cx, "t.uid IN (%s)", in),
        ix_format(criteria->query->cx, "SELECT item AS thing FROM (%s) ids", in), false);
}

static void add_category(criteria *criteria, const char *category)
{
    ix_ctx *cx = criteria->query->cx;
    const int n = query_arg(criteria->query, db_text(category));
    add(criteria,
        ix_format(cx,
                  "EXISTS (SELECT 1 FROM members m"
                  " WHERE m.space = $1 AND m.category = $%d AND m.thing = t.uid)",
                  n),
        ix_format(cx, "SELECT thing FROM members WHERE space = $1 AND category = $%d", n), true);
}

static void add_categories(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    if (filter->route_category)
        add_category(criteria, filter->route_category);
    if (filter->category_count == 1)
        add_category(criteria, filter->categories[0]);
    if (filter->category_count > 1) {
        const char *items =
            query_items(criteria->query, filter->categories, filter->category_count);
        const char *in = items ? items : "";
        add(criteria,
            ix_format(cx,
                      "EXISTS (SELECT 1 FROM members m"
                      " WHERE m.space = $1 AND m.category IN (%s) AND m.thing = t.uid)",
                      in),
            ix_format(cx, "SELECT thing FROM members WHERE space = $1 AND category IN (%s)", in),
            false);
    }
    if (filter->in_category)
        add(criteria, *filter->in_category ? "t.categories <> '[]'" : "t.categories = '[]'", NULL,
            false);
}

static void add_links(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    const char *text = NULL;
    if (filter->links_href)
        text = ix_format(cx, "href = $%d",
                         query_arg(criteria->query, key_arg(cx, filter->links_href)));
    if (filter->links_rel)
        text = ix_format(cx, "%s%srel = $%d", text ? text : "", text ? " AND " : "",
                         query_arg(criteria->query, key_arg(cx, filter->links_rel)));
    if (text)
        add(criteria,
            ix_format(cx,
                      "EXISTS (SELECT 1 FROM links l"
                      " WHERE l.space = $1 AND l.thing = t.uid AND %s)",
                      text),
            ix_format(cx, "SELECT thing FROM links WHERE space = $1 AND %s", text), false);
}

static bool add_conditions(criteria *criteria, const thing_filter *filter, bool *is_vague)
{
    for (const condition *c = filter->conditions; c; c = c->next) {
        const char *set = NULL;
        bool is_sorted = false;
        const char *probe = condition_probe(criteria->query, c);
        if (!probe || !condition_set(criteria->query, c, &set, &is_sorted))
            return false;
        add(criteria, probe, set, is_sorted);
        *is_vague |= condition_is_vague(c);
    }
    return true;
}

/* ---- who leads ---- */

/* Counts a set up to `most`. */
static bool count_set(query *query, const char *set, int64_t most, int64_t *ret)
{
    const char *sql =
        ix_format(query->cx, "SELECT count(*) FROM (%s LIMIT %lld) few", set, (long long)most);
    db_rows *rows;
    if (!sql || !query_run(query, sql, &rows))
        return false;
    if (sql_next(query->cx, query->store, rows))
        *ret = sql_int(query->store, rows, 0);
    sql_done(query->store, rows);
    return !ix_failed(query->cx);
}

/* The criterion that leads, or NULL: all things are gone through. */
static bool choose(criteria *criteria, bool by_uid, criterion **ret)
{
    criterion *best = NULL;
    size_t sets = 0;
    for (size_t i = 0; i < criteria->count; i++)
        sets += criteria->list[i].set != NULL;

    for (size_t i = 0; i < criteria->count; i++) {
        criterion *c = &criteria->list[i];
        if (!c->set)
            continue;
        /* The only set there is, in the order that is wanted, needs no counting. */
        if (sets == 1 && c->is_sorted && by_uid) {
            c->count = FEW + 1;
            best = c;
            break;
        }
        const int64_t most = best ? best->count : FEW + 1;
        if (!count_set(criteria->query, c->set, most, &c->count))
            return false;
        if (c->count < most || (!best && c->is_sorted))
            best = c;
    }
    *ret = best;
    return true;
}

bool where_make(query *query, const thing_filter *filter, bool by_uid, where *ret)
{
    ix_ctx *cx = query->cx;
    criteria criteria = {.query = query};
    *ret = (where){.from = "things t", .holds = "t.space = $1", .uid = "t.uid"};

    add_ids(&criteria, filter);
    add_categories(&criteria, filter);
    add_title(&criteria, filter);
    add_type(&criteria, filter);
    add_model(&criteria, filter);
    add_links(&criteria, filter);
    criterion *leader = NULL;
    if (ix_failed(cx) || !add_conditions(&criteria, filter, &ret->is_vague) ||
        !choose(&criteria, by_uid, &leader))
        return false;

    for (size_t i = 0; i < criteria.count && ret->holds; i++) {
        const criterion *c = &criteria.list[i];
        if (c != leader)
            ret->holds = ix_format(cx, "%s AND %s", ret->holds, c->probe);
    }
    if (leader && ret->holds) {
        const char *set = leader->is_sorted
                              ? leader->set
                              : ix_format(cx, "SELECT DISTINCT thing FROM (%s) few", leader->set);
        ret->from = set ? ix_format(cx, "(%s) d CROSS JOIN things t", set) : NULL;
        ret->holds = ix_format(cx, "t.uid = d.thing AND %s", ret->holds);
        ret->uid = "d.thing";
    }
    return ret->from && ret->holds;
}
