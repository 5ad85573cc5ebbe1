/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query string is read as pairs, arguments, a filter and a sort order, or refused with a reason.
 * What is read is UTF-8 without NUL and ends with a zero; integers are within their range.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract/params.h"
#include "domain/filter.h"
#include "domain/sort.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_text(ix_str text)
{
    must(text.at && strlen(text.at) == text.len && ix_str_is_utf8(text));
}

/* What failed, failed for a reason; and is forgotten. */
static void must_be_refused(ix_ctx *cx)
{
    must(cx->error.code == IOTS_INVALID && cx->error.message[0] != '\0');
    must(ix_str_is_utf8(ix_str_of(cx->error.message)));
    ix_ctx_clear_error(cx);
}

static void check_args(ix_ctx *cx, const ix_arg args[IX_PARAM_COUNT])
{
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        const ix_arg *arg = &args[i];
        if (!arg->given)
            continue;
        switch (ix_params[i].type) {
        case IX_PARAM_BOOL:
            break;
        case IX_PARAM_INT:
            must(arg->number >= ix_params[i].min && arg->number <= ix_params[i].max);
            break;
        case IX_PARAM_TEXT:
        case IX_PARAM_WORD:
            must_be_text(arg->text);
            break;
        case IX_PARAM_LIST:
        case IX_PARAM_MAP:
            must(arg->list != NULL);
            for (const ix_pair *pair = arg->list; pair; pair = pair->next)
                must_be_text(pair->value);
        }
    }

    thing_filter filter;
    if (!filter_parse(cx, args, NULL, &filter))
        must_be_refused(cx);
    sort_list sort, again;
    if (!sort_parse(cx, args[IX_PARAM_sort].list, &sort)) {
        must_be_refused(cx);
        return;
    }
    const char *text = sort_text(cx, &sort);
    const ix_pair pair = {.value = ix_str_of(text)};
    must(sort_parse(cx, *text ? &pair : NULL, &again) && again.count == sort.count);
    must(strcmp(sort_text(cx, &again), text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ix_str query = {(const char *)data, size};
    ix_ctx cx;
    must(ix_ctx_init(&cx, 0));
    ix_pair *pairs;
    if (ix_pairs_parse(&cx, query, &pairs)) {
        for (const ix_pair *pair = pairs; pair; pair = pair->next) {
            must_be_text(pair->name);
            must_be_text(pair->value);
        }
    } else {
        must_be_refused(&cx);
    }
    ix_arg args[IX_PARAM_COUNT];
    if (ix_args_parse(&cx, UINT64_MAX, query, args))
        check_args(&cx, args);
    else
        must_be_refused(&cx);
    ix_ctx_done(&cx);
    return 0;
}
