/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/commands.h"

#include "base/test.h"
#include "iotsd/admin.h"
#include "iotsd/serve.h"

enum { ARGS_MAX = 16 };

/* Reads a command line; words are separated by blanks. */
static bool reads(ix_ctx *cx, const char *line, admin_command *ret)
{
    static const char *const no_env[] = {NULL};
    const char **argv = ix_new(cx, const char *, ARGS_MAX);
    int argc = 0;
    argv[argc++] = "iotsd";
    for (const char *at = line; *(at += strspn(at, " "));) {
        const size_t len = strcspn(at, " ");
        argv[argc++] = ix_strndup(cx, at, len);
        at += len;
    }
    return command_read(cx, argc, argv, no_env, ret);
}

static const char *complaint(ix_ctx *cx, const char *line)
{
    admin_command command;
    CHECK(!reads(cx, line, &command));
    CHECK_INT(cx->error.code, IOTS_USAGE);
    const char *sentence = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    return sentence;
}

TEST("no command means run")
{
    admin_command command;
    CHECK_OK(cx, reads(cx, "", &command));
    CHECK(command.row->run == serve_run);
    CHECK_OK(cx, reads(cx, "run --data /d", &command));
    CHECK(command.row->run == serve_run);
    CHECK_TEXT(SET(&command.settings, data).text, "/d");
}

TEST("flags stand anywhere, with a blank or an equals sign")
{
    admin_command command;
    CHECK_OK(cx, reads(cx, "--data=/d client --scope thing add --space a --space=b", &command));
    CHECK(command.row->run == admin_client_add);
    CHECK_INT(command.space_count, 2);
    CHECK_TEXT(command.spaces[1], "b");
    CHECK_TEXT(command.scope, "thing");
    CHECK_TEXT(SET(&command.settings, data).text, "/d");
}

TEST("a client's redirect URIs may be several")
{
    admin_command command;
    CHECK_OK(cx,
             reads(cx, "client add --redirect-uri a:/b --public --redirect-uri c:/d", &command));
    CHECK_INT(command.redirect_count, 2);
    CHECK_TEXT(command.redirects[1], "c:/d");
    CHECK(command.is_public);
}

TEST("after two hyphens there are no flags")
{
    admin_command command;
    CHECK_OK(cx, reads(cx, "backup -- --odd", &command));
    CHECK_INT(command.word_count, 1);
    CHECK_TEXT(command.words[0], "--odd");
}

TEST("help does not depend on the rest")
{
    admin_command command;
    CHECK_OK(cx, reads(cx, "no such thing -h", &command));
    CHECK(command.wants_help);
    CHECK_OK(cx, reads(cx, "--version", &command));
    CHECK(command.wants_version);
}

TEST("wrong use is reported in one sentence")
{
    static const struct {
        const char *line, *sentence;
    } cases[] = {
        {"fly", "there is no command 'fly'"},
        {"space", "there is no command 'space'"},
        {"space fly x", "there is no command 'space fly'"},
        {"space add", "usage: iotsd space add NAME"},
        {"space add a b", "usage: iotsd space add NAME"},
        {"check it", "usage: iotsd check"},
        {"backup f --space a", "--space belongs to client add and user add"},
        {"--scope a", "--scope belongs to client add and user add"},
        {"user add ada --public", "--public belongs to client add"},
        {"client list --redirect-uri x:/y", "--redirect-uri belongs to client add"},
        {"client add --public=yes", "--public: it takes no value"},
        {"user", "there is no command 'user'"},
        {"user reset", "usage: iotsd user reset NAME"},
        {"--fly x", "--fly: there is no such setting"},
        {"-x", "-x: there is no such flag"},
        {"--data", "--data: there is no value"},
        {"--help=me", "--help: it takes no value"},
        {"--config /nowhere/conf", "/nowhere/conf: No such file or directory"},
        {"--data a --data b", "--data: 'data' is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(complaint(cx, cases[i].line), cases[i].sentence);
}

TEST("help, man page and completion list every command and every setting")
{
    void (*const writers[])(ix_buf *) = {command_write_help, command_write_man,
                                         command_write_completion};
    for (size_t w = 0; w < sizeof writers / sizeof writers[0]; w++) {
        ix_buf out = {0};
        writers[w](&out);
        CHECK(!out.failed);
        for (int i = 0; i < SETTING_COUNT; i++)
            CHECK(strstr(out.at, setting_rows[i].name) != NULL);
        for (size_t i = 0; i < command_count; i++) {
            const char *second = strchr(command_rows[i].words, ' ');
            CHECK(strstr(out.at, second ? second : command_rows[i].words) != NULL);
        }
        ix_buf_done(&out);
    }
}

TEST("no line of help is too wide for a screen of a hundred letters")
{
    ix_buf out = {0};
    command_write_help(&out);
    for (const char *at = out.at; *at; at += strspn(at, "\n")) {
        const size_t len = strcspn(at, "\n");
        CHECK(len <= 100);
        at += len;
    }
    ix_buf_done(&out);
}
