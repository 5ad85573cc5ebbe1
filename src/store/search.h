/* SPDX-License-Identifier: Apache-2.0 */
/* What of a text leads to the Things that hold it. */
#ifndef SEARCH_H
#define SEARCH_H

#include "store/sql.h"

/* The gram that begins here in a folded text. Empty between texts. */
ix_str search_gram(const char *at);

/* Has it as many letters as a gram can have? */
bool search_is_whole(ix_str gram);

/* The next letter. */
const char *search_next(const char *at);

/* Writes the texts of all Things of a store that has none. */
bool search_fill(ix_ctx *cx, db *db);

#endif
