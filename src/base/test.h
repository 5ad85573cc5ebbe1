/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that are sentences, thin over cmocka:
 *
 *     TEST("a number clause keeps the things on the right side of it")
 *     {
 *         CHECK(keeps("property:temp=gt:20", JSON({ "temp": 21 })));
 *     }
 *
 * Tests register themselves; each gets a fresh `cx`. One test file is one program: include this
 * header once and add nothing else. `SKIP("why")` ends a test that cannot run here, saying so.
 */
#ifndef IX_TEST_H
#define IX_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "base/json.h"

enum { IX_TEST_MAX = 512 };

static struct CMUnitTest ix_tests[IX_TEST_MAX];
static size_t ix_test_count;

static inline int ix_test_setup(void **state)
{
    static ix_ctx cx;
    *state = &cx;
    return ix_ctx_init(&cx, 0) ? 0 : -1;
}

static inline int ix_test_teardown(void **state)
{
    ix_ctx_done(*state);
    return 0;
}

static inline void ix_test_add(const char *name, CMUnitTestFunction run)
{
    if (ix_test_count < IX_TEST_MAX)
        ix_tests[ix_test_count] =
            (struct CMUnitTest){name, run, ix_test_setup, ix_test_teardown, NULL};
    ix_test_count++;
}

#define IX_TEST_CAT2(a, b) a##b
#define IX_TEST_CAT(a, b)  IX_TEST_CAT2(a, b)
#define TEST(sentence)                                                                 \
    static void IX_TEST_CAT(ix_test_body_, __LINE__)(ix_ctx * cx);                     \
    static void IX_TEST_CAT(ix_test_run_, __LINE__)(void **state)                      \
    {                                                                                  \
        IX_TEST_CAT(ix_test_body_, __LINE__)(*state);                                  \
    }                                                                                  \
    __attribute__((constructor)) static void IX_TEST_CAT(ix_test_add_, __LINE__)(void) \
    {                                                                                  \
        ix_test_add(sentence, IX_TEST_CAT(ix_test_run_, __LINE__));                    \
    }                                                                                  \
    static void IX_TEST_CAT(ix_test_body_, __LINE__)(__attribute__((unused)) ix_ctx * cx)

#define CHECK(claim)          assert_true(claim)
#define CHECK_INT(got, want)  assert_int_equal((got), (want))
#define CHECK_TEXT(got, want) ix_check_text((got), (want), __FILE__, __LINE__)
#define CHECK_OK(cx, claim)   ix_check_ok((cx), (claim), #claim, __FILE__, __LINE__)
#define CHECK_FAILS(cx, claim, want)                \
    do {                                            \
        CHECK(!(claim));                            \
        assert_int_equal((cx)->error.code, (want)); \
        ix_ctx_clear_error(cx);                     \
    } while (0)
#define SKIP(why)                            \
    do {                                     \
        print_message("skipped: %s\n", why); \
        skip();                              \
    } while (0)

/* JSON({ "temp": 21 }): the text of a document that looks like one. */
#define JSON(...) #__VA_ARGS__

static inline void ix_check_text(const char *got, const char *want, const char *file, int line)
{
    if (got && want && strcmp(got, want) == 0)
        return;
    print_error("got  \"%s\"\nwant \"%s\"\n", got ? got : "(null)", want ? want : "(null)");
    _fail(file, line);
}

static inline void ix_check_ok(ix_ctx *cx, bool ok, const char *claim, const char *file, int line)
{
    if (ok)
        return;
    print_error("%s\nfailed: %d %s\n", claim, (int)cx->error.code, cx->error.message);
    _fail(file, line);
}

/* The document in `text`; the test fails if it is not JSON. */
static inline ix_json *json_of(ix_ctx *cx, const char *text)
{
    ix_json *json = ix_json_parse(cx, text, strlen(text));
    CHECK_OK(cx, json != NULL);
    return json;
}

int main(void)
{
    ix_json_init();
    if (ix_test_count == 0 || ix_test_count > IX_TEST_MAX) {
        fprintf(stderr, "%zu tests: none, or more than IX_TEST_MAX\n", ix_test_count);
        return 1;
    }
    return _cmocka_run_group_tests(__FILE__, ix_tests, ix_test_count, NULL, NULL);
}

#endif
