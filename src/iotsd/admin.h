/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that work on the store directly, and the first start. What they find out goes to standard
 * output; what goes wrong is in cx.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include "iotsd/commands.h"

bool admin_space_add(ix_ctx *cx, const admin_command *command);
bool admin_space_list(ix_ctx *cx, const admin_command *command);
bool admin_space_remove(ix_ctx *cx, const admin_command *command);
bool admin_client_add(ix_ctx *cx, const admin_command *command);
bool admin_client_list(ix_ctx *cx, const admin_command *command);
bool admin_client_remove(ix_ctx *cx, const admin_command *command);
bool admin_client_reset(ix_ctx *cx, const admin_command *command);
bool admin_user_add(ix_ctx *cx, const admin_command *command);
bool admin_user_list(ix_ctx *cx, const admin_command *command);
bool admin_user_remove(ix_ctx *cx, const admin_command *command);
bool admin_user_reset(ix_ctx *cx, const admin_command *command);
bool admin_backup(ix_ctx *cx, const admin_command *command);
bool admin_restore(ix_ctx *cx, const admin_command *command);
bool admin_check(ix_ctx *cx, const admin_command *command);
bool admin_explain(ix_ctx *cx, const admin_command *command);
bool admin_compact(ix_ctx *cx, const admin_command *command);
bool admin_migrate(ix_ctx *cx, const admin_command *command);

/* The url of the store that the settings name, in cx; NULL when out of memory. There may be a password in
 * it. */
const char *admin_store_url(ix_ctx *cx, const iotsd_settings *settings);

/* Makes the store at `url` if there is none, brings its tables up to date and, if nobody has put
 * anything into it, makes the space and the client of the environment (IOTS_SPACE, IOTS_CLIENT_ID,
 * IOTS_CLIENT_SECRET), printing what had to be made up. */
bool admin_first_start(ix_ctx *cx, const char *url, const char *const *env);

#endif
