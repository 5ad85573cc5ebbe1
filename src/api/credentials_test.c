/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"

#include "api/credentials.h"

#define THING JSON({"title" : "Probe"})

static const char *secret_of(answer answer)
{
    CHECK_INT(answer.status, 201);
    return text_at(answer, "/client_secret");
}

/* Asks for a token as the Thing at `path`, which is below farm. */
static answer token_as(const char *path, const char *secret)
{
    const char *token = world.token;
    world.type = "application/x-www-form-urlencoded";
    world.token = NULL;
    const answer got =
        ask("POST", "/oauth2/token",
            ix_format(world.cx, "grant_type=client_credentials&client_id=farm::%s&client_secret=%s",
                      strrchr(path, '/') + 1, secret));
    world.type = NULL;
    world.token = token;
    return got;
}

static bool is_let_in(const char *path, const char *token)
{
    const char *before = world.token;
    world.token = token;
    const answer answer = ask("GET", path, NULL);
    world.token = before;
    CHECK(answer.status == 200 || answer.status == 401);
    return answer.status == 200;
}

static const char *stored_hash(const char *client)
{
    client_row row;
    bool found;
    CHECK_OK(world.cx, store_client_find(world.cx, world.store, client, &row, &found));
    CHECK(found);
    return row.secret_hash;
}

/* A call up to where it waits for the committer. */
static api_call *prepared(const char *method, const char *path, const char *body)
{
    api_call *call = call_for(method, path);
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, ix_str_of(body)), PHASE_OFFLOAD);
    CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
    return call;
}

TEST("a Thing's secret is URL-safe, has 30 characters or more, and is kept as a hash only")
{
    farm(cx);
    const char *path = thing_made(THING);
    const char *secret = secret_of(ask("POST", path_to(path, "/reset-secret"), NULL));
    const char *client = ix_format(cx, "farm::%s", strrchr(path, '/') + 1);
    CHECK(strlen(secret) >= 30);
    CHECK(ix_secret_is_random(stored_hash(client)));
    CHECK(ix_secret_verify(stored_hash(client), ix_str_of(secret)));
}

TEST("a reset revokes the Thing's tokens at once and for good, and no others (OUR CHOICE)")
{
    farm(cx);
    const char *one = thing_made(THING), *other = thing_made(THING);
    const char *secret = secret_of(ask("POST", path_to(one, "/reset-secret"), NULL));
    const char *others = secret_of(ask("POST", path_to(other, "/reset-secret"), NULL));
    const char *token = text_at(token_as(one, secret), "/access_token");
    const char *kept = text_at(token_as(other, others), "/access_token");
    CHECK(is_let_in(one, token));

    secret_of(ask("POST", path_to(one, "/reset-secret"), NULL));
    CHECK(!is_let_in(one, token));
    CHECK(is_let_in(other, kept));
    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    CHECK(!is_let_in(one, token));
    CHECK(is_let_in(other, kept));
    CHECK_INT(token_as(one, secret).status, 401);
}

TEST("a Thing that goes while its secret is hashed gets none")
{
    farm(cx);
    const char *path = thing_made(THING);
    api_call *call = prepared("POST", path_to(path, "/reset-secret"), NULL);
    CHECK_ASK("204", "DELETE", path, NULL);
    write_phase(call);
    CHECK_TEXT(outcome(answer_of(call)), "404 Item not found");
    call_free(call);
    client_row row;
    bool found;
    CHECK_OK(cx,
             store_client_find(cx, world.store, ix_format(cx, "farm::%s", strrchr(path, '/') + 1),
                               &row, &found));
    CHECK(!found);
}

TEST("a Thing that goes while its MQTT password is hashed gets no credentials")
{
    farm(cx);
    const char *path = thing_made(THING);
    api_call *call = prepared("POST", path_to(path, "/mqtt-credentials"), NULL);
    CHECK_ASK("204", "DELETE", path, NULL);
    write_phase(call);
    CHECK_TEXT(outcome(answer_of(call)), "404 Item not found");
    call_free(call);
    const credentials_owner owner = {.space = "farm", .thing = strrchr(path, '/') + 1};
    credentials_row row;
    bool found;
    CHECK_OK(cx, store_credentials_find(cx, world.store, &owner, &row, &found));
    CHECK(!found);
}

