/* SPDX-License-Identifier: Apache-2.0 */
/* All commands there are: those with code of their own (builtins.h), and the operations. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

/* In cx. */
bool commands_list(ix_ctx *cx, cli_commands *ret);

#endif
