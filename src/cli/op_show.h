/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How operations are commands: what the command line needs to know of each beside the contract (show.def).
 * Every operation has a row, or this does not compile.
 */
#ifndef CLI_OP_SHOW_H
#define CLI_OP_SHOW_H

#include <stdbool.h>

#include "contract/ops.h"

/* How the words of a command become its body. */
typedef enum cli_shape {
    SHAPE_PAIRS,    /* {name: value, ...} */
    SHAPE_VALUE,    /* one value: {<property>: value} */
    SHAPE_INPUT,    /* nothing, one value or pairs: {<action>: {"input": ...}} */
    SHAPE_DATA,     /* the same: {<event>: {"data": ...}} */
    SHAPE_PROGRESS, /* pairs: {<action>: {"status": ..., "output": ...}} */
    SHAPE_HISTORY,  /* at=TIME, and a value or pairs: {"at": ..., "properties": {...}} */
    SHAPE_QUERY,    /* one word: {"query": ...}, or pairs */
} cli_shape;

/* What is made of its reply. */
typedef enum cli_reply {
    REPLY_DOCUMENT, /* a document or, of an IX_PAGED operation, a list that is followed to its end */
    REPLY_RESULTS,  /* the answer to a change of many: each has a status of its own */
    REPLY_BATCHES,  /* a list in batches, each of which names the next */
} cli_reply;

typedef struct op_show {
    const char *noun, *verb; /* as typed; NULL: not a command (OAuth2, what programs ask for) */
    cli_shape shape;
    const char *words; /* of its body, for the help; NULL: those of SHAPE_PAIRS */
    cli_reply reply;
    const ix_op
        *of_all; /* what it is when the last name of its path is left out; NULL: it is needed */
    bool sets_values;     /* its words are name=value of a Thing's properties, and completed so */
    const char *examples; /* lines, each a command and, after " # ", what it is for */
} op_show;

const op_show *show_of(const ix_op *op);

#endif
