/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out when told to, for the tests that tell a story again and again, each time with
 * the next allocation failing.
 *
 * The linker puts the functions below in the place of the usual ones (see CMakeLists.txt); memory
 * that the JSON library takes by itself is not counted.
 */
#ifndef CLIENT_SCARCE_H
#define CLIENT_SCARCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *bytes, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *bytes, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *bytes, size_t size)
{
    return fails() ? NULL : __real_realloc(bytes, size);
}

char *__wrap_strdup(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = fails() ? NULL : __real_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

/* Tells a story until it ends before the failure has come. How many allocations it took; negative:
 * with that many, something went wrong. */
static long told_with_failures(bool (*tell)(void))
{
    for (long at = 0;; at++) {
        left = at;
        const bool ok = tell();
        const bool is_over = left >= 0;
        left = -1;
        if (!ok)
            return -at - 1;
        if (is_over)
            return at;
    }
}

#endif
