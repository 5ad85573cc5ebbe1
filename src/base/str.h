/* SPDX-License-Identifier: Apache-2.0 */
/* Text with a length that never owns: a view into memory that lives elsewhere. */
#ifndef IX_STR_H
#define IX_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct ix_str {
    const char *at; /* not zero-terminated; NULL only if len is 0 */
    size_t len;     /* bytes */
} ix_str;

#define IX_STR(literal) ((ix_str){(literal), sizeof(literal) - 1})

static inline ix_str ix_str_of(const char *text)
{
    return (ix_str){text, text ? strlen(text) : 0};
}

bool ix_str_equal(ix_str a, ix_str b);
bool ix_str_is(ix_str a, const char *text);
bool ix_str_is_nocase(ix_str a, const char *text); /* ASCII letters only */
bool ix_str_starts(ix_str a, const char *prefix);

/* Cuts at the first `mark`: *head gets what is before it, the result is what is after it. Without
 * a mark all of `text` is the head and the rest is empty with at == NULL. */
ix_str ix_str_cut(ix_str text, char mark, ix_str *head);

/* Without blanks and tabs at both ends. */
ix_str ix_str_trim(ix_str text);

/* Whole text as a decimal integer; false if it is anything else or does not fit. */
bool ix_str_int(ix_str text, int64_t *ret);

/* Whole text as a finite JSON number, whatever the locale. */
bool ix_str_number(ix_str text, double *ret);

/* Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF)? */
bool ix_str_is_utf8(ix_str text);

/* Decodes %XX in place semantics: writes at most text.len bytes to `out`, returns the length, or -1
 * for a bad escape. `plus_is_blank` also turns + into a blank (form encoding). */
ptrdiff_t ix_percent_decode(ix_str text, bool plus_is_blank, char *out);

#endif
