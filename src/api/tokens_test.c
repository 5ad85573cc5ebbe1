/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"
#include "api/throttle.h"

#define APP            "app::01JM000000000000000000TEST"
#define OTHER          "app::01JM0000000000000000000THR"
#define AS(id, secret) "client_id=" id "&client_secret=" secret

static int64_t clock_us = INT64_C(1700000000000000);

static int64_t clock_now(void)
{
    return clock_us;
}

static int64_t monotonic_us = INT64_C(1000000);

static int64_t monotonic_now(void)
{
    return monotonic_us;
}

static void add_client(const char *id, const char *secret, const char *scopes)
{
    char hash[IX_SECRET_HASH_TEXT];
    ix_ctx *cx = world.cx;
    CHECK_OK(cx, !secret || ix_secret_hash(cx, ix_str_of(secret), hash));
    const client_row row = {
        .id = id, .secret_hash = secret ? hash : NULL, .scopes = scopes, .spaces = "farm mill"};
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_client_put(cx, world.store, &row));
    CHECK_OK(cx, store_commit(cx, world.store));
}

/* A farm with a client, in which forms are sent and no token. */
static void office(ix_ctx *cx)
{
    farm_with(cx, (api_settings){.token_lifetime_us = 3600 * IX_SECOND_US,
                                 .now_us = clock_now,
                                 .monotonic_us = monotonic_now});
    add_client(APP, "s3cret", "thing category.read offline");
    world.token = NULL;
    world.type = "application/x-www-form-urlencoded";
}

static answer get_token(const char *form)
{
    return ask("POST", "/oauth2/token",
               ix_format(world.cx, "grant_type=client_credentials&%s", form));
}

static const char *token_of(answer answer)
{
    CHECK_INT(answer.status, 200);
    return text_at(answer, "/access_token");
}

/* "400 invalid_scope" */
static const char *refusal(answer answer)
{
    const char *word = text_at(answer, "/error");
    CHECK(!word || text_at(answer, "/error_description"));
    CHECK(!word || strcmp(header_of(answer, "Cache-Control"), "no-store") == 0);
    return ix_format(world.cx, "%d %s", answer.status, word ? word : "");
}

static bool is_let_in(const char *token)
{
    world.token = token;
    const answer answer = ask("GET", "/spaces/farm/things", NULL);
    world.token = NULL;
    CHECK(answer.status == 200 || answer.status == 401);
    return answer.status == 200;
}

/* ---- getting one ---- */

TEST("credentials are exchanged for a token that works at once")
{
    office(cx);
    const answer made = get_token(AS(APP, "s3cret") "&scope=thing%20category.read");
    CHECK_INT(made.status, 200);
    CHECK_TEXT(made.type, "application/json");
    CHECK_TEXT(text_at(made, "/token_type"), "bearer");
    CHECK_TEXT(json_at(made, "/expires_in"), "3600");
    CHECK_TEXT(text_at(made, "/scope"), "thing category.read");
    CHECK_TEXT(header_of(made, "Cache-Control"), "no-store");
    CHECK_INT(strlen(token_of(made)), IX_TOKEN_TEXT - 1);
    CHECK(is_let_in(token_of(made)));
}

TEST("a token outlives a restart of the server, and no text of it is kept")
{
    office(cx);
    const char *token = token_of(get_token(AS(APP, "s3cret")));
    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    CHECK(is_let_in(token));
}

TEST("a token expires after its lifetime")
{
    office(cx);
    const char *token = token_of(get_token(AS(APP, "s3cret")));
    clock_us += 3599 * IX_SECOND_US;
    CHECK(is_let_in(token));
    clock_us += IX_SECOND_US;
    CHECK(!is_let_in(token));
}

TEST("without a scope all of the client's are granted")
{
    office(cx);
    const char *all = "thing category.read offline";
    CHECK_TEXT(text_at(get_token(AS(APP, "s3cret")), "/scope"), all);
    CHECK_TEXT(text_at(get_token(AS(APP, "s3cret") "&scope="), "/scope"), all);
}

TEST("a scope may be a part of one that the client has; each is granted once")
{
    office(cx);
    CHECK_TEXT(text_at(get_token(AS(APP, "s3cret") "&scope=thing.read+thing.read"), "/scope"),
               "thing.read");
}

TEST("a scope that the client may not have is refused")
{
    office(cx);
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret") "&scope=thing+category")), "400 invalid_scope");
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret") "&scope=model.read")), "400 invalid_scope");
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret") "&scope=%22")), "400 invalid_scope");
}

