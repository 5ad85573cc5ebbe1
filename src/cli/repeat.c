/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/repeat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli/interrupt.h"

bool repeat_read(cli_session *session, const char *name, int64_t otherwise_ms, cli_repeat *ret)
{
    ix_ctx *cx = session->cx;
    int64_t interval_ms;
    if (session->format == FORMAT_JSON)
        return ix_fail(cx, IOTS_USAGE, "what has no end is not JSON document: use --jsonl");
    if (!args_duration(cx, session->args, name, otherwise_ms, &interval_ms))
        return false;
    if (interval_ms < REPEAT_LEAST_MS)
        return ix_fail(cx, IOTS_USAGE, "--%s: at least %d ms", name, REPEAT_LEAST_MS);
    *ret = (cli_repeat){.interval_ms = interval_ms, .rounds = INT64_MAX};
    return true;
}

/* A server that is away for a moment is not a reason to end; it was there at the first round. */
static bool may_pass(iots_code code)
{
    return code == IOTS_TRANSPORT || code == IOTS_TIMEOUT || code == IOTS_UNAVAILABLE ||
           code == IOTS_TOO_MANY || code == IOTS_INTERNAL;
}

bool repeat_run(cli_session *session, cli_repeat *repeat, repeat_round *round, void *arg)
{
    ix_ctx *cx = session->cx;
    interrupt_catch();
    for (; repeat->round < repeat->rounds && !interrupt_seen(); repeat->round++) {
        const int64_t begin_us = ix_monotonic_us();
        if (!round(session, repeat, arg)) {
            if (repeat->round == 0 || !may_pass(cx->error.code))
                return false;
            session_remark(session, "iots: %s; trying again", cx->error.message);
            repeat->lines = 0;
            ix_ctx_clear_error(cx);
        }
        const int64_t rest_us = begin_us + repeat->interval_ms * 1000 - ix_monotonic_us();
        if (repeat->round + 1 < repeat->rounds && rest_us > 0)
            interrupt_sleep(rest_us);
    }
    if (interrupt_seen())
        session->exit_code = EXIT_INTERRUPTED;
    return true;
}

/* ---- drawing ---- */

/* Lines of a terminal that a line of text takes; colours take no room. */
static size_t line_height(ix_str line, int width)
{
    ix_buf plain = {0};
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] != '\033')
            ix_buf_char(&plain, line.at[i]);
        else
            while (i < line.len && line.at[i] != 'm')
                i++;
    }
    const size_t columns = text_width((ix_str){ix_buf_cstr(&plain), plain.len});
    ix_buf_done(&plain);
    return columns <= (size_t)width || width <= 0 ? 1 : (columns - 1) / (size_t)width + 1;
}

void repeat_draw(cli_repeat *repeat, const cli_screen *screen, const char *text)
{
    ix_buf all = {0};
    if (repeat->lines > 0)
        ix_buf_format(&all, "\033[%zuA\r\033[J", repeat->lines);
    repeat->lines = 0;
    const size_t room = screen->height > 2 ? (size_t)screen->height - 2 : 1;
    for (ix_str rest = ix_str_of(text); rest.len > 0;) {
        ix_str line;
        rest = ix_str_cut(rest, '\n', &line);
        const size_t height = line_height(line, screen->width);
        if (repeat->lines + height > room) {
            ix_buf_text(&all, "...\n");
            repeat->lines++;
            break;
        }
        ix_buf_str(&all, line);
        ix_buf_char(&all, '\n');
        repeat->lines += height;
    }
    fwrite(ix_buf_cstr(&all), 1, all.len, screen->out);
    fflush(screen->out);
    ix_buf_done(&all);
}

/* ---- any command ---- */

/* One run of the command into `screen`, with memory of its own: there may be very many. */
static bool run_once(cli_session *session, const cli_repeat *repeat, cli_screen screen)
{
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
    struct cli_session once = *session;
    once.cx = &cx;
    once.out = screen;
    once.is_again = repeat->round > 0;
    const bool ok = once.command->run(&once);
    session->exit_code = once.exit_code;
    if (!ok)
        ix_ctx_forward_error(session->cx, &cx);
    ix_ctx_done(&cx);
    return ok;
}

static bool round_run(cli_session *session, cli_repeat *repeat, void *arg)
{
    (void)arg;
    cli_screen screen = session->out;
    if (!screen.is_terminal)
        return run_once(session, repeat, screen) &&
               (fflush(screen.out) == 0 ||
                ix_fail(session->cx, IOTS_UNEXPECTED, "standard output: %s", strerror(errno)));
    char *text = NULL;
    size_t size = 0;
    screen.out = open_memstream(&text, &size);
    if (!screen.out)
        return ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
    const bool ok = run_once(session, repeat, screen);
    fclose(screen.out);
    if (ok)
        repeat_draw(repeat, &session->out, text);
    free(text);
    return ok;
}

bool command_repeat(cli_session *session)
{
    cli_repeat repeat = {0};
    const ix_op *op = session->command->op;
    /* Opened here, because who we are outlives each round. */
    return repeat_read(session, "watch", 0, &repeat) &&
           (op && !op->scopes ? session_open_anonymous(session) : session_open(session)) &&
           repeat_run(session, &repeat, round_run, NULL);
}
