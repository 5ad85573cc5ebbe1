/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that are not operations: one row each in builtins.c, one function each elsewhere. */
#ifndef CLI_BUILTINS_H
#define CLI_BUILTINS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

extern const command builtins[];
extern const size_t builtins_count;

bool login_run(struct session *session);          /* login.c */
bool logout_run(struct session *session);         /* login.c */
bool doctor_run(struct session *session);         /* doctor.c */
bool profile_list_run(struct session *session);   /* profiles.c */
bool profile_show_run(struct session *session);   /* profiles.c */
bool profile_use_run(struct session *session);    /* profiles.c */
bool profile_remove_run(struct session *session); /* profiles.c */
bool space_use_run(struct session *session);      /* login.c */
bool get_run(struct session *session);            /* shortcuts.c */
bool set_run(struct session *session);            /* shortcuts.c */
bool watch_run(struct session *session);          /* watch.c */
bool history_plot_run(struct session *session);   /* history.c */
bool import_run(struct session *session);         /* import.c */
bool import_influx_run(struct session *session);
bool import_things_run(struct session *session); /* things_import.c */
bool import_space_run(struct session *session);  /* restore.c */
bool export_space_run(struct session *session);  /* export.c */
bool api_run(struct session *session);           /* shortcuts.c */
bool completion_run(struct session *session);    /* complete.c */

#endif
