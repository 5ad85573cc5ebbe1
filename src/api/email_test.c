/* SPDX-License-Identifier: Apache-2.0 */
#include "api/email.h"

#include "api/api_test.h"
#include "store/sql/sql.h"

#define EMAIL "/spaces/farm/communications/email"
#define LETTER \
    JSON({"to" : ["Ana <a@x>"], "bcc" : ["b@x"], "subject" : "s", "body" : {"html" : "<i k=v>h"}})

/* Someone who sends e-mail, and only counts how often there is some. */
static void count_ring(void *rings)
{
    ++*(int *)rings;
}

static int rings;

static void farm_with_mail(ix_ctx *cx)
{
    rings = 0;
    farm_with(cx, (api_settings){
                      .token_lifetime_us = 3600 * IX_SECOND_US,
                      .body_limit = 1 << 20,
                      .mail_waits = count_ring,
                      .mail_arg = &rings,
                  });
}

/* What waits, as "recipients doc"; "nothing". It is taken and removed. */
static const char *next_waiting(ix_ctx *cx)
{
    mail_row row;
    bool found;
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_mail_take(cx, world.store, INT64_MAX - 1, INT64_MAX, &row, &found));
    if (found)
        CHECK_OK(cx, store_mail_remove(cx, world.store, row.space, row.id));
    CHECK_OK(cx, store_commit(cx, world.store));
    return found ? ix_format(cx, "%s %s", row.recipients, row.doc) : "nothing";
}

TEST("what is accepted is in the store, and whoever sends it is notified once")
{
    farm_with_mail(cx);
    const answer answer = ask("POST", EMAIL, LETTER);
    CHECK_INT(answer.status, 202);
    CHECK_TEXT(answer.text, "");
    CHECK(!answer.type);
    CHECK_INT(rings, 1);
    CHECK_TEXT(next_waiting(cx), "[\"a@x\",\"b@x\"] {\"to\":[\"Ana <a@x>\"],"
                                 "\"html\":\"<i>h</i>\",\"subject\":\"s\"}");
    CHECK_TEXT(next_waiting(cx), "nothing");
}

TEST("what is refused is not in the store, and nobody is notified")
{
    farm_with_mail(cx);
    CHECK_ASK("400 body: expected a body or a subject", "POST", EMAIL, JSON({"to" : ["a@x"]}));
    CHECK_INT(rings, 0);
    CHECK_TEXT(next_waiting(cx), "nothing");
}

TEST("OUR CHOICE: without anyone who sends it e-mail is not accepted")
{
    farm(cx);
    CHECK_ASK("503 Service unavailable", "POST", EMAIL, LETTER);
    CHECK_ASK("400 body: expected a body or a subject", "POST", EMAIL, JSON({"to" : ["a@x"]}));
    CHECK_TEXT(next_waiting(cx), "nothing");
}

TEST("a queue that is full takes no more")
{
    farm_with_mail(cx);
    CHECK_OK(cx, store_begin(cx, world.store));
    for (int i = 0; i < EMAIL_QUEUE_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        const mail_row row = {.space = "mill", .id = id, .recipients = "[]", .doc = "{}"};
        CHECK_OK(cx, store_mail_add(cx, world.store, &row));
    }
    CHECK_OK(cx, store_commit(cx, world.store));
    CHECK_ASK("503 Service unavailable", "POST", EMAIL, LETTER);
    next_waiting(cx);
    CHECK_ASK("202", "POST", EMAIL, LETTER);
    CHECK_ASK("503 Service unavailable", "POST", EMAIL, LETTER);
}

TEST("when the database fails the e-mail is not accepted, and nobody is notified")
{
    farm_with_mail(cx);
    world.store->db = db_faulty_new(world.store->db);
    int nth = 1;
    for (;; nth++) {
        CHECK(nth < 20);
        db_faulty_set(world.store->db, nth, IOTS_NO_ROOM);
        const int status = ask("POST", EMAIL, LETTER).status;
        db_faulty_set(world.store->db, 0, IOTS_OK);
        if (status == 202)
            break;
        CHECK_INT(status, 507);
        CHECK_INT(rings, 0);
        CHECK_TEXT(next_waiting(cx), "nothing");
    }
    CHECK(nth > 1);
    CHECK_INT(rings, 1);
}
