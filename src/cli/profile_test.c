/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

/* A home of its own for each test, without anything in the environment. */
static const char *home(ix_ctx *cx)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        unsetenv(setting_rows[i].variable);
    const char *base = getenv("TMPDIR");
    char *folder = ix_format(cx, "%s/profile_test.XXXXXX", base ? base : "/tmp");
    CHECK(mkdtemp(folder));
    setenv("XDG_CONFIG_HOME", folder, 1);
    return folder;
}

static void home_remove(ix_ctx *cx, const char *folder)
{
    unlink(ix_format(cx, "%s/iots/config.json", folder));
    rmdir(ix_format(cx, "%s/iots", folder));
    CHECK_INT(rmdir(folder), 0);
}

static const cli_args none;

static void store(ix_ctx *cx, const char *host, const char *client, const char *secret)
{
    cli_profile profile;
    CHECK_OK(cx, profile_stored(cx, NULL, &profile));
    profile.values[SETTING_host] = host;
    profile.values[SETTING_client_id] = client;
    profile.values[SETTING_client_secret] = secret;
    profile.values[SETTING_space] = "farm";
    CHECK_OK(cx, profile_save(cx, &profile));
}

/* What options would give: one flag and its value. */
static cli_args option(given *given, cli_flag *flag, const char *name, const char *value)
{
    *flag = (struct cli_flag){.name = name, .kind = FLAG_VALUE};
    *given = (struct given){flag, value};
    return (cli_args){.given = given, .given_count = 1};
}

TEST("without anything stored there is nothing")
{
    const char *folder = home(cx);
    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    for (int i = 0; i < SETTING_COUNT; i++)
        CHECK(!profile.values[i]);
    home_remove(cx, folder);
}

TEST("what is stored is for our eyes only, and comes back")
{
    const char *folder = home(cx);
    store(cx, "https://a.example", "me", "secret");
    struct stat file, above;
    CHECK_INT(stat(ix_format(cx, "%s/iots/config.json", folder), &file), 0);
    CHECK_INT(stat(ix_format(cx, "%s/iots", folder), &above), 0);
    CHECK_INT(file.st_mode & 0777, 0600);
    CHECK_INT(above.st_mode & 0777, 0700);

    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.values[SETTING_host], "https://a.example");
    CHECK_TEXT(profile.values[SETTING_client_secret], "secret");
    CHECK_INT(profile.sources[SETTING_space], FROM_STORE);
    CHECK_TEXT(profile_origin(cx, &profile, SETTING_host), "'iots login'");
    CHECK_OK(cx, profile_remove(cx, &profile));
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK(!profile.values[SETTING_host]);
    home_remove(cx, folder);
}

TEST("an option wins over the environment, the environment over the store")
{
    const char *folder = home(cx);
    store(cx, "https://a.example", "me", "secret");
    setenv("IOTS_SPACE", "garden", 1);
    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.values[SETTING_space], "garden");
    given given;
    cli_flag flag;
    const cli_args args = option(&given, &flag, "space", "shed");
    CHECK_OK(cx, profile_load(cx, &args, &profile));
    CHECK_TEXT(profile.values[SETTING_space], "shed");
    CHECK_TEXT(profile_origin(cx, &profile, SETTING_space), "--space");
    home_remove(cx, folder);
}

TEST("a secret stored for one host does not go to another")
{
    const char *folder = home(cx);
    store(cx, "https://a.example", "me", "secret");
    setenv("IOTS_HOST", "b.example", 1);
    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.values[SETTING_host], "https://b.example");
    CHECK(!profile.values[SETTING_client_id]);
    CHECK(!profile.values[SETTING_client_secret]);
    CHECK(!profile.values[SETTING_space]);

    setenv("IOTS_HOST", "a.example/", 1);
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.values[SETTING_client_secret], "secret");
    home_remove(cx, folder);
}

TEST("a secret stored for one client is not used for another")
{
    const char *folder = home(cx);
    store(cx, "https://a.example", "me", "secret");
    setenv("IOTS_CLIENT_ID", "you", 1);
    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK(!profile.values[SETTING_client_secret]);
    CHECK_TEXT(profile.values[SETTING_space], "farm");
    home_remove(cx, folder);
}

TEST("a damaged file is named")
{
    const char *folder = home(cx);
    CHECK_OK(cx, file_write(cx, ix_format(cx, "%s/iots", folder), "config.json", IX_STR("{")));
    cli_profile profile;
    CHECK(!profile_load(cx, &none, &profile));
    CHECK(strstr(cx->error.message, "config.json is damaged"));
    ix_ctx_clear_error(cx);
    home_remove(cx, folder);
}

TEST("without a home nothing is read, and storing says so")
{
    const char *folder = home(cx);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_FAILS(cx, profile_save(cx, &profile), IOTS_UNEXPECTED);
    home_remove(cx, folder);
}

TEST("a host gets its scheme and loses its slashes")
{
    CHECK_TEXT(host_normal(cx, "iots.example.org"), "https://iots.example.org");
    CHECK_TEXT(host_normal(cx, " http://127.0.0.1:8080/ "), "http://127.0.0.1:8080");
    CHECK_FAILS(cx, host_normal(cx, "/"), IOTS_USAGE);
}

