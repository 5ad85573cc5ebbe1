/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

/* The default profile is config.json, another one profiles/<name>.json; `profile` holds the name of
 * the one that was chosen. */
static const char default_name[] = "default", default_file[] = "config.json";
static const char folder_name[] = "profiles", file_end[] = ".json", choice_file[] = "profile";
enum { FILE_MAX = 64 * 1024, SECRET_MAX = 4096, PROFILES_MAX = 1000 };

const setting_row setting_rows[SETTING_COUNT] = {
#define SETTING(id, ...) [SETTING_##id] = {__VA_ARGS__},
#include "cli/profile.def"
#undef SETTING
};

/* ---- files ---- */

static bool fail_file(ix_ctx *cx, const char *path)
{
    return ix_fail(cx, IOTS_UNEXPECTED, "%s: %s", path, strerror(errno));
}

bool file_read(ix_ctx *cx, const char *path, size_t max, char **ret, size_t *ret_len)
{
    *ret = NULL;
    *ret_len = 0;
    FILE *in = fopen(path, "rbe");
    if (!in)
        return errno == ENOENT || errno == ENOTDIR || fail_file(cx, path);

    bool ok = false;
    ix_buf text = {0};
    char part[4096];
    for (size_t got; (got = fread(part, 1, sizeof part, in)) > 0;) {
        ix_buf_add(&text, part, got);
        if (text.len > max) {
            ix_fail(cx, IOTS_TOO_LARGE, "%s: larger than %zu bytes", path, max);
            goto out;
        }
    }
    if (ferror(in)) {
        fail_file(cx, path);
        goto out;
    }
    char *copy = text.failed ? NULL : ix_strndup(cx, ix_buf_cstr(&text), text.len);
    ok = copy || ix_fail(cx, IOTS_NO_MEMORY, NULL);
    if (ok) {
        *ret = copy;
        *ret_len = text.len;
    }
out:
    ix_buf_done(&text);
    fclose(in);
    return ok;
}

/* Makes the folder and those above it. */
static bool folder_make(ix_ctx *cx, const char *folder)
{
    char *path = ix_strdup(cx, folder);
    if (!path)
        return false;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return fail_file(cx, path);
        *slash = '/';
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail_file(cx, path);
    return true;
}

