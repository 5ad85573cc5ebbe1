/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path (after a letter for the method) that leads to an operation has good variables or a reason
 * why not; with good ones the operation's own path leads to the same operation with the same values.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract/ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_path_back(ix_ctx *cx, const ix_match *match)
{
    ix_match again;
    const char *path = ix_op_path(cx, match->op, match->vars);
    must(path && ix_ops_match(cx, match->op->method, ix_str_of(path), &again));
    must(again.op == match->op && again.in_category == match->in_category);
    for (int i = 0; i < IX_VAR_COUNT; i++) {
        must(!match->vars[i] == !again.vars[i]);
        must(!match->vars[i] || strcmp(match->vars[i], again.vars[i]) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const ix_method method = (ix_method)(data[0] % IX_METHOD_COUNT);
    const ix_str path = {(const char *)data + 1, size - 1};
    ix_ctx cx;
    ix_match match;
    must(ix_ctx_init(&cx, 0) && ix_ops_match(&cx, method, path, &match));
    must(match.route_exists == (match.allowed != 0) && (!match.op || match.route_exists));
    must(ix_allow_header(&cx, match.allowed) != NULL);
    if (match.route_exists) {
        if (!ix_match_check(&cx, &match))
            must(cx.error.code == IOTS_INVALID || cx.error.code == IOTS_NOT_FOUND);
        else if (match.op)
            check_path_back(&cx, &match);
    }
    ix_ctx_done(&cx);
    return 0;
}
