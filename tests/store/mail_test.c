/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail that waits: what is due comes in its order, and what is taken is not lost. */
#include "store/store_test.h"

static void add_mail(ix_ctx *cx, store_handle *store, const char *id, int64_t created_us)
{
    const mail_row row = {.space = "farm",
                          .id = id,
                          .recipients = "[\"a@b\"]",
                          .doc = "{\"to\":[]}",
                          .created_us = created_us};
    CHECK_OK(cx, store_mail_add(cx, store, &row));
}

/* "id attempts recipients" of what is due at `now_us`, taken until 100; "nothing". */
static const char *take_until(ix_ctx *cx, store_handle *store, int64_t now_us, int64_t again_us)
{
    mail_row row;
    bool found;
    CHECK_OK(cx, store_mail_take(cx, store, now_us, again_us, &row, &found));
    return found ? ix_format(cx, "%s %d %s", row.id, (int)row.attempts, row.recipients) : "nothing";
}

/* When something is due; -1: never. */
static int due(ix_ctx *cx, store_handle *store)
{
    int64_t due_us;
    bool found;
    CHECK_OK(cx, store_mail_due(cx, store, &due_us, &found));
    return found ? (int)due_us : -1;
}

TEST("what has been due longest is taken first")
{
    store_handle *store = fresh_store(cx);
    CHECK_INT(due(cx, store), -1);
    CHECK_TEXT(take_until(cx, store, 1000, 2000), "nothing");
    add_mail(cx, store, "B", 5);
    add_mail(cx, store, "A", 7);
    add_mail(cx, store, "C", 5);
    CHECK_INT(due(cx, store), 5);
    CHECK_TEXT(take_until(cx, store, 4, 100), "nothing");
    CHECK_TEXT(take_until(cx, store, 5, 100), "B 1 [\"a@b\"]");
    CHECK_TEXT(take_until(cx, store, 7, 100), "C 1 [\"a@b\"]");
    CHECK_TEXT(take_until(cx, store, 7, 100), "A 1 [\"a@b\"]");
    CHECK_TEXT(take_until(cx, store, 7, 100), "nothing");
}

TEST("what was taken comes back with all that it had, unless it is removed")
{
    store_handle *store = fresh_store(cx);
    mail_row row;
    bool found;
    add_mail(cx, store, "A", 5);
    CHECK_OK(cx, store_mail_take(cx, store, 6, 100, &row, &found));
    CHECK(found);
    CHECK_TEXT(row.space, "farm");
    CHECK_TEXT(row.doc, "{\"to\":[]}");
    CHECK_INT(row.created_us, 5);
    CHECK_INT(due(cx, store), 100);
    CHECK_TEXT(take_until(cx, store, 100, 200), "A 2 [\"a@b\"]");
    CHECK_OK(cx, store_mail_remove(cx, store, "farm", "A"));
    CHECK_INT(due(cx, store), -1);
}

TEST("what is postponed is due later, for fewer recipients")
{
    store_handle *store = fresh_store(cx);
    add_mail(cx, store, "A", 5);
    CHECK_OK(cx, store_mail_postpone(cx, store, "farm", "A", "[\"c@d\"]", 50));
    CHECK_TEXT(take_until(cx, store, 49, 100), "nothing");
    CHECK_TEXT(take_until(cx, store, 50, 100), "A 1 [\"c@d\"]");
}

TEST("hurrying makes due what would be later")
{
    store_handle *store = fresh_store(cx);
    add_mail(cx, store, "A", 5);
    add_mail(cx, store, "B", 50);
    CHECK_OK(cx, store_mail_hurry(cx, store, 20));
    CHECK_TEXT(take_until(cx, store, 20, 100), "A 1 [\"a@b\"]");
    CHECK_TEXT(take_until(cx, store, 20, 100), "B 1 [\"a@b\"]");
}

TEST("a queue that is full says so, and any says how long it is")
{
    store_handle *store = fresh_store(cx);
    bool is_full;
    int64_t count;
    CHECK_OK(cx, store_mail_count(cx, store, &count));
    CHECK_INT(count, 0);
    add_mail(cx, store, "A", 5);
    CHECK_OK(cx, store_mail_is_full(cx, store, 2, &is_full));
    CHECK(!is_full);
    add_mail(cx, store, "B", 5);
    CHECK_OK(cx, store_mail_is_full(cx, store, 2, &is_full));
    CHECK(is_full);
    CHECK_OK(cx, store_mail_count(cx, store, &count));
    CHECK_INT(count, 2);
}

TEST("a space's mail goes with it")
{
    store_handle *store = fresh_store(cx);
    bool found;
    add_mail(cx, store, "A", 5);
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK_INT(due(cx, store), -1);
}
