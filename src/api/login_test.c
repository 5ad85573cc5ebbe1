/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api_test.h"
#include "api/oauth2.h"
#include "api/throttle.h"
#include "store/sql/sql.h"

#define APP       "app::01JM00000000000000000LOGIN"
#define HOME      "https://app.example:8443/cb"
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define COOKIE    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#define ASKING                                                                             \
    "response_type=code&client_id=" APP "&redirect_uri=" HOME "&code_challenge=" CHALLENGE \
    "&code_challenge_method=S256"
#define FORM ASKING "&form=" COOKIE "&user=ada&password=s3cret&decision=allow"

static int64_t clock_us = INT64_C(1700000000000000);

static int64_t clock_now(void)
{
    return clock_us;
}

static const char *hash_of(const char *secret)
{
    char hash[IX_SECRET_HASH_TEXT];
    CHECK_OK(world.cx, ix_secret_hash(world.cx, ix_str_of(secret), hash));
    return ix_strdup(world.cx, hash);
}

static void add_user(const char *password)
{
    const user_row user = {.name = "ada",
                           .password_hash = hash_of(password),
                           .scopes = ix_scopes_all(),
                           .spaces = "farm mill"};
    CHECK_OK(world.cx, store_begin(world.cx, world.store));
    CHECK_OK(world.cx, store_user_put(world.cx, world.store, &user));
    CHECK_OK(world.cx, store_commit(world.cx, world.store));
}

/* A farm with a public client and somebody who may log in to it. */
static void office_at(ix_ctx *cx, const char *public_url)
{
    farm_with(cx, (api_settings){.public_url = public_url,
                                 .token_lifetime_us = 3600 * IX_SECOND_US,
                                 .body_limit = 1 << 20,
                                 .now_us = clock_now,
                                 .monotonic_us = clock_now});
    const client_row client = {
        .id = APP, .scopes = "thing offline", .spaces = "farm", .redirects = "x:/y " HOME};
    CHECK_OK(cx, store_begin(cx, world.store));
    CHECK_OK(cx, store_client_put(cx, world.store, &client));
    CHECK_OK(cx, store_commit(cx, world.store));
    add_user("s3cret");
    world.token = NULL;
    world.type = "application/x-www-form-urlencoded";
    world.cookie = "iots_login=" COOKIE;
}

static void office(ix_ctx *cx)
{
    office_at(cx, NULL);
}

static answer see_page(void)
{
    return ask("GET", "/oauth2/auth?" ASKING, NULL);
}

static answer send_form(const char *form)
{
    return ask("POST", "/oauth2/auth", form);
}

static bool says(answer answer, const char *text)
{
    return strstr(answer.text, text) != NULL;
}

/* The code in the address that one is sent back to. */
static const char *code_of(answer answer)
{
    static const char before[] = HOME "?code=";
    const char *location = header_of(answer, "Location");
    CHECK_INT(answer.status, 302);
    CHECK(strncmp(location, before, strlen(before)) == 0);
    return location + strlen(before);
}

static answer exchange(const char *code)
{
    return ask("POST", "/oauth2/token",
               ix_format(world.cx,
                         "grant_type=authorization_code&client_id=" APP "&redirect_uri=" HOME
                         "&code_verifier=" VERIFIER "&code=%s",
                         code));
}

static answer renew(const char *token)
{
    return ask("POST", "/oauth2/token",
               ix_format(world.cx, "grant_type=refresh_token&client_id=" APP "&refresh_token=%s",
                         token));
}

static const char *access_of(answer answer)
{
    CHECK_INT(answer.status, 200);
    return text_at(answer, "/access_token");
}

static const char *refresh_of(answer answer)
{
    CHECK_INT(answer.status, 200);
    return text_at(answer, "/refresh_token");
}

static const char *refusal(answer answer)
{
    return ix_format(world.cx, "%d %s", answer.status, text_at(answer, "/error"));
}

static bool is_let_in(const char *token)
{
    world.token = token;
    const answer answer = ask("GET", "/spaces/farm/things", NULL);
    world.token = NULL;
    return answer.status == 200;
}

/* ---- the page ---- */

