/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of a conversation: what was captured from an earlier answer and is said again. */
#ifndef VARS_H
#define VARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/json.h"

typedef struct vars {
    const char **names;
    const char **values;
    size_t count, size;
} vars;

/* Copies both into cx. A name said again takes the new value. */
bool vars_set(ix_ctx *cx, vars *vars, const char *name, const char *value);
const char *vars_find(const vars *vars, const char *name); /* NULL if absent */

/* How a variable looks in a text. */
typedef enum vars_style {
    VARS_DOLLAR, /* $name; $$ is a dollar; $repeat(5,ab) is ababababab */
    VARS_BRACES, /* {{name}} */
} vars_style;

/* The text with variables replaced, in cx; NULL and a sentence naming it if one is unknown. */
char *vars_expand(ix_ctx *cx, const vars *vars, vars_style style, const char *text);

/* Takes what `pointer` finds in `json`: text as it is, anything else as JSON. "#last-segment" after
 * the pointer keeps what follows the last slash. */
bool vars_capture(ix_ctx *cx, vars *vars, const char *name, const char *pointer,
                  const ix_json *json);

#endif
