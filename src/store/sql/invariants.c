/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of all tables together. */
#include "store/sql/parts.h"

/* It was removed, and is only still to be deleted (removals.c). */
#define UNLESS_REMOVED(space, thing) \
    " AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.space = " space " AND r.thing = " thing ")"

/* A query finds one row that breaks the rule. */
static const struct {
    const char *rule, *sql;
} invariants[] = {
    {"a thing without a space",
     "SELECT space, uid FROM things t WHERE NOT EXISTS (SELECT 1 FROM spaces s"
     " WHERE s.name = t.space)" UNLESS_REMOVED("t.space", "'~'") " LIMIT 1"},
    {"a Category without a space",
     "SELECT space, name FROM categories c WHERE NOT EXISTS (SELECT 1 FROM spaces s"
     " WHERE s.name = c.space)" UNLESS_REMOVED("c.space", "'~'") " LIMIT 1"},
    {"an e-mail without a space", "SELECT space, id FROM mail m WHERE NOT EXISTS"
                                  " (SELECT 1 FROM spaces s WHERE s.name = m.space) LIMIT 1"},
    {"a property without a thing",
     "SELECT space, thing FROM properties p WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = p.space AND t.uid = p.thing) LIMIT 1"},
    {"a value whose time is not the one in the index",
     "SELECT thing, name FROM properties WHERE (at IS NULL) <> (at_floor IS NULL)"
     " OR at_floor > at OR at_floor < at - 10000000 LIMIT 1"}, /* VALUE_TIME_SLACK_US */
    {"history without a thing",
     "SELECT space, thing FROM history h WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = h.space AND t.uid = h.thing)" UNLESS_REMOVED(
         "h.space", "h.thing") " LIMIT 1"},
    {"an action or event without a thing",
     "SELECT space, thing FROM affordances a WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = a.space AND t.uid = a.thing) LIMIT 1"},
    {"an interaction without a thing",
     "SELECT space, thing FROM entries e WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = e.space AND t.uid = e.thing)" UNLESS_REMOVED(
         "e.space", "e.thing") " LIMIT 1"},
    {"an @type without a thing",
     "SELECT space, thing FROM types y WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = y.space AND t.uid = y.thing) LIMIT 1"},
    {"a link without a thing",
     "SELECT space, thing FROM links l WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = l.space AND t.uid = l.thing) LIMIT 1"},
    {"a member without a thing",
     "SELECT space, thing FROM members m WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = m.space AND t.uid = m.thing) LIMIT 1"},
    {"a member without a Category",
     "SELECT space, category FROM members m WHERE NOT EXISTS"
     " (SELECT 1 FROM categories c WHERE c.space = m.space AND c.name = m.category) LIMIT 1"},
    {"a text to search without a thing",
     "SELECT space, thing FROM search_texts x WHERE NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = x.space AND t.uid = x.thing) LIMIT 1"},
    {"a thing without a text to search",
     "SELECT space, uid FROM things t WHERE NOT EXISTS"
     " (SELECT 1 FROM search_texts x WHERE x.space = t.space AND x.thing = t.uid) LIMIT 1"},
    {"a thing that names Categories and is in none",
     "SELECT space, uid FROM things t WHERE (categories <> '[]') <> EXISTS"
     " (SELECT 1 FROM members m WHERE m.space = t.space AND m.thing = t.uid) LIMIT 1"},
    {"credentials without a thing",
     "SELECT space, owner FROM credentials o WHERE kind = 'thing' AND NOT EXISTS"
     " (SELECT 1 FROM things t WHERE t.space = o.space AND t.uid = o.owner) LIMIT 1"},
    {"credentials without a Category",
     "SELECT space, owner FROM credentials o WHERE kind = 'category' AND NOT EXISTS"
     " (SELECT 1 FROM categories c WHERE c.space = o.space AND c.name = o.owner) LIMIT 1"},
    {"a grant without a client", "SELECT client, username FROM grants g WHERE NOT EXISTS"
                                 " (SELECT 1 FROM clients c WHERE c.id = g.client) LIMIT 1"},
    {"a grant without a user", "SELECT client, username FROM grants g WHERE NOT EXISTS"
                               " (SELECT 1 FROM users u WHERE u.name = g.username) LIMIT 1"},
    {"a token without its grant",
     "SELECT client, scopes FROM tokens t WHERE grant_id IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM grants g WHERE g.id = t.grant_id) LIMIT 1"},
    {"a version without a Model",
     "SELECT space, model FROM versions v WHERE NOT EXISTS"
     " (SELECT 1 FROM models m WHERE m.space = v.space AND m.name = v.model) LIMIT 1"},
    {"a Category of a Model that is not there",
     "SELECT space, name FROM categories c WHERE model IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM models m WHERE m.space = c.space AND m.name = c.model) LIMIT 1"},
    {"a thing of a Model version that is not there",
     "SELECT space, uid FROM things t WHERE model IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM versions v WHERE v.space = t.space AND v.model = t.model"
     " AND v.version = t.version) LIMIT 1"},
    {"a token without a client", "SELECT client, scopes FROM tokens t WHERE NOT EXISTS"
                                 " (SELECT 1 FROM clients c WHERE c.id = t.client) LIMIT 1"},
    {"a thing without its client",
     "SELECT space, uid FROM things t WHERE client_id IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM clients c WHERE c.id = t.client_id) LIMIT 1"},
};

_Static_assert(VALUE_TIME_SLACK_US == 10000000, "as above");

bool invariants_check(ix_ctx *cx, store_handle *store)
{
    for (size_t i = 0; i < sizeof(invariants) / sizeof(invariants[0]); i++) {
        db_rows *row;
        if (!sql_first(cx, store, invariants[i].sql, NULL, 0, &row))
            return false;
        if (!row)
            continue;
        const ix_str first = sql_str(store, row, 0);
        const ix_str second = sql_str(store, row, 1);
        ix_fail(cx, IOTS_INTERNAL, "the store is damaged: %s (%.*s, %.*s)", invariants[i].rule,
                (int)first.len, first.at, (int)second.len, second.at);
        sql_done(store, row);
        return false;
    }
    return true;
}
