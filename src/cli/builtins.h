/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that are not operations: one row each in builtins.c, one function each elsewhere. */
#ifndef CLI_BUILTINS_H
#define CLI_BUILTINS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

extern const cli_command builtins[];
extern const size_t builtins_count;

bool login_run(struct cli_session *session);          /* login.c */
bool logout_run(struct cli_session *session);         /* login.c */
bool doctor_run(struct cli_session *session);         /* doctor.c */
bool profile_list_run(struct cli_session *session);   /* profiles.c */
bool profile_show_run(struct cli_session *session);   /* profiles.c */
bool profile_use_run(struct cli_session *session);    /* profiles.c */
bool profile_remove_run(struct cli_session *session); /* profiles.c */
bool space_use_run(struct cli_session *session);      /* login.c */
bool get_run(struct cli_session *session);            /* aliases.c */
bool set_run(struct cli_session *session);            /* aliases.c */
bool watch_run(struct cli_session *session);          /* watch.c */
bool history_plot_run(struct cli_session *session);   /* history.c */
bool import_run(struct cli_session *session);         /* import_history.c */
bool import_influx_run(struct cli_session *session);
bool import_things_run(struct cli_session *session); /* import_things.c */
bool import_space_run(struct cli_session *session);  /* import_space.c */
bool export_space_run(struct cli_session *session);  /* export_space.c */
bool api_run(struct cli_session *session);           /* aliases.c */
bool completion_run(struct cli_session *session);    /* complete.c */

#endif