TEST("who cannot prove to be the client is refused, known or not")
{
    office(cx);
    add_client("app::public", NULL, "thing");
    const answer wrong = get_token(AS(APP, "nope"));
    CHECK_TEXT(refusal(wrong), "401 invalid_client");
    CHECK_TEXT(header_of(wrong, "WWW-Authenticate"), "Bearer");
    CHECK_TEXT(get_token(AS("app::unknown", "s3cret")).text, wrong.text);
    CHECK_TEXT(get_token(AS("app::public", "")).text, wrong.text);
    CHECK_TEXT(get_token("client_id=" APP).text, wrong.text);
}

TEST("a field that is missing, or there twice, is an invalid request")
{
    office(cx);
    CHECK_TEXT(refusal(get_token("client_secret=s3cret")), "400 invalid_request");
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret") "&scope=thing&scope=thing")),
               "400 invalid_request");
    CHECK_TEXT(refusal(ask("POST", "/oauth2/token", AS(APP, "s3cret"))), "400 invalid_request");
    CHECK_TEXT(refusal(ask("POST", "/oauth2/token", "%zz")), "400 invalid_request");
}

TEST("no other grants are offered")
{
    office(cx);
    CHECK_TEXT(refusal(ask("POST", "/oauth2/token", "grant_type=password&" AS(APP, "s3cret"))),
               "400 unsupported_grant_type");
}

TEST("a body that is not a form is of the wrong type")
{
    office(cx);
    world.type = "application/json";
    CHECK_TEXT(refusal(ask("POST", "/oauth2/token", "{}")), "415 invalid_request");
}

TEST("a client that is gone, or has another secret, between check and commit gets no token")
{
    office(cx);
    api_call *call = call_for("POST", "/oauth2/token");
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, IX_STR("grant_type=client_credentials&" AS(APP, "s3cret"))),
              PHASE_OFFLOAD);
    CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
    add_client(APP, "another", "thing");
    write_phase(call);
    CHECK_TEXT(refusal(answer_of(call)), "401 invalid_client");
    call_free(call);
}

TEST("a client that keeps failing must wait, where it fails; others of it need not")
{
    office(cx);
    world.peer = "bad";
    for (int i = 0; i < THROTTLE_PAIR_FREE; i++)
        CHECK_TEXT(refusal(get_token(ix_format(cx, AS(APP, "%d"), i))), "401 invalid_client");
    const answer held = get_token(AS(APP, "nope"));
    CHECK_TEXT(refusal(held), "429 slow_down");
    CHECK_TEXT(header_of(held, "Retry-After"), "1");
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "429 slow_down");
    add_client(OTHER, "other", "thing");
    CHECK_TEXT(refusal(get_token(AS(OTHER, "other"))), "200 ");
    world.peer = "good";
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "200 ");
    world.peer = "bad";
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "200 ");
    CHECK_TEXT(refusal(get_token(AS(APP, "nope"))), "429 slow_down");
}

TEST("who has to wait does so by a clock that nobody sets back")
{
    office(cx);
    for (int i = 0; i < THROTTLE_PAIR_FREE; i++)
        get_token(ix_format(cx, AS(APP, "%d"), i));
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "429 slow_down");
    clock_us -= 3600 * IX_SECOND_US;
    monotonic_us += IX_SECOND_US;
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "200 ");
    clock_us += 3600 * IX_SECOND_US;
}

TEST("an old secret, again and again, is refused each time and holds nobody up")
{
    office(cx);
    for (int i = 0; i < 10 * THROTTLE_PAIR_FREE; i++)
        CHECK_TEXT(refusal(get_token(AS(APP, "old"))), "401 invalid_client");
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "200 ");
}

TEST("a secret that we made needs no slow hash, and nobody who guesses it holds it up")
{
    char secret[IX_TOKEN_TEXT], hash[IX_SECRET_HASH_TEXT];
    office(cx);
    ix_token_new(secret);
    ix_secret_hash_random(ix_str_of(secret), hash);
    const client_row row = {.id = OTHER, .secret_hash = hash, .scopes = "thing", .spaces = "farm"};
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_client_put(cx, world.store, &row));
    CHECK_OK(cx, store_commit(cx, world.store));
    for (int i = 0; i < 1000; i++)
        CHECK_TEXT(refusal(get_token(ix_format(cx, AS(OTHER, "%d"), i))), "401 invalid_client");
    CHECK_TEXT(refusal(get_token(ix_format(cx, AS(OTHER, "%s"), secret))), "200 ");
    CHECK_TEXT(refusal(get_token(ix_format(cx, AS(OTHER, "%.42s"), secret))), "401 invalid_client");
}

