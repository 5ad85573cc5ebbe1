/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter as SQL.
 *
 * Everything a filter asks for becomes a criterion, which can be put in two ways. A *probe* holds or
 * does not hold for a thing at hand. A *set* is a query of all things that meet it, answered by an
 * index. One criterion may lead: its set is what is gone through, in place of all things, and the
 * others are probed. A set may lead if it is of few things, or if it comes in the order of uids and
 * that is the order that is wanted, so that no more of it is read than a page needs. The smallest
 * leads; so that this is known without statistics, sets are counted, up to FEW. Where none leads, what
 * is asked for is common, or no index knows it, and things are probed in the order that is wanted. For
 * a page by uid a look at the things that come next may show that it is filled soon: then nothing is
 * counted. The look finds what fills the page, so it promises no more than it has seen.
 *
 * What the SQL says about conditions inside arrays and objects is only "perhaps"; see properties.c.
 */
#include "store/where.h"

#include <string.h>

#include "store/grams.h"
#include "store/key.h"
#include "store/properties.h"

enum {
    /* More would cost each page with a common filter the time to count so far, 0.1 ms per 1,000. Less
     * would cost those with a rarer one their probes: of a million things a page of 50 needs up to
     * 50,000,000 / FEW, which takes 10 ms; with 2,000 it would be 30. */
    FEW = 5000,
    NEARBY = 5, /* times the things of a page are looked at, whether they fill it */
    UNCOUNTED = -1,
    FIELDS_MAX = 9,
    CRITERIA_MAX = FIELDS_MAX + FILTER_CONDITIONS_MAX,
};

typedef enum set_order { REPEATING, UNIQUE, SORTED } set_order; /* SORTED: by uid, each once */

typedef struct criterion {
    const char *probe;
    bool reads_row;    /* the probe reads columns of `t` beyond its uid */
    const char *set;   /* NULL: no index answers it */
    bool is_hint;      /* the set may have more things: the probe is asked also if it leads */
    set_order order;   /* of the set */
    int64_t count;     /* of the set, FEW + 1 standing for more */
    condition_sql sql; /* of a condition: sets that are still to become one */
} criterion;

typedef struct criteria {
    query *query;
    size_t count;
    criterion list[CRITERIA_MAX];
} criteria;

/* Adds a criterion whose probe asks other tables. Texts that could not be made leave their failure in
 * cx. */
static criterion *add(criteria *criteria, const char *probe, const char *set, set_order order)
{
    criterion *made = &criteria->list[criteria->count++];
    *made = (criterion){.probe = probe, .set = set, .order = order, .count = UNCOUNTED};
    return made;
}

/* Adds one whose probe reads the thing's own row. */
static void add_of_row(criteria *criteria, const char *probe, const char *set, set_order order)
{
    add(criteria, probe, set, order)->reads_row = true;
}

/* ---- the fields of a filter ---- */

static void add_title(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    if (!filter->title)
        return;
    const int n = query_arg(criteria->query, key_arg(cx, filter->title));
    add_of_row(criteria, ix_format(cx, "t.title = $%d", n),
               ix_format(cx, "SELECT uid AS thing FROM things WHERE space = $1 AND title = $%d", n),
               SORTED);
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
        ix_format(cx, "SELECT thing FROM types WHERE space = $1 AND type = $%d", n), SORTED);
}

static void add_model(criteria *criteria, const thing_filter *filter)
{
    ix_ctx *cx = criteria->query->cx;
    if (!filter->model)
        return;
    const int n = query_arg(criteria->query, db_text(filter->model));
    if (filter->version == 0) {
        add_of_row(criteria, ix_format(cx, "t.model = $%d", n),
                   ix_format(cx, "SELECT uid AS thing FROM things WHERE space = $1 AND model = $%d",
                             n),
                   UNIQUE);
        return;
    }
    const int v = query_arg(criteria->query, db_int(filter->version));
    add_of_row(criteria, ix_format(cx, "t.model = $%d AND t.version = $%d", n, v),
               ix_format(cx,
                         "SELECT uid AS thing FROM things"
                         " WHERE space = $1 AND model = $%d AND version = $%d",
                         n, v),
               SORTED);
}

