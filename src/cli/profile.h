/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom to talk to, and as whom: option, else environment, else what `iots login` stored.
 *
 * The rows of profile.def are the settings. What is stored belongs together: a secret stored for
 * one host is never sent to another, so once the host comes from elsewhere, nothing stored counts;
 * and once the client ID does, the stored secret does not.
 */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"
#include "cli/args.h"

typedef enum setting {
#define SETTING(id, ...) SETTING_##id,
#include "cli/profile.def"
#undef SETTING
    SETTING_COUNT,
} setting;

typedef struct setting_row {
    const char *key;  /* in the file */
    const char *flag; /* without hyphens */
    const char *variable;
    bool is_stored;
    const char *value; /* what it is, for the help */
    const char *doc;
} setting_row;
extern const setting_row setting_rows[SETTING_COUNT];

typedef enum source { FROM_NOWHERE, FROM_STORE, FROM_ENVIRONMENT, FROM_OPTION } source;

typedef struct profile {
    const char *values[SETTING_COUNT]; /* in cx; NULL: not set */
    source sources[SETTING_COUNT];
    const char *folder; /* where things are stored; NULL: nowhere, because there is no home */
} profile;

/* Reads options, environment and store. The host gets a scheme and loses its trailing slashes.
 * Fails if what is stored is unreadable; without anything stored, there is nothing to read. */
bool profile_load(ix_ctx *cx, const args *args, profile *ret);

/* As profile_load(), of what is stored alone. */
bool profile_stored(ix_ctx *cx, profile *ret);

/* Stores the settings of `profile` that are stored ones, as they are, replacing what was there. The
 * folder is made if need be (0700, the file 0600). */
bool profile_save(ix_ctx *cx, const profile *profile);

/* Removes what is stored. True as well if there was nothing. */
bool profile_remove(ix_ctx *cx, const profile *profile);

/* "--host", "IOTS_HOST", "iots login": where a setting comes from. */
const char *profile_origin(ix_ctx *cx, const profile *profile, setting setting);

/* "example.org/" to "https://example.org". NULL without memory, or if it is no address at all. */
const char *host_normal(ix_ctx *cx, const char *host);

/* ---- files of ours ---- */

/* The text of a file; *ret NULL if there is none. At most `max` bytes. */
bool file_read(ix_ctx *cx, const char *path, size_t max, char **ret, size_t *ret_len);

/* Replaces a file in one step; only we may read it. The folder is made if need be. */
bool file_write(ix_ctx *cx, const char *folder, const char *name, ix_str text);

#endif
