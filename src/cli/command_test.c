/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <iots/iots.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/op_show.h"

#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

static cli_commands list(ix_ctx *cx)
{
    cli_commands all;
    CHECK_OK(cx, commands_list(cx, &all));
    return all;
}

static const cli_command *find(ix_ctx *cx, const char *noun, const char *verb)
{
    const char *const words[] = {noun, verb};
    const cli_command *found;
    size_t used;
    CHECK_OK(cx, command_find(cx, list(cx), words, verb ? 2 : 1, &found, &used));
    return found;
}

/* "things list" for a command. */
static const char *name(ix_ctx *cx, const cli_command *command)
{
    return command ? ix_format(cx, "%s %s", command->noun, command->verb ? command->verb : "-")
                   : "none";
}

enum { ARGS_MAX = 24 };

/* The request that a command line, words between blanks, makes in the space farm. A word may hold
 * blanks as `_`. */
static bool ask(ix_ctx *cx, const char *line, cli_request *ret)
{
    char *argv[ARGS_MAX] = {0};
    int argc = 0;
    for (ix_str rest = ix_str_of(line); rest.len > 0 && argc < ARGS_MAX;) {
        ix_str word;
        rest = ix_str_cut(rest, ' ', &word);
        char *copy = ix_strndup(cx, word.at, word.len);
        for (char *at = copy; (at = strchr(at, '_'));)
            *at = ' ';
        argv[argc++] = copy;
    }
    const cli_command *command = find(cx, argv[0], argv[1]);
    cli_args args;
    return command && args_parse(cx, command->flags, common_flags, argc - 2, argv + 2, &args) &&
           request_read(cx, command, &args, "farm", ret);
}

static const char *body(ix_ctx *cx, const char *line)
{
    cli_request request;
    CHECK_OK(cx, ask(cx, line, &request));
    return request.body;
}

static const char *op_asked(ix_ctx *cx, const char *line)
{
    cli_request request;
    CHECK_OK(cx, ask(cx, line, &request));
    return request.op->name;
}

/* "name=value&name=value" of all that goes with the request. */
static const char *params(ix_ctx *cx, const char *line)
{
    cli_request request;
    CHECK_OK(cx, ask(cx, line, &request));
    const char *all = "";
    for (const iots_param *param = request.params; param->name; param++)
        all = ix_format(cx, "%s%s%s=%s", all, *all ? "&" : "", param->name, param->value);
    return all;
}

static const char *refusal(ix_ctx *cx, const char *line)
{
    cli_request request;
    CHECK(!ask(cx, line, &request));
    const char *message = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return message;
}

TEST("an operation's name is a noun and a verb")
{
    CHECK_TEXT(name(cx, find(cx, "thing", "get")), "thing get");
    CHECK_TEXT(name(cx, find(cx, "property-history", "list")), "property-history list");
    CHECK_TEXT(name(cx, find(cx, "thing", "reset-secret")), "thing reset-secret");
    CHECK_TEXT(name(cx, find(cx, "category-mqtt", "create")), "category-mqtt create");
}

TEST("a noun may be said in either number, and a list by its noun alone")
{
    CHECK_TEXT(name(cx, find(cx, "things", NULL)), "things list");
    CHECK_TEXT(name(cx, find(cx, "thing", "list")), "things list");
    CHECK_TEXT(name(cx, find(cx, "thing", "create")), "things create");
    CHECK_TEXT(name(cx, find(cx, "categories", "get")), "category get");
    CHECK_TEXT(name(cx, find(cx, "category", "list")), "categories list");
    CHECK_TEXT(name(cx, find(cx, "properties", "get")), "properties get");
    CHECK_TEXT(name(cx, find(cx, "thing", NULL)), "none");
}

TEST("what is not a command is refused with what was meant")
{
    const char *const words[] = {"thngs", "list"}, *const verbs[] = {"things", "lst"};
    const cli_command *found;
    size_t used;
    CHECK(!command_find(cx, list(cx), words, 2, &found, &used));
    CHECK_TEXT(cx->error.message, "there is no command 'thngs'; did you mean 'things'?");
    ix_ctx_clear_error(cx);
    CHECK(!command_find(cx, list(cx), verbs, 2, &found, &used));
    CHECK_TEXT(cx->error.message, "there is no command 'things lst'; did you mean 'things list'?");
}

TEST("commands are named like their operations, and each has an example of itself")
{
    const cli_commands all = list(cx);
    for (size_t i = 0; i < all.count; i++) {
        const cli_command *command = &all.at[i];
        if (!command->op)
            continue;
        char *name = ix_format(cx, "%s_%s", command->noun, command->verb);
        for (char *at = name; (at = strchr(at, '-'));)
            *at = '_';
        CHECK_TEXT(name, command->op->name);
        const bool is_list = strcmp(command->verb, "list") == 0;
        CHECK(command->examples &&
              ix_str_starts(ix_str_of(command->examples),
                            ix_format(cx, "iots %s%s%s", command->noun, is_list ? "" : " ",
                                      is_list ? "" : command->verb)));
    }
}