TEST("of two who make credentials at once, one hears that there are some")
{
    farm(cx);
    const char *path = path_to(thing_made(THING), "/mqtt-credentials");
    api_call *one = prepared("POST", path, NULL), *other = prepared("POST", path, NULL);
    write_phase(one);
    write_phase(other);
    CHECK_TEXT(outcome(answer_of(one)), "201");
    CHECK_TEXT(outcome(answer_of(other)), "409 This item already exists");
    call_free(one);
    call_free(other);
}

TEST("of two who take one user name at once, one hears that it is taken")
{
    farm(cx);
    const char *body = JSON({"username" : "probe"});
    api_call *one = prepared("POST", path_to(thing_made(THING), "/mqtt-credentials"), body);
    api_call *other = prepared("POST", path_to(thing_made(THING), "/mqtt-credentials"), body);
    write_phase(one);
    write_phase(other);
    CHECK_TEXT(outcome(answer_of(one)), "201");
    CHECK_TEXT(json_at(answer_of(other), "/error/details"),
               "{\"field\":\"username\",\"reason\":\"'probe@farm' is taken\"}");
    call_free(one);
    call_free(other);
}

static credentials_row stored_credentials(const char *username)
{
    credentials_row row;
    bool found;
    CHECK_OK(world.cx,
             store_credentials_find_user(world.cx, world.store, "farm", username, &row, &found));
    CHECK(found);
    return row;
}

TEST("an MQTT password is kept as a hash only, and a new one takes its place")
{
    farm(cx);
    const char *path = path_to(thing_made(THING), "/mqtt-credentials");
    CHECK_INT(ask("POST", path, JSON({"username" : "probe", "password" : "s3cret"})).status, 201);
    const credentials_row first = stored_credentials("probe@farm");
    CHECK(strncmp(first.password_hash, "$argon2id$", 10) == 0);
    CHECK(ix_secret_verify(first.password_hash, IX_STR("s3cret")));

    CHECK_INT(ask("PUT", path, JSON({"description" : "x"})).status, 200);
    CHECK_TEXT(stored_credentials("probe@farm").password_hash, first.password_hash);

    const char *made = text_at(ask("PUT", path, "{}"), "/password");
    CHECK(ix_secret_verify(stored_credentials("probe@farm").password_hash, ix_str_of(made)));
    CHECK(strcmp(made, text_at(ask("PUT", path, NULL), "/password")) != 0);
}

TEST("made-up user names differ, and obey the rule for those that are given")
{
    farm(cx);
    const char *one =
        text_at(ask("POST", path_to(thing_made(THING), "/mqtt-credentials"), NULL), "/username");
    const char *other =
        text_at(ask("POST", path_to(thing_made(THING), "/mqtt-credentials"), NULL), "/username");
    CHECK(strcmp(one, other) != 0);
    CHECK(strstr(one, "@farm"));
    CHECK_INT(ask("POST", path_to(thing_made(THING), "/mqtt-credentials"),
                  ix_format(cx, "{\"username\":\"x%s\"}", one))
                  .status,
              201);
}

TEST("one user name may be used in two spaces, because each has its suffix")
{
    farm(cx);
    const char *body = JSON({"username" : "probe"});
    CHECK_INT(ask("POST", path_to(thing_made(THING), "/mqtt-credentials"), body).status, 201);
    world.token = token_for("miller", "app::miller", ix_scopes_all(), "mill", NULL);
    const char *path = text_at(ask("POST", "/spaces/mill/things", THING), "/href");
    CHECK_TEXT(text_at(ask("POST", path_to(path, "/mqtt-credentials"), body), "/username"),
               "probe@mill");
}
