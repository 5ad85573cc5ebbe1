/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_heap: how much memory libiots takes while it lists 10,000 Things in pages.
 *
 *     client_heap [LIMIT]      items a page (50)
 *
 * Counted is what the library takes itself (the linker puts the functions below in the place of the
 * usual ones) and its JSON trees. What libcurl and the C library take is not.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "constant.h"
#include "iots/iots.h"

enum { LIMIT_USUAL = 50 };

static size_t now_bytes, peak_bytes, allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *bytes, size_t size);
void __real_free(void *bytes);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *bytes, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t max);
void __wrap_free(void *bytes);

static void *count_in(void *made)
{
    allocations++;
    now_bytes += malloc_usable_size(made);
    if (now_bytes > peak_bytes)
        peak_bytes = now_bytes;
    return made;
}

void *__wrap_malloc(size_t size)
{
    return count_in(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return count_in(__real_calloc(count, size));
}

void *__wrap_realloc(void *bytes, size_t size)
{
    const size_t before = malloc_usable_size(bytes);
    void *made = __real_realloc(bytes, size);
    if (made)
        now_bytes -= before;
    return made ? count_in(made) : NULL;
}

char *__wrap_strndup(const char *text, size_t max)
{
    const size_t len = strnlen(text, max);
    char *copy = __wrap_malloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *__wrap_strdup(const char *text)
{
    return __wrap_strndup(text, strlen(text));
}

void __wrap_free(void *bytes)
{
    now_bytes -= malloc_usable_size(bytes);
    __real_free(bytes);
}

static bool measure(const char *host, int limit)
{
    iots_api *api = iots_api_new(IOTS_API_OPTS(.host = host));
    iots_api_set_token(api, "secret-token");
    iots_pager *pager =
        iots_things_list(iots_space_things(iots_api_space(api, "farm")), IOTS_LIST(.limit = limit));
    long things = 0;
    while (iots_pager_next(pager))
        things++;
    const bool ok = iots_ok(iots_pager_reply(pager));
    if (!ok)
        fprintf(stderr, "client_heap: %s\n", iots_error_report(iots_pager_reply(pager)));
    iots_pager_free(pager);
    iots_api_free(api);
    printf("%ld Things in pages of %d: peak of %.0f KiB in libiots and its JSON, %zu allocations\n",
           things, limit, (double)peak_bytes / 1024, allocations);
    return ok;
}

int main(int argc, char **argv)
{
    const int limit = argc > 1 ? atoi(argv[1]) : LIMIT_USUAL;
    ix_ctx cx;
    constant constant = {0};
    bool ok = ix_ctx_init(&cx, 0) && constant_start(&cx, 1, &constant);
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    peak_bytes = now_bytes = allocations = 0;
    ok = ok && measure(constant.url, limit);
    if (ix_failed(&cx))
        fprintf(stderr, "client_heap: %s\n", cx.error.message);
    constant_stop(&constant);
    ix_ctx_done(&cx);
    return ok ? 0 : 1;
}
