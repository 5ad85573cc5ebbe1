/* SPDX-License-Identifier: Apache-2.0 */
/* Forms that nobody should send to the OAuth2 routes. Each run makes other ones; IOTS_SEED repeats one. */
#include "api/api_test.h"

enum { ROUNDS = 4000, FIELDS_MAX = 8, LONG_MAX = 6000 };

#define APP    "app%3A%3Aa"
#define SECRET "s3cret-of-a"

static uint64_t seed;

static unsigned roll(unsigned sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % sides;
}

#define ONE_OF(list) (list)[roll(sizeof(list) / sizeof(list)[0])]

static const char *const names[] = {
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "code",
    "redirect_uri",
    "code_verifier",
    "token",
    "token_type_hint",
    "x",
    "state",
    "refresh_token",
    "",
    "%zz",
    "grant%5Ftype",
    "%00",
    "%ff",
    "client_id[]",
};
static const char *const values[] = {
    "",
    "client_credentials",
    "authorization_code",
    "refresh_token",
    "password",
    APP,
    SECRET,
    "app%3A%3Apublic",
    "app%3A%3Anobody",
    "thing",
    "thing.read+category",
    "offline",
    "%22%5C",
    "%ff%fe",
    "%00",
    "%",
    "%2",
    "a%3Db%26c",
    "https%3A%2F%2Fapp.example%2Fcb",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};
/* What an Authorization header may say: nothing, Basic of app::a and its secret, of a stranger, none. */
static const char *const headers[] = {
    NULL,         NULL,         NULL,         "Basic YXBwOjphOnMzY3JldC1vZi1h",
    "Basic eDp5", "Basic ",     "Basic !!!",  "Basic",
    "Bearer x",   "Basic /w==", "Digest a=b", "Basic Og==",
};

static void add_value(ix_buf *form)
{
    if (roll(40) > 0) {
        ix_buf_text(form, ONE_OF(values));
        return;
    }
    for (unsigned i = roll(LONG_MAX); i > 0; i--)
        ix_buf_char(form, (char)('a' + roll(26)));
}

static void write_form(ix_buf *form)
{
    if (roll(2))
        ix_buf_text(form, "grant_type=client_credentials&client_id=" APP "&client_secret=" SECRET);
    for (unsigned i = roll(FIELDS_MAX); i > 0; i--) {
        ix_buf_text(form, roll(10) ? "&" : "&&");
        ix_buf_text(form, ONE_OF(names));
        ix_buf_text(form, roll(10) ? "=" : "==");
        add_value(form);
    }
}

/* RFC 6749 5.2: which characters an error_description may have. */
static bool is_description(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
            return false;
    return true;
}

static bool is_refusal(answer answer)
{
    static const struct {
        int status;
        const char *word;
    } known[] = {
        {400, "invalid_request"},     {400, "invalid_grant"},
        {400, "invalid_scope"},       {400, "unsupported_grant_type"},
        {400, "unauthorized_client"}, {401, "invalid_client"},
        {429, "slow_down"},
    };
    const char *word = text_at(answer, "/error");
    const char *description = text_at(answer, "/error_description");
    bool is_known = false;
    for (size_t i = 0; word && i < sizeof known / sizeof known[0]; i++)
        is_known |= answer.status == known[i].status && strcmp(word, known[i].word) == 0;
    return is_known && description && is_description(description) &&
           strcmp(header_of(answer, "Cache-Control"), "no-store") == 0 &&
           (answer.status != 401 || strcmp(header_of(answer, "WWW-Authenticate"), "nothing") != 0);
}

static void add_client(const char *id, const char *secret)
{
    char hash[IX_SECRET_HASH_TEXT];
    ix_secret_hash_random(ix_str_of(secret), hash);
    const client_row row = {.id = id,
                            .secret_hash = *secret ? hash : NULL,
                            .scopes = "thing offline",
                            .spaces = "farm",
                            .redirects = "https://app.example/cb"};
    CHECK_OK(world.cx, store_begin(world.cx, world.store));
    CHECK_OK(world.cx, store_client_put(world.cx, world.store, &row));
    CHECK_OK(world.cx, store_commit(world.cx, world.store));
}

TEST("whatever form comes, the answer is a token, or a refusal in the words of the standard")
{
    const char *given = getenv("IOTS_SEED");
    uint64_t first;
    ix_random(&first, sizeof first);
    if (given)
        first = strtoull(given, NULL, 10);
    seed = first;
    farm(cx);
    add_client("app::a", SECRET);
    add_client("app::public", "");
    world.token = NULL;
    world.type = "application/x-www-form-urlencoded";
    int tokens = 0;
    for (int i = 0; i < ROUNDS; i++) {
        ix_buf form = {0};
        write_form(&form);
        world.basic = ONE_OF(headers);
        const bool is_revoking = roll(4) == 0;
        const answer answer =
            ask("POST", is_revoking ? "/oauth2/revoke" : "/oauth2/token", ix_buf_cstr(&form));
        tokens += answer.status == 200 && !is_revoking;
        if (answer.status != 200 && !is_refusal(answer))
            fail_msg("IOTS_SEED=%llu round %d: %s %s\n%d %s", (unsigned long long)first, i,
                     ix_buf_cstr(&form), world.basic, answer.status, answer.text);
        ix_buf_done(&form);
    }
    CHECK(tokens > 0);
}
