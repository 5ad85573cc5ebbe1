/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: what if memory runs out here, and here, and here? A scenario in which much of the library takes
 * part is run again and again, and each time the next allocation fails. Nothing may break or be lost,
 * and whatever went wrong says that memory was out.
 *
 * The linker puts the functions below in the place of the usual ones (see CMakeLists.txt); memory that
 * libcurl and the JSON library take by themselves is not counted, nor is that of other threads.
 */
#ifndef CLIENT_OOM_TEST_H
#define CLIENT_OOM_TEST_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "iots/iots.h"

/* Allocations of this thread until one fails; negative: none does. */
static _Thread_local long left = -1;

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

/* Did it work, or fail for the one reason it may fail for? What fails because something before it
 * was not made says that this is missing; and a POST whose answer found no memory may have been done. */
static inline bool is_ok_or_oom_code(iots_code code)
{
    return code == IOTS_OK || code == IOTS_NO_MEMORY || code == IOTS_USAGE ||
           code == IOTS_OUTCOME_UNKNOWN;
}

static inline bool ok_or_oom(iots_reply *reply)
{
    const bool ok = is_ok_or_oom_code(iots_reply_code(reply));
    if (!ok)
        print_error("%d %s\n", (int)iots_reply_code(reply), iots_error_report(reply));
    iots_reply_free(reply);
    return ok;
}

/* Runs the scenario until it ends before the time of the failure has come. Returns how often; 0 if it
 * went wrong. */
static inline long run_failing_each(bool (*scenario)(void))
{
    bool is_over = false;
    long at = 0;
    for (; !is_over; at++) {
        left = at;
        const bool ok = scenario();
        is_over = left >= 0;
        left = -1;
        if (!ok) {
            print_error("at allocation %ld\n", at);
            return 0;
        }
    }
    return at;
}

#endif