TEST("every operation that is not hidden is a command, and its flags are its own")
{
    const cli_commands all = list(cx);
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        size_t found = 0;
        for (size_t j = 0; j < all.count; j++)
            found += all.at[j].op == &ix_ops[i];
        CHECK_INT(found, show_of(&ix_ops[i])->noun != NULL);
    }
    for (size_t i = 0; i < all.count; i++) {
        const cli_flags own = all.at[i].flags;
        CHECK(all.at[i].summary && *all.at[i].summary && all.at[i].run);
        for (size_t j = 0; j < own.count; j++) {
            CHECK(own.at[j].doc && *own.at[j].doc);
            CHECK((own.at[j].kind == FLAG_SWITCH) == (own.at[j].value == NULL));
            for (size_t k = 0; k < own.count; k++)
                CHECK(k == j || strcmp(own.at[j].name, own.at[k].name) != 0);
            for (size_t k = 0; k < common_flags.count; k++)
                CHECK(strcmp(own.at[j].name, common_flags.at[k].name) != 0);
        }
    }
}

TEST("no two commands have one name")
{
    const cli_commands all = list(cx);
    for (size_t i = 0; i < all.count; i++) {
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(name(cx, &all.at[i]), name(cx, &all.at[j])) != 0);
    }
}

TEST("words fill the path from left to right, where no flag does")
{
    CHECK_TEXT(params(cx, "property get " THING " temp"),
               "space=farm&thing=" THING "&property=temp");
    CHECK_TEXT(params(cx, "property get temp --thing " THING),
               "space=farm&thing=" THING "&property=temp");
    CHECK_TEXT(params(cx, "action get --action flush " THING " 01JM2QHX6S0T1V2W3X4Y5Z6A7B"),
               "space=farm&thing=" THING "&action=flush&action_id=01JM2QHX6S0T1V2W3X4Y5Z6A7B");
    CHECK_TEXT(params(cx, "thing get " THING " --category Boilers"),
               "space=farm&category=Boilers&thing=" THING);
    CHECK_TEXT(refusal(cx, "property get " THING), "a name is missing: --property");
    CHECK_TEXT(refusal(cx, "thing get " THING " more"), "'more' is one word too many");
}

TEST("a list of one action or event is that of all where none is named")
{
    CHECK_TEXT(params(cx, "actions list " THING " flush"),
               "space=farm&thing=" THING "&action=flush");
    CHECK_TEXT(params(cx, "actions list " THING), "space=farm&thing=" THING);
    CHECK_TEXT(params(cx, "events list --thing " THING), "space=farm&thing=" THING);
    CHECK_TEXT(refusal(cx, "actions list"), "an ID is missing: --thing");
    CHECK_TEXT(op_asked(cx, "actions list " THING), "all_actions_list");
    CHECK_TEXT(op_asked(cx, "events list " THING), "all_events_list");
    CHECK_TEXT(op_asked(cx, "events list " THING " dry"), "events_list");
}

TEST("parameters go by the names of the API")
{
    CHECK_TEXT(params(cx, "things list --type Boiler --property temp=gt:20 --property on=true "
                          "--in A --in B --in-category --sort -created"),
               "@type=Boiler&category[]=A&category[]=B&in_category=true&property:temp=gt:20&"
               "property:on=true&sort=-created&space=farm");
    CHECK_TEXT(params(cx, "history list " THING " --at 2025|2026 --group=false"),
               "at=2025|2026&group=false&space=farm&thing=" THING);
    CHECK_TEXT(params(cx, "history list " THING " --order asc"),
               "order=asc&space=farm&thing=" THING);
    CHECK_TEXT(refusal(cx, "history list " THING " --order up"),
               "--order up: expected desc or asc");
    CHECK_TEXT(refusal(cx, "things list --property temp"),
               "--property temp: expected NAME=[OPERATOR:]VALUE");
    CHECK_TEXT(refusal(cx, "things list --version x"), "--version x: expected a positive integer");
    CHECK_TEXT(refusal(cx, "things list --in-category=maybe"),
               "--in-category=maybe: expected true or false");
}

TEST("a word that is JSON is that value, anything else is text")
{
    static const struct {
        const char *word, *value;
    } cases[] = {
        {"21.5", "21.5"},
        {"21", "21"},
        {"21.0", "21.0"},
        {"true", "true"},
        {"null", "null"},
        {"\"21\"", "\"21\""},
        {"open", "\"open\""},
        {"[1,2]", "[1,2]"},
        {"{\"a\":1}", "{\"a\":1}"},
        {"-5", "-5"},
        {"007", "\"007\""},
        {"", "\"\""},
        {"2025-01-01", "\"2025-01-01\""},
        {"True", "\"True\""},
        {"1e3", "1000.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(body(cx, ix_format(cx, "property update " THING " t %s",
                                      *cases[i].word ? cases[i].word : "t=")),
                   ix_format(cx, "{\"t\":%s}", cases[i].value));
}

