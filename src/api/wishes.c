/* SPDX-License-Identifier: Apache-2.0 */
#include "api/wishes.h"

#include "api/api.h"

/* ---- checking ---- */

/* There are no Models yet, so none can be known (7.3, rule 2: 404). */
static bool check_model(call *call, const thing_wish *wish)
{
    return !wish->model || ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "model",
                                         "no Model '%s'", wish->model);
}

static bool check_categories(call *call, const thing_wish *wish)
{
    for (size_t i = 0; i < wish->category_count; i++) {
        category_row row;
        bool found;
        if (!store_category_find(call->cx, call->store, call_space(call), wish->categories[i], &row,
                                 &found))
            return false;
        if (!found)
            return ix_fail_field(call->cx, IOTS_NOT_FOUND, "Item not found", "categories",
                                 "no Category '%s'", wish->categories[i]);
    }
    return true;
}

bool wish_check_values(call *call, const thing_wish *wish)
{
    return !wish->status ||
           thing_check_status(call->cx, wish, (int)call->api->settings.validate_values);
}

/* ---- storing ---- */

/* A Thing that is made by way of a Category joins just that one; later nothing done that way changes
 * membership. */
static bool fill_categories(call *call, const thing_view *before, const thing_wish *wish,
                            thing_row *row)
{
    row->keep_categories = before && (!wish->categories || call_category(call));
    row->categories = wish->categories;
    row->category_count = wish->category_count;
    if (before || !call_category(call))
        return true;
    row->categories = ix_new(call->cx, const char *, 1);
    if (!row->categories)
        return false;
    row->categories[row->category_count++] = call_category(call);
    return true;
}

static bool fill_row(call *call, const thing_wish *wish, thing_row *row)
{
    row->title = wish->title;
    row->doc = thing_stored_text(call->cx, wish->doc);
    row->types = wish->types;
    row->properties = wish->properties;
    row->actions = wish->actions;
    row->events = wish->events;
    row->links = wish->links;
    row->modified_us = call->now_us;
    return row->doc != NULL;
}

bool wish_settle(call *call, const thing_view *before, thing_wish *wish, thing_row *row)
{
    return wish_check_values(call, wish) && check_model(call, wish) &&
           check_categories(call, wish) && fill_categories(call, before, wish, row) &&
           fill_row(call, wish, row);
}

/* The values of a body's status are a value update like any other (8.2). */
bool wish_set_values(call *call, const thing_wish *wish, const char *uid)
{
    return !ix_json_count(wish->status) || values_store(call, uid, wish->status, true);
}

bool wish_replace(call *call, const thing_view *before, thing_wish *wish)
{
    thing_row row = {.uid = CALL_VAR(call, thing), .created_us = before->created_us};
    return values_may_change(call, wish->properties, wish->status) &&
           wish_settle(call, before, wish, &row) &&
           store_thing_set(call->cx, call->store, call_space(call), &row) &&
           wish_set_values(call, wish, row.uid);
}

/* ---- showing ---- */

bool thing_append(call *call, ix_buf *buf)
{
    const thing_view *view = call_thing(call);
    const char *base = view ? call_base(call) : NULL;
    if (!base)
        return false;
    thing_write(buf, base, call_space(call), call_category(call), view);
    return !buf->failed || ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
}