TEST("the page lets nothing run, nothing frame it, and its form lead only here and to the client")
{
    office(cx);
    const answer page = see_page();
    CHECK_INT(page.status, 200);
    CHECK_TEXT(page.type, "text/html; charset=utf-8");
    const char *csp = header_of(page, "Content-Security-Policy");
    CHECK(strncmp(csp, "default-src 'none'; style-src 'nonce-", 37) == 0);
    CHECK_TEXT(csp + 37 + IX_TOKEN_TEXT - 1,
               "'; form-action 'self' https://app.example:8443; frame-ancestors 'none';"
               " base-uri 'none'");
    CHECK(says(page, ix_format(cx, "<style nonce=\"%.43s\">", csp + 37)));
    CHECK(!says(page, "<script"));
    CHECK(!says(page, "s3cret"));
}

TEST("what comes with the request is text on the page, never markup")
{
    office(cx);
    const answer page = ask("GET", "/oauth2/auth?" ASKING "&state=%22%3E%3Cscript%3E%26%27", NULL);
    CHECK(says(page, "name=\"state\" value=\"&quot;&gt;&lt;script&gt;&amp;&#39;\""));
    CHECK(!says(page, "<script"));
}

TEST("a browser without our cookie gets one that is in the form as well; one that has it keeps it")
{
    office(cx);
    CHECK_TEXT(header_of(see_page(), "Set-Cookie"), "nothing");
    CHECK(says(see_page(), "name=\"form\" value=\"" COOKIE "\""));

    static const char *const others[] = {"", "a=b", "iots_login=short", "iots_login"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        world.cookie = others[i];
        const answer page = see_page();
        const char *cookie = header_of(page, "Set-Cookie");
        CHECK(strncmp(cookie, "iots_login=", 11) == 0);
        CHECK_TEXT(cookie + 11 + IX_TOKEN_TEXT - 1, "; HttpOnly; SameSite=Lax");
        CHECK(says(page, ix_format(cx, "name=\"form\" value=\"%.43s\"", cookie + 11)));
    }
}

TEST("the cookie is for TLS only where people come by TLS")
{
    office_at(cx, "https://iot.example.org/");
    world.cookie = NULL;
    CHECK(strstr(header_of(see_page(), "Set-Cookie"), "; SameSite=Lax; Secure"));
}

TEST("a form with another value than the cookie's is not taken, and its password not looked at")
{
    office(cx);
    world.cookie = "iots_login=QbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
    for (int i = 0; i < 2 * THROTTLE_PAIR_FREE; i++)
        CHECK_INT(send_form(FORM).status, 403);
    world.cookie = NULL;
    CHECK_INT(send_form(FORM).status, 403);
    world.cookie = "iots_login=" COOKIE;
    CHECK_INT(send_form(FORM).status, 302);
}

TEST("a field that is there twice is refused")
{
    office(cx);
    const answer twice = send_form(FORM "&password=other");
    CHECK_INT(twice.status, 400);
    CHECK(says(twice, "<p>Password is given twice.</p>"));
}

/* ---- codes ---- */

TEST("a code lives 60 seconds (OUR CHOICE)")
{
    office(cx);
    const char *code = code_of(send_form(FORM)), *late = code_of(send_form(FORM));
    clock_us += (OAUTH2_CODE_S - 1) * IX_SECOND_US;
    CHECK(is_let_in(access_of(exchange(code))));
    clock_us += IX_SECOND_US;
    CHECK_TEXT(refusal(exchange(late)), "400 invalid_grant");
}

TEST("a code that is tried in vain stays good")
{
    office(cx);
    const char *code = code_of(send_form(FORM));
    CHECK_TEXT(refusal(ask("POST", "/oauth2/token",
                           ix_format(cx,
                                     "grant_type=authorization_code&client_id=" APP
                                     "&redirect_uri=" HOME "&code_verifier=wrong&code=%s",
                                     code))),
               "400 invalid_grant");
    CHECK_TEXT(refusal(renew(code)), "400 invalid_grant");
    const char *guess = ix_format(cx, "%.85s%c", code, code[85] == 'A' ? 'B' : 'A');
    CHECK_TEXT(refusal(exchange(guess)), "400 invalid_grant");
    access_of(exchange(code));
}

