/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands of administration do, and the first start. A command is the same whether the server
 * that runs carries it out or, if none runs, the program that was called (admin_client.h).
 */
#ifndef ADMIN_H
#define ADMIN_H

#include <stdint.h>

#include "api/admin_effect.h"
#include "iotsd/commands.h"
#include "net/service.h"

/* Who carries a command out. */
struct admin_host {
    const char *store_url;
    net_service *service;                  /* that serves the store; NULL: nobody does */
    const _Atomic int64_t *until_us;       /* for store_stop_at; NULL: as long as it takes */
    int file_fd;                           /* of the new file, for COMMAND_MAKES_FILE */
    admin_effect effect;                   /* of what is written */
    ix_buf out;                            /* what goes to standard output */
    void (*flush)(void *arg, ix_buf *out); /* hands that on, and empties it */
    void *arg;
};

bool admin_space_add(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_space_list(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_space_remove(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_client_add(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_client_list(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_client_remove(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_client_reset(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_user_add(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_user_list(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_user_remove(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_user_reset(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_backup(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_restore(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_check(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_explain(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_compact(ix_ctx *cx, const admin_command *command, admin_host *host);
bool admin_migrate(ix_ctx *cx, const admin_command *command, admin_host *host);

/* The url of the store that the settings name, in cx; NULL when out of memory. There may be a password in
 * it. */
const char *admin_store_url(ix_ctx *cx, const iotsd_settings *settings);

/* Makes the store at `url` if there is none, brings its tables up to date and, if nobody has put
 * anything into it, makes the space and the client of the environment (IOTS_SPACE, IOTS_CLIENT_ID,
 * IOTS_CLIENT_SECRET), printing what had to be made up. */
bool admin_first_start(ix_ctx *cx, const char *url, const char *const *env);

#endif
