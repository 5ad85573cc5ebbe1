/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include "base/test.h"

// clang-format off
static const cli_flag own_rows[] = {
    {.name = "thing", .kind = FLAG_VALUE, .value = "ID"},
    {.name = "map", .kind = FLAG_VALUE, .value = "A=B", .repeats = true},
    {.name = "group", .kind = FLAG_BOOL, .value = "BOOL"},
};
static const cli_flag common_rows[] = {
    {.name = "json", .kind = FLAG_SWITCH},
    {.name = "timeout", .kind = FLAG_VALUE, .value = "TIME"},
    {.name = "help", .kind = FLAG_SWITCH},
};
// clang-format on
static const cli_flags own = {own_rows, 3}, common = {common_rows, 3};

#define ARGV(...)         \
    (char *[])            \
    {                     \
        __VA_ARGS__, NULL \
    }

static bool take(ix_ctx *cx, char **argv, cli_args *ret)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return args_parse(cx, own, common, argc, argv, ret);
}

static const char *refusal(ix_ctx *cx, char **argv)
{
    cli_args args;
    CHECK(!take(cx, argv, &args));
    CHECK_INT(cx->error.code, IOTS_USAGE);
    const char *message = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return message;
}

TEST("flags and words may be mixed")
{
    cli_args args;
    CHECK_OK(cx, take(cx, ARGV("a", "--thing", "1", "b", "--json", "-", "-5", "-.5"), &args));
    CHECK_INT(args.word_count, 5);
    CHECK_TEXT(args.words[1], "b");
    CHECK_TEXT(args.words[3], "-5");
    CHECK_TEXT(args_value(&args, "thing"), "1");
    CHECK(args_has(&args, "json"));
    CHECK(!args_has(&args, "group"));
}

TEST("a value may follow an equals sign, and be empty or like a flag there")
{
    cli_args args;
    CHECK_OK(cx, take(cx, ARGV("--thing=--x=y", "--map="), &args));
    CHECK_TEXT(args_value(&args, "thing"), "--x=y");
    CHECK_TEXT(args_value(&args, "map"), "");
}

TEST("the last one wins, unless the flag repeats")
{
    cli_args args;
    CHECK_OK(cx, take(cx, ARGV("--thing", "1", "--map", "a", "--thing", "2", "--map=b"), &args));
    CHECK_TEXT(args_value(&args, "thing"), "2");
    size_t at = 0;
    CHECK_TEXT(args_each(&args, "map", &at), "a");
    CHECK_TEXT(args_each(&args, "map", &at), "b");
    CHECK(!args_each(&args, "map", &at));
}

TEST("after two hyphens everything is a word")
{
    cli_args args;
    CHECK_OK(cx, take(cx, ARGV("--json", "--", "--thing", "-x"), &args));
    CHECK_INT(args.word_count, 2);
    CHECK_TEXT(args.words[0], "--thing");
}

TEST("a bool stands alone or says what it is")
{
    cli_args args;
    CHECK_OK(cx, take(cx, ARGV("--group", "--json"), &args));
    CHECK_TEXT(args_value(&args, "group"), "true");
    CHECK_OK(cx, take(cx, ARGV("--group=false"), &args));
    CHECK_TEXT(args_value(&args, "group"), "false");
    CHECK_TEXT(refusal(cx, ARGV("--group", "false")), "--group false: write --group=false");
}

TEST("what is wrong is named, with what was meant")
{
    CHECK_TEXT(refusal(cx, ARGV("--thng", "1")),
               "there is no option --thng here; did you mean --thing?");
    CHECK_TEXT(refusal(cx, ARGV("--xyzzy")), "there is no option --xyzzy here");
    CHECK_TEXT(refusal(cx, ARGV("--thing")), "--thing needs a value: --thing ID");
    CHECK_TEXT(refusal(cx, ARGV("--thing", "--json")), "--thing needs a value: --thing ID");
    CHECK_TEXT(refusal(cx, ARGV("--json=1")), "--json takes no value");
    CHECK_TEXT(refusal(cx, ARGV("-x")), "there is no option -x; options begin with two hyphens");
}

TEST("common flags may come before the first word")
{
    cli_args args;
    int used;
    CHECK_OK(cx, args_parse_leading(cx, common, 4, ARGV("--json", "--timeout", "1", "thing"), &args,
                                    &used));
    CHECK_INT(used, 3);
    CHECK_TEXT(args_value(&args, "timeout"), "1");
}

TEST("-h is --help")
{
    cli_args args;
    CHECK_OK(cx, take(cx, ARGV("-h"), &args));
    CHECK(args_has(&args, "help"));
}

TEST("a stretch of time has a unit, or is seconds")
{
    static const struct {
        char *text;
        int64_t ms;
    } cases[] = {{"500ms", 500}, {"2s", 2000},    {"1.5", 1500},
                 {"2m", 120000}, {"1h", 3600000}, {"0", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cli_args args;
        int64_t ms;
        CHECK_OK(cx, take(cx, ARGV("--timeout", cases[i].text), &args));
        CHECK_OK(cx, args_duration(cx, &args, "timeout", 7, &ms));
        CHECK_INT(ms, cases[i].ms);
    }
    char *const bad[] = {"", "s", "1d", "1 s", "99999999h", "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cli_args args;
        int64_t ms;
        CHECK_OK(cx, take(cx, ARGV("--timeout", bad[i]), &args));
        CHECK_FAILS(cx, args_duration(cx, &args, "timeout", 7, &ms), IOTS_USAGE);
    }
}

TEST("near is a slip of the fingers or a beginning, and no more")
{
    CHECK(text_is_near("thng", "thing"));
    CHECK(text_is_near("categ", "categories"));
    CHECK(text_is_near("crate", "create"));
    CHECK(!text_is_near("get", "set-all"));
    CHECK(!text_is_near("x", "y"));
    CHECK(!text_is_near("ab", "cd"));
}
