/* SPDX-License-Identifier: Apache-2.0 */
#include "store/things_plan.h"

enum { UNCOUNTED = -1 };

/* A filter, and the candidate set that it may drive by. */
typedef struct candidate {
    size_t parts; /* of the filter; 0: it has no set */
    scan_set set;
    int64_t count; /* of the set, `selective` + 1 of the plan standing for more */
} candidate;

typedef struct planner {
    ix_ctx *cx;
    store_handle *store;
    const plan_query *query;
    plan *plan;
    candidate candidates[PLAN_FILTERS_MAX]; /* of the filters of `plan` */
} planner;

/* ---- filters ---- */

static void things_plan_add(plan *plan, scan_filter filter)
{
    plan->filters[plan->filter_count++] = filter;
}

static void add_fields(plan *plan, const thing_filter *asked)
{
    if (asked->ids)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_ID,
                                            .texts = asked->ids,
                                            .text_count = asked->id_count});
    if (asked->route_category)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_CATEGORY,
                                            .texts = &asked->route_category,
                                            .text_count = 1});
    if (asked->category_count > 0)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_CATEGORY,
                                            .texts = asked->categories,
                                            .text_count = asked->category_count});
    if (asked->in_category)
        things_plan_add(plan,
                        (scan_filter){.kind = SCAN_IN_CATEGORY, .is_in = *asked->in_category});
    if (asked->title)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_TITLE, .text = asked->title});
    if (asked->type)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_TYPE, .text = asked->type});
    if (asked->model)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_MODEL,
                                            .text = asked->model,
                                            .number = asked->version});
    if (asked->links_rel || asked->links_href)
        things_plan_add(plan, (scan_filter){.kind = SCAN_HAS_LINK,
                                            .text = asked->links_rel,
                                            .other = asked->links_href});
    if (asked->search)
        things_plan_add(plan, (scan_filter){.kind = SCAN_SEARCH, .text = asked->search});
}

static bool add_conditions(ix_ctx *cx, plan *plan, const thing_filter *asked)
{
    const bool any_of = asked->any_of && asked->conditions;
    scan_filter made;
    for (const filter_condition *c = asked->conditions; c; c = c->next) {
        plan->needs_recheck |= condition_needs_recheck(cx, c);
        if (any_of && c != asked->conditions)
            continue;
        if (!scan_filter_conditions(cx, any_of ? SCAN_ANY_OF : SCAN_CONDITION, c, &made))
            return false;
        things_plan_add(plan, made);
    }
    return !ix_failed(cx);
}

/* ---- a look at what comes next ---- */

/* Does it pay? Not where a set comes in the order of uids by itself, or may be small: then that is found
 * out sooner. So only where there are ranges, and nothing else that an index finds. */
static bool is_worth_a_look(const planner *planner)
{
    size_t sets = 0;
    for (size_t i = 0; i < planner->plan->filter_count; i++) {
        const scan_filter *filter = &planner->plan->filters[i];
        const size_t parts = planner->candidates[i].parts;
        if (parts == 0)
            continue;
        if (filter->kind != SCAN_CONDITION)
            return false;
        size_t sorted = 0;
        for (size_t k = 0; k < parts; k++)
            sorted += scan_order(&(scan_set){.filter = filter, .parts = 1u << k}) == SCAN_SORTED;
        if (sorted == parts)
            return false;
        sets += parts;
    }
    return sets > 0;
}

/* Is a range of one property all that is asked for, so that its index has all that must be known? */
static bool is_covered(const planner *planner)
{
    const plan_query *query = planner->query;
    const plan *plan = planner->plan;
    return query->is_by_uid && query->limit > 0 && !plan->needs_recheck &&
           plan->filter_count == 1 && plan->filters[0].kind == SCAN_CONDITION &&
           !plan->filters[0].conditions->is_time;
}

