/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/thing_lookup.h"

#include <string.h>

#include "base/json.h"

enum { ID_LENGTH = 26, PAGE_ITEMS = 1000, SHOWN_MAX = 5 };

/* The Things that fit, as far as it takes to know. */
typedef struct matches {
    ix_ctx *cx;
    const char *id; /* of the first */
    size_t count;
    ix_buf names; /* of those that are shown */
} matches;

/* True while there is reason to look on. */
static bool matches_add(matches *matches, const char *id, const char *title)
{
    if (!id)
        return true;
    if (matches->count++ == 0)
        matches->id = ix_strdup(matches->cx, id);
    if (matches->count > SHOWN_MAX) {
        ix_buf_text(&matches->names, ", ...");
        return false;
    }
    ix_buf_format(&matches->names, "%s%s", matches->count > 1 ? ", " : "", id);
    if (title && *title)
        ix_buf_format(&matches->names, " (%.40s)", title);
    return true;
}

/* In upper case, if it can be the beginning of an ID and no more than that; else NULL. */
static const char *prefix_of(ix_ctx *cx, const char *given)
{
    static const char lower[] = "0123456789abcdefghjkmnpqrstvwxyz";
    static const char upper[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const size_t len = strlen(given);
    if (len < FIND_LEAST || len >= ID_LENGTH)
        return NULL;
    char *prefix = ix_strdup(cx, given);
    for (char *at = prefix; at && *at; at++) {
        const char *found = strchr(lower, *at);
        if (found)
            *at = upper[found - lower];
        else if (!strchr(upper, *at))
            return NULL;
    }
    return prefix;
}

static iots_things things_of(cli_session *session, const char *space, const char *category)
{
    const iots_space at = iots_api_space(session->api, space);
    return category ? iots_category_things(iots_space_category(at, category))
                    : iots_space_things(at);
}

static bool find_by_title(cli_session *session, iots_things things, const char *title,
                          matches *found)
{
    iots_pager *pager = iots_things_list(
        things, IOTS_LIST(.limit = SHOWN_MAX + 1, .params = IOTS_PARAMS({"title", title})));
    for (const iots_json *thing; (thing = iots_pager_next(pager));) {
        if (!matches_add(found, iots_json_string(thing, "/uid"), NULL))
            break;
    }
    const bool ok = session_ok(session, iots_pager_reply(pager));
    iots_pager_free(pager);
    return ok;
}

/* Asks for them by a query. False, and no failure, where that cannot be done. */
static bool find_by_query(cli_session *session, const char *space, const char *prefix,
                          matches *found)
{
    static const char query[] =
        "FOR t IN things FILTER STARTS_WITH(t._key, @prefix) SORT t._key LIMIT 6 "
        "RETURN {uid: t._key, title: t.title}";
    iots_doc *doc = iots_doc_new();
    iots_doc_set(doc, "/query", iots_text(query));
    iots_doc_set(doc, "/bindVars/prefix", iots_text(prefix));
    iots_reply *reply =
        iots_query_create(iots_api_space(session->api, space), iots_doc_value(doc), NULL);
    const bool ok = iots_ok(reply);
    const iots_json *items = iots_json_at(iots_reply_body(reply), "/result");
    for (size_t i = 0; ok && i < iots_json_count(items, ""); i++) {
        const iots_json *item = iots_json_item(items, i);
        matches_add(found, iots_json_string(item, "/uid"), iots_json_string(item, "/title"));
    }
    iots_reply_free(reply);
    iots_doc_free(doc);
    return ok;
}

/* Reads the list, which is in the order of IDs, up to the end of those that begin so. */
static bool find_in_list(cli_session *session, iots_things things, const char *prefix,
                         matches *found)
{
    const size_t len = strlen(prefix);
    iots_pager *pager = iots_things_list(things, IOTS_LIST(.limit = PAGE_ITEMS,
                                                           .params = IOTS_PARAMS({"sort", "uid"})));
    int order = -1;
    for (const iots_json *thing; order <= 0 && (thing = iots_pager_next(pager));) {
        const char *id = iots_json_string(thing, "/uid");
        order = id ? strncmp(id, prefix, len) : -1;
        if (order == 0 && !matches_add(found, id, iots_json_string(thing, "/title")))
            break;
    }
    const bool ok = session_ok(session, iots_pager_reply(pager));
    iots_pager_free(pager);
    return ok;
}

static bool matches_judge(const matches *found, const char *what, const char *given)
{
    if (found->count == 1)
        return found->id != NULL;
    if (found->count == 0)
        return ix_fail(found->cx, IOTS_NOT_FOUND, "there is no Thing whose %s '%.100s'", what,
                       given);
    return ix_fail(found->cx, IOTS_USAGE, "there are several Things whose %s '%.100s': %.330s",
                   what, given, ix_buf_cstr(&found->names));
}

bool thing_find(cli_session *session, const char *category, const char *given, bool is_title,
                const char **ret)
{
    const char *prefix = is_title ? NULL : prefix_of(session->cx, given);
    if (!is_title && !prefix) {
        *ret = given;
        return !ix_failed(session->cx);
    }
    const char *space = session_space(session);
    if (!space)
        return false;
    matches found = {.cx = session->cx};
    const iots_things things = things_of(session, space, category);
    bool ok = is_title ? find_by_title(session, things, given, &found)
                       : (!category && find_by_query(session, space, prefix, &found)) ||
                             find_in_list(session, things, prefix, &found);
    ok = ok &&
         matches_judge(&found, is_title ? "title is" : "ID begins with", is_title ? given : prefix);
    ix_buf_done(&found.names);
    if (ok)
        *ret = found.id;
    return ok;
}
