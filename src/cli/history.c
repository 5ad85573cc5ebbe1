/* SPDX-License-Identifier: Apache-2.0 */
/* iots history plot: what a property was over time, as a chart. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli/builtins.h"
#include "cli/session.h"
#include "cli/show/chart_png.h"
#include "cli/show/view.h"
#include "cli/thing_lookup.h"

enum { PAGE_ITEMS = 1000, POINTS = 100 * 1000, POINTS_MOST = 1000 * 1000 };

/* The sizes that are taken if none is given: characters without a terminal, pixels. */
enum { COLUMNS = 80, LINES = 20, LINES_MOST = 24, PNG_WIDTH = 1200, PNG_HEIGHT = 600 };

#define DAY_US (86400 * IX_SECOND_US)

typedef struct history {
    cli_session *session;
    iots_thing thing;
    const char *property;
    iots_reply *description; /* of the Thing */
    const char *at;          /* what of the history, as the API wants it */
    int64_t from_us, to_us;  /* INT64_MIN, INT64_MAX: as far as there are values */
    cli_point *points;       /* ours; newest first until all are there */
    size_t count, size;
    bool is_truth; /* all of them so far */
} history;

/* ---- what is asked for ---- */

/* A moment: 24h, 7d and so on ago, or a time, whole or short. */
static bool timestamp_read(ix_ctx *cx, const cli_args *args, const char *flag, int64_t otherwise_us,
                           int64_t now_us, int64_t *ret_us)
{
    // clang-format off
    static const struct { char unit; int64_t us; } units[] = {
        {'s', IX_SECOND_US}, {'m', 60 * IX_SECOND_US}, {'h', 3600 * IX_SECOND_US},
        {'d', DAY_US}, {'w', 7 * DAY_US}, {'y', 365 * DAY_US},
    };
    // clang-format on
    const char *text = args_value(args, flag);
    *ret_us = otherwise_us;
    if (!text)
        return true;
    const size_t len = strlen(text);
    double number;
    for (size_t i = 0; len > 1 && i < sizeof units / sizeof units[0]; i++) {
        if (text[len - 1] != units[i].unit || !ix_str_number((ix_str){text, len - 1}, &number))
            continue;
        const double us = number * (double)units[i].us;
        if (number < 0 || us > (double)(now_us - ix_time_first_us))
            break;
        *ret_us = now_us - (int64_t)us;
        return true;
    }
    return ix_time_parse_short(ix_str_of(text), ret_us) ||
           ix_fail(
               cx, IOTS_USAGE,
               "--%s %s: expected a time such as 2025-03-04T05:06, or how long ago: 90s, 24h, 7d",
               flag, text);
}

static bool range_read(history *history)
{
    ix_ctx *cx = history->session->cx;
    const cli_args *args = history->session->args;
    const int64_t now_us = ix_now_us();
    const char *at = args_value(args, "at");
    const bool has_side = args_has(args, "since") || args_has(args, "until");
    if (at && has_side)
        return ix_fail(cx, IOTS_USAGE, "--at excludes --since and --until");
    history->at = at;
    history->from_us = INT64_MIN;
    history->to_us = INT64_MAX;
    if (at)
        return true;
    if (!timestamp_read(cx, args, "until", now_us, now_us, &history->to_us) ||
        !timestamp_read(cx, args, "since", history->to_us - DAY_US, now_us, &history->from_us))
        return false;
    if (history->from_us >= history->to_us)
        return ix_fail(cx, IOTS_USAGE, "--since lies behind --until");
    ix_buf range = {0};
    ix_buf_time(&range, history->from_us);
    ix_buf_char(&range, '|');
    ix_buf_time(&range, history->to_us);
    history->at = ix_strdup(cx, ix_buf_cstr(&range));
    ix_buf_done(&range);
    return history->at != NULL;
}

/* --size 80x20. */
static bool size_read(cli_session *session, int least_width, int least_height, int most,
                      int *ret_width, int *ret_height)
{
    const char *text = args_value(session->args, "size");
    if (!text)
        return true;
    ix_str width, height = ix_str_cut(ix_str_of(text), 'x', &width);
    int64_t across, down;
    if (!ix_str_int(width, &across) || !ix_str_int(height, &down) || across < least_width ||
        down < least_height || across > most || down > most)
        return ix_fail(session->cx, IOTS_USAGE, "--size %s: expected from %dx%d to %dx%d", text,
                       least_width, least_height, most, most);
    *ret_width = (int)across;
    *ret_height = (int)down;
    return true;
}

