/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of properties: one row for each property a thing defines.
 *
 * A value is kept as JSON text, and once more in a form that an index can compare: see schema.def.
 * Conditions on numbers, booleans, strings and null are decided in SQL. What lies inside arrays and
 * objects is not: for those SQL only says "perhaps", and the domain is asked about the whole value.
 */
#include "store/properties.h"

#include <string.h>

#include "store/key.h"
#include "store/parts.h"

/* ---- the form that is compared ---- */

typedef struct compared {
    db_value kind, num, txt;
} compared;

/* When memory is out cx tells. */
static compared compared_of(ix_ctx *cx, const ix_json *value)
{
    compared result = {.kind = db_int(ix_json_kind(value))};

    switch (ix_json_kind(value)) {
    case IX_BOOL:
        result.num = db_int(ix_json_bool(value, false));
        break;
    case IX_INT:
        result.num = db_int(ix_json_int(value, 0));
        break;
    case IX_REAL:
        result.kind = db_int(IX_INT);
        result.num = db_real(ix_json_number(value, 0));
        break;
    case IX_TEXT:
        result.txt = db_str(key_of(cx, ix_json_str(value)));
        break;
    case IX_NONE:
    case IX_NULL:
    case IX_ARRAY:
    case IX_OBJECT:
        break;
    }
    return result;
}

/* ---- definitions ---- */

static bool property_put(ix_ctx *cx, store *store, const char *space, const char *uid,
                         const char *name, int64_t ord, const char *affordance)
{
    static const char sql[] =
        "INSERT INTO properties (space, thing, name, ord, kind, value, affordance)"
        " VALUES ($1, $2, $3, $4, $5, 'null', $6)"
        " ON CONFLICT (space, thing, name)"
        " DO UPDATE SET ord = excluded.ord, affordance = excluded.affordance"
        " WHERE properties.ord <> excluded.ord OR properties.affordance <> excluded.affordance";
    return sql_do(cx, store, sql,
                  ARGS(db_text(space), db_text(uid), db_text(name), db_int(ord), db_int(IX_NULL),
                       db_text(affordance)));
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

bool properties_put(ix_ctx *cx, store *store, const char *space, const char *uid,
                    const ix_json *properties, bool is_new)
{
    if (!is_new && !drop_others(cx, store, space, uid, properties))
        return false;

    int64_t ord = 0;
    for (ix_member m = ix_members(properties); m.name; m = ix_members_next(m)) {
        const char *affordance = ix_json_text(cx, m.value);
        if (!affordance || !property_put(cx, store, space, uid, m.name, ord++, affordance))
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
    static const char sql[] = "SELECT affordance, value FROM properties"
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
    };
    sql_done(store, row);
    return !ix_failed(cx);
}

bool values_write(ix_ctx *cx, store *store, const char *space, const char *uid, ix_buf *buf)
{
    static const char sql[] =
        "SELECT name, value FROM properties WHERE space = $1 AND thing = $2 ORDER BY ord";
    db_rows *rows;
    if (!sql_rows(cx, store, sql, ARGS(db_text(space), db_text(uid)), &rows))
        return false;
    ix_buf_char(buf, '{');
    for (bool is_first = true; sql_next(cx, store, rows); is_first = false) {
        if (!is_first)
            ix_buf_char(buf, ',');
        ix_json_write_text(buf, sql_str(store, rows, 0));
        ix_buf_char(buf, ':');
        ix_buf_str(buf, sql_str(store, rows, 1));
    }
    ix_buf_char(buf, '}');
    sql_done(store, rows);
    if (buf->failed)
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
    return !ix_failed(cx);
}

bool store_values_get(ix_ctx *cx, store *store, const char *space, const char *uid, ix_str *ret)
{
    ix_buf buf = {0};
    const bool ok = values_write(cx, store, space, uid, &buf);
    return sql_take(cx, &buf, ret) && ok;
}

static bool value_set(ix_ctx *cx, store *store, const char *space, const char *uid,
                      const moment_value *value, const ix_json *json)
{
    static const char sql[] = "UPDATE properties SET kind = $4, num = $5, txt = $6, value = $7"
                              " WHERE space = $1 AND thing = $2 AND name = $3";
    const compared compared = compared_of(cx, json);
    if (ix_failed(cx) ||
        !sql_do(cx, store, sql,
                ARGS(db_text(space), db_text(uid), db_text(value->name), compared.kind,
                     compared.num, compared.txt, db_str(value->value))))
        return false;
    if (sql_changes(store) == 0)
        return ix_fail_field(cx, IOTS_INVALID, NULL, value->name,
                             "is not a property of this thing");
    return true;
}

bool store_values_set(ix_ctx *cx, store *store, const char *space, const char *uid,
                      const ix_json *values, int64_t now_us, bool history)
{
    moment_value *taken = ix_new(cx, moment_value, ix_json_count(values) + 1);
    if (!taken)
        return false;

    size_t count = 0;
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m)) {
        const char *text = ix_json_text(cx, m.value);
        if (!text)
            return false;
        taken[count] = (moment_value){m.name, ix_str_of(text)};
        if (!value_set(cx, store, space, uid, &taken[count++], m.value))
            return false;
    }
    return !history || count == 0 ||
           history_add_moment(cx, store, space, uid, taken, count, now_us);
}

