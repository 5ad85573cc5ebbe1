/* SPDX-License-Identifier: Apache-2.0 */
/* Performing an operation of the table, and showing what came of it. */
#ifndef CLI_OPERATION_H
#define CLI_OPERATION_H

#include <stdbool.h>

#include "contract/ops.h"

struct session;

/* Runs the command at hand, which is an operation. Lists are followed to their end. */
bool operation_run(struct session *session);

/* Lines for its help: a command and, after " # ", what it is for; NULL if there are none. */
const char *operation_examples(const ix_op *op);

#endif