/* The words are the Thing, unless it is given by its title, and the property. */
static bool thing_read(history *history)
{
    cli_session *session = history->session;
    const cli_args *args = session->args;
    const char *title = args_value(args, "title"), *category = args_value(args, "category");
    const size_t words = title ? 1 : 2;
    if (args->word_count != words)
        return ix_fail(session->cx, IOTS_USAGE,
                       title ? "expected the name of a property"
                             : "expected a Thing and the name of a property");
    const char *space = session_space(session), *id;
    if (!space || !session_open(session) ||
        !thing_find(session, category, title ? title : args->words[0], title != NULL, &id))
        return false;
    const iots_space at = iots_api_space(session->api, space);
    history->property = args->words[words - 1];
    history->thing = category ? iots_category_thing(iots_space_category(at, category), id)
                              : iots_space_thing(at, id);
    history->description = iots_thing_get(history->thing, NULL);
    return session_ok(session, history->description);
}

/* ---- values ---- */

static bool point_add(history *history, int64_t at_us, double value)
{
    if (history->count == history->size) {
        const size_t size = history->size ? 2 * history->size : 1024;
        cli_point *grown = realloc(history->points, size * sizeof *grown);
        if (!grown)
            return ix_fail(history->session->cx, IOTS_NO_MEMORY, NULL);
        history->points = grown;
        history->size = size;
    }
    history->points[history->count++] = (cli_point){at_us, value};
    return true;
}

static bool item_add(history *history, const iots_json *item)
{
    const char *at = iots_json_string(item, "/at");
    const iots_json *value = member_of(iots_json_at(item, "/properties"), history->property);
    int64_t at_us;
    if (!ix_time_parse(ix_str_of(at), &at_us))
        return ix_fail(history->session->cx, IOTS_PARSE,
                       "the server's answer holds no usable time");
    switch (iots_json_kind(value, "")) {
    case IOTS_KIND_NONE:
    case IOTS_KIND_NULL:
        return true; /* nothing was known then */
    case IOTS_KIND_BOOL:
        return point_add(history, at_us, iots_json_bool(value, "", false) ? 1 : 0);
    case IOTS_KIND_INTEGER:
    case IOTS_KIND_NUMBER:
        history->is_truth = false;
        return point_add(history, at_us, iots_json_number(value, "", 0));
    case IOTS_KIND_TEXT:
    case IOTS_KIND_ARRAY:
    case IOTS_KIND_OBJECT:
        break;
    }
    return ix_fail(history->session->cx, IOTS_USAGE,
                   "'%.100s' is not a number at %s: only numbers and true or false can be drawn, "
                   "but 'iots property-history list' shows anything",
                   history->property, at);
}

static void points_turn(history *history)
{
    for (size_t i = 0; i < history->count / 2; i++) {
        const cli_point point = history->points[i];
        history->points[i] = history->points[history->count - 1 - i];
        history->points[history->count - 1 - i] = point;
    }
}

/* The newest `most` values of the range, in the order of time. */
static bool points_read(history *history, size_t most)
{
    cli_session *session = history->session;
    iots_pager *pager =
        iots_history_list(history->thing, history->property,
                          IOTS_LIST(.limit = most < PAGE_ITEMS ? (int)most : PAGE_ITEMS,
                                    .params = IOTS_PARAMS({"at", history->at})));
    history->is_truth = true;
    bool ok = true;
    const iots_json *item = NULL;
    while (ok && history->count < most && (item = iots_pager_next(pager)))
        ok = item_add(history, item);
    if (ok && history->count == most && iots_pager_next(pager))
        session_remark(session, "iots: only the newest %zu values are drawn; --points takes more",
                       most);
    ok = ok && session_ok(session, iots_pager_reply(pager));
    iots_pager_free(pager);
    points_turn(history);
    return ok;
}

/* ---- drawing ---- */