static void add_ids(criteria *criteria, const thing_filter *filter)
{
    if (!filter->ids)
        return;
    const char *items = query_items(criteria->query, filter->ids, filter->id_count);
    const char *in = items ? items : "";
    add(criteria, ix_format(criteria->query->cx, "t.uid IN (%s)", in),
        ix_format(criteria->query->cx, "SELECT item AS thing FROM (%s) ids", in), REPEATING);
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
        ix_format(cx, "SELECT thing FROM members WHERE space = $1 AND category = $%d", n), SORTED);
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
            REPEATING);
    }
    if (filter->in_category)
        add_of_row(criteria, *filter->in_category ? "t.categories <> '[]'" : "t.categories = '[]'",
                   NULL, REPEATING);
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
            ix_format(cx, "SELECT thing FROM links WHERE space = $1 AND %s", text), REPEATING);
}

static bool add_search(criteria *criteria, const thing_filter *filter)
{
    query *query = criteria->query;
    gram_set set;
    if (!filter->search)
        return true;
    const char *probe =
        ix_format(query->cx,
                  "EXISTS (SELECT 1 FROM search_texts x WHERE x.space = $1 AND x.thing = t.uid"
                  " AND replace(x.text, $%d, '') <> x.text)",
                  query_arg(query, db_text(filter->search)));
    if (!probe || !grams_of(query->store->db)->find(query, filter->search, FEW + 1, &set))
        return false;
    criterion *made = add(criteria, probe, set.sql, set.repeats ? REPEATING : UNIQUE);
    made->count = set.count;
    made->is_hint = true;
    return true;
}

static bool add_condition(criteria *criteria, const condition *condition)
{
    criterion made = {.order = SORTED};
    if (!condition_write(criteria->query, condition, &made.sql))
        return false;
    made.probe = made.sql.probe;
    criteria->list[criteria->count++] = made;
    return true;
}

/* Conditions of which one is enough, as one criterion. */
static bool add_any_of(criteria *criteria, const thing_filter *filter, bool *is_vague)
{
    ix_ctx *cx = criteria->query->cx;
    const char *probe = "", *set = "";
    bool has_set = true;
    for (const condition *c = filter->conditions; c; c = c->next) {
        condition_sql sql;
        if (!condition_write(criteria->query, c, &sql))
            return false;
        *is_vague |= condition_is_vague(cx, c);
        has_set &= sql.count > 0;
        probe = ix_format(cx, "%s%s%s", probe, *probe ? " OR " : "", sql.probe);
        for (size_t i = 0; i < sql.count && set; i++)
            set = ix_format(cx, "%s%s%s", set, *set ? " UNION ALL " : "", sql.sets[i]);
        if (!probe || !set)
            return false;
    }
    add(criteria, ix_format(cx, "(%s)", probe), has_set ? set : NULL, REPEATING);
    return !ix_failed(cx);
}

static bool add_conditions(criteria *criteria, const thing_filter *filter, bool *is_vague)
{
    if (filter->any_of && filter->conditions)
        return add_any_of(criteria, filter, is_vague);
    for (const condition *c = filter->conditions; c; c = c->next) {
        if (!add_condition(criteria, c))
            return false;
        *is_vague |= condition_is_vague(criteria->query->cx, c);
    }
    return true;
}

/* ---- who leads ---- */

/* Does a look at what comes next pay? Not where a set comes in the order of uids by itself, or may be
 * small: then that is found out sooner. */
static bool is_worth_a_look(const criteria *criteria)
{
    size_t sets = 0;
    for (size_t i = 0; i < criteria->count; i++) {
        const criterion *c = &criteria->list[i];
        size_t sorted = 0;
        for (size_t j = 0; j < c->sql.count; j++)
            sorted += c->sql.is_sorted[j];
        if (c->set || (c->sql.count > 0 && sorted == c->sql.count))
            return false;
        sets += c->sql.count;
    }
    return sets > 0;
}

/* Do enough of the things that come next meet all criteria to fill the page? */
static bool look_nearby(criteria *criteria, const nearby *nearby, bool *ret)
{
    ix_ctx *cx = criteria->query->cx;
    bool reads_row = false; /* else the index of uids is enough */
    for (size_t i = 0; i < criteria->count; i++)
        reads_row |= criteria->list[i].reads_row;
    const char *next =
        ix_format(cx,
                  "SELECT 1 FROM (SELECT space, uid%s FROM things WHERE space = $1%s"
                  " ORDER BY uid%s LIMIT %d) t WHERE t.space = $1",
                  reads_row ? ", title, categories, model, version" : "", nearby->beyond,
                  nearby->is_descending ? " DESC" : "", NEARBY * nearby->limit);
    for (size_t i = 0; i < criteria->count && next; i++)
        next = ix_format(cx, "%s AND %s", next, criteria->list[i].probe);
    int64_t count = 0;
    if (!next || !query_count(criteria->query, next, nearby->limit + 1, &count))
        return false;
    *ret = count > nearby->limit;
    return true;
}

