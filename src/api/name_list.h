/* SPDX-License-Identifier: Apache-2.0 */
/* Blank-separated lists of names, in which scopes, spaces and redirect URIs are kept. */
#ifndef NAME_LIST_H
#define NAME_LIST_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"

/* The next word of a list, which is cut as by ix_str_cut; false at the end. */
bool name_list_next(ix_str *list, ix_str *word);

bool name_list_has(const char *list, ix_str word);

/* The list with the word in it, once, in cx. NULL when out of memory. */
const char *name_list_add(ix_ctx *cx, const char *list, ix_str word);

/* Takes the word out of the list, in its place. */
void name_list_remove(char *list, ix_str word);

#endif