static const char *plot_title(const history *history)
{
    const iots_json *thing = iots_reply_body(history->description);
    const char *title = iots_json_string(thing, "/title");
    const iots_json *property = member_of(iots_json_at(thing, "/properties"), history->property);
    const char *unit = iots_json_string(property, "/unit");
    return ix_format(history->session->cx, "%s%s%s%s%s%s", title ? title : "",
                     title && *title ? ": " : "", history->property, unit && *unit ? " (" : "",
                     unit ? unit : "", unit && *unit ? ")" : "");
}

static bool plot_of(const history *history, int ticks, cli_plot *ret)
{
    const cli_session *session = history->session;
    if (history->count == 0)
        return ix_fail(session->cx, IOTS_NOT_FOUND,
                       "'%.100s' has no values at %.100s; --since reaches further back",
                       history->property, history->at);
    const int64_t first_us = history->points[0].at_us;
    const int64_t last_us = history->points[history->count - 1].at_us;
    *ret = (cli_plot){
        .title = plot_title(history),
        .points = history->points,
        .count = history->count,
        .from_us = history->from_us == INT64_MIN ? first_us : history->from_us,
        .to_us = history->to_us == INT64_MAX ? last_us : history->to_us,
        .is_truth = history->is_truth,
    };
    if (ret->from_us == ret->to_us) {
        ret->from_us -= IX_SECOND_US;
        ret->to_us += IX_SECOND_US;
    }
    return ret->title && plot_fit(session->cx, ret, ticks);
}

static bool plot_to_terminal(history *history)
{
    enum { LINES_EACH = 3, LINES_BELOW = 3 };
    cli_session *session = history->session;
    const cli_screen *screen = &session->out;
    int columns = screen->width > 0 ? screen->width : COLUMNS;
    int lines = screen->height > 0 ? screen->height - LINES_BELOW : LINES;
    lines = lines > LINES_MOST ? LINES_MOST : lines;
    cli_plot plot;
    if (!size_read(session, PLOT_COLUMNS_LEAST, PLOT_LINES_LEAST, PLOT_CELLS_MAX, &columns,
                   &lines) ||
        !plot_of(history, lines / LINES_EACH, &plot))
        return false;
    const bool is_ascii = args_has(session->args, "ascii") || screen->is_ascii;
    return plot_print(&plot, screen, (size_t)columns, (size_t)lines, is_ascii) ||
           ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
}

static bool picture_write(cli_session *session, const char *path, const ix_buf *picture)
{
    const bool is_stdout = strcmp(path, "-") == 0;
    if (is_stdout && session->out.is_terminal)
        return ix_fail(session->cx, IOTS_USAGE, "a terminal shows no PNG: send it to a file");
    FILE *out = is_stdout ? session->out.out : fopen(path, "wbe");
    bool ok = out && fwrite(picture->at, 1, picture->len, out) == picture->len;
    if (out && !is_stdout)
        ok = fclose(out) == 0 && ok;
    return ok || ix_fail(session->cx, IOTS_UNEXPECTED, "%.300s: %s", path, strerror(errno));
}

static bool plot_to_picture(history *history, const char *path)
{
    enum { PIXELS_EACH = 60 };
    cli_session *session = history->session;
    int width = PNG_WIDTH, height = PNG_HEIGHT;
    cli_plot plot;
    ix_buf picture = {0};
    if (strcmp(path, "-") == 0 && session->out.is_terminal)
        return ix_fail(session->cx, IOTS_USAGE, "a terminal shows no pictures: --png FILE");
    const bool ok = size_read(session, CHART_LEAST, CHART_LEAST, CHART_MOST, &width, &height) &&
                    plot_of(history, height / PIXELS_EACH, &plot) &&
                    chart_png(session->cx, &plot, width, height, &picture) &&
                    picture_write(session, path, &picture);
    ix_buf_done(&picture);
    return ok;
}

bool history_plot_run(cli_session *session)
{
    int64_t most;
    history history = {.session = session};
    const char *png = args_value(session->args, "png");
    if (session->format != FORMAT_TABLE)
        return ix_fail(session->cx, IOTS_USAGE,
                       "a chart is for people: 'iots property-history list' prints JSON and CSV");
    bool ok = args_int(session->cx, session->args, "points", 1, POINTS_MOST, POINTS, &most) &&
              range_read(&history) && thing_read(&history) && points_read(&history, (size_t)most);
    if (ok)
        ok = png ? plot_to_picture(&history, png) : plot_to_terminal(&history);
    iots_reply_free(history.description);
    free(history.points);
    return ok;
}
