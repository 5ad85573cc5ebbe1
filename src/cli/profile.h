/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom to talk to, and as whom: option, else environment, else what `iots login` stored.
 *
 * There may be several profiles, each with a name and a file: --profile, else IOTS_PROFILE, else the
 * one chosen by `iots profile use`, else the one called default.
 *
 * The rows of profile.def are the settings. What is stored belongs together: a secret stored for
 * one host is never sent to another, so once the host comes from elsewhere, nothing stored counts;
 * and once the client ID does, the stored secret, or the command that prints it, does not.
 */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/str.h"
#include "cli/args.h"

typedef enum cli_setting {
#define SETTING(id, ...) SETTING_##id,
#include "cli/profile.def"
#undef SETTING
    SETTING_COUNT,
} cli_setting;

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

enum { PROFILE_NAME_MAX = 64 };

typedef struct cli_profile {
    const char *name;                  /* in cx or static; never NULL */
    source name_source;                /* FROM_NOWHERE: nobody chose, so it is the default one */
    bool is_stored;                    /* there is a file of it */
    const char *values[SETTING_COUNT]; /* in cx; NULL: not set */
    source sources[SETTING_COUNT];
    const char *folder; /* where things are stored; NULL: nowhere, because there is no home */
} cli_profile;

/* Reads options, environment and store. The host gets a scheme and loses its trailing slashes.
 * Fails if what is stored is unreadable; without anything stored, there is nothing to read. */
bool profile_load(ix_ctx *cx, const cli_args *args, cli_profile *ret);

/* As profile_load(), of what is stored alone in the profile of this name; NULL: the chosen one. */
bool profile_stored(ix_ctx *cx, const char *name, cli_profile *ret);

/* Stores the settings of `profile` that are stored ones, as they are, replacing what was there. The
 * folder is made if need be (0700, the file 0600). */
bool profile_save(ix_ctx *cx, const cli_profile *profile);

/* Removes what is stored. True as well if there was nothing. */
bool profile_remove(ix_ctx *cx, const cli_profile *profile);

/* Chooses the profile of this name for later runs; NULL: the default one. */
bool profile_choose(ix_ctx *cx, const char *name);

/* Can it be used? The default one can even before anything is stored in it. */
bool profile_is_there(const cli_profile *profile);

/* The names of all that are stored, in order, with a NULL after the last one. */
bool profile_names(ix_ctx *cx, const char *const **ret);

/* The file of a profile, in cx; NULL without a folder. */
const char *profile_path(ix_ctx *cx, const cli_profile *profile);

/* Is the secret to be had from the command? Else it is values[SETTING_client_secret], if anything. */
bool profile_has_command(const cli_profile *profile);

/* The secret of the client, in cx: as it is, or by running the command; of its output the first line
 * counts. IOTS_UNAUTHENTICATED if there is none, IOTS_UNEXPECTED if the command fails. */
const char *profile_secret(ix_ctx *cx, const cli_profile *profile);

/* "--host", "IOTS_HOST", "iots login": where a setting comes from. */
const char *profile_origin(ix_ctx *cx, const cli_profile *profile, cli_setting setting);

/* A token and a client may both be given: what was said more nearly counts. */
bool profile_prefers_token(const cli_profile *profile);

/* Does the host keep what is sent to it from others on the way? */
bool host_is_private(const char *host);

/* "example.org/" to "https://example.org". NULL without memory, or if it is not an address at all. */
const char *host_normal(ix_ctx *cx, const char *host);

/* ---- files of ours ---- */

/* The text of a file, zero-terminated; *ret NULL if there is none. At most `max` bytes. */
bool file_read(ix_ctx *cx, const char *path, size_t max, char **ret, size_t *ret_len);

/* Replaces a file in one step; only we may read it. The folder is made if need be. */
bool file_write(ix_ctx *cx, const char *folder, const char *name, ix_str text);

#endif
