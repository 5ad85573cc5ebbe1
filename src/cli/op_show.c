/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/op_show.h"

#include <stddef.h>

static const op_show shows[IX_OP_COUNT] = {
#define SHOW(id, what, act, ...) [IX_OP_##id] = {.noun = (what), .verb = (act), __VA_ARGS__},
#define HIDDEN(id)               [IX_OP_##id] = {.noun = NULL},
#include "cli/show.def"
#undef SHOW
#undef HIDDEN
};

/* Every operation has its row, in the same order: the first one out of order is named. */
enum {
#define SHOW(id, ...) ROW_##id,
#define HIDDEN(id)    ROW_##id,
#include "cli/show.def"
#undef SHOW
#undef HIDDEN
    ROW_COUNT
};
#define OP(id, ...)                                  \
    _Static_assert((int)ROW_##id == (int)IX_OP_##id, \
                   "the row of " #id " in cli/show.def is not where ops.def has it");
#include "contract/ops.def"
#undef OP
_Static_assert((int)ROW_COUNT == (int)IX_OP_COUNT, "cli/show.def has a row too many");

const op_show *show_of(const ix_op *op)
{
    return &shows[ix_op_index(op)];
}
