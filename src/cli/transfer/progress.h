/* SPDX-License-Identifier: Apache-2.0 */
/* How long work goes, on one line of standard error, if someone is looking. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/session.h"

typedef struct cli_progress {
    bool is_shown; /* standard error is a terminal, and not --quiet */
    int64_t begin_us, shown_us;
} cli_progress;

cli_progress progress_begin(const cli_session *session);

/* "<count> <noun>, <rate>/s [####....] 40%, 1:20 left", a few times a second. `part` of the whole is
 * done; 0: nobody knows. */
void progress_show(cli_progress *progress, uint64_t count, const char *noun, double part);

/* Makes room for a line that stays. */
void progress_clear(const cli_progress *progress);

#endif
