/* SPDX-License-Identifier: Apache-2.0 */
#include "api/run.h"

#include "api/credentials.h"
#include "api/email.h"
#include "api/exists.h"
#include "api/interactions.h"
#include "api/login.h"
#include "api/thing_write.h"
#include "api/tokens.h"
#include "api/values.h"

// clang-format off
#define none NULL
static const op_run runs[IX_OP_COUNT] = {
#define RUN(id, where, full, before, planner, path)                                  \
    [IX_OP_##id] = {.way = RUN_##where, .when_full = RUN_##full, .offload = (before), \
                    .plan = (planner), .exists = (path), .handle = on_##id},
#include "api/run.def"
#undef RUN
};
#undef none
// clang-format on

/* Every operation has its row, in the same order: the first one out of order is named. */
enum {
#define RUN(id, ...) ROW_##id,
#include "api/run.def"
#undef RUN
    ROW_COUNT
};
#define OP(id, ...)                                  \
    _Static_assert((int)ROW_##id == (int)IX_OP_##id, \
                   "the row of " #id " in api/run.def is not where ops.def has it");
#include "contract/ops.def"
#undef OP
_Static_assert((int)ROW_COUNT == (int)IX_OP_COUNT, "api/run.def has a row too many");

const op_run *run_of(const ix_op *op)
{
    return &runs[ix_op_index(op)];
}

bool run_writes(const op_run *run)
{
    return run->way >= RUN_WRITE;
}

/* ---- not written yet ---- */

/* They are refused when all else is found in order, so their handlers never run. */
static const bool is_unimplemented[IX_OP_COUNT] = {
#define UNIMPLEMENTED(id) [IX_OP_##id] = true,
#include "api/unimplemented.def"
#undef UNIMPLEMENTED
};

bool op_is_unimplemented(size_t op)
{
    return is_unimplemented[op];
}

#define UNIMPLEMENTED(id)                                     \
    bool on_##id(api_call *call)                              \
    {                                                         \
        return ix_fail(call->cx, IOTS_NOT_IMPLEMENTED, NULL); \
    }
#include "api/unimplemented.def"
#undef UNIMPLEMENTED