/* Do enough of the Things that come next meet all filters to fill the page? */
static bool look_ahead(const planner *planner)
{
    const plan_query *query = planner->query;
    plan *plan = planner->plan;
    const scan_spec next = {.space = query->space,
                            .is_ordered = true,
                            .is_descending = query->is_descending,
                            .beyond_uid = query->beyond_uid,
                            .filters = plan->filters,
                            .filter_count = plan->filter_count};
    int64_t count = 0;
    if (!scan_look_ahead(planner->cx, planner->store, &next, LOOKAHEAD * query->limit,
                         query->limit + 1, &count))
        return false;
    plan->is_near = count > query->limit;
    if (is_covered(planner)) {
        const int64_t limit = query->limit, wanted = limit + 1, window = LOOKAHEAD * limit;
        const int64_t worth = count > 0 ? COVERED_COST * wanted * window / count : COVERED_MAX;
        plan->selective = worth < COVERED_LEAST ? COVERED_LEAST
                          : worth > COVERED_MAX ? COVERED_MAX
                                                : worth;
    }
    return true;
}

/* Where a property has few values, those that a condition asks for have an order by uid each. If they are
 * very few a page costs no more than one of a single value; else that is better than to look up more Things
 * than a look ahead has shown to be enough. */
static bool look_and_split(planner *planner)
{
    plan *plan = planner->plan;
    const plan_query *query = planner->query;
    scan_filter values = {0};
    bool are_few = false;
    if (is_covered(planner)) {
        values = plan->filters[0];
        if (!scan_split(planner->cx, planner->store, query->space, &values, &are_few))
            return false;
    }
    const bool are_very_few = are_few && values.ranges->count <= VALUES_FEW;
    const bool may_look = query->is_by_uid && query->limit > 0 && !plan->needs_recheck;
    if (may_look && !are_very_few && is_worth_a_look(planner) && !look_ahead(planner))
        return false;
    plan->is_merged = are_few && !plan->is_near;
    if (plan->is_merged) {
        plan->filters[0] = values;
        planner->candidates[0].parts = scan_parts(planner->store, &values);
    }
    return true;
}

/* ---- the driving set ---- */

static bool estimate(const planner *planner, const scan_set *set, int64_t most, int64_t *ret)
{
    return scan_estimate(planner->cx, planner->store, planner->query->space, set, most, ret);
}

/* Of the parts of a search the smallest, or one that is small. */
static bool choose_part(planner *planner, const scan_filter *filter, candidate *made)
{
    made->count = planner->plan->selective + 1;
    for (size_t i = 0; i < made->parts && made->count > 0; i++) {
        const scan_set set = {.filter = filter, .parts = 1u << i};
        int64_t count;
        if (!estimate(planner, &set, made->count, &count))
            return false;
        if (count < made->count || !made->set.parts) {
            made->set = set;
            made->count = count;
        }
    }
    return true;
}

/* All parts of a condition, but those that turn out to be empty: a text may be read as a number and as a
 * string, but few properties have both. */
static bool join_parts(planner *planner, const scan_filter *filter, candidate *made)
{
    made->set = (scan_set){.filter = filter};
    made->count = 0;
    for (size_t i = 0; i < made->parts; i++) {
        const scan_set set = {.filter = filter, .parts = 1u << i};
        const int64_t selective = planner->plan->selective;
        const int64_t most = made->count <= selective ? selective + 1 - made->count : 1;
        int64_t count;
        if (!estimate(planner, &set, most, &count))
            return false;
        if (count == 0 && (made->set.parts || i + 1 < made->parts))
            continue;
        made->set.parts |= set.parts;
        made->count += count;
    }
    return true;
}

/* The candidate set of each filter that has one. *ret: how many. */
static bool find_sets(planner *planner, size_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < planner->plan->filter_count; i++) {
        const scan_filter *filter = &planner->plan->filters[i];
        candidate *made = &planner->candidates[i];
        if (made->parts == 0)
            continue;
        bool ok = true;
        if (filter->kind == SCAN_SEARCH)
            ok = choose_part(planner, filter, made);
        else if (planner->plan->is_merged)
            made->set = (scan_set){.filter = filter, .parts = (1u << made->parts) - 1};
        else if (filter->kind == SCAN_CONDITION)
            ok = join_parts(planner, filter, made);
        else
            made->set = (scan_set){.filter = filter, .parts = 1};
        if (!ok)
            return false;
        ++*ret;
    }
    return true;
}

