/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iots watch: values as they change.
 *
 * The server is asked every so often. On a terminal there is one table, drawn again in its place;
 * elsewhere a line is printed for each value that is new.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/time.h"
#include "cli/builtins.h"
#include "cli/repeat.h"
#include "cli/session.h"
#include "cli/show/view.h"
#include "cli/thing_lookup.h"

enum { INTERVAL_MS = 1000, PAGE_ITEMS = 500 };

/* What was seen of one property of one Thing. */
typedef struct last_seen {
    char *text; /* its value as JSON */
    int64_t since_us;
} last_seen;

typedef struct watch {
    cli_session *session;
    const char *thing;      /* NULL: all of the space */
    ix_map *last_seen_list; /* "<thing> <property>" to last_seen, both the map's */
    bool is_table;
    cli_sheet *csv; /* what is new, as CSV; else NULL */
    bool is_first;  /* the first round: everything is new, and nothing marked */
} watch;

/* ---- what is new ---- */

static bool last_seen_free(ix_str key, void *value, void *arg)
{
    (void)key;
    (void)arg;
    last_seen *last_seen = value;
    free(last_seen->text);
    free(last_seen);
    return true;
}

/* Notes a value. *ret_since_us: since when it is what it is. *ret_is_new: only now. */
static bool last_seen_note(watch *watch, const char *thing, iots_member property, int64_t now_us,
                           int64_t *ret_since_us, bool *ret_is_new)
{
    ix_buf key = {0};
    ix_buf_format(&key, "%s %s", thing, property.name);
    const ix_str name = {ix_buf_cstr(&key), key.len};
    char *text = iots_json_text(property.value, 0);
    last_seen *found = ix_map_find(watch->last_seen_list, name);
    bool ok = text && !key.failed;
    if (ok && !found) {
        found = calloc(1, sizeof *found);
        ok = found && ix_map_put(watch->last_seen_list, name, found);
        if (!ok) {
            free(found);
            found = NULL;
        }
    }
    if (ok) {
        *ret_is_new = !found->text || strcmp(found->text, text) != 0;
        if (*ret_is_new) {
            free(found->text);
            found->text = text;
            found->since_us = now_us;
            text = NULL;
        }
        *ret_since_us = found->since_us;
    }
    free(text);
    ix_buf_done(&key);
    return ok || ix_fail(watch->session->cx, IOTS_NO_MEMORY, NULL);
}

/* ---- showing ---- */

static void line_print(const watch *watch, const char *thing, iots_member property, int64_t now_us)
{
    FILE *out = watch->session->out.out;
    char now[IX_TIME_TEXT];
    ix_time_write(now_us, now);
    if (watch->csv) {
        sheet_text(watch->csv, now);
        sheet_text(watch->csv, thing);
        sheet_text(watch->csv, property.name);
        sheet_exact(watch->csv, property.value);
        return;
    }
    ix_buf line = {0};
    if (watch->session->format == FORMAT_LINES) {
        char *value = iots_json_text(property.value, 0);
        ix_buf json = {0};
        ix_buf_format(&json, "{\"at\":\"%s\",\"thing\":", now);
        ix_json_write_text(&json, ix_str_of(thing));
        ix_buf_text(&json, ",\"property\":");
        ix_json_write_text(&json, ix_str_of(property.name));
        ix_buf_format(&json, ",\"value\":%s}", value ? value : "null");
        json_clean(&line, (ix_str){ix_buf_cstr(&json), json.len});
        ix_buf_done(&json);
        free(value);
    } else {
        ix_buf value = {0};
        value_write(&value, property.value);
        ix_buf_format(&line, "%s\t", now);
        text_clean(&line, ix_str_of(thing));
        ix_buf_char(&line, '\t');
        text_clean(&line, ix_str_of(property.name));
        ix_buf_char(&line, '\t');
        text_clean(&line, (ix_str){ix_buf_cstr(&value), value.len});
        ix_buf_done(&value);
    }
    fprintf(out, "%s\n", ix_buf_cstr(&line));
    ix_buf_done(&line);
}

static void row_add(cli_sheet *sheet, const iots_json *thing, iots_member property, bool has_thing,
                    int64_t since_us, bool is_new)
{
    char since[IX_TIME_TEXT];
    ix_time_write(since_us - since_us % IX_SECOND_US, since);
    const iots_json *affordance = member_of(iots_json_at(thing, "/properties"), property.name);
    if (has_thing) {
        const char *title = iots_json_string(thing, "/title");
        sheet_text(sheet, title && *title ? title : iots_json_string(thing, "/uid"));
    }
    sheet_text(sheet, property.name);
    sheet_value(sheet, property.value);
    sheet_value(sheet, iots_json_at(affordance, "/unit"));
    sheet_text(sheet, since);
    sheet_text(sheet, is_new ? "*" : " ");
}