/* The sets of a condition as one, without those that turn out to be empty: a text may be read as a
 * number and as a string, but few properties have both. */
static bool join_sets(query *query, criterion *made)
{
    const condition_sql *sql = &made->sql;
    for (size_t i = 0; i < sql->count; i++) {
        const int64_t most = made->count <= FEW ? FEW + 1 - made->count : 1;
        int64_t count = 0;
        if (!query_count(query, sql->sets[i], most, &count))
            return false;
        if (count == 0 && (made->set || i + 1 < sql->count))
            continue;
        made->order = made->set || !sql->is_sorted[i] ? UNIQUE : SORTED;
        made->set = made->set ? ix_format(query->cx, "%s UNION ALL %s", made->set, sql->sets[i])
                              : sql->sets[i];
        made->count += count;
        if (!made->set)
            return false;
    }
    return true;
}

/* The criterion that leads, or NULL: all things are gone through. */
static bool choose(criteria *criteria, bool in_order, criterion **ret)
{
    criterion *best = NULL;
    size_t sets = 0;
    for (size_t i = 0; i < criteria->count; i++) {
        if (!join_sets(criteria->query, &criteria->list[i]))
            return false;
        sets += criteria->list[i].set != NULL;
    }

    for (size_t i = 0; i < criteria->count; i++) {
        criterion *c = &criteria->list[i];
        if (!c->set)
            continue;
        const int64_t most = best ? best->count : FEW + 1;
        const bool may_be_many = c->order == SORTED && !in_order;
        /* The only set there is, in the order that is wanted, needs no counting. */
        if (c->count == UNCOUNTED && sets == 1 && may_be_many)
            c->count = FEW + 1;
        else if (c->count == UNCOUNTED && !query_count(criteria->query, c->set, most, &c->count))
            return false;
        if (c->count < most || (!best && may_be_many))
            best = c;
    }
    *ret = best;
    return true;
}

/* The set of the leader. If it does not come in order it is of few things; the limit, which is never
 * reached, keeps the database from putting it in order by asking about every thing there is. */
static const char *leading_set(ix_ctx *cx, const criterion *leader)
{
    switch (leader->order) {
    case REPEATING:
        return ix_format(cx, "SELECT DISTINCT thing FROM (%s) few LIMIT %d", leader->set, FEW);
    case UNIQUE:
        return ix_format(cx, "%s LIMIT %d", leader->set, FEW);
    case SORTED:
        break;
    }
    return leader->set;
}

bool where_make(query *query, const thing_filter *filter, bool in_order, const nearby *nearby,
                where *ret)
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
    bool is_common = false;
    if (ix_failed(cx) || !add_search(&criteria, filter) ||
        !add_conditions(&criteria, filter, &ret->is_vague) ||
        (nearby && !ret->is_vague && is_worth_a_look(&criteria) &&
         !look_nearby(&criteria, nearby, &is_common)) ||
        (!is_common && !choose(&criteria, in_order, &leader)))
        return false;
    ret->is_all = criteria.count == 0;
    ret->is_few = leader && leader->count <= FEW;
    ret->is_sorted = !leader || leader->order == SORTED;

    for (size_t i = 0; i < criteria.count && ret->holds; i++) {
        const criterion *c = &criteria.list[i];
        if (c != leader || c->is_hint)
            ret->holds = ix_format(cx, "%s AND %s", ret->holds, c->probe);
    }
    if (leader && ret->holds) {
        const char *set = leading_set(cx, leader);
        ret->from = set ? ix_format(cx, "(%s) d CROSS JOIN things t", set) : NULL;
        ret->holds = ix_format(cx, "t.uid = d.thing AND %s", ret->holds);
        ret->uid = "d.thing";
        if (criteria.count == 1 && leader->order == UNIQUE && !leader->is_hint)
            ret->alone = ix_format(cx, "(%s) d", set);
    }
    return ret->from && ret->holds;
}
