/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grams of texts: what of a text leads to the Things that hold it.
 *
 * A gram is up to three letters that follow each other in one text. How they are kept depends on the
 * database, so there are two forms of the index, and each knows how it is asked.
 */
#ifndef GRAMS_H
#define GRAMS_H

#include "store/sql/query.h"

enum {
    GRAM_LETTERS = 3,
    GRAMS_ASKED = 8, /* of the grams of what is searched */
    GRAMS_MAX = 4096 /* letters of a Thing's texts; one with more is asked by every search */
};

/* One form of the index. */
typedef struct grams {
    /* Makes it, empty, of what a store of schema 7 has. */
    bool (*make)(ix_ctx *cx, db_conn *db);

    /* The folded text of a Thing comes or goes; it is in search_texts meanwhile. */
    bool (*add)(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                const char *text);
    bool (*drop)(ix_ctx *cx, store_handle *store, const char *space, const char *uid,
                 const char *text);

    /* How many ways there are to find a folded text that is not empty: 1 to GRAMS_ASKED. Each finds all
     * Things that hold it, and others. */
    size_t (*parts)(const char *text);

    /* Adds a query of the Things that one of them finds, as `thing`. Of a text with less than GRAM_LETTERS
     * letters Things may come more than once. */
    void (*put)(sql_query *query, const char *text, size_t part);

    /* Adds a query of as many rows, for who only counts them. */
    void (*put_ids)(sql_query *query, const char *text, size_t part);
} grams;

extern const grams grams_rows; /* a row for each gram of a Thing */
extern const grams grams_fts;  /* SQLite's index of words, each gram being one */

/* The form that a database has. */
const grams *grams_of(const db_conn *db);

/* ---- for the forms ---- */

/* The next letter of a text. */
const char *gram_next(const char *at);

/* The letters of one text that begin here, at most so many; *ret_letters: how many they are. */
ix_str gram_at(const char *at, int most, int *ret_letters);

/* Has the text so many letters that its grams are not kept? */
bool gram_is_long(const char *text);

/* Puts grams in order, each once; returns how many they are. */
size_t gram_sort(const char **list, size_t count);

/* Of the grams of what is searched those that are asked for, spread over it; returns how many. Of less
 * than GRAM_LETTERS letters: all of it. */
size_t gram_choose(const char *text, ix_str ret[GRAMS_ASKED]);

#endif
