/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Query strings: first cut into decoded pairs, then read by the table of parameters.
 *
 * All text of one query is decoded into one piece of memory, in which each name and each value ends
 * with a zero.
 */
#include "contract/params.h"

#include <assert.h>
#include <stdio.h>

// clang-format off
const ix_param_row ix_params[IX_PARAM_COUNT] = {
#define PARAM(id, wire, command, kind, otherwise, least, most, text)                               \
    [IX_PARAM_##id] = {.name = (wire), .flag = (command), .type = (kind), .fallback = (otherwise), \
                       .min = (least), .max = (most), .doc = (text)},
#include "contract/params.def"
#undef PARAM
};
// clang-format on

_Static_assert(IX_PARAM_COUNT <= 64, "a set of parameters is one uint64_t");

/* ---- pairs ---- */

/* Decodes into *room, zero-terminates, and moves *room behind it. */
static bool part_decode(ix_ctx *cx, ix_str part, char **room, ix_str *ret)
{
    const ptrdiff_t len = ix_percent_decode(part, true, *room);
    const ix_str text = {*room, len > 0 ? (size_t)len : 0};
    if (len < 0 || !ix_str_is_utf8(text) || (text.len && memchr(text.at, 0, text.len)))
        return ix_fail_field(cx, IOTS_INVALID, "invalid query", "query",
                             "expected percent-encoded UTF-8 without NUL");

    (*room)[len] = '\0';
    *room += len + 1;
    *ret = text;
    return true;
}

bool ix_pairs_parse(ix_ctx *cx, ix_str query, ix_pair **ret)
{
    ix_pair *first = NULL;
    ix_pair **end = &first;
    size_t count = 0;
    /* Decoding never lengthens, and each mark (& or =) leaves room for one zero; one more for the
     * last. */
    char *room = ix_alloc(cx, query.len + 1);
    if (!room)
        return false;

    for (ix_str rest = query; rest.len;) {
        ix_str piece;
        rest = ix_str_cut(rest, '&', &piece);
        if (!piece.len)
            continue;
        if (++count > IX_PAIRS_MAX)
            return ix_fail(cx, IOTS_INVALID, "more than %d parameters", (int)IX_PAIRS_MAX);

        ix_pair *pair = ix_new(cx, ix_pair, 1);
        if (!pair)
            return false;
        ix_str name;
        const ix_str value = ix_str_cut(piece, '=', &name);
        if (!part_decode(cx, name, &room, &pair->name))
            return false;
        pair->value = (ix_str){room - 1, 0};
        if (value.len && !part_decode(cx, value, &room, &pair->value))
            return false;
        *end = pair;
        end = &pair->next;
    }
    *ret = first;
    return true;
}

/* ---- arguments ---- */

static bool arg_fail(ix_ctx *cx, const ix_param_row *row, const char *reason)
{
    char message[64];
    snprintf(message, sizeof message, "invalid %s", row->name);
    return ix_fail_field(cx, IOTS_INVALID, message, row->name, "%s", reason);
}

static bool bool_parse(ix_str text, bool *ret)
{
    const bool yes = ix_str_is(text, "1") || ix_str_is_nocase(text, "true");
    if (!yes && !ix_str_is(text, "0") && !ix_str_is_nocase(text, "false"))
        return false;
    *ret = yes;
    return true;
}

const char *ix_param_word_fault(ix_ctx *cx, const ix_param_row *row, ix_str text)
{
    const char *reason = NULL;
    ix_str rest = ix_str_of(row->fallback), word;
    while (rest.at) {
        rest = ix_str_cut(rest, '|', &word);
        if (ix_str_equal(word, text))
            return NULL;
        reason = reason ? ix_format(cx, "%s or %.*s", reason, (int)word.len, word.at)
                        : ix_format(cx, "expected %.*s", (int)word.len, word.at);
        if (!reason)
            return "unexpected";
    }
    return reason;
}

static bool word_parse(ix_ctx *cx, const ix_param_row *row, ix_str text, ix_str *ret)
{
    const char *fault = ix_param_word_fault(cx, row, text);
    if (fault)
        return arg_fail(cx, row, fault);
    *ret = text;
    return true;
}

static bool arg_append(ix_ctx *cx, ix_arg *arg, ix_pair ***end, ix_str name, ix_str value)
{
    ix_pair *pair = ix_new(cx, ix_pair, 1);
    if (!pair)
        return false;
    *pair = (ix_pair){.name = name, .value = value};
    **end = pair;
    *end = &pair->next;
    arg->given = true;
    return true;
}