bool file_write(ix_ctx *cx, const char *folder, const char *name, ix_str text)
{
    char *path = ix_format(cx, "%s/%s", folder, name);
    char *atomic_file = ix_format(cx, "%s/%s.XXXXXX", folder, name);
    if (!path || !atomic_file || !folder_make(cx, folder))
        return false;

    const int fd = mkostemp(atomic_file, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return fail_file(cx, atomic_file);
    bool ok = ix_write_all(fd, text) && fsync(fd) == 0;
    const int reason = errno;
    close(fd);
    errno = reason;
    if (!ok) {
        fail_file(cx, path);
        unlink(atomic_file);
        return false;
    }
    if (rename(atomic_file, path) != 0) {
        fail_file(cx, path);
        unlink(atomic_file);
        return false;
    }
    return true;
}

/* ---- hosts ---- */

const char *host_normal(ix_ctx *cx, const char *host)
{
    ix_str text = ix_str_trim(ix_str_of(host));
    const bool has_scheme = memmem(text.at, text.len, "://", 3) != NULL;
    while (text.len > 0 && text.at[text.len - 1] == '/')
        text.len--;
    if (text.len == 0) {
        ix_fail(cx, IOTS_USAGE, "the host is empty; it is something like https://iots.example.org");
        return NULL;
    }
    return ix_format(cx, "%s%.*s", has_scheme ? "" : "https://", (int)text.len, text.at);
}

/* The host of a URL, without user name, port, brackets and a last dot. */
static ix_str host_of(ix_str url)
{
    const char *slashes = memmem(url.at, url.len, "://", 3);
    const char *at = slashes ? slashes + 3 : url.at;
    const char *end = at + strcspn(at, "/?#\\");
    for (const char *user; (user = memchr(at, '@', (size_t)(end - at)));)
        at = user + 1;
    if (*at == '[') {
        at++;
        const char *bracket = memchr(at, ']', (size_t)(end - at));
        const bool is_whole = bracket && (bracket + 1 == end || bracket[1] == ':');
        return (ix_str){at, is_whole ? (size_t)(bracket - at) : 0};
    }
    size_t len = strcspn(at, ":/?#\\");
    if (len > 0 && at[len - 1] == '.')
        len--;
    return (ix_str){at, len};
}

/* RFC 6761 6.3 and RFC 1122 3.2.1.3: what never leaves this machine. */
static bool host_is_loopback(ix_str host)
{
    static const char name[] = ".localhost";
    enum { NAME_LEN = sizeof name - 1 };
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;
    struct in6_addr v6;
    if (ix_str_is_nocase(host, name + 1) ||
        (host.len > NAME_LEN &&
         ix_str_is_nocase((ix_str){host.at + host.len - NAME_LEN, NAME_LEN}, name)))
        return true;
    if (host.len >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)host.len, host.at);
    if (inet_pton(AF_INET, text, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool host_is_private(const char *host)
{
    const ix_str url = ix_str_trim(ix_str_of(host));
    return !(url.len >= 7 && ix_str_is_nocase((ix_str){url.at, 7}, "http://")) ||
           host_is_loopback(host_of(url));
}

/* ---- the store ---- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool folder_find(ix_ctx *cx, const char **ret)
{
    const char *config = variable("XDG_CONFIG_HOME"), *home = variable("HOME");
    *ret = NULL;
    if (config && config[0] == '/') /* the specification: a relative one is to be ignored */
        *ret = ix_format(cx, "%s/iots", config);
    else if (home)
        *ret = ix_format(cx, "%s/.config/iots", home);
    return !ix_failed(cx);
}

static bool is_default(const char *name)
{
    return strcmp(name, default_name) == 0;
}

static bool name_is_valid(ix_str name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (size_t i = 0; i < name.len; i++) {
        if (!memchr(allowed, name.at[i], sizeof allowed - 1))
            return false;
    }
    return name.len > 0 && name.len <= PROFILE_NAME_MAX;
}

/* Where the file of a profile lies, and what it is called. */
static bool place_of(ix_ctx *cx, const cli_profile *profile, const char **ret_folder,
                     const char **ret_file)
{
    if (is_default(profile->name)) {
        *ret_folder = profile->folder;
        *ret_file = default_file;
        return true;
    }
    *ret_folder = ix_format(cx, "%s/%s", profile->folder, folder_name);
    *ret_file = ix_format(cx, "%s%s", profile->name, file_end);
    return *ret_folder && *ret_file;
}

const char *profile_path(ix_ctx *cx, const cli_profile *profile)
{
    const char *folder, *file;
    if (!profile->folder || !place_of(cx, profile, &folder, &file))
        return NULL;
    return ix_format(cx, "%s/%s", folder, file);
}

/* The name that was chosen; NULL if none was. */
static bool choice_read(ix_ctx *cx, const char *folder, const char **ret)
{
    char *text;
    size_t len;
    const char *path = ix_format(cx, "%s/%s", folder, choice_file);
    *ret = NULL;
    if (!path || !file_read(cx, path, FILE_MAX, &text, &len))
        return false;
    if (!text)
        return true;
    const ix_str name = ix_str_trim((ix_str){text, strcspn(text, "\n")});
    *ret = ix_strndup(cx, name.at, name.len);
    return *ret != NULL;
}

bool profile_stored(ix_ctx *cx, const char *name, cli_profile *ret)
{
    *ret = (cli_profile){.name = name ? name : default_name};
    if (!folder_find(cx, &ret->folder))
        return false;
    if (!name && ret->folder) {
        const char *chosen;
        if (!choice_read(cx, ret->folder, &chosen))
            return false;
        if (chosen) {
            ret->name = chosen;
            ret->name_source = FROM_STORE;
        }
    }
    if (!name_is_valid(ix_str_of(ret->name)))
        return ix_fail(cx, IOTS_USAGE,
                       "'%.100s' cannot be a profile: expected 1 to %d letters, digits, - and _",
                       ret->name, PROFILE_NAME_MAX);
    if (!ret->folder)
        return true;

    const char *path = profile_path(cx, ret);
    char *text;
    size_t len;
    if (!path || !file_read(cx, path, FILE_MAX, &text, &len))
        return false;
    if (!text)
        return true;
    ret->is_stored = true;
    const ix_json *stored = ix_json_parse(cx, text, len);
    if (ix_json_kind(stored) != IX_OBJECT) {
        ix_ctx_clear_error(cx);
        return ix_fail(cx, IOTS_UNEXPECTED, "%s is damaged; remove it and run 'iots login'", path);
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *value = ix_json_string(ix_json_member(stored, setting_rows[i].key));
        if (!setting_rows[i].is_stored || !value || !*value)
            continue;
        ret->values[i] = value;
        ret->sources[i] = FROM_STORE;
    }
    return true;
}

static bool fail_nowhere(ix_ctx *cx)
{
    return ix_fail(cx, IOTS_UNEXPECTED,
                   "there is nowhere to store this: neither XDG_CONFIG_HOME nor HOME is set");
}

bool profile_save(ix_ctx *cx, const cli_profile *profile)
{
    const char *folder, *file;
    if (!profile->folder)
        return fail_nowhere(cx);
    if (!place_of(cx, profile, &folder, &file))
        return false;
    ix_json *stored = ix_json_new_object(cx);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (setting_rows[i].is_stored && profile->values[i] &&
            !ix_json_set(cx, stored, setting_rows[i].key,
                         ix_json_new_string(cx, profile->values[i])))
            return false;
    }
    ix_buf text = {0};
    ix_json_write_pretty(&text, stored, 2);
    ix_buf_char(&text, '\n');
    const bool ok = text.failed
                        ? ix_fail(cx, IOTS_NO_MEMORY, NULL)
                        : file_write(cx, folder, file, (ix_str){ix_buf_cstr(&text), text.len});
    ix_buf_done(&text);
    return ok;
}

static bool file_remove(ix_ctx *cx, const char *path)
{
    return unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR || fail_file(cx, path);
}

bool profile_remove(ix_ctx *cx, const cli_profile *profile)
{
    if (!profile->folder)
        return true;
    const char *path = profile_path(cx, profile);
    return path && file_remove(cx, path);
}

bool profile_is_there(const cli_profile *profile)
{
    return profile->is_stored || is_default(profile->name);
}

bool profile_choose(ix_ctx *cx, const char *name)
{
    const char *folder;
    if (!folder_find(cx, &folder))
        return false;
    if (!folder)
        return fail_nowhere(cx);
    if (name && !is_default(name))
        return file_write(cx, folder, choice_file, ix_str_of(ix_format(cx, "%s\n", name)));
    const char *path = ix_format(cx, "%s/%s", folder, choice_file);
    return path && file_remove(cx, path);
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in profiles/, behind those that are in `names` already. */
static bool names_add(ix_ctx *cx, const char *folder, const char **names, size_t *count)
{
    const char *path = ix_format(cx, "%s/%s", folder, folder_name);
    DIR *dir = path ? opendir(path) : NULL;
    if (!dir)
        return !ix_failed(cx) && (errno == ENOENT || errno == ENOTDIR || fail_file(cx, path));
    const size_t end = sizeof file_end - 1;
    for (const struct dirent *entry; *count < PROFILES_MAX && (entry = readdir(dir));) {
        const size_t len = strlen(entry->d_name);
        if (len > end && strcmp(entry->d_name + len - end, file_end) == 0 &&
            name_is_valid((ix_str){entry->d_name, len - end}))
            names[(*count)++] = ix_strndup(cx, entry->d_name, len - end);
    }
    closedir(dir);
    return !ix_failed(cx);
}

bool profile_names(ix_ctx *cx, const char *const **ret)
{
    cli_profile first;
    size_t count = 0;
    const char **names = ix_new(cx, const char *, PROFILES_MAX + 1);
    if (!names || !profile_stored(cx, default_name, &first))
        return false;
    if (first.is_stored)
        names[count++] = default_name;
    if (first.folder && !names_add(cx, first.folder, names, &count))
        return false;
    if (count > 0)
        qsort(names, count, sizeof *names, name_compare);
    *ret = names;
    return true;
}

/* ---- secrets ---- */

bool profile_prefers_token(const cli_profile *profile)
{
    if (!profile->values[SETTING_token])
        return false;
    const bool has_secret =
        profile->values[SETTING_client_secret] || profile->values[SETTING_secret_command];
    return !profile->values[SETTING_client_id] || !has_secret ||
           profile->sources[SETTING_token] >= profile->sources[SETTING_client_id];
}

bool profile_has_command(const cli_profile *profile)
{
    return profile->values[SETTING_secret_command] &&
           (!profile->values[SETTING_client_secret] ||
            profile->sources[SETTING_secret_command] > profile->sources[SETTING_client_secret]);
}

static const char *command_ask(ix_ctx *cx, const char *command)
{
    char line[SECRET_MAX];
    fflush(NULL);
    FILE *out = popen(command, "re");
    if (!out) {
        ix_fail(cx, IOTS_UNEXPECTED, "the command for the secret: %s", strerror(errno));
        return NULL;
    }
    const bool has_line = fgets(line, sizeof line, out) != NULL;
    /* Read to its end, or the command might fail for want of a reader. */
    while (getc(out) != EOF)
        continue;
    const int status = pclose(out);
    const size_t len = has_line ? strcspn(line, "\r\n") : 0;
    const char *secret = NULL;
    if (status != 0)
        ix_fail(cx, IOTS_UNEXPECTED, "the command for the secret failed: %.200s", command);
    else if (len == 0 || len == sizeof line - 1)
        ix_fail(cx, IOTS_UNEXPECTED, "the command for the secret printed %s: %.200s",
                len ? "too long a line" : "nothing", command);
    else
        secret = ix_strndup(cx, line, len);
    explicit_bzero(line, sizeof line);
    return secret;
}

const char *profile_secret(ix_ctx *cx, const cli_profile *profile)
{
    if (profile_has_command(profile))
        return command_ask(cx, profile->values[SETTING_secret_command]);
    const char *secret = profile->values[SETTING_client_secret];
    if (!secret)
        ix_fail(cx, IOTS_UNAUTHENTICATED,
                "no secret is known for the client %.200s: run 'iots login', or set "
                "IOTS_CLIENT_SECRET",
                profile->values[SETTING_client_id]);
    return secret;
}

/* ---- all sources ---- */

static void forget_stored(cli_profile *profile, cli_setting setting)
{
    if (profile->sources[setting] != FROM_STORE)
        return;
    profile->values[setting] = NULL;
    profile->sources[setting] = FROM_NOWHERE;
}

/* What was stored for another host, or for another client, does not count. */
static void separate(cli_profile *profile, const struct cli_profile *stored)
{
    const char *host = profile->values[SETTING_host], *stored_host = stored->values[SETTING_host];
    if (host && stored_host && strcmp(host, stored_host) != 0) {
        for (int i = 0; i < SETTING_COUNT; i++)
            forget_stored(profile, (cli_setting)i);
    }
    const char *client = profile->values[SETTING_client_id];
    const char *stored_client = stored->values[SETTING_client_id];
    if (client && (!stored_client || strcmp(client, stored_client) != 0)) {
        forget_stored(profile, SETTING_client_secret);
        forget_stored(profile, SETTING_secret_command);
        forget_stored(profile, SETTING_scopes);
    }
}

bool profile_load(ix_ctx *cx, const cli_args *args, cli_profile *ret)
{
    cli_profile stored;
    const char *option = args_value(args, "profile"), *environment = variable("IOTS_PROFILE");
    if (!profile_stored(cx, option ? option : environment, &stored))
        return false;
    if (option || environment)
        stored.name_source = option ? FROM_OPTION : FROM_ENVIRONMENT;
    cli_profile all = stored;
    for (int i = 0; i < SETTING_COUNT; i++) {
        option = args_value(args, setting_rows[i].flag);
        environment = variable(setting_rows[i].variable);
        if (!option && !environment)
            continue;
        all.values[i] = option ? option : environment;
        all.sources[i] = option ? FROM_OPTION : FROM_ENVIRONMENT;
    }
    if (all.values[SETTING_host]) {
        all.values[SETTING_host] = host_normal(cx, all.values[SETTING_host]);
        if (!all.values[SETTING_host])
            return false;
    }
    separate(&all, &stored);
    *ret = all;
    return true;
}

const char *profile_origin(ix_ctx *cx, const cli_profile *profile, cli_setting setting)
{
    switch (profile->sources[setting]) {
    case FROM_OPTION:
        return ix_format(cx, "--%s", setting_rows[setting].flag);
    case FROM_ENVIRONMENT:
        return setting_rows[setting].variable;
    case FROM_STORE:
        return "'iots login'";
    case FROM_NOWHERE:
        break;
    }
    return "nowhere";
}
