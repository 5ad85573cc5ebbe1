/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An iotsd for a test: a child process on a folder and a port of its own.
 *
 *     server *server = server_start(cx, NULL, 0);
 *     ... server_url(server), server_token(cx, server, NULL) ...
 *     CHECK(server_stop(cx, server));
 *     server_free(server);
 *
 * The port is the kernel's choice and is read from the start line, so nothing waits for a time. What
 * the server logs is kept and shown if it ends otherwise than asked. Whatever is left when the test
 * program ends, however it ends, is killed and removed.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/ctx.h"

typedef struct server server;

/* The space and the client with every scope that a first start makes (docs/api/http.md section 18). */
#define SERVER_SPACE         "farm"
#define SERVER_CLIENT_ID     "app::01JM000000000000000000TEST"
#define SERVER_CLIENT_SECRET "replay-secret"

/* Starts iotsd on a new folder, or on a new database (postgres.h), and returns once it serves. `env`
 * holds `count` settings NAME=VALUE that win over ours (port 0 on loopback, no MQTT, e-mail into the
 * folder "mail" of server_folder). NULL with the reason, log included, in cx. */
server *server_start(ix_ctx *cx, const char *const *env, size_t count);

/* Asks it to end (SIGTERM). server_stop waits then. */
void server_begin_stop(server *server);

/* Asks it to end, if it was not asked yet, and waits. False if its exit status is not 0: then its log is printed. */
bool server_stop(ix_ctx *cx, server *server);

/* Ends it at once (SIGKILL) and waits. */
void server_kill(server *server);

/* Starts it again on the same folder, after stop or kill. The port is another one. */
bool server_restart(ix_ctx *cx, server *server);

/* Kills it if it runs, and removes its folder. NULL is fine. */
void server_free(server *server);

bool server_runs(server *server);
const char *server_url(const server *server); /* http://127.0.0.1:PORT, or https; borrowed, until
                                                 restart */
const char *
server_folder(const server *server);           /* everything of this server is in here; borrowed */
const char *server_data(const server *server); /* its data folder; borrowed */
pid_t server_pid(const server *server);
const char *server_log(ix_ctx *cx, server *server); /* so far, in cx */

/* Waits until it has logged this text so many times. False if it ends or takes far too long. */
bool server_said(ix_ctx *cx, server *server, const char *text, int times);

/* A token for the client of the first start, with these scopes (NULL: all). In cx; NULL on failure. */
const char *server_token(ix_ctx *cx, const server *server, const char *scope);

/* The same for any client. */
const char *server_token_for(ix_ctx *cx, const char *url, const char *client_id,
                             const char *client_secret, const char *scope);

/* Runs `iotsd args...` (NULL at the end) on the server's store; *ret_out gets what it printed on
 * standard output. The exit status, or -1 with the reason in cx. */
int server_admin(ix_ctx *cx, const server *server, const char *const *args, const char **ret_out);

/* Runs any program: `argv` with NULL at the end, `env` NAME=VALUE with NULL at the end added to the
 * environment (or NULL). Standard output and standard error, in cx, unless NULL. Kills it after
 * `timeout_ms`. The exit status, 128 + signal, or -1 with the reason in cx. */
int run_program(ix_ctx *cx, const char *const *argv, const char *const *env, int timeout_ms,
                const char **ret_out, const char **ret_err);

#endif