static bool arg_set(ix_ctx *cx, const ix_param_row *row, const ix_pair *pair, ix_arg *arg,
                    ix_pair ***end)
{
    switch (row->type) {
    case IX_PARAM_BOOL:
        if (!bool_parse(pair->value, &arg->flag))
            return arg_fail(cx, row, "expected true or false");
        arg->given = true;
        return true;
    case IX_PARAM_INT:
        if (!ix_str_int(pair->value, &arg->number))
            return arg_fail(cx, row, "expected an integer");
        if (arg->number < row->min || arg->number > row->max) {
            const char *reason = row->max == INT64_MAX
                                     ? ix_format(cx, "expected at least %lld", (long long)row->min)
                                     : ix_format(cx, "expected %lld to %lld", (long long)row->min,
                                                 (long long)row->max);
            return reason && arg_fail(cx, row, reason);
        }
        arg->given = true;
        return true;
    case IX_PARAM_TEXT:
        arg->text = pair->value;
        arg->given = true;
        return true;
    case IX_PARAM_WORD:
        if (!word_parse(cx, row, pair->value, &arg->text))
            return false;
        arg->given = true;
        return true;
    case IX_PARAM_LIST:
        return arg_append(cx, arg, end, pair->name, pair->value);
    case IX_PARAM_MAP: {
        const size_t prefix = strlen(row->name);
        const ix_str name = {pair->name.at + prefix, pair->name.len - prefix};
        if (!name.len)
            return arg_fail(cx, row, "expected a name after the colon");
        return arg_append(cx, arg, end, name, pair->value);
    }
    }
    assert(false);
    return false;
}

static void arg_default(const ix_param_row *row, ix_arg *arg)
{
    *arg = (ix_arg){0};
    if (!row->fallback)
        return;
    const ix_str text = ix_str_of(row->fallback);
    if (row->type == IX_PARAM_BOOL)
        bool_parse(text, &arg->flag);
    else if (row->type == IX_PARAM_INT)
        ix_str_int(text, &arg->number);
    else if (row->type == IX_PARAM_WORD)
        ix_str_cut(text, '|', &arg->text);
}

/* thingID[0] for thingID[], as some libraries write the items of a list. */
static bool is_item_of(ix_str list, ix_str name)
{
    const size_t open = list.len - 1; /* what both begin with */
    if (name.len <= list.len || !ix_str_equal((ix_str){name.at, open}, (ix_str){list.at, open}) ||
        name.at[name.len - 1] != ']')
        return false;
    for (size_t i = open; i < name.len - 1; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return false;
    }
    return true;
}

static bool param_is(const ix_param_row *row, ix_str name)
{
    const ix_str own = ix_str_of(row->name);
    if (row->type == IX_PARAM_MAP)
        return ix_str_starts(name, row->name);
    return ix_str_equal(name, own) || (own.at[own.len - 1] == ']' && is_item_of(own, name));
}

bool ix_pairs_check_known(ix_ctx *cx, uint64_t known, const ix_pair *pairs)
{
    for (const ix_pair *pair = pairs; pair; pair = pair->next) {
        bool is_known = false;
        for (int i = 0; i < IX_PARAM_COUNT && !is_known; i++)
            is_known = known >> i & 1 && param_is(&ix_params[i], pair->name);
        if (!is_known)
            return ix_fail_field(cx, IOTS_INVALID, "invalid query", pair->name.at,
                                 "no such parameter; nothing was deleted");
    }
    return true;
}

bool ix_args_check_known(ix_ctx *cx, uint64_t known, ix_str query)
{
    ix_pair *pairs = NULL;
    return (!query.len || ix_pairs_parse(cx, query, &pairs)) &&
           ix_pairs_check_known(cx, known, pairs);
}

bool ix_args_parse(ix_ctx *cx, uint64_t allowed, ix_str query, ix_arg args[IX_PARAM_COUNT])
{
    ix_pair *pairs = NULL;
    return (!query.len || ix_pairs_parse(cx, query, &pairs)) &&
           ix_args_read(cx, allowed, pairs, args);
}

bool ix_args_read(ix_ctx *cx, uint64_t allowed, const ix_pair *pairs, ix_arg args[IX_PARAM_COUNT])
{
    ix_pair **ends[IX_PARAM_COUNT];
    for (int i = 0; i < IX_PARAM_COUNT; i++) {
        arg_default(&ix_params[i], &args[i]);
        ends[i] = &args[i].list;
    }
    if (!pairs)
        return true;

    for (const ix_pair *pair = pairs; pair; pair = pair->next) {
        for (int i = 0; i < IX_PARAM_COUNT; i++) {
            if (!(allowed >> i & 1) || !param_is(&ix_params[i], pair->name))
                continue;
            if (!arg_set(cx, &ix_params[i], pair, &args[i], &ends[i]))
                return false;
            break;
        }
    }

    /* An empty cursor is what the first and the last page show (section 4). */
    for (int i = IX_PARAM_next_cursor; i <= IX_PARAM_previous_cursor; i++) {
        if (args[i].given && !args[i].text.len)
            args[i] = (ix_arg){0};
    }
    return true;
}
