/* SPDX-License-Identifier: Apache-2.0 */
/* Blank-separated lists of names, in which scopes, spaces and redirect URIs are kept. */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"

/* The next word of a list, which is cut as by ix_str_cut; false at the end. */
bool word_next(ix_str *list, ix_str *word);

bool words_have(const char *list, ix_str word);

/* The list with the word in it, once, in cx. NULL when memory is out. */
const char *words_add(ix_ctx *cx, const char *list, ix_str word);

#endif