/* ---- conditions ---- */

static const char *const signs[] = {
    [FILTER_EQ] = "=", [FILTER_NEQ] = "<>", [FILTER_GT] = ">",       [FILTER_GTE] = ">=",
    [FILTER_LT] = "<", [FILTER_LTE] = "<=", [FILTER_CONTAINS] = NULL};

static bool is_container(const ix_json *json)
{
    return ix_json_kind(json) == IX_ARRAY || ix_json_kind(json) == IX_OBJECT;
}

static bool has_dot(const condition *condition)
{
    return strchr(condition->name, '.') != NULL;
}

/* Is it about the order of texts that begin alike for so long that their keys do not tell? */
static bool is_beyond_keys(const condition *condition)
{
    return condition->op >= FILTER_GT && condition->op <= FILTER_LTE &&
           condition->text.len > KEY_IN_ORDER_MAX;
}

bool condition_is_vague(const condition *condition)
{
    const bool is_inside = condition->op == FILTER_CONTAINS ||
                           (condition->op <= FILTER_NEQ && is_container(condition->json));
    return is_inside || has_dot(condition) || is_beyond_keys(condition);
}

/* Ways in which a value can meet a condition: each a piece of text over a row of properties, or NULL.
 * Those by number and by text can be answered by an index. */
typedef struct ways {
    const char *by_number, *by_text, *by_kind;
    bool failed;
} ways;

static bool is_bool(const condition *condition)
{
    return ix_str_is(condition->text, "true") || ix_str_is(condition->text, "false");
}

/* By number: also booleans, which are 0 and 1 of another kind. */
static const char *way_by_number(query *query, const condition *condition)
{
    const bool is_equality = condition->op == FILTER_EQ || condition->op == FILTER_NEQ;

    if (condition->op == FILTER_CONTAINS ||
        !(ix_json_is_number(condition->json) || (is_bool(condition) && is_equality)))
        return NULL;
    const compared compared = compared_of(query->cx, condition->json);
    return ix_format(query->cx, "kind = %d AND num %s $%d", (int)compared.kind.number,
                     signs[condition->op], query_arg(query, compared.num));
}

static const char *way_by_text(query *query, const condition *condition)
{
    if (is_beyond_keys(condition) || (condition->op == FILTER_CONTAINS && condition->text.len == 0))
        return "txt IS NOT NULL";
    if (condition->op != FILTER_CONTAINS)
        return ix_format(query->cx, "txt %s $%d", signs[condition->op],
                         query_arg(query, db_str(key_of(query->cx, condition->text))));
    return ix_format(query->cx,
                     "txt IS NOT NULL AND (replace(txt, $%d, '') <> txt OR length(txt) > %d)",
                     query_arg(query, db_str(condition->text)), KEY_CUT_LETTERS);
}