/* The candidate that drives, or NULL: all Things are gone through. */
static bool choose(planner *planner, candidate **ret)
{
    const bool is_in_index_order = !planner->query->is_by_uid && planner->query->has_index;
    candidate *best = NULL;
    size_t sets;
    if (!find_sets(planner, &sets))
        return false;
    for (size_t i = 0; i < planner->plan->filter_count; i++) {
        candidate *c = &planner->candidates[i];
        if (c->parts == 0)
            continue;
        const int64_t most = best ? best->count : planner->plan->selective + 1;
        const bool may_be_many =
            planner->plan->is_merged || (scan_order(&c->set) == SCAN_SORTED && !is_in_index_order);
        /* The only set there is, in the order that is wanted, needs no counting. */
        if (c->count == UNCOUNTED && !(sets == 1 && may_be_many) &&
            !estimate(planner, &c->set, most, &c->count))
            return false;
        if ((c->count != UNCOUNTED && c->count < most) || (!best && may_be_many))
            best = c;
    }
    *ret = best;
    return true;
}

/* The filter of the driving set need not be asked about its Things, unless it has others. */
static void drive_by(plan *plan, const candidate *driving)
{
    const bool is_selective = driving->count != UNCOUNTED && driving->count <= plan->selective;
    plan->is_driven = true;
    plan->driving = driving->set;
    plan->driving.most = is_selective ? plan->selective : 0;
    plan->estimate = driving->count;
    if (scan_is_hint(&driving->set))
        return;
    const size_t at = (size_t)(driving->set.filter - plan->filters);
    const scan_filter filter = plan->filters[at];
    plan->filter_count--;
    for (size_t i = at; i < plan->filter_count; i++)
        plan->filters[i] = plan->filters[i + 1];
    plan->filters[plan->filter_count] = filter;
    plan->driving.filter = &plan->filters[plan->filter_count];
}

static plan_way choose_way(const plan *plan, const plan_query *query)
{
    const bool is_sorted =
        !plan->is_driven || plan->is_merged || scan_order(&plan->driving) == SCAN_SORTED;
    const bool is_selective = plan->is_driven && plan->driving.most > 0;
    if (query->is_by_uid)
        return is_sorted || !is_selective ? PLAN_ORDERED_SCAN : PLAN_TOP_K;
    return query->has_index && !is_selective ? PLAN_INDEX_SCAN : PLAN_TOP_K;
}

bool plan_make(ix_ctx *cx, store_handle *store, const plan_query *query, plan *ret)
{
    planner planner = {.cx = cx, .store = store, .query = query, .plan = ret};
    candidate *driving = NULL;
    *ret = (plan){.selective = SELECTIVE_MAX, .estimate = UNCOUNTED};
    add_fields(ret, query->filter);
    if (!add_conditions(cx, ret, query->filter))
        return false;
    for (size_t i = 0; i < ret->filter_count; i++)
        planner.candidates[i] =
            (candidate){.parts = scan_parts(store, &ret->filters[i]), .count = UNCOUNTED};

    if (!look_and_split(&planner) || (!ret->is_near && !choose(&planner, &driving)))
        return false;
    if (driving)
        drive_by(ret, driving);
    ret->way = choose_way(ret, query);
    return true;
}

/* ---- as text ---- */

static void write_texts(ix_buf *buf, const char *name, const char *const *texts, size_t count)
{
    ix_buf_format(buf, "%s", name);
    for (size_t i = 0; i < count; i++)
        ix_buf_format(buf, "%s%s", i > 0 ? ", " : " ", texts[i]);
}

