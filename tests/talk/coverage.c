/* SPDX-License-Identifier: Apache-2.0 */
#include "coverage.h"

#include <string.h>

/* Parameters that take any text: what is not there matches nothing. Those of the login that are here
 * are refused by a redirect, not by 400 (docs/api/http.md 3.4). */
#define TAKES_ANYTHING                                                                           \
    (IX_PARAM_BIT(title) | IX_PARAM_BIT(type) | IX_PARAM_BIT(model) | IX_PARAM_BIT(categories) | \
     IX_PARAM_BIT(links_rel) | IX_PARAM_BIT(links_href) | IX_PARAM_BIT(property_names) |         \
     IX_PARAM_BIT(response_type) | IX_PARAM_BIT(scope) | IX_PARAM_BIT(state) |                   \
     IX_PARAM_BIT(code_challenge) | IX_PARAM_BIT(code_challenge_method))

/* ---- noting ---- */

/* The bit of a parameter, among those of a row; 0 if it has none of that name. */
static uint64_t param_bit(const ix_op *op, ix_str name)
{
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        const bool is_it = ix_params[i].type == IX_PARAM_MAP
                               ? ix_str_starts(name, ix_params[i].name)
                               : ix_str_is(name, ix_params[i].name);
        if (is_it)
            return ix_op_params(op) & UINT64_C(1) << i;
    }
    return 0;
}

/* All parameters of a row in a query as a conversation writes it, and the last of them. A query that
 * does not decode has none. */
static uint64_t params_in(ix_ctx *cx, const ix_op *op, ix_str query, uint64_t *ret_last)
{
    uint64_t all = 0;
    *ret_last = 0;
    ix_pair *pairs = NULL;
    if (!ix_pairs_parse(cx, query, &pairs)) {
        ix_ctx_clear_error(cx);
        return 0;
    }
    for (const ix_pair *pair = pairs; pair; pair = pair->next) {
        const uint64_t bit = pair->value.len ? param_bit(op, pair->name) : 0;
        all |= bit;
        *ret_last = bit;
    }
    return all;
}

static void note(ix_ctx *cx, struct coverage_row *row, const ix_match *match, ix_str query,
                 int status)
{
    uint64_t last;
    const uint64_t all = params_in(cx, match->op, query, &last);
    if (status == match->op->status) {
        row->works[match->in_category] = true;
        row->taken |= all;
    }
    if (status == 400)
        row->refused |= last;
    if (status >= 400 && !ix_op_may_fail_with(match->op, status))
        row->unlisted = status;
    const int *errors = match->op->errors;
    for (unsigned i = 0; errors && errors[i]; i++)
        row->failed |= status == errors[i] ? 1U << i : 0;
}

bool coverage_note(ix_ctx *cx, coverage *coverage, const talk *talk)
{
    for (size_t i = 0; i < talk->count; i++) {
        const talk_step *step = &talk->steps[i];
        ix_method method;
        if (step->kind != TALK_CALL || !ix_method_parse(ix_str_of(step->method), &method) ||
            method == IX_HEAD)
            continue;
        ix_str path;
        const ix_str query = ix_str_cut(ix_str_of(step->target), '?', &path);
        ix_match match;
        if (!ix_ops_match(cx, method, path, &match))
            return false;
        if (match.op)
            note(cx, &coverage->rows[ix_op_index(match.op)], &match, query, step->status);
    }
    return true;
}

/* ---- what is missing ---- */

static const char *add_line(ix_ctx *cx, const char *text, const ix_op *op, const char *what)
{
    return text && what ? ix_format(cx, "%s%s (%s %s): %s\n", text, op->name,
                                    ix_method_name(op->method), op->path, what)
                        : NULL;
}

const char *coverage_missing(ix_ctx *cx, const coverage *coverage, const ix_op *op)
{
    const struct coverage_row *row = &coverage->rows[ix_op_index(op)];
    const char *text = "";
    if (!row->works[false])
        text = add_line(cx, text, op, ix_format(cx, "never answers %d", op->status));
    if (!row->works[true] && op->flags & IX_ALSO_IN_CATEGORY)
        text =
            add_line(cx, text, op, ix_format(cx, "never answers %d below a Category", op->status));
    for (unsigned i = 0; op->errors && op->errors[i]; i++) {
        if (!(row->failed >> i & 1))
            text = add_line(cx, text, op, ix_format(cx, "never answers %d", op->errors[i]));
    }
    if (row->unlisted)
        text = add_line(cx, text, op,
                        ix_format(cx, "answers %d, which its row does not list", row->unlisted));
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        const uint64_t bit = UINT64_C(1) << i & ix_op_params(op);
        const char *name = ix_params[i].name;
        if (bit & ~row->taken)
            text = add_line(cx, text, op, ix_format(cx, "never takes %s", name));
        if (bit & ~row->refused & ~TAKES_ANYTHING)
            text = add_line(cx, text, op, ix_format(cx, "never refuses %s", name));
    }
    return text;
}
