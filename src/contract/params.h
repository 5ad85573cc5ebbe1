/* SPDX-License-Identifier: Apache-2.0 */
/* Query parameters: each once (params.def), read from a query string if a row allows them. */
#ifndef IX_PARAMS_H
#define IX_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/str.h"

typedef enum ix_param_type {
    IX_PARAM_BOOL, /* true false 1 0 in any letter case */
    IX_PARAM_INT,  /* within min and max */
    IX_PARAM_TEXT,
    IX_PARAM_WORD, /* one of a few */
    IX_PARAM_LIST, /* may be repeated; keeps all */
    IX_PARAM_MAP,  /* the name is a prefix: property:<name>=<condition>; may be repeated */
} ix_param_type;

typedef enum ix_param {
#define PARAM(id, ...) IX_PARAM_##id,
#include "contract/params.def"
#undef PARAM
    IX_PARAM_COUNT,
} ix_param;

#define IX_PARAM_BIT(id) (UINT64_C(1) << IX_PARAM_##id)

typedef struct ix_param_row {
    const char *name; /* on the wire */
    const char *flag; /* on the command line: letters, digits, hyphens */
    ix_param_type type;
    const char *fallback; /* the default as text, or NULL: absent; of a word "default|other|..." */
    int64_t min, max;     /* of IX_PARAM_INT */
    const char *doc;
} ix_param_row;

extern const ix_param_row ix_params[IX_PARAM_COUNT];

/* Why `text` is none of the words of an IX_PARAM_WORD: "expected desc or asc"; NULL if it is one. */
const char *ix_param_word_fault(ix_ctx *cx, const ix_param_row *row, ix_str text);

typedef struct ix_pair {
    ix_str name;
    ix_str value;
    struct ix_pair *next;
} ix_pair;

typedef struct ix_arg {
    bool given;     /* in the query; an empty cursor counts as absent */
    bool flag;      /* of a bool: the value, or the default */
    int64_t number; /* of an int: the value, or the default */
    ix_str text;    /* of a text: zero-terminated, decoded; NULL if absent. Of a word: it, or the
                     * default, not zero-terminated */
    ix_pair *list;  /* of a list: values in order; of a map: names (without prefix) and values */
} ix_arg;

/* All pairs of a query string or form body, decoded, in order, in cx. IOTS_INVALID for a bad %XX
 * or bytes that are no UTF-8 or hold NUL. More than IX_PAIRS_MAX pairs are refused. */
enum { IX_PAIRS_MAX = 2000 };
bool ix_pairs_parse(ix_ctx *cx, ix_str query, ix_pair **ret);

/* Reads the parameters in `allowed` from a raw query into args; others are ignored; a scalar given
 * twice: the last one wins; name[0] is read as name[]. IOTS_INVALID "invalid <parameter>" with field and reason. */
bool ix_args_parse(ix_ctx *cx, uint64_t allowed, ix_str query, ix_arg args[IX_PARAM_COUNT]);

/* The same of pairs that are decoded already. */
bool ix_args_read(ix_ctx *cx, uint64_t allowed, const ix_pair *pairs, ix_arg args[IX_PARAM_COUNT]);

/* Are all parameters of the query in `known`? For operations to which one that is misspelt, and so ignored,
 * would do harm. IOTS_INVALID "invalid query" that names it. */
bool ix_args_check_known(ix_ctx *cx, uint64_t known, ix_str query);
bool ix_pairs_check_known(ix_ctx *cx, uint64_t known, const ix_pair *pairs);

#endif