TEST("a client that is not known is refused however often it comes")
{
    office(cx);
    for (int i = 0; i < 100; i++)
        CHECK_TEXT(refusal(get_token(AS("app::unknown", "nope"))), "401 invalid_client");
}

TEST("a list of scopes that is too long is refused")
{
    office(cx);
    char *scope = ix_alloc(cx, 5001);
    memset(scope, '+', 5000);
    CHECK_TEXT(refusal(get_token(ix_format(cx, AS(APP, "s3cret") "&scope=%s", scope))),
               "400 invalid_scope");
}

/* ---- Basic ---- */

/* pair in base64, made beforehand: "app::01JM000000000000000000TEST:s3cret" */
#define RAW "Basic YXBwOjowMUpNMDAwMDAwMDAwMDAwMDAwMDAwVEVTVDpzM2NyZXQ="
/* "app%3A%3A01JM000000000000000000TEST:s3%63ret" */
#define ENCODED "Basic YXBwJTNBJTNBMDFKTTAwMDAwMDAwMDAwMDAwMDAwMFRFU1Q6czMlNjNyZXQ="

TEST("credentials may come by Basic, form-encoded as the standard has it or as they are")
{
    office(cx);
    world.basic = RAW;
    CHECK_TEXT(refusal(get_token("")), "200 ");
    CHECK_TEXT(refusal(get_token(AS(APP, "s3cret"))), "200 ");
    CHECK_TEXT(refusal(get_token("client_id=" APP)), "200 ");
    CHECK_TEXT(refusal(get_token("client_secret=")), "200 ");
    world.basic = ENCODED;
    CHECK_TEXT(refusal(get_token("")), "200 ");
}

TEST("two ways that differ are an invalid request")
{
    office(cx);
    world.basic = RAW;
    CHECK_TEXT(refusal(get_token(AS(APP, "other"))), "400 invalid_request");
    CHECK_TEXT(refusal(get_token("client_id=" OTHER)), "400 invalid_request");
}

TEST("a wrong Basic is challenged with Basic")
{
    office(cx);
    world.basic = "Basic YXBwOjphOmI=";
    const answer refused = get_token("");
    CHECK_TEXT(refusal(refused), "401 invalid_client");
    CHECK_TEXT(header_of(refused, "WWW-Authenticate"), "Basic realm=\"oauth2\"");
    world.basic = "Basic ***";
    CHECK_TEXT(refusal(get_token("")), "401 invalid_client");
}

/* ---- revoking ---- */

static answer revoke_token(const char *token, const char *form)
{
    return ask("POST", "/oauth2/revoke", ix_format(world.cx, "token=%s&%s", token, form));
}

TEST("a revoked token is refused at once and stays revoked")
{
    office(cx);
    const char *token = token_of(get_token(AS(APP, "s3cret")));
    const char *kept = token_of(get_token(AS(APP, "s3cret")));
    const answer revoked = revoke_token(token, AS(APP, "s3cret"));
    CHECK_INT(revoked.status, 200);
    CHECK_TEXT(revoked.text, "");
    CHECK(!revoked.type);
    CHECK(!is_let_in(token));
    CHECK(is_let_in(kept));
    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    CHECK(!is_let_in(token));
}

TEST("revoking what is not a token, or none any more, is fine")
{
    office(cx);
    const char *token = token_of(get_token(AS(APP, "s3cret")));
    CHECK_INT(revoke_token(token, AS(APP, "s3cret")).status, 200);
    CHECK_INT(revoke_token(token, AS(APP, "s3cret")).status, 200);
    CHECK_INT(revoke_token("made-up", AS(APP, "s3cret")).status, 200);
}

TEST("only the client of a token can revoke it")
{
    office(cx);
    add_client(OTHER, "other", "thing");
    const char *token = token_of(get_token(AS(APP, "s3cret")));
    CHECK_TEXT(refusal(revoke_token(token, AS(OTHER, "other"))), "400 invalid_request");
    CHECK_TEXT(refusal(revoke_token(token, AS(APP, "nope"))), "401 invalid_client");
    CHECK_TEXT(refusal(revoke_token("", AS(APP, "s3cret"))), "400 invalid_request");
    CHECK(is_let_in(token));
}
