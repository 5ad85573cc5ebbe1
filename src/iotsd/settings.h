/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings, read off one table (settings.def). Rising force: default, configuration file,
 * environment, flag. What is malformed, or unknown in a file or flag, is IOTS_USAGE with one sentence
 * that names the place: "/etc/iotsd.conf:3", "IOTSD_LISTEN", "--listen".
 *
 * Sizes take KiB, MiB, GiB (without: bytes); times take ms, s, m, h, d (without: seconds). A list
 * takes several values, separated by commas or blanks or said one by one; a stronger place replaces
 * the whole list. Nothing at all, where there is no default, means none.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ctx.h"

#define SETTINGS_FILE "/etc/iotsd.conf"

typedef enum setting_id {
#define SETTING(name, ...) SETTING_##name,
#include "iotsd/settings.def"
#undef SETTING
    SETTING_COUNT,
} setting_id;

typedef enum setting_type {
    SETTING_TEXT,
    SETTING_LIST,   /* of texts */
    SETTING_NUMBER, /* decimal */
    SETTING_BOOL,   /* 0 or 1 */
    SETTING_CHOICE, /* the word's place in the row */
    SETTING_SIZE,   /* bytes */
    SETTING_TIME,   /* microseconds */
} setting_type;

typedef struct setting_row {
    const char *name;
    setting_type type;
    const char *fallback;
    int64_t least, most;
    const char *what;
    bool (*check)(ix_ctx *cx, const char *text);
    bool is_waiting;
    const char *sentence;
} setting_row;

extern const setting_row setting_rows[SETTING_COUNT];

typedef struct iotsd_setting {
    const char *text;        /* as written; NULL: none */
    int64_t number;          /* of a number, bool, choice, size, time */
    const char *const *list; /* of a list */
    size_t count;
    const char *place; /* where it was said; NULL: it is the default */
    int force;         /* private */
} iotsd_setting;

typedef struct iotsd_settings {
    iotsd_setting all[SETTING_COUNT];
    /* Variables of the environment that look like ours and are not: settings_take_env. */
    const char *const *unknown_variables;
    size_t unknown_count;
} iotsd_settings;

/* For the length of a name: settings->all[SETTING_data].text is SET(settings, data).text. */
#define SET(settings, name) ((settings)->all[SETTING_##name])

/* All at their defaults. Everything that is taken lives in cx. */
bool settings_init(ix_ctx *cx, iotsd_settings *settings);

/* From weak to strong, each once (flags: one by one). A missing file is a failure only if it must
 * exist. Unknown variables are collected, not refused: a container platform sets IOTSD_PORT and the
 * like in every container beside a service called iotsd. */
bool settings_take_file(ix_ctx *cx, iotsd_settings *settings, const char *path, bool must_exist);
bool settings_take_env(ix_ctx *cx, iotsd_settings *settings, const char *const *env);
bool settings_take_flag(ix_ctx *cx, iotsd_settings *settings, const char *name, const char *value);

/* What depends on more than one setting. */
bool settings_check(ix_ctx *cx, const iotsd_settings *settings);

/* Has the log speak as the settings say. */
void settings_set_log(const iotsd_settings *settings);

/* The row of this name (a hyphen is as good as an underscore, any letter case), or NULL. */
const setting_row *setting_find(const char *name);

#endif