TEST("only a host of this machine is reached without the net")
{
    static const struct {
        const char *host;
        bool is_private;
    } cases[] = {
        {"https://example.org", true},
        {"http://localhost", true},
        {"http://localhost:8080", true},
        {"HTTP://LocalHost./x", true},
        {"http://iots.localhost:80", true},
        {"http://127.0.0.1:8080", true},
        {"http://127.255.0.9", true},
        {"http://[::1]:8080", true},
        {"http://localhost.example.org", false},
        {"http://localhostile", false},
        {"http://notlocalhost", false},
        {"http://127.example.org", false},
        {"http://127.0.0.1.example.org", false},
        {"http://127.0.0.1@example.org", false},
        {"http://localhost:80@example.org", false},
        {"http://[::1].example.org", false},
        {"http://[::10]", false},
        {"http://128.0.0.1", false},
        {"HTTP://example.org", false},
        {"http://", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (host_is_private(cases[i].host) != cases[i].is_private)
            fail_msg("%s", cases[i].host);
}

TEST("a profile has a file of its own, and names that cannot be one are refused")
{
    const char *folder = home(cx);
    store(cx, "https://a.example", "me", "secret");
    cli_profile work;
    CHECK_OK(cx, profile_stored(cx, "work", &work));
    CHECK(!profile_is_there(&work));
    work.values[SETTING_host] = "https://b.example";
    CHECK_OK(cx, profile_save(cx, &work));
    CHECK_OK(cx, profile_choose(cx, "work"));

    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.name, "work");
    CHECK_TEXT(profile.values[SETTING_host], "https://b.example");
    setenv("IOTS_PROFILE", "default", 1);
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.values[SETTING_host], "https://a.example");
    given given;
    cli_flag flag;
    const cli_args args = option(&given, &flag, "profile", "work");
    CHECK_OK(cx, profile_load(cx, &args, &profile));
    CHECK_TEXT(profile.values[SETTING_host], "https://b.example");
    unsetenv("IOTS_PROFILE");

    const char *const *names;
    CHECK_OK(cx, profile_names(cx, &names));
    CHECK_TEXT(names[0], "default");
    CHECK_TEXT(names[1], "work");
    CHECK(!names[2]);

    CHECK_OK(cx, profile_choose(cx, NULL));
    CHECK_OK(cx, profile_remove(cx, &work));
    rmdir(ix_format(cx, "%s/iots/profiles", folder));
    home_remove(cx, folder);
    CHECK(!profile_stored(cx, "../config", &profile));
    CHECK_INT(cx->error.code, IOTS_USAGE);
}

TEST("of a secret and a command for it, the one said more nearly counts")
{
    cli_profile profile = {.name = "default"};
    profile.values[SETTING_secret_command] = "echo told; echo more";
    profile.sources[SETTING_secret_command] = FROM_STORE;
    CHECK_TEXT(profile_secret(cx, &profile), "told");
    profile.values[SETTING_client_secret] = "known";
    profile.sources[SETTING_client_secret] = FROM_STORE;
    CHECK_TEXT(profile_secret(cx, &profile), "known");
    profile.sources[SETTING_secret_command] = FROM_ENVIRONMENT;
    CHECK_TEXT(profile_secret(cx, &profile), "told");
    profile.sources[SETTING_client_secret] = FROM_OPTION;
    CHECK_TEXT(profile_secret(cx, &profile), "known");
}

TEST("a command that fails, or prints nothing, is not a secret")
{
    // clang-format off
    const struct { const char *command, *why; } cases[] = {
        {"echo x; exit 3", "the command for the secret failed: echo x; exit 3"},
        {"true", "the command for the secret printed nothing: true"},
        {"echo; echo x", "the command for the secret printed nothing: echo; echo x"},
        {"head -c 5000 /dev/zero | tr '\\0' x", "the command for the secret printed too long a line"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cli_profile profile = {.name = "default"};
        profile.values[SETTING_secret_command] = cases[i].command;
        CHECK(!profile_secret(cx, &profile));
        CHECK(strstr(cx->error.message, cases[i].why));
        ix_ctx_clear_error(cx);
    }
}

TEST("the command for another client's secret is not run")
{
    const char *folder = home(cx);
    cli_profile stored;
    CHECK_OK(cx, profile_stored(cx, NULL, &stored));
    stored.values[SETTING_host] = "https://a.example";
    stored.values[SETTING_client_id] = "me";
    stored.values[SETTING_secret_command] = "echo secret";
    CHECK_OK(cx, profile_save(cx, &stored));
    given given;
    cli_flag flag;
    const cli_args args = option(&given, &flag, "client-id", "you");
    cli_profile profile;
    CHECK_OK(cx, profile_load(cx, &args, &profile));
    CHECK(!profile.values[SETTING_secret_command]);
    CHECK_OK(cx, profile_load(cx, &none, &profile));
    CHECK_TEXT(profile.values[SETTING_secret_command], "echo secret");
    CHECK_OK(cx, profile_remove(cx, &profile));
    home_remove(cx, folder);
}
