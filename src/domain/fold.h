/* SPDX-License-Identifier: Apache-2.0 */
/* Texts as a search compares them: whatever their letter case and Unicode form (docs/api/http.md 10.4). */
#ifndef FOLD_H
#define FOLD_H

#include "base/ctx.h"
#include "base/str.h"

/* A noncharacter: text_fold never gives one, so it may stand between texts and above all letters. */
#define FOLD_BETWEEN   "\xEF\xBF\xBF"     /* U+FFFF */
#define FOLD_ABOVE_ALL "\xF4\x8F\xBF\xBF" /* U+10FFFF, last in the order of bytes */

/* The UTF-8 text in form NFKC with simple case folding, zero-terminated, in cx. Noncharacters become
 * U+FFFD. `at` NULL when out of memory. */
ix_str text_fold(ix_ctx *cx, ix_str text);

#endif
