/* SPDX-License-Identifier: Apache-2.0 */
#include "api/brake.h"

#include "base/crypto.h"
#include "base/test.h"
#include "base/time.h"

#define NOW (INT64_C(1700000000) * IX_SECOND_US)
#define ADA IX_STR("ada")

static void release(void *of_test)
{
    brake_free(of_test);
}

static brake *new_brake(ix_ctx *cx)
{
    CHECK(ix_crypto_init());
    brake *made = brake_new(cx);
    CHECK(made && ix_arena_defer(cx->arena, release, made));
    return made;
}

static void fail_times(brake *brake, ix_str name, int times, int64_t now_us)
{
    while (times-- > 0)
        brake_failed(brake, name, now_us);
}

TEST("some failures cost nothing, then the wait doubles up to its limit")
{
    static const int waits[] = {0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30};
    brake *brake = new_brake(cx);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        brake_failed(brake, ADA, NOW);
        CHECK_INT(brake_wait_s(brake, ADA, NOW), waits[i]);
    }
    CHECK_INT(brake_wait_s(brake, IX_STR("bob"), NOW), 0);
}

TEST("after the wait one may try again, and waits longer if that fails")
{
    brake *brake = new_brake(cx);
    fail_times(brake, ADA, BRAKE_FREE, NOW);
    CHECK_INT(brake_wait_s(brake, ADA, NOW + 1), 1);
    CHECK_INT(brake_wait_s(brake, ADA, NOW + IX_SECOND_US), 0);
    brake_failed(brake, ADA, NOW + IX_SECOND_US);
    CHECK_INT(brake_wait_s(brake, ADA, NOW + IX_SECOND_US), 2);
}

TEST("a success forgives all, and so does time")
{
    brake *brake = new_brake(cx);
    fail_times(brake, ADA, BRAKE_FREE, NOW);
    brake_worked(brake, ADA);
    CHECK_INT(brake_wait_s(brake, ADA, NOW), 0);
    fail_times(brake, ADA, BRAKE_FREE - 1, NOW);
    CHECK_INT(brake_wait_s(brake, ADA, NOW), 0);

    fail_times(brake, ADA, 20, NOW);
    const int64_t later = NOW + (BRAKE_FORGET_S + 1) * IX_SECOND_US;
    fail_times(brake, ADA, BRAKE_FREE - 1, later);
    CHECK_INT(brake_wait_s(brake, ADA, later), 0);
}

TEST("a flood of names takes no memory, and the last ones of them wait")
{
    brake *brake = new_brake(cx);
    for (int i = 0; i < 3 * BRAKE_PLACES * BRAKE_WAYS; i++)
        fail_times(brake, ix_str_of(ix_format(cx, "name %d", i)), BRAKE_FREE, NOW + i);
    const int64_t then = NOW + 3 * BRAKE_PLACES * BRAKE_WAYS;
    CHECK_INT(brake_wait_s(brake, ix_str_of(ix_format(cx, "name %d", (int)(then - NOW) - 1)), then),
              1);
}
