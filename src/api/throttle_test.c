/* SPDX-License-Identifier: Apache-2.0 */
#include "api/throttle.h"

#include "base/crypto.h"
#include "base/test.h"
#include "base/time.h"

/* ---- the words in which the tests are said ---- */

static struct gate {
    throttle *throttle;
    int wait_s; /* as reported last */
} gate;

static int64_t clock_us;

static int64_t clock_now(void)
{
    return clock_us;
}

static void end(void *unused)
{
    (void)unused;
    throttle_free(gate.throttle);
}

static void open_gate(ix_ctx *cx)
{
    CHECK(ix_crypto_init());
    clock_us = IX_SECOND_US;
    gate = (struct gate){.throttle = throttle_new(cx, clock_now)};
    CHECK_OK(cx, gate.throttle != NULL);
    ix_arena_defer(cx->arena, end, NULL);
}

static throttle_try try_of(const char *peer, const char *name, const char *secret)
{
    return (throttle_try){ix_str_of(peer), ix_str_of(name), IX_STR("hash"), ix_str_of(secret),
                          false};
}

static throttle_verdict ask(throttle_try try)
{
    return throttle_ask(gate.throttle, &try, &gate.wait_s);
}

/* A wrong secret like no other. */
static throttle_verdict guess(const char *peer, const char *name)
{
    static int count;
    char secret[32];
    snprintf(secret, sizeof secret, "guess %d", ++count);
    const throttle_try try = try_of(peer, name, secret);
    const throttle_verdict verdict = ask(try);
    if (verdict == THROTTLE_CHECK)
        throttle_failed(gate.throttle, &try);
    return verdict;
}

static void guess_often(const char *peer, const char *name, int times)
{
    for (int i = 0; i < times; i++)
        CHECK_INT(guess(peer, name), THROTTLE_CHECK);
}

/* The right secret, where it has to be checked. */
static void succeed(throttle_try try)
{
    CHECK_INT(ask(try), THROTTLE_CHECK);
    throttle_worked(gate.throttle, &try);
}

static throttle_try program(const char *peer, const char *secret)
{
    throttle_try try = try_of(peer, "client a", secret);
    try.is_program = true;
    return try;
}

/* ---- one name from one address ---- */

TEST("after some wrong secrets one must wait, twice as long each time up to a limit")
{
    static const int waits[] = {1, 2, 4, 8, 16, 30, 30};
    open_gate(cx);
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        CHECK_INT(guess("1", "ada"), THROTTLE_WAIT);
        CHECK_INT(gate.wait_s, waits[i]);
        clock_us += waits[i] * IX_SECOND_US - 1;
        CHECK_INT(guess("1", "ada"), THROTTLE_WAIT);
        CHECK_INT(gate.wait_s, 1);
        clock_us += 1;
        CHECK_INT(guess("1", "ada"), THROTTLE_CHECK);
    }
}

TEST("tries that are under way count as well")
{
    open_gate(cx);
    for (int i = 0; i < THROTTLE_PAIR_FREE; i++)
        CHECK_INT(ask(try_of("1", "ada", ix_format(cx, "%d", i))), THROTTLE_CHECK);
    CHECK_INT(ask(try_of("1", "ada", "x")), THROTTLE_WAIT);
}

TEST("neither another name nor another address has to wait")
{
    open_gate(cx);
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
    CHECK_INT(guess("1", "ada"), THROTTLE_WAIT);
    CHECK_INT(guess("1", "bob"), THROTTLE_CHECK);
    CHECK_INT(guess("2", "ada"), THROTTLE_CHECK);
}

TEST("success ends the row of failures, and so does time")
{
    open_gate(cx);
    guess_often("1", "ada", THROTTLE_PAIR_FREE - 1);
    succeed(try_of("1", "ada", "right"));
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
    CHECK_INT(guess("1", "ada"), THROTTLE_WAIT);
    clock_us += (THROTTLE_FORGET_S + 1) * IX_SECOND_US;
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
}

TEST("the same wrong secret is known, and counts once")
{
    open_gate(cx);
    const throttle_try old = try_of("1", "ada", "old");
    CHECK_INT(ask(old), THROTTLE_CHECK);
    throttle_failed(gate.throttle, &old);
    for (int i = 0; i < 1000; i++)
        CHECK_INT(ask(old), THROTTLE_WRONG);
    succeed(try_of("1", "ada", "right"));
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
    CHECK_INT(ask(old), THROTTLE_WRONG);
    CHECK_INT(ask(try_of("1", "ada", "right")), THROTTLE_WAIT);
}