TEST("a code that comes twice ends what was issued for it, now and after a restart (OUR CHOICE)")
{
    office(cx);
    const char *code = code_of(send_form(FORM)), *other = code_of(send_form(FORM));
    const answer made = exchange(code);
    const char *again = access_of(renew(refresh_of(made)));
    const char *kept = access_of(exchange(other));
    CHECK(is_let_in(access_of(made)) && is_let_in(again));

    CHECK_TEXT(refusal(exchange(code)), "400 invalid_grant");
    CHECK(!is_let_in(access_of(made)) && !is_let_in(again));
    CHECK(is_let_in(kept));
    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    CHECK(!is_let_in(access_of(made)) && !is_let_in(again));
    CHECK(is_let_in(kept));
}

TEST("two who bring one code at the same time: the second ends it for both")
{
    office(cx);
    const char *form = ix_format(cx,
                                 "grant_type=authorization_code&client_id=" APP
                                 "&redirect_uri=" HOME "&code_verifier=" VERIFIER "&code=%s",
                                 code_of(send_form(FORM)));
    api_call *calls[2];
    for (int i = 0; i < 2; i++) {
        calls[i] = call_for("POST", "/oauth2/token");
        CHECK(call_admit(calls[i]));
        CHECK_INT(call_start(calls[i], ix_str_of(form)), PHASE_OFFLOAD);
        CHECK_INT(call_offload(calls[i], world.store), PHASE_WRITE);
    }
    write_phase(calls[0]);
    write_phase(calls[1]);
    CHECK_TEXT(refusal(answer_of(calls[1])), "400 invalid_grant");
    CHECK(!is_let_in(access_of(answer_of(calls[0]))));
    call_free(calls[0]);
    call_free(calls[1]);
}

TEST("a user whose password changes while the form is on its way gives nothing")
{
    office(cx);
    api_call *call = call_for("POST", "/oauth2/auth");
    CHECK(call_admit(call));
    CHECK_INT(call_start(call, ix_str_of(FORM)), PHASE_OFFLOAD);
    CHECK_INT(call_offload(call, world.store), PHASE_WRITE);
    add_user("changed");
    write_phase(call);
    CHECK(strstr(header_of(answer_of(call), "Location"), "?error=access_denied&"));
    call_free(call);
}

TEST("whenever the database fails the answer says so, and the code is as good as before")
{
    office(cx);
    const char *code = code_of(send_form(FORM));
    world.store->db = db_faulty_new(world.store->db);
    CHECK(world.store->db != NULL);
    const char *refresh = NULL;
    for (int nth = 1; !refresh; nth++) {
        CHECK(nth < 100);
        db_faulty_set(world.store->db, nth, IOTS_UNAVAILABLE);
        const answer answer = exchange(code);
        db_faulty_set(world.store->db, 0, IOTS_OK);
        if (answer.status == 200)
            refresh = refresh_of(answer);
        else
            CHECK_TEXT(refusal(answer), "503 temporarily_unavailable");
    }
    CHECK_INT(renew(refresh).status, 200);
    for (int nth = 1;; nth++) {
        CHECK(nth < 100);
        db_faulty_set(world.store->db, nth, IOTS_UNAVAILABLE);
        const answer page = send_form(FORM);
        db_faulty_set(world.store->db, 0, IOTS_OK);
        if (page.status == 302)
            break;
        CHECK_INT(page.status, 503);
        CHECK(says(page, "<p>Service unavailable.</p>"));
    }
}

/* ---- refresh tokens ---- */

TEST("each refresh token is good once; each use makes the next one")
{
    office(cx);
    const char *first = refresh_of(exchange(code_of(send_form(FORM))));
    const char *second = refresh_of(renew(first));
    const answer third = renew(second);
    CHECK(strcmp(first, second) != 0);
    CHECK(is_let_in(access_of(third)));
    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    CHECK_INT(renew(refresh_of(third)).status, 200);
}

