/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "contract/names.h"
#include "net/address.h"
#include "net/cors.h"
#include "net/smtp.h"

/* ---- rules of single settings ---- */

static bool check_store(ix_ctx *cx, const char *text)
{
    const ix_str store = ix_str_of(text);
    if (ix_str_is(store, "sqlite") || ix_str_starts(store, "postgres://") ||
        ix_str_starts(store, "postgresql://"))
        return true;
    /* Not repeated, because it may be an address with a password, written not quite right. */
    return ix_fail(cx, IOTS_USAGE, "it is neither sqlite nor postgres://...");
}

static bool has_blanks(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7F)
            return true;
    return false;
}

/* Is it one of the schemes, and is there a host behind it? */
static bool is_url(const char *text, const char *scheme, const char *other_scheme)
{
    const ix_str url = ix_str_of(text);
    const char *known = ix_str_starts(url, scheme)         ? scheme
                        : ix_str_starts(url, other_scheme) ? other_scheme
                                                           : NULL;
    return known && url.len > strlen(known) && url.at[strlen(known)] != '/' && !has_blanks(text);
}

static bool check_public_url(ix_ctx *cx, const char *text)
{
    if (!is_url(text, "http://", "https://") || strpbrk(text, "?#"))
        return ix_fail(cx, IOTS_USAGE, "'%s' is not a http:// or https:// address", text);
    if (text[strlen(text) - 1] == '/')
        return ix_fail(cx, IOTS_USAGE, "'%s' ends with a slash", text);
    return true;
}

static bool check_mqtt_listen(ix_ctx *cx, const char *text)
{
    return strcmp(text, "off") == 0 || address_check(cx, text);
}

static bool check_mail_from(ix_ctx *cx, const char *text)
{
    return ix_address_is_valid(ix_str_of(text)) ||
           ix_fail(cx, IOTS_USAGE, "'%s' is not an e-mail address", text);
}

const setting_row setting_rows[SETTING_COUNT] = {
#define SETTING(name, type, ...) [SETTING_##name] = {#name, SETTING_##type, __VA_ARGS__},
#include "iotsd/settings.def"
#undef SETTING
};

/* ---- values ---- */

typedef struct unit {
    const char *name;
    int64_t factor;
} unit;

// clang-format off
static const unit size_units[] = {
    {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
};
static const unit time_units[] = {
    {"",  IX_SECOND_US},      {"ms", 1000},                {"s", IX_SECOND_US},
    {"m", 60 * IX_SECOND_US}, {"h",  3600 * IX_SECOND_US}, {"d", 86400 * IX_SECOND_US},
};
// clang-format on

/* A whole number and a unit. */
static bool parse_units(const char *text, const unit *units, size_t count, int64_t *ret)
{
    const size_t digits = strspn(text, "0123456789");
    int64_t number;
    if (!ix_str_int((ix_str){text, digits}, &number))
        return false;
    const ix_str name = ix_str_trim(ix_str_of(text + digits));
    for (size_t i = 0; i < count; i++)
        if (ix_str_is(name, units[i].name))
            return !__builtin_mul_overflow(number, units[i].factor, ret);
    return false;
}

static bool parse_bool(const char *text, int64_t *ret)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (ix_str_is_nocase(ix_str_of(text), words[i])) {
            *ret = (int64_t)(i % 2);
            return true;
        }
    }
    return false;
}

