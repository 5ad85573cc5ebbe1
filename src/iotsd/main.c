/* SPDX-License-Identifier: Apache-2.0 */
/* iotsd, the server. Exit status: 0 stopped or done, 1 could not start or go on, 2 wrong use. */
#include <stdio.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "iotsd/admin_client.h"
#include "iotsd/commands.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

static int program_print(void (*write)(ix_buf *out))
{
    ix_buf out = {0};
    write(&out);
    const bool ok = !out.failed && fputs(ix_buf_cstr(&out), stdout) >= 0 && fflush(stdout) == 0;
    ix_buf_done(&out);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

/* A misspelt one would otherwise go unnoticed. */
static void warn_of_unknown(const iotsd_settings *settings)
{
    for (size_t i = 0; i < settings->unknown_count; i++)
        ix_log(IX_LOG_WARN, "%s: there is no such setting; it is ignored",
               settings->unknown_variables[i]);
}

static int program_run(ix_ctx *cx, const admin_command *command)
{
    if (command->wants_help)
        return program_print(command_write_help);
    if (command->wants_man)
        return program_print(command_write_man);
    if (command->wants_completion)
        return program_print(command_write_completion);
    if (command->wants_version) {
        printf("iotsd %s\n", IOTS_VERSION);
        return EXIT_DONE;
    }
    settings_set_log(&command->settings);
    warn_of_unknown(&command->settings);
    if (command->wants_check) {
        printf("the settings are in order\n");
        return EXIT_DONE;
    }
    if (!ix_crypto_init()) {
        fprintf(stderr, "iotsd: the crypto library does not start\n");
        return EXIT_FAILED;
    }
    ix_json_init();
    if (admin_client_run(cx, command))
        return EXIT_DONE;
    fprintf(stderr, "iotsd: %s\n", cx->error.message);
    return EXIT_FAILED;
}

int main(int argc, char **argv)
{
    extern char **environ;
    ix_ctx cx;
    admin_command command;
    int status = EXIT_USAGE;
    if (ix_ctx_init(&cx, 0) &&
        command_read(&cx, argc, (const char *const *)argv, (const char *const *)environ, &command))
        status = program_run(&cx, &command);
    else
        fprintf(stderr, "iotsd: %s\n", cx.error.message);
    ix_ctx_done(&cx);
    return status;
}
