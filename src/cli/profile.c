/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

static const char file_name[] = "config.json";
enum { FILE_MAX = 64 * 1024 };

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

static bool write_all(int fd, ix_str text)
{
    for (size_t at = 0; at < text.len;) {
        const ssize_t put = write(fd, text.at + at, text.len - at);
        if (put < 0 && errno != EINTR)
            return false;
        at += put > 0 ? (size_t)put : 0;
    }
    return true;
}

bool file_write(ix_ctx *cx, const char *folder, const char *name, ix_str text)
{
    char *path = ix_format(cx, "%s/%s", folder, name);
    char *draft = ix_format(cx, "%s/%s.XXXXXX", folder, name);
    if (!path || !draft || !folder_make(cx, folder))
        return false;

    const int fd = mkostemp(draft, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return fail_file(cx, draft);
    bool ok = write_all(fd, text) && fsync(fd) == 0;
    const int reason = errno;
    close(fd);
    errno = reason;
    if (!ok) {
        fail_file(cx, path);
        unlink(draft);
        return false;
    }
    if (rename(draft, path) != 0) {
        fail_file(cx, path);
        unlink(draft);
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

bool profile_stored(ix_ctx *cx, profile *ret)
{
    *ret = (profile){0};
    if (!folder_find(cx, &ret->folder))
        return false;
    if (!ret->folder)
        return true;

    char *path = ix_format(cx, "%s/%s", ret->folder, file_name), *text;
    size_t len;
    if (!path || !file_read(cx, path, FILE_MAX, &text, &len))
        return false;
    if (!text)
        return true;
    const ix_json *stored = ix_json_parse(cx, text, len);
    if (ix_json_kind(stored) != IX_OBJECT) {
        ix_ctx_forgive(cx);
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

bool profile_save(ix_ctx *cx, const profile *profile)
{
    if (!profile->folder)
        return ix_fail(cx, IOTS_UNEXPECTED,
                       "there is nowhere to store this: neither XDG_CONFIG_HOME nor HOME is set");
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
    const bool ok = text.failed ? ix_fail(cx, IOTS_NO_MEMORY, NULL)
                                : file_write(cx, profile->folder, file_name,
                                             (ix_str){ix_buf_cstr(&text), text.len});
    ix_buf_done(&text);
    return ok;
}

bool profile_remove(ix_ctx *cx, const profile *profile)
{
    if (!profile->folder)
        return true;
    char *path = ix_format(cx, "%s/%s", profile->folder, file_name);
    return path && (unlink(path) == 0 || errno == ENOENT || fail_file(cx, path));
}

/* ---- all sources ---- */

static void forget_stored(profile *profile, setting setting)
{
    if (profile->sources[setting] != FROM_STORE)
        return;
    profile->values[setting] = NULL;
    profile->sources[setting] = FROM_NOWHERE;
}

/* What was stored for another host, or for another client, does not count. */
static void separate(profile *profile, const struct profile *stored)
{
    const char *host = profile->values[SETTING_host], *stored_host = stored->values[SETTING_host];
    if (host && stored_host && strcmp(host, stored_host) != 0) {
        for (int i = 0; i < SETTING_COUNT; i++)
            forget_stored(profile, (setting)i);
    }
    const char *client = profile->values[SETTING_client_id];
    const char *stored_client = stored->values[SETTING_client_id];
    if (client && (!stored_client || strcmp(client, stored_client) != 0)) {
        forget_stored(profile, SETTING_client_secret);
        forget_stored(profile, SETTING_scopes);
    }
}

bool profile_load(ix_ctx *cx, const args *args, profile *ret)
{
    profile stored;
    if (!profile_stored(cx, &stored))
        return false;
    profile all = stored;
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *option = args_value(args, setting_rows[i].flag);
        const char *environment = variable(setting_rows[i].variable);
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

const char *profile_origin(ix_ctx *cx, const profile *profile, setting setting)
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