static void write_condition(ix_buf *buf, const filter_condition *condition)
{
    static const char *const signs[] = {[FILTER_EQ] = "eq",
                                        [FILTER_NEQ] = "neq",
                                        [FILTER_GT] = "gt",
                                        [FILTER_GTE] = "gte",
                                        [FILTER_LT] = "lt",
                                        [FILTER_LTE] = "lte",
                                        [FILTER_CONTAINS] = "contains"};
    ix_buf_format(buf, "%s:%s=%s:", condition->is_time ? "property_at" : "property",
                  condition->name, signs[condition->op]);
    ix_buf_str(buf, condition->text);
}

static void write_filter(ix_buf *buf, const scan_filter *filter)
{
    switch (filter->kind) {
    case SCAN_HAS_ID:
        ix_buf_format(buf, "one of %zu IDs", filter->text_count);
        break;
    case SCAN_HAS_CATEGORY:
        write_texts(buf, "in Category", filter->texts, filter->text_count);
        break;
    case SCAN_IN_CATEGORY:
        ix_buf_text(buf, filter->is_in ? "in any Category" : "in no Category");
        break;
    case SCAN_HAS_TITLE:
        ix_buf_format(buf, "title=%s", filter->text);
        break;
    case SCAN_HAS_TYPE:
        ix_buf_format(buf, "@type=%s", filter->text);
        break;
    case SCAN_HAS_MODEL:
        ix_buf_format(buf, "model=%s", filter->text);
        if (filter->number != 0)
            ix_buf_format(buf, " version=%lld", (long long)filter->number);
        break;
    case SCAN_HAS_LINK:
        ix_buf_format(buf, "%s%s%s%s%s", filter->text ? "links.rel=" : "",
                      filter->text ? filter->text : "", filter->text && filter->other ? " " : "",
                      filter->other ? "links.href=" : "", filter->other ? filter->other : "");
        break;
    case SCAN_SEARCH:
        ix_buf_format(buf, "search=%s", filter->text);
        break;
    case SCAN_CONDITION:
        write_condition(buf, filter->conditions);
        break;
    case SCAN_ANY_OF:
        for (const filter_condition *c = filter->conditions; c; c = c->next) {
            ix_buf_text(buf, c == filter->conditions ? "" : " or ");
            write_condition(buf, c);
        }
        break;
    case SCAN_KEY_IS:
        ix_buf_text(buf, "a key in common");
        break;
    case SCAN_LACKS:
        ix_buf_format(buf, "without a value of %s", filter->text);
        break;
    }
}

static void write_driving(ix_buf *buf, const plan *plan)
{
    static const char *const orders[] = {
        [SCAN_REPEATING] = "in no order, may repeat",
        [SCAN_UNIQUE] = "in no order",
        [SCAN_MERGED] = "each of few values in the order of uids",
        [SCAN_SORTED] = "in the order of uids",
    };
    ix_buf_text(buf, "driving set: ");
    if (!plan->is_driven) {
        ix_buf_format(buf, "all Things%s\n",
                      plan->is_near ? ", the next of which fill the page" : "");
        return;
    }
    write_filter(buf, plan->driving.filter);
    ix_buf_format(buf, "; %s; ", orders[scan_order(&plan->driving)]);
    if (plan->estimate == UNCOUNTED)
        ix_buf_text(buf, "not counted\n");
    else if (plan->estimate > plan->selective)
        ix_buf_format(buf, "more than %lld Things\n", (long long)plan->selective);
    else
        ix_buf_format(buf, "%lld Things\n", (long long)plan->estimate);
}

void plan_write(const plan *plan, ix_buf *buf)
{
    static const char *const ways[] = {
        [PLAN_ORDERED_SCAN] = "ordered scan, by uid",
        [PLAN_INDEX_SCAN] = "index scan, along the first sort key",
        [PLAN_TOP_K] = "top-k scan",
    };
    ix_buf_format(buf, "%s\n", ways[plan->way]);
    write_driving(buf, plan);
    for (size_t i = 0; i < plan->filter_count; i++) {
        ix_buf_text(buf, "filter: ");
        write_filter(buf, &plan->filters[i]);
        ix_buf_char(buf, '\n');
    }
    if (plan->needs_recheck)
        ix_buf_text(buf, "recheck: conditions are asked again of each Thing's values\n");
}