TEST("what was meant as JSON never becomes a text quietly")
{
    CHECK(strstr(refusal(cx, "property update " THING " t 12345678901234567890"),
                 "cannot be kept exactly as a number"));
    CHECK(strstr(refusal(cx, "property update " THING " t {\"a\":}"), "is not JSON"));
}

TEST("pairs become members; those that are texts stay texts")
{
    CHECK_TEXT(body(cx, "properties update " THING " a=1 b=x c=d=e"),
               "{\"a\":1,\"b\":\"x\",\"c\":\"d=e\"}");
    CHECK_TEXT(body(cx, "categories create name=42 description=true"),
               "{\"name\":\"42\",\"description\":\"true\"}");
    CHECK_TEXT(body(cx, "things create title=7 categories=[\"A\"]"),
               "{\"title\":\"7\",\"categories\":[\"A\"]}");
    CHECK_TEXT(refusal(cx, "properties update " THING " a"), "'a': expected NAME=VALUE");
    CHECK_TEXT(refusal(cx, "properties update " THING " a=1 a=2"), "'a' is given twice");
    CHECK(strstr(refusal(cx, "properties update " THING), "nothing to send"));
}

TEST("actions, events, history and queries are said in their own words")
{
    CHECK_TEXT(body(cx, "actions create " THING " flush"), "{\"flush\":{}}");
    CHECK_TEXT(body(cx, "actions create " THING " flush 5"), "{\"flush\":{\"input\":5}}");
    CHECK_TEXT(body(cx, "actions create " THING " flush seconds=5 hard=true"),
               "{\"flush\":{\"input\":{\"seconds\":5,\"hard\":true}}}");
    CHECK_TEXT(body(cx, "events create " THING " dry 12.5"), "{\"dry\":{\"data\":12.5}}");
    CHECK_TEXT(body(cx,
                    "action update " THING " flush 01JM2QHX6S0T1V2W3X4Y5Z6A7B status=1 output=2"),
               "{\"flush\":{\"status\":\"1\",\"output\":2}}");
    CHECK_TEXT(body(cx, "history create " THING " at=2025-01-01T00:00:00Z t=1 u=x"),
               "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"t\":1,\"u\":\"x\"}}");
    CHECK_TEXT(body(cx, "property-history create " THING " t 21 at=2025-01-01T00:00:00Z"),
               "{\"at\":\"2025-01-01T00:00:00Z\",\"properties\":{\"t\":21}}");
    CHECK(strstr(refusal(cx, "history create " THING " t=1"), "the time is missing"));
    CHECK_TEXT(body(cx, "query create FOR_t_IN_things_RETURN_t"),
               "{\"query\":\"FOR t IN things RETURN t\"}");
}

TEST("a body may be given whole, but not twice")
{
    CHECK_TEXT(body(cx, "things create --body {\"title\":\"x\"}"), "{\"title\":\"x\"}");
    CHECK(strstr(refusal(cx, "things create --body {"), "--body: "));
    CHECK_TEXT(refusal(cx, "things create a=1 --body {}"),
               "'a=1' is one word too many beside --body");
    CHECK(strstr(refusal(cx, "things create --body @/nowhere/at/all"), "/nowhere/at/all: "));
}

TEST("a patch of members has a type of its own")
{
    cli_request request = {0};
    CHECK_OK(cx, ask(cx, "thing patch " THING " title=x", &request));
    CHECK_TEXT(request.content_type, "application/merge-patch+json");
    CHECK_OK(cx, ask(cx, "thing patch " THING " --body _[]", &request));
    CHECK(!request.content_type);
}

TEST("without a space it is said how to get one")
{
    const cli_command *command = find(cx, "things", "list");
    const cli_args none = {0};
    cli_request request;
    CHECK(!request_read(cx, command, &none, NULL, &request));
    CHECK(strstr(cx->error.message, "no space: give --space NAME"));
    ix_ctx_clear_error(cx);
    CHECK_OK(cx, request_read(cx, find(cx, "spaces", "list"), &none, NULL, &request));
}

TEST("help and manual page name every command")
{
    const cli_commands all = list(cx);
    char *man = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&man, &size);
    man_print(out, all);
    fclose(out);
    for (size_t i = 0; i < all.count; i++) {
        char *help = NULL;
        const cli_screen screen = {.out = open_memstream(&help, &size)};
        help_command(&screen, &all.at[i]);
        fclose(screen.out);
        CHECK(strstr(help, all.at[i].summary));
        CHECK(strstr(help, "Usage: iots "));
        CHECK(
            strstr(man, all.at[i].verb && !strchr(all.at[i].verb, '-') ? all.at[i].verb : "iots"));
        free(help);
    }
    free(man);
}
