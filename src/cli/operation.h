/* SPDX-License-Identifier: Apache-2.0 */
/* Performing an operation of the table, and showing what came of it. */
#ifndef CLI_OPERATION_H
#define CLI_OPERATION_H

#include <stdbool.h>

#include "cli/command.h"
#include "contract/ops.h"

struct cli_session;

/* Runs the command at hand, which is an operation. Lists are followed to their end. */
bool operation_run(struct cli_session *session);

/* Makes the request of the command at hand, opens the API, and finds out which Thing is meant. */
bool operation_read(struct cli_session *session, cli_request *ret);

#endif