/* The place of a word among blank-separated ones. */
static bool parse_choice(const char *text, const char *words, int64_t *ret)
{
    ix_str rest = ix_str_of(words);
    for (int64_t i = 0; rest.at; i++) {
        ix_str word;
        rest = ix_str_cut(rest, ' ', &word);
        if (ix_str_is(word, text)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool parse_size(const char *text, int64_t *ret)
{
    return parse_units(text, size_units, sizeof size_units / sizeof size_units[0], ret);
}

static bool parse_time(const char *text, int64_t *ret)
{
    return parse_units(text, time_units, sizeof time_units / sizeof time_units[0], ret);
}

static bool check_range(ix_ctx *cx, const setting_row *row, const char *text, int64_t number)
{
    if (number < row->least)
        return ix_fail(cx, IOTS_USAGE, "%s is too small", text);
    if (number > row->most)
        return ix_fail(cx, IOTS_USAGE, "%s is too large", text);
    return true;
}

static bool parse_number(ix_ctx *cx, const setting_row *row, const char *text, int64_t *ret)
{
    switch (row->type) {
    case SETTING_NUMBER:
        if (!ix_str_int(ix_str_of(text), ret))
            return ix_fail(cx, IOTS_USAGE, "'%s' is not a whole number", text);
        return check_range(cx, row, text, *ret);
    case SETTING_SIZE:
        if (!parse_size(text, ret))
            return ix_fail(cx, IOTS_USAGE, "'%s' is not a size (4096, 64KiB, 1MiB, 2GiB)", text);
        return check_range(cx, row, text, *ret);
    case SETTING_TIME:
        if (!parse_time(text, ret))
            return ix_fail(cx, IOTS_USAGE, "'%s' is not a time (500ms, 30s, 5m, 2h, 90d)", text);
        return check_range(cx, row, text, *ret);
    case SETTING_BOOL:
        return parse_bool(text, ret) ||
               ix_fail(cx, IOTS_USAGE, "'%s' is neither true nor false", text);
    case SETTING_CHOICE:
        return parse_choice(text, row->what, ret) ||
               ix_fail(cx, IOTS_USAGE, "'%s' is none of: %s", text, row->what);
    case SETTING_TEXT:
    case SETTING_LIST:
        break;
    }
    return true;
}

/* Adds the items of `text` to the list. */
static bool add_items(ix_ctx *cx, const setting_row *row, iotsd_setting *setting, const char *text)
{
    const size_t most = setting->count + strlen(text) / 2 + 1;
    const char **list = ix_new(cx, const char *, most);
    if (!list)
        return false;
    if (setting->count > 0)
        memcpy(list, setting->list, setting->count * sizeof *list);
    size_t count = setting->count;
    for (const char *at = text; *(at += strspn(at, ", \t"));) {
        const size_t len = strcspn(at, ", \t");
        list[count] = ix_strndup(cx, at, len);
        if (!list[count] || (row->check && !row->check(cx, list[count])))
            return false;
        count++;
        at += len;
    }
    setting->list = list;
    setting->count = count;
    return true;
}

static bool parse_value(ix_ctx *cx, const setting_row *row, iotsd_setting *setting,
                        const char *text)
{
    setting->text = ix_strdup(cx, text);
    if (!setting->text)
        return false;
    if (!*text) {
        setting->text = NULL;
        return !row->fallback || ix_fail(cx, IOTS_USAGE, "there is no value");
    }
    if (row->type == SETTING_LIST)
        return add_items(cx, row, setting, text);
    if (row->type == SETTING_TEXT)
        return !row->check || row->check(cx, text);
    return parse_number(cx, row, text, &setting->number);
}

/* ---- places ---- */

enum { FORCE_DEFAULT, FORCE_FILE, FORCE_ENV, FORCE_FLAG };

/* A failure gets the place at its front. */
static bool fail_at(ix_ctx *cx, const char *place)
{
    char message[IX_ERROR_TEXT];
    snprintf(message, sizeof message, "%s", cx->error.message);
    ix_ctx_clear_error(cx);
    return ix_fail(cx, IOTS_USAGE, "%s: %s", place, message);
}

static bool settings_take(ix_ctx *cx, iotsd_settings *settings, const setting_row *row,
                          const char *text, const char *place, int force)
{
    iotsd_setting *setting = &settings->all[row - setting_rows];
    const bool is_repeated = setting->force == force;
    if (is_repeated && row->type != SETTING_LIST)
        return ix_fail(cx, IOTS_USAGE, "%s: '%s' is given twice", place, row->name);
    if (!is_repeated)
        *setting = (struct iotsd_setting){0};
    setting->force = force;
    setting->place = place;
    return parse_value(cx, row, setting, text) || fail_at(cx, place);
}

const setting_row *setting_find(const char *name)
{
    for (const setting_row *row = setting_rows; row < setting_rows + SETTING_COUNT; row++) {
        const char *a = row->name;
        const char *b = name;
        while (*a && *b && (*a == (*b | 0x20) || (*a == '_' && (*b == '-' || *b == '_'))))
            a++, b++;
        if (!*a && !*b)
            return row;
    }
    return NULL;
}

bool settings_init(ix_ctx *cx, iotsd_settings *settings)
{
    *settings = (struct iotsd_settings){0};
    for (int i = 0; i < SETTING_COUNT; i++) {
        const setting_row *row = &setting_rows[i];
        if (row->fallback && !parse_value(cx, row, &settings->all[i], row->fallback))
            return fail_at(cx, row->name);
    }
    return true;
}

/* name = value, or nothing but a comment. Changes the line. */
static bool take_line(ix_ctx *cx, iotsd_settings *settings, const char *place, ix_str line)
{
    ix_str name;
    line = ix_str_trim(line);
    if (line.len == 0 || line.at[0] == '#')
        return true;
    const ix_str value = ix_str_cut(line, '=', &name);
    if (!value.at)
        return ix_fail(cx, IOTS_USAGE, "%s: expected name = value", place);
    name = ix_str_trim(name);
    const char *name_text = ix_strndup(cx, name.at, name.len);
    const ix_str trimmed = ix_str_trim(value);
    const char *text = ix_strndup(cx, trimmed.at, trimmed.len);
    if (!name_text || !text)
        return false;
    const setting_row *row = setting_find(name_text);
    if (!row)
        return ix_fail(cx, IOTS_USAGE, "%s: there is no setting '%s'", place, name_text);
    return settings_take(cx, settings, row, text, place, FORCE_FILE);
}

bool settings_take_file(ix_ctx *cx, iotsd_settings *settings, const char *path, bool must_exist)
{
    FILE *in = fopen(path, "re");
    if (!in && errno == ENOENT && !must_exist)
        return true;
    if (!in)
        return ix_fail(cx, IOTS_USAGE, "%s: %s", path, strerror(errno));
    char *line = NULL;
    size_t size = 0;
    bool ok = true;
    ssize_t len;
    for (int number = 1; ok && (len = getline(&line, &size, in)) >= 0; number++) {
        if (len > 0 && line[len - 1] == '\n')
            line[--len] = 0;
        if (len > 0 && line[len - 1] == '\r')
            line[--len] = 0;
        const char *place = ix_format(cx, "%s:%d", path, number);
        ok = place && take_line(cx, settings, place, (ix_str){line, (size_t)len});
    }
    if (ok && ferror(in))
        ok = ix_fail(cx, IOTS_USAGE, "%s: %s", path, strerror(errno));
    free(line);
    fclose(in);
    return ok;
}

/* Is it one that a first start reads (admin.c), written not quite right? Other variables IOTS_...
 * belong to iots. */
static bool is_misspelt(const char *name)
{
    static const char *const names[] = {"IOTS_SPACE", "IOTS_CLIENT_ID", "IOTS_CLIENT_SECRET"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return false;
    return ix_str_starts(ix_str_of(name), "IOTS_SPACE") ||
           ix_str_starts(ix_str_of(name), "IOTS_CLIENT");
}

/* One variable; `unknown` is where to note one that is not known. */
static bool take_variable(ix_ctx *cx, iotsd_settings *settings, const char *entry,
                          const char **unknown)
{
    static const char prefix[] = "IOTSD_", sibling_prefix[] = "IOTS_";
    const ix_str text = ix_str_of(entry);
    const bool is_ours = ix_str_starts(text, prefix);
    if ((!is_ours && !ix_str_starts(text, sibling_prefix)) || !strchr(entry, '='))
        return true;
    const size_t len = strcspn(entry, "=");
    const char *name = ix_strndup(cx, entry, len);
    if (!name)
        return false;
    const setting_row *row = is_ours ? setting_find(name + strlen(prefix)) : NULL;
    if (row)
        return settings_take(cx, settings, row, entry + len + 1, name, FORCE_ENV);
    if (is_ours || is_misspelt(name))
        unknown[settings->unknown_count++] = name;
    return true;
}

bool settings_take_env(ix_ctx *cx, iotsd_settings *settings, const char *const *env)
{
    size_t count = 0;
    while (env[count])
        count++;
    const char **unknown = ix_new(cx, const char *, count + 1);
    if (!unknown)
        return false;
    settings->unknown_variables = unknown;
    settings->unknown_count = 0;
    for (; *env; env++)
        if (!take_variable(cx, settings, *env, unknown))
            return false;
    return true;
}

bool settings_take_flag(ix_ctx *cx, iotsd_settings *settings, const char *name, const char *value)
{
    const char *place = ix_format(cx, "--%s", name);
    if (!place)
        return false;
    const setting_row *row = setting_find(name);
    if (!row)
        return ix_fail(cx, IOTS_USAGE, "%s: there is no such setting", place);
    return settings_take(cx, settings, row, value, place, FORCE_FLAG);
}

void settings_set_log(const iotsd_settings *settings)
{
    ix_log_set((ix_log_level)SET(settings, log_level).number,
               SET(settings, log_format).number == 1);
}

bool settings_check(ix_ctx *cx, const iotsd_settings *settings)
{
    const iotsd_setting *certificate = &SET(settings, tls_certificate);
    const iotsd_setting *key = &SET(settings, tls_key);
    if (certificate->text && !key->text)
        return ix_fail(cx, IOTS_USAGE, "%s: tls_key is missing", certificate->place);
    if (key->text && !certificate->text)
        return ix_fail(cx, IOTS_USAGE, "%s: tls_certificate is missing", key->place);
    const iotsd_setting *budget = &SET(settings, body_budget);
    if (budget->number > 0 && budget->number < 2 * SET(settings, body_limit).number)
        return ix_fail(cx, IOTS_USAGE, "%s: body_budget is less than twice body_limit",
                       budget->place);
    if (SET(settings, listen).count == 0)
        return ix_fail(cx, IOTS_USAGE, "%s: there is no address", SET(settings, listen).place);
    return true;
}
