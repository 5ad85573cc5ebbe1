/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/admin_request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "store/store.h"

#define SOCKET_NAME "iotsd.sock"

bool admin_socket_path(ix_ctx *cx, const iotsd_settings *settings, const char **ret)
{
    const char *path = SET(settings, admin_socket).text;
    if (!path)
        path = ix_format(cx, "%s/" SOCKET_NAME, SET(settings, data).text);
    *ret = path && strcmp(path, "off") == 0 ? NULL : path;
    return path != NULL;
}

const char *admin_store_identity(ix_ctx *cx, const char *url)
{
    static const char sqlite[] = "sqlite:";
    struct stat folder;
    if (strncmp(url, sqlite, strlen(sqlite)) == 0 && stat(url + strlen(sqlite), &folder) == 0)
        return ix_format(cx, "sqlite:%llu:%llu", (unsigned long long)folder.st_dev,
                         (unsigned long long)folder.st_ino);
    return store_name(cx, url);
}

/* ---- writing ---- */

static bool write_all(admin_wire *wire, const char *name, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!admin_frame_write(wire, name, ix_str_of(texts[i])))
            return false;
    return true;
}

static size_t sum_of(const char *const *texts, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += strlen(texts[i]);
    return sum;
}

static bool check_size(ix_ctx *cx, const admin_command *command)
{
    const size_t scope = command->scope ? strlen(command->scope) : 0;
    const size_t count = command->word_count + command->space_count + command->redirect_count;
    const size_t bytes = scope + sum_of(command->words, command->word_count) +
                         sum_of(command->spaces, command->space_count) +
                         sum_of(command->redirects, command->redirect_count);
    return (count < ADMIN_FRAMES_MAX / 2 && bytes < ADMIN_TEXT_MAX) ||
           ix_fail(cx, IOTS_INVALID, "the command is too long for the server that runs");
}

bool admin_request_write(ix_ctx *cx, admin_wire *wire, const admin_command *command,
                         const char *store_url, int file_fd)
{
    const char *store = admin_store_identity(cx, store_url);
    if (!store || !check_size(cx, command))
        return false;
    /* A server that refuses in the middle of it may have ended the connection; what it said is read next. */
    (void)(admin_frame_write(wire, "iotsd", ix_str_of(IOTS_VERSION)) &&
           admin_frame_write(wire, "store", ix_str_of(store)) &&
           admin_frame_write(wire, "command", ix_str_of(command->row->words)) &&
           write_all(wire, "word", command->words, command->word_count) &&
           write_all(wire, "space", command->spaces, command->space_count) &&
           write_all(wire, "scope", &command->scope, command->scope ? 1 : 0) &&
           write_all(wire, "redirect", command->redirects, command->redirect_count) &&
           (!command->is_public || admin_frame_write(wire, "public", ix_str_of(""))) &&
           (file_fd < 0 || admin_frame_write_file(wire, "file", file_fd)) &&
           admin_frame_write(wire, "go", ix_str_of("")));
    return true;
}

/* ---- reading ---- */

typedef struct parsing {
    ix_ctx *cx;
    const char *store_url;
    admin_command *command;
    bool has_version, has_store;
} parsing;

static bool take_version(parsing *parsing, const char *text)
{
    parsing->has_version = true;
    return strcmp(text, IOTS_VERSION) == 0 ||
           ix_fail(parsing->cx, IOTS_INVALID,
                   "the server that runs is iotsd " IOTS_VERSION ", this command is of iotsd %.40s:"
                   " give it with the program of the server, or start the server anew",
                   text);
}

static bool take_store(parsing *parsing, const char *text)
{
    ix_ctx *cx = parsing->cx;
    const char *ours = admin_store_identity(cx, parsing->store_url);
    parsing->has_store = true;
    if (!ours || strcmp(ours, text) == 0)
        return ours != NULL;
    const char *name = store_name(cx, parsing->store_url);
    return name &&
           ix_fail(cx, IOTS_INVALID, "the server at this socket has another store: %s", name);
}

static bool take_command(parsing *parsing, const char *text)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_rows[i].words, text) == 0 && command_rows[i].place != COMMAND_ALONE)
            parsing->command->row = &command_rows[i];
    return parsing->command->row ||
           ix_fail(parsing->cx, IOTS_INVALID, "'%.40s' is not a command for a server", text);
}

static bool take_word(parsing *parsing, const char *text)
{
    parsing->command->words[parsing->command->word_count++] = text;
    return true;
}

static bool take_space(parsing *parsing, const char *text)
{
    parsing->command->spaces[parsing->command->space_count++] = text;
    return true;
}

static bool take_scope(parsing *parsing, const char *text)
{
    parsing->command->scope = text;
    return true;
}

static bool take_redirect(parsing *parsing, const char *text)
{
    parsing->command->redirects[parsing->command->redirect_count++] = text;
    return true;
}

/* The file itself is with the wire. */
static bool take_file(parsing *parsing, const char *text)
{
    (void)parsing, (void)text;
    return true;
}

static bool take_public(parsing *parsing, const char *text)
{
    (void)text;
    parsing->command->is_public = true;
    return true;
}

// clang-format off
static const struct {
    const char *name;
    bool (*take)(parsing *parsing, const char *text);
} takers[] = {
    {"iotsd",    take_version},
    {"store",    take_store},
    {"command",  take_command},
    {"word",     take_word},
    {"space",    take_space},
    {"scope",    take_scope},
    {"redirect", take_redirect},
    {"public",   take_public},
    {"file",     take_file},
};
// clang-format on

static bool check_complete(ix_ctx *cx, const parsing *parsing, const admin_wire *wire)
{
    const admin_command *command = parsing->command;
    const command_row *row = command->row;
    return (row && parsing->has_store && command->word_count >= row->least &&
            command->word_count <= row->most &&
            (row->place != COMMAND_MAKES_FILE || wire->passed_fd >= 0)) ||
           ix_fail(cx, IOTS_INVALID, "the command is not complete");
}

static bool fail_frame(ix_ctx *cx, const char *name)
{
    return ix_fail(cx, IOTS_INVALID, "'%s' is not part of a command", name);
}

static bool take_frame(parsing *parsing, const admin_frame *frame)
{
    if (!parsing->has_version && strcmp(frame->name, "iotsd") != 0)
        return fail_frame(parsing->cx, frame->name);
    for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++)
        if (strcmp(takers[i].name, frame->name) == 0)
            return takers[i].take(parsing, frame->text);
    return fail_frame(parsing->cx, frame->name);
}

bool admin_request_read(ix_ctx *cx, admin_wire *wire, const char *store_url, admin_command *ret)
{
    *ret = (admin_command){
        .words = ix_new(cx, const char *, ADMIN_FRAMES_MAX),
        .spaces = ix_new(cx, const char *, ADMIN_FRAMES_MAX),
        .redirects = ix_new(cx, const char *, ADMIN_FRAMES_MAX),
    };
    parsing parsing = {.cx = cx, .store_url = store_url, .command = ret};
    if (ix_failed(cx))
        return false;
    size_t bytes = 0;
    for (size_t i = 0; i < ADMIN_FRAMES_MAX; i++) {
        admin_frame frame;
        if (!admin_frame_read(cx, wire, &frame))
            return false;
        if (strcmp(frame.name, "go") == 0)
            return check_complete(cx, &parsing, wire);
        bytes += frame.len;
        if (bytes > ADMIN_REQUEST_MAX)
            break;
        if (!take_frame(&parsing, &frame))
            return false;
    }
    return ix_fail(cx, IOTS_TOO_LARGE, "the command is too long");
}
