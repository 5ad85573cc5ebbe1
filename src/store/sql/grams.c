/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/grams.h"

#include <stdlib.h>
#include <string.h>

#include "domain/fold.h"

const grams *grams_of(const db_conn *db)
{
    return db->driver->has_fts ? &grams_fts : &grams_rows;
}

const char *gram_next(const char *at)
{
    do
        at++;
    while (((unsigned char)*at & 0xC0) == 0x80);
    return at;
}

ix_str gram_at(const char *at, int most, int *ret_letters)
{
    const char *end = at;
    *ret_letters = 0;
    while (*ret_letters < most && *end && strncmp(end, FOLD_BETWEEN, strlen(FOLD_BETWEEN)) != 0) {
        end = gram_next(end);
        ++*ret_letters;
    }
    return (ix_str){at, (size_t)(end - at)};
}

static size_t count_letters(const char *text)
{
    size_t count = 0;
    for (const char *at = text; *at; at = gram_next(at))
        count++;
    return count;
}

bool gram_is_long(const char *text)
{
    return count_letters(text) > GRAMS_MAX;
}

static int grams_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t gram_sort(const char **list, size_t count)
{
    size_t kept = 0;
    qsort(list, count, sizeof(*list), grams_compare);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)
            list[kept++] = list[i];
    }
    return kept;
}

size_t gram_choose(const char *text, ix_str ret[GRAMS_ASKED])
{
    const size_t letters = count_letters(text);
    const size_t grams = letters >= GRAM_LETTERS ? letters - (GRAM_LETTERS - 1) : 1;
    const size_t every = (grams + GRAMS_ASKED - 1) / GRAMS_ASKED;
    const char *at = text;
    size_t count = 0;
    int of_one;
    for (size_t i = 0; i < grams; i++, at = gram_next(at)) {
        if (i % every == 0)
            ret[count++] = gram_at(at, GRAM_LETTERS, &of_one);
    }
    return count;
}
