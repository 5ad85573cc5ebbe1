/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A condition (name, a line end, text) and a status object (after another line end): whatever is
 * asked, the answers of the operators fit together.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool holds(filter_condition condition, filter_op op, const ix_json *value)
{
    condition.op = op;
    return condition_holds(&condition, value);
}

static void check_answers(filter_condition condition, const ix_json *value)
{
    const bool eq = holds(condition, FILTER_EQ, value);
    const bool neq = holds(condition, FILTER_NEQ, value);
    const bool gt = holds(condition, FILTER_GT, value);
    const bool gte = holds(condition, FILTER_GTE, value);
    const bool lt = holds(condition, FILTER_LT, value);
    const bool lte = holds(condition, FILTER_LTE, value);
    const ix_kind kind = ix_json_kind(value);
    const bool is_there = kind != IX_NONE && kind != IX_NULL;

    must(!(eq && neq) && !(gt && lt) && !(gt && lte) && !(lt && gte));
    must(!is_there || eq || neq);
    must(is_there || !(neq || gt || gte || lt || lte));
    must(!(gt || lt) || (neq && gt == gte && lt == lte));
    must(!(gte && lte) || eq);
    holds(condition, FILTER_CONTAINS, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_ctx cx;
    must(ix_ctx_init(&cx, 0));
    ix_str name, text;
    ix_str rest = ix_str_cut((ix_str){(const char *)data, size}, '\n', &name);
    rest = ix_str_cut(rest, '\n', &text);
    const ix_json *status = ix_json_parse(&cx, rest.at ? rest.at : "", rest.len);
    ix_ctx_clear_error(&cx);

    filter_condition condition;
    if (condition_parse(&cx, name, text, &condition)) {
        must(!ix_failed(&cx));
        const ix_json *value = condition_value(&condition, status);
        must(conditions_hold(&condition, status) == condition_holds(&condition, value));
        check_answers(condition, value);
        check_answers(condition, status);
    } else {
        must(cx.error.code == IOTS_INVALID);
    }
    ix_ctx_done(&cx);
    return 0;
}
