/* SPDX-License-Identifier: Apache-2.0 */
/* iots profile list, show, use, remove: what is stored, and where settings come from. */
#include <string.h>

#include "cli/builtins.h"
#include "cli/session.h"
#include "cli/show/view.h"

static bool is_secret(cli_setting setting)
{
    return setting == SETTING_client_secret || setting == SETTING_token;
}

/* The name that a command takes as its only word. */
static const char *word_of(cli_session *session)
{
    const cli_args *args = session->args;
    if (args->word_count == 1)
        return args->words[0];
    ix_fail(session->cx, IOTS_USAGE, args->word_count ? "one profile at a time" : "which profile?");
    return NULL;
}

/* What is stored under a name; a failure if nothing is. */
static bool profile_get(cli_session *session, const char *name, cli_profile *ret)
{
    return profile_stored(session->cx, name, ret) &&
           (profile_is_there(ret) ||
            ix_fail(session->cx, IOTS_NOT_FOUND,
                    "there is no profile '%s'; 'iots profile list' shows them", name));
}

bool profile_list_run(cli_session *session)
{
    ix_ctx *cx = session->cx;
    const char *const *names;
    cli_profile chosen;
    if (session->args->word_count > 0)
        return ix_fail(cx, IOTS_USAGE, "'%s' is one word too many", session->args->words[0]);
    if (!profile_names(cx, &names) || !profile_stored(cx, NULL, &chosen))
        return false;
    iots_doc *doc = iots_doc_parse("[]");
    for (size_t i = 0; names[i]; i++) {
        cli_profile profile;
        if (!profile_stored(cx, names[i], &profile)) {
            iots_doc_free(doc);
            return false;
        }
        row_begin(doc);
        row_put(doc, "name", names[i]);
        row_put(doc, "chosen", strcmp(names[i], chosen.name) == 0 ? "*" : "");
        row_put(doc, "host", profile.values[SETTING_host]);
        row_put(doc, "client", profile.values[SETTING_client_id]);
        row_put(doc, "space", profile.values[SETTING_space]);
    }
    return rows_print(session, doc);
}

bool profile_show_run(cli_session *session)
{
    ix_ctx *cx = session->cx;
    cli_profile profile = session->profile;
    if (session->args->word_count > 0) {
        const char *name = word_of(session);
        if (!name || !profile_get(session, name, &profile))
            return false;
    }
    iots_doc *doc = iots_doc_parse("[]");
    row_begin(doc);
    row_put(doc, "setting", "profile");
    row_put(doc, "value", profile.name);
    row_put(doc, "from", profile_path(cx, &profile));
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *value = profile.values[i];
        row_begin(doc);
        row_put(doc, "setting", setting_rows[i].key);
        row_put(doc, "value", value && is_secret((cli_setting)i) ? "(set)" : value);
        row_put(doc, "from", value ? profile_origin(cx, &profile, (cli_setting)i) : NULL);
    }
    return rows_print(session, doc);
}

bool profile_use_run(cli_session *session)
{
    cli_profile profile;
    const char *name = word_of(session);
    if (!name || !profile_get(session, name, &profile) || !profile_choose(session->cx, name))
        return false;
    const char *host = profile.values[SETTING_host];
    session_remark(session, "the profile is '%s': %s", name, host ? host : "no server yet");
    return true;
}

bool profile_remove_run(cli_session *session)
{
    ix_ctx *cx = session->cx;
    cli_profile profile, chosen;
    const char *name = word_of(session);
    if (!name || !profile_get(session, name, &profile) || !profile_stored(cx, NULL, &chosen) ||
        !profile_remove(cx, &profile))
        return false;
    if (strcmp(name, chosen.name) == 0 && !profile_choose(cx, NULL))
        return false;
    session_remark(session, "removed the profile '%s'", name);
    return true;
}