TEST("so many wrong ones are remembered, the latest")
{
    open_gate(cx);
    for (int i = 0; i <= THROTTLE_WRONG_KEPT; i++) {
        const throttle_try try = try_of("1", "ada", ix_format(cx, "%d", i));
        CHECK_INT(ask(try), THROTTLE_CHECK);
        throttle_failed(gate.throttle, &try);
        clock_us += THROTTLE_PAIR_WAIT_MAX_S * IX_SECOND_US;
    }
    for (int i = 1; i <= THROTTLE_WRONG_KEPT; i++)
        CHECK_INT(ask(try_of("1", "ada", ix_format(cx, "%d", i))), THROTTLE_WRONG);
    CHECK_INT(ask(try_of("1", "ada", "0")), THROTTLE_CHECK);
}

/* ---- secrets of programs ---- */

TEST("the right secret of a program is known again, also from elsewhere and while others wait")
{
    open_gate(cx);
    succeed(program("1", "right"));
    CHECK_INT(ask(program("1", "right")), THROTTLE_RIGHT);
    CHECK_INT(ask(program("2", "right")), THROTTLE_RIGHT);
    guess_often("2", "client a", THROTTLE_PAIR_FREE);
    CHECK_INT(ask(program("2", "wrong")), THROTTLE_WAIT);
    CHECK_INT(ask(program("2", "right")), THROTTLE_RIGHT);
}

TEST("the right password of a person is not, where one must wait")
{
    open_gate(cx);
    succeed(try_of("1", "ada", "right"));
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
    CHECK_INT(ask(try_of("1", "ada", "right")), THROTTLE_WAIT);
}

TEST("who must wait can compare few secrets with the right one")
{
    open_gate(cx);
    succeed(program("1", "right"));
    guess_often("1", "client a", THROTTLE_PAIR_FREE);
    for (int i = 0; i < THROTTLE_KNOWN_BURST; i++)
        CHECK_INT(ask(program("1", ix_format(cx, "%d", i))), THROTTLE_WAIT);
    CHECK_INT(ask(program("1", "right")), THROTTLE_WAIT);
    clock_us += IX_SECOND_US / THROTTLE_KNOWN_PER_S;
    CHECK_INT(ask(program("1", "right")), THROTTLE_RIGHT);
    CHECK_INT(ask(program("1", "right")), THROTTLE_WAIT);
}

TEST("with a new secret all that was learnt of the old one is void")
{
    open_gate(cx);
    throttle_try right = program("1", "right"), wrong = program("1", "wrong");
    succeed(right);
    CHECK_INT(ask(wrong), THROTTLE_CHECK);
    throttle_failed(gate.throttle, &wrong);
    right.hash = wrong.hash = IX_STR("another hash");
    CHECK_INT(ask(right), THROTTLE_CHECK);
    CHECK_INT(ask(wrong), THROTTLE_CHECK);
}

/* ---- from many places ---- */

TEST("guesses at one name from many addresses are counted together; where it worked it is not held")
{
    open_gate(cx);
    succeed(try_of("home", "ada", "right"));
    for (int i = 0; i < THROTTLE_NAME_FREE; i++)
        CHECK_INT(guess(ix_format(cx, "%d", i), "ada"), THROTTLE_CHECK);
    CHECK_INT(guess("new", "ada"), THROTTLE_WAIT);
    CHECK_INT(gate.wait_s, 1);
    succeed(try_of("home", "ada", "right"));
    for (int i = 0; i < 100; i++) {
        clock_us += THROTTLE_NAME_WAIT_MAX_S * IX_SECOND_US;
        CHECK_INT(guess(ix_format(cx, "more %d", i), "ada"), THROTTLE_CHECK);
        CHECK_INT(guess(ix_format(cx, "again %d", i), "ada"), THROTTLE_WAIT);
    }
}

TEST("guesses at many names from one address are counted together")
{
    open_gate(cx);
    succeed(try_of("1", "ada", "right"));
    for (int i = 0; i < THROTTLE_PEER_FREE; i++)
        CHECK_INT(guess("1", ix_format(cx, "%d", i)), THROTTLE_CHECK);
    CHECK_INT(guess("1", "new"), THROTTLE_WAIT);
    CHECK_INT(gate.wait_s, THROTTLE_PEER_WAIT_MAX_S);
    CHECK_INT(guess("2", "new"), THROTTLE_CHECK);
    succeed(try_of("1", "ada", "right"));
    CHECK_INT(guess("1", "newer"), THROTTLE_WAIT);
}

TEST("however many others come, who goes on is held")
{
    open_gate(cx);
    guess_often("1", "ada", THROTTLE_PAIR_FREE);
    for (int i = 0; i < 20000; i++) {
        guess(ix_format(cx, "%d", i), ix_format(cx, "%d", i));
        clock_us++;
        if (i % 10 == 0)
            CHECK_INT(guess("1", "ada"), THROTTLE_WAIT);
    }
}