/* Shows all values of a Thing, or those that are new; `sheet` NULL: as lines. */
static bool thing_show(watch *watch, const iots_json *thing, cli_sheet *sheet, int64_t now_us)
{
    const char *uid = iots_json_string(thing, "/uid");
    const iots_json *values = iots_json_at(thing, "/status");
    for (iots_member m = iots_json_members(values); m.name; m = iots_json_members_next(m)) {
        int64_t since_us = 0;
        bool is_new = false;
        if (!last_seen_note(watch, uid ? uid : "", m, now_us, &since_us, &is_new))
            return false;
        if (sheet)
            row_add(sheet, thing, m, !watch->thing, since_us, is_new && !watch->is_first);
        else if (is_new)
            line_print(watch, uid ? uid : "", m, now_us);
    }
    return true;
}

/* ---- rounds ---- */

/* Asks the server, and gives each Thing to thing_show(). */
static bool things_show(watch *watch, cli_sheet *sheet, int64_t now_us)
{
    cli_session *session = watch->session;
    const iots_space space = iots_api_space(session->api, session->profile.values[SETTING_space]);
    if (watch->thing) {
        iots_reply *reply = iots_thing_get(iots_space_thing(space, watch->thing), NULL);
        const bool ok =
            session_ok(session, reply) && thing_show(watch, iots_reply_body(reply), sheet, now_us);
        iots_reply_free(reply);
        return ok;
    }
    bool ok = true;
    iots_pager *things = iots_things_list(iots_space_things(space), IOTS_LIST(.limit = PAGE_ITEMS));
    for (const iots_json *thing; ok && (thing = iots_pager_next(things));)
        ok = thing_show(watch, thing, sheet, now_us);
    ok = ok && session_ok(session, iots_pager_reply(things));
    iots_pager_free(things);
    return ok;
}

static bool table_show(watch *watch, cli_repeat *repeat, int64_t now_us)
{
    static const cli_column columns[] = {{"thing", NULL, false}, {"property", NULL, false},
                                         {"value", NULL, false}, {"unit", NULL, false},
                                         {"since", NULL, false}, {" ", NULL, true}};
    const size_t first = watch->thing != NULL, count = sizeof columns / sizeof columns[0] - first;
    char *text = NULL;
    size_t size = 0;
    cli_screen screen = watch->session->out;
    screen.out = open_memstream(&text, &size);
    if (!screen.out)
        return ix_fail(watch->session->cx, IOTS_NO_MEMORY, NULL);
    cli_sheet *sheet = sheet_new(&screen, columns + first, count, true);
    bool ok = things_show(watch, sheet, now_us);
    if (!sheet_end(sheet))
        ok = ix_fail(watch->session->cx, IOTS_NO_MEMORY, NULL);
    fclose(screen.out);
    if (ok)
        repeat_draw(repeat, &watch->session->out, text);
    free(text);
    return ok;
}

static bool round_show(cli_session *session, cli_repeat *repeat, void *arg)
{
    watch *watch = arg;
    const int64_t now_us = ix_now_us();
    watch->is_first = repeat->round == 0;
    if (watch->is_table)
        return table_show(watch, repeat, now_us);
    return things_show(watch, NULL, now_us) &&
           (fflush(session->out.out) == 0 ||
            ix_fail(session->cx, IOTS_UNEXPECTED, "standard output: %s", strerror(errno)));
}

/* The Thing to watch; NULL: all of them. */
static bool thing_read(cli_session *session, const char **ret)
{
    const cli_args *args = session->args;
    const char *title = args_value(args, "title");
    const size_t words = title ? 0 : 1;
    *ret = NULL;
    if (args->word_count > words)
        return ix_fail(session->cx, IOTS_USAGE, "'%s' is one word too many", args->words[words]);
    if (!title && args->word_count == 0)
        return true;
    return thing_find(session, NULL, title ? title : args->words[0], title != NULL, ret);
}

bool watch_run(cli_session *session)
{
    ix_ctx *cx = session->cx;
    cli_repeat repeat = {0};
    watch watch = {
        .session = session,
        .is_table = session->format == FORMAT_TABLE && session->out.is_terminal,
    };
    if (!repeat_read(session, "interval", INTERVAL_MS, &repeat) ||
        !args_int(cx, session->args, "rounds", 1, INT64_MAX, INT64_MAX, &repeat.rounds) ||
        !session_space(session) || !session_open(session) || !thing_read(session, &watch.thing))
        return false;
    watch.last_seen_list = ix_map_new();
    if (!watch.last_seen_list)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    static const cli_column columns[] = {
        {"at", NULL, true}, {"thing", NULL, true}, {"property", NULL, true}, {"value", NULL, true}};
    if (session->format == FORMAT_CSV)
        watch.csv = sheet_of(session, columns, sizeof columns / sizeof columns[0]);
    bool ok = repeat_run(session, &repeat, round_show, &watch);
    if (session->format == FORMAT_CSV && !sheet_end(watch.csv))
        ok = ix_fail(cx, IOTS_NO_MEMORY, NULL);
    ix_map_each(watch.last_seen_list, last_seen_free, NULL);
    ix_map_free(watch.last_seen_list);
    return ok;
}