TEST("for 10 seconds a refresh token brings the same successor again, also after a restart")
{
    office(cx);
    const char *first = refresh_of(exchange(code_of(send_form(FORM))));
    const answer once = renew(first);
    clock_us += OAUTH2_REPEAT_S * IX_SECOND_US;
    CHECK_OK(cx, api_refresh(cx, world.api, world.store));
    const answer again = renew(first);
    CHECK_TEXT(refresh_of(again), refresh_of(once));
    CHECK(is_let_in(access_of(once)) && is_let_in(access_of(again)));
    CHECK_INT(renew(refresh_of(again)).status, 200);
}

TEST("a refresh token whose successor was used ends the login, at once")
{
    office(cx);
    const char *first = refresh_of(exchange(code_of(send_form(FORM))));
    const answer last = renew(refresh_of(renew(first)));
    CHECK_TEXT(refusal(renew(first)), "400 invalid_grant");
    CHECK(!is_let_in(access_of(last)));
    CHECK_TEXT(refusal(renew(refresh_of(last))), "400 invalid_grant");
}

TEST("what else comes with the id of a login brings nothing again")
{
    office(cx);
    const char *code = code_of(send_form(FORM));
    const answer made = exchange(code);
    const char *forged =
        ix_format(cx, "%.85s%c", refresh_of(made), refresh_of(made)[85] == 'A' ? 'B' : 'A');
    renew(refresh_of(made));
    CHECK_TEXT(refusal(renew(forged)), "400 invalid_grant");
    CHECK_TEXT(refusal(renew(refresh_of(made))), "400 invalid_grant");
}

TEST("an old refresh token ends all that came of that login")
{
    office(cx);
    const answer made = exchange(code_of(send_form(FORM)));
    const answer again = renew(refresh_of(made));
    clock_us += OAUTH2_REPEAT_S * IX_SECOND_US + 1;
    CHECK_TEXT(refusal(renew(refresh_of(made))), "400 invalid_grant");
    CHECK(!is_let_in(access_of(made)) && !is_let_in(access_of(again)));
    CHECK_TEXT(refusal(renew(refresh_of(again))), "400 invalid_grant");
}

TEST("a refresh token that nobody uses is good for 90 days, and each use begins them anew")
{
    office(cx);
    const int64_t lifetime_us = OAUTH2_REFRESH_S * IX_SECOND_US;
    const char *token = refresh_of(exchange(code_of(send_form(FORM))));
    clock_us += lifetime_us - IX_SECOND_US;
    token = refresh_of(renew(token));
    clock_us += lifetime_us - IX_SECOND_US;
    token = refresh_of(renew(token));
    clock_us += lifetime_us;
    CHECK_TEXT(refusal(renew(token)), "400 invalid_grant");
}

/* ---- guessing ---- */

TEST("after some wrong passwords in a row one must wait, also with the right one")
{
    office(cx);
    const char *wrong = ASKING "&form=" COOKIE "&user=ada&password=%d&decision=allow";
    for (int i = 0; i < THROTTLE_PAIR_FREE; i++)
        CHECK_INT(send_form(ix_format(cx, wrong, i)).status, 403);
    const answer braked = send_form(FORM);
    CHECK_INT(braked.status, 429);
    CHECK_TEXT(header_of(braked, "Retry-After"), "1");
    CHECK(says(braked, "Please wait 1 second before"));
    world.peer = "elsewhere";
    code_of(send_form(FORM));
    world.peer = NULL;
    clock_us += IX_SECOND_US;
    code_of(send_form(FORM));
    CHECK_INT(send_form(ix_format(cx, wrong, 7)).status, 403);
}

TEST("a name or password longer than any that is right is wrong, and not shown again")
{
    office(cx);
    char *password = ix_alloc(cx, 2001);
    memset(password, 'x', 2000);
    const answer page = send_form(
        ix_format(cx, ASKING "&form=" COOKIE "&user=ada&password=%s&decision=allow", password));
    CHECK_INT(page.status, 403);
    CHECK(!says(page, "xxxx"));
    const answer other = send_form(
        ix_format(cx, ASKING "&form=" COOKIE "&user=%s&password=s3cret&decision=allow", password));
    CHECK_INT(other.status, 403);
    CHECK(!says(other, "xxxx"));
}
