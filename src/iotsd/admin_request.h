/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command on its way from the program that was called to the server that runs (net/admin_frame.h). Both
 * sides are of one version, so whatever this file writes it can read.
 */
#ifndef ADMIN_REQUEST_H
#define ADMIN_REQUEST_H

#include "iotsd/commands.h"
#include "net/admin_frame.h"

/* Where the server that runs with these settings listens, in cx. *ret NULL: nowhere. */
bool admin_socket_path(ix_ctx *cx, const iotsd_settings *settings, const char **ret);

/* The store at a url as no two are called: a relative path is as good as an absolute one. In cx; NULL on
 * failure. */
const char *admin_store_identity(ix_ctx *cx, const char *url);

/* `store_url`: that of the command's settings; `file_fd`: of the file that it makes, or -1. IOTS_INVALID if the command is too long. */
bool admin_request_write(ix_ctx *cx, admin_wire *wire, const admin_command *command,
                         const char *store_url, int file_fd);

/* Reads a command for the store at `store_url`; in cx, without settings. Refuses the command of another
 * version, for another store, and one that servers do not carry out. */
bool admin_request_read(ix_ctx *cx, admin_wire *wire, const char *store_url, admin_command *ret);

#endif
