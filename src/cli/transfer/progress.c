/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"

#define STEP_US (IX_SECOND_US / 5)

cli_progress progress_begin(const cli_session *session)
{
    return (cli_progress){
        .is_shown = session->err.is_terminal && !session->is_quiet,
        .begin_us = ix_monotonic_us(),
    };
}

void progress_show(cli_progress *progress, uint64_t count, const char *noun, double part)
{
    enum { BAR = 20 };
    const int64_t now_us = ix_monotonic_us();
    if (!progress->is_shown || now_us - progress->shown_us < STEP_US)
        return;
    progress->shown_us = now_us;
    const double seconds = (double)(now_us - progress->begin_us) / (double)IX_SECOND_US;
    fprintf(stderr, "\r\033[K%" PRIu64 " %s, %.0f/s", count, noun,
            seconds > 0 ? (double)count / seconds : 0);
    if (part > 0) {
        part = part < 1 ? part : 1;
        const int left = (int)(seconds / part - seconds);
        char bar[BAR + 1];
        for (int i = 0; i < BAR; i++)
            bar[i] = (double)i < part * (double)BAR ? '#' : '.';
        bar[BAR] = '\0';
        fprintf(stderr, " [%s] %.0f%%, %d:%02d left", bar, part * 100, left / 60, left % 60);
    }
    fflush(stderr);
}

void progress_clear(const cli_progress *progress)
{
    if (progress->shown_us)
        fputs("\r\033[K", stderr);
}
