/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a recording at whose times the history has values already: is it the same value, as when a
 * file is imported again, or another one, which would be lost?
 *
 * A range of history is read from the first time to the last. Where that is much more than what is
 * asked about, the range is halved, down to single times.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/transfer/import_history.h"

enum {
    PAGE_ITEMS = 1000,
    FEW_TIMES = 2,   /* times that are looked up one by one */
    SURPLUS = 2000,  /* stored values that may be read in vain */
    SHOWN_BYTES = 60 /* of a value in a message */
};

/* Equal as JSON, 1 and 1.0 included. */
static bool is_same(ix_ctx *cx, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    const ix_json *one = ix_json_parse(cx, a, strlen(a)), *other = ix_json_parse(cx, b, strlen(b));
    return one && other && ix_json_equal(one, other);
}

static const char *shown(ix_ctx *cx, const char *json)
{
    const char *text =
        strlen(json) > SHOWN_BYTES ? ix_format(cx, "%.*s...", SHOWN_BYTES, json) : json;
    return text ? text : "";
}

bool value_settle(cli_import *import, batch_value *value, const char *json, uint64_t line)
{
    ix_ctx *cx = &import->batch_cx;
    const reading *reading = &value->reading;
    value->is_settled = true;
    if (is_same(cx, reading->json, json)) {
        import->there++;
        return true;
    }
    import->conflicts++;
    if (import->on_conflict == CONFLICT_SKIPPED)
        return true;

    ix_error error = {.code = IOTS_CONFLICT};
    char at[IX_TIME_TEXT], where[48] = "is stored";
    ix_time_write(reading->at_us, at);
    if (line)
        snprintf(where, sizeof where, "stands on line %" PRIu64, line);
    snprintf(error.message, sizeof error.message, "%.100s: %s is not stored, since %s %s at %s",
             reading->target->property, shown(cx, reading->json), shown(cx, json), where, at);
    if (import->on_conflict == CONFLICT_FAILS)
        return fail_line(import, reading->line, &error);
    remark_line(import, reading->line, error.message);
    return true;
}

/* Compares the values of an item of history with those of the batch that are asked about. */
static bool item_compare(cli_import *import, const iots_json *item, int64_t from_us, int64_t to_us,
                         size_t *ret_settled)
{
    const char *at = iots_json_string(item, "/at");
    int64_t at_us;
    if (!at || !ix_time_parse(ix_str_of(at), &at_us) || at_us < from_us || at_us > to_us)
        return true;
    const iots_json *values = iots_json_at(item, "/properties");
    for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
        const target *target = targets_property(&import->targets, ix_str_of(m.name));
        batch_value *value = target ? batch_find(import, at_us, target) : NULL;
        if (!value || value->is_settled)
            continue;
        char *json = iots_json_text(m.value, 0);
        const bool ok = json ? value_settle(import, value, json, 0)
                             : ix_fail(import->session->cx, IOTS_NO_MEMORY, NULL);
        free(json);
        if (!ok)
            return false;
        ++*ret_settled;
    }
    return true;
}

/* Reads a range of history. *ret_is_whole false: there is more in it than `most` values. */
static bool range_compare(cli_import *import, int64_t from_us, int64_t to_us, const char *only,
                          size_t most, size_t *ret_settled, bool *ret_is_whole)
{
    char from[IX_TIME_TEXT], to[IX_TIME_TEXT], range[2 * IX_TIME_TEXT + 2];
    ix_time_write(from_us, from);
    ix_time_write(to_us, to);
    snprintf(range, sizeof range, "%s|%s", from, to);
    iots_pager *stored =
        iots_history_list(import->thing, only,
                          IOTS_LIST(.limit = PAGE_ITEMS, .timeout_ms = import->timeout_ms,
                                    .params = IOTS_PARAMS({"at", range})));
    bool ok = true;
    const iots_json *item = NULL;
    size_t seen = 0;
    while (ok && seen < most && (item = iots_pager_next(stored))) {
        ok = item_compare(import, item, from_us, to_us, ret_settled) && !interrupt_seen();
        seen++;
    }
    *ret_is_whole = !item;
    ok = ok && (item || session_ok(import->session, iots_pager_reply(stored)));
    iots_pager_free(stored);
    return ok;
}

/* The one property that values are of; NULL if they are of several. */
static const char *sole_property(batch_value *const *values, size_t count)
{
    const target *target = values[0]->reading.target;
    for (size_t i = 1; i < count; i++) {
        if (values[i]->reading.target != target)
            return NULL;
    }
    return target->property;
}

bool stored_settle(cli_import *import, batch_value *const *values, size_t count,
                   size_t *ret_settled)
{
    if (count == 0)
        return true;
    const int64_t from_us = values[0]->reading.at_us, to_us = values[count - 1]->reading.at_us;
    const bool is_one_time = from_us == to_us;
    const bool goes_by_halves = !is_one_time && count <= FEW_TIMES;
    bool is_whole = false;
    if (!goes_by_halves &&
        !range_compare(import, from_us, to_us, sole_property(values, count),
                       is_one_time ? SIZE_MAX : count + SURPLUS, ret_settled, &is_whole))
        return false;
    if (is_whole)
        return true;
    size_t half = count / 2; /* not within one time */
    while (half < count - 1 && values[half]->reading.at_us == values[half - 1]->reading.at_us)
        half++;
    if (values[half]->reading.at_us == values[half - 1]->reading.at_us) {
        for (half = count / 2; values[half]->reading.at_us == values[half - 1]->reading.at_us;)
            half--;
    }
    return stored_settle(import, values, half, ret_settled) &&
           stored_settle(import, values + half, count - half, ret_settled);
}
