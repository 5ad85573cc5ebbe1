/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ctx.h"

#include "base/str.h"
#include "base/test.h"

TEST("the first failure wins")
{
    CHECK(!ix_fail(cx, IOTS_NOT_FOUND, "no thing '%s'", "boiler"));
    CHECK(!ix_fail(cx, IOTS_INTERNAL, "and then this"));
    CHECK_INT(cx->error.code, IOTS_NOT_FOUND);
    CHECK_TEXT(cx->error.message, "no thing 'boiler'");
}

TEST("without a sentence a failure says what its code says")
{
    ix_fail(cx, IOTS_CONFLICT, NULL);
    CHECK_TEXT(cx->error.message, "This item already exists");
}

TEST("a failure without a reason is our own mistake, and a failure all the same")
{
    CHECK(!ix_fail(cx, IOTS_OK, NULL));
    CHECK_INT(cx->error.code, IOTS_INTERNAL);
}

TEST("a field at fault is named in the sentence")
{
    char field[] = "/title";
    CHECK(!ix_fail_field(cx, IOTS_INVALID, NULL, field, "at most %d letters", 26));
    field[1] = 'X'; /* it was copied */
    CHECK_TEXT(cx->error.message, "/title: at most 26 letters");
    CHECK_TEXT(cx->error.field, "/title");
    CHECK_TEXT(cx->error.reason, "at most 26 letters");
}

TEST("a field at fault may come with a sentence of its own")
{
    ix_fail_field(cx, IOTS_INVALID, "100% wrong", "limit", "must be positive");
    CHECK_TEXT(cx->error.message, "100% wrong");
    CHECK_TEXT(cx->error.reason, "must be positive");
}

TEST("a cleared failure leaves no trace")
{
    ix_fail_field(cx, IOTS_INVALID, NULL, "limit", "must be positive");
    ix_ctx_clear_error(cx);
    CHECK(!ix_failed(cx));
    CHECK_TEXT(cx->error.message, "");
    CHECK(!cx->error.field && !cx->error.reason && !cx->error.details);
}

TEST("work is counted once there is a limit, and when it is spent there is none left")
{
    CHECK(ix_spend(cx, SIZE_MAX));
    ix_ctx_limit(cx, 10);
    CHECK(ix_spend(cx, 4) && ix_spend(cx, 6));
    CHECK(!ix_spend(cx, 1));
    ix_ctx_limit(cx, 10);
    CHECK(!ix_spend(cx, 11));
    CHECK(!ix_spend(cx, 1));
    CHECK(!ix_failed(cx));
}

TEST("a sentence that is too long is cut between characters")
{
    char words[IX_ERROR_TEXT * 2];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(words, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof words; i += 3)
            memcpy(words + i, "\xE2\x82\xAC", 4);
        ix_fail(cx, IOTS_INVALID, "%s", words);
        CHECK(strlen(cx->error.message) > IX_ERROR_TEXT - 5);
        CHECK(ix_str_is_utf8(ix_str_of(cx->error.message)));
        ix_ctx_clear_error(cx);
    }
}

TEST("text is made in the arena, short and long")
{
    CHECK_TEXT(ix_format(cx, "%s has %d", "boiler", 7), "boiler has 7");
    const char *longer = ix_format(cx, "%0600d", 1);
    CHECK_INT(strlen(longer), 600);
    CHECK_TEXT(longer + 598, "01");
    CHECK_TEXT(ix_strdup(cx, "valve"), "valve");
    CHECK_TEXT(ix_strndup(cx, "valve", 3), "val");
    CHECK_TEXT(ix_strndup(cx, NULL, 0), "");
}

TEST("a ceiling that is reached is a failure with a code")
{
    ix_ctx small;
    CHECK(ix_ctx_init(&small, 64));
    CHECK(!ix_alloc(&small, 100));
    CHECK_INT(small.error.code, IOTS_NO_MEMORY);
    CHECK(!ix_format(&small, "%0100d", 1));
    ix_ctx_done(&small);
    CHECK(!small.arena);
}

TEST("a failure is passed on whole to a cx that lives longer")
{
    ix_ctx small;
    CHECK(ix_ctx_init(&small, 0));
    ix_fail_field(&small, IOTS_CONFLICT, "taken", "name", "by %d", 7);
    ix_json *details = ix_json_new_object(&small);
    CHECK(ix_json_set(&small, details, "index", ix_json_new_int(&small, 3)));
    small.error.details = details;
    CHECK(!ix_ctx_forward_error(cx, &small));
    ix_ctx_done(&small);
    CHECK_INT(cx->error.code, IOTS_CONFLICT);
    CHECK_TEXT(cx->error.message, "taken");
    CHECK_TEXT(cx->error.field, "name");
    CHECK_TEXT(cx->error.reason, "by 7");
    CHECK_TEXT(ix_json_text(cx, cx->error.details), "{\"index\":3}");

    CHECK(ix_ctx_init(&small, 0));
    ix_fail(&small, IOTS_INVALID, "later");
    CHECK(!ix_ctx_forward_error(cx, &small));
    ix_ctx_done(&small);
    CHECK_TEXT(cx->error.message, "taken");
}
