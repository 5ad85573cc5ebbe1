/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/builtins.h"
#include "cli/op_show.h"
#include "cli/operation.h"

bool commands_list(ix_ctx *cx, cli_commands *ret)
{
    cli_command *all = ix_new(cx, cli_command, builtins_count + IX_OP_COUNT);
    if (!all)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < builtins_count; i++)
        all[count++] = builtins[i];
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        if (!show_of(&ix_ops[i])->noun)
            continue;
        if (!command_of_op(cx, &ix_ops[i], &all[count]))
            return false;
        all[count++].run = operation_run;
    }
    *ret = (cli_commands){all, count};
    return true;
}