/* By the kind of the value alone: a bit for each kind that always meets the condition, or perhaps. */
static unsigned kinds_meeting(const condition *condition)
{
    const unsigned containers = 1U << IX_ARRAY | 1U << IX_OBJECT;

    switch (condition->op) {
    case FILTER_EQ:
        if (ix_str_is(condition->text, "null"))
            return 1U << IX_NULL;
        return is_container(condition->json) ? 1U << ix_json_kind(condition->json) : 0;
    case FILTER_NEQ:
        return containers | (ix_json_is_number(condition->json) ? 0 : 1U << IX_INT) |
               (is_bool(condition) ? 0 : 1U << IX_BOOL);
    case FILTER_CONTAINS:
        return containers;
    default:
        return 0;
    }
}

static const char *way_by_kind(query *query, const condition *condition)
{
    const unsigned kinds = kinds_meeting(condition);
    const char *list = NULL;
    for (int kind = IX_NULL; kind <= IX_OBJECT; kind++) {
        if (kinds & 1U << kind)
            list = ix_format(query->cx, "%s%s%d", list ? list : "", list ? ", " : "", kind);
    }
    return list ? ix_format(query->cx, "kind IN (%s)", list) : NULL;
}

static ways ways_of(query *query, const condition *condition)
{
    ways ways = {.by_number = way_by_number(query, condition),
                 .by_text = way_by_text(query, condition),
                 .by_kind = way_by_kind(query, condition)};
    ways.failed = ix_failed(query->cx);
    return ways;
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

/* Text over a row of properties that holds if its value meets the condition in any way. */
static const char *any_way(query *query, const condition *condition)
{
    const ways ways = ways_of(query, condition);
    const char *text = ways.failed ? NULL : ix_format(query->cx, "(%s)", ways.by_text);
    if (text && ways.by_number)
        text = ix_format(query->cx, "(%s) OR %s", ways.by_number, text);
    if (text && ways.by_kind)
        text = ix_format(query->cx, "%s OR %s", ways.by_kind, text);
    return text;
}

const char *condition_probe(query *query, const condition *condition)
{
    static const char from[] =
        "EXISTS (SELECT 1 FROM properties p WHERE p.space = $1 AND p.thing = t.uid";

    const int name = query_arg(query, db_text(condition->name));
    const char *meets = any_way(query, condition);
    if (!meets)
        return NULL;
    if (!has_dot(condition))
        return ix_format(query->cx, "%s AND p.name = $%d AND (%s))", from, name, meets);

    const char *inside = holders(query, condition->name);
    return inside
               ? ix_format(query->cx,
                           "%s AND ((p.name = $%d AND (%s)) OR (p.kind = %d AND p.name IN (%s))))",
                           from, name, meets, IX_OBJECT, inside)
               : NULL;
}

bool condition_set(query *query, const condition *condition, const char **ret, bool *ret_sorted)
{
    *ret = NULL;
    if (has_dot(condition) || condition->op == FILTER_CONTAINS || condition->op == FILTER_NEQ ||
        kinds_meeting(condition) != 0)
        return true;

    static const char from[] = "SELECT thing FROM properties WHERE space = $1 AND name";
    const ways ways = ways_of(query, condition);
    const int name = query_arg(query, db_text(condition->name));
    if (ways.failed)
        return false;
    *ret_sorted = condition->op == FILTER_EQ && !ways.by_number;
    *ret = ways.by_number ? ix_format(query->cx, "%s = $%d AND %s UNION ALL %s = $%d AND %s", from,
                                      name, ways.by_number, from, name, ways.by_text)
                          : ix_format(query->cx, "%s = $%d AND %s", from, name, ways.by_text);
    return *ret != NULL;
}
