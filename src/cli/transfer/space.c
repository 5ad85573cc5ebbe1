/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/space.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/profile.h"
#include "cli/show/view.h"

static const char manifest_name[] = "manifest.json";
static const char format_name[] = "iots-space";
enum { MANIFEST_MAX = 64 * 1024 };

// clang-format off
const part_row parts[PART_COUNT] = {
    [PART_MODELS]     = {"models", "Models", IX_OP_models_list, IX_OP_models_create, IX_OP_model_get, IX_OP_model_delete, {"id", "created", "modified"}},
    [PART_VERSIONS]   = {"versions", "versions", IX_OP_versions_list, IX_OP_versions_create, IX_OP_version_get, IX_OP_COUNT, {"version", "created"}},
    [PART_CATEGORIES] = {"categories", "Categories", IX_OP_categories_list, IX_OP_categories_create, IX_OP_category_get, IX_OP_category_delete, {"name", "created", "modified"}},
    [PART_THINGS]     = {"things", "Things", IX_OP_things_list, IX_OP_things_create, IX_OP_thing_get, IX_OP_thing_delete, {"uid", "created", "modified"}},
    [PART_HISTORY]    = {"history", "moments of history", IX_OP_history_list, IX_OP_history_create, IX_OP_COUNT, IX_OP_COUNT, {NULL}},
    [PART_ACTIONS]    = {"actions", "actions", IX_OP_all_actions_list, IX_OP_actions_create, IX_OP_action_get, IX_OP_action_delete, {"href", "timeRequested"}},
    [PART_EVENTS]     = {"events", "events", IX_OP_all_events_list, IX_OP_events_create, IX_OP_event_get, IX_OP_event_delete, {"href", "timestamp"}},
};

/* Where in a record the path variables of its own operations are. */
static const struct place { cli_part part; ix_var var; const char *pointer; } places[] = {
    {PART_MODELS,     IX_VAR_model,    "/name"},
    {PART_VERSIONS,   IX_VAR_model,    "/model"},
    {PART_VERSIONS,   IX_VAR_version,  "/version"},
    {PART_CATEGORIES, IX_VAR_category, "/name"},
    {PART_THINGS,     IX_VAR_thing,    "/uid"},
};

/* What another server says differently, or keeps for itself. */
static const struct strange { cli_part part; const char *member; } strange[] = {
    {PART_THINGS, "id"},
    {PART_THINGS, "href"},
    {PART_THINGS, "client_id"},
};
// clang-format on

static bool is_entry(cli_part part)
{
    return part == PART_ACTIONS || part == PART_EVENTS;
}

/* ---- files ---- */

const char *part_path(ix_ctx *cx, const char *folder, cli_part part, const char *uid)
{
    return uid ? ix_format(cx, "%s/%s/%s.jsonl", folder, parts[part].name, uid)
               : ix_format(cx, "%s/%s.jsonl", folder, parts[part].name);
}

bool manifest_write(ix_ctx *cx, const char *folder, const cli_manifest *manifest)
{
    ix_json *json = ix_json_new_object(cx);
    ix_json *counts = ix_json_new_object(cx);
    if (!json || !counts || !ix_json_set(cx, json, "format", ix_json_new_string(cx, format_name)) ||
        !ix_json_set(cx, json, "version", ix_json_new_int(cx, SPACE_FORMAT)) ||
        !ix_json_set(cx, json, "space", ix_json_new_string(cx, manifest->space)) ||
        !ix_json_set(cx, json, "host", ix_json_new_string(cx, manifest->host)) ||
        !ix_json_set(cx, json, "complete", ix_json_new_bool(cx, manifest->is_complete)))
        return false;
    for (int part = 0; part < PART_COUNT; part++) {
        const int64_t count = (int64_t)manifest->counts[part];
        if (!ix_json_set(cx, counts, parts[part].name, ix_json_new_int(cx, count)))
            return false;
    }
    if (manifest->is_complete && !ix_json_set(cx, json, "counts", counts))
        return false;
    ix_buf text = {0};
    ix_json_write_pretty(&text, json, 2);
    ix_buf_char(&text, '\n');
    const bool ok = text.failed
                        ? ix_fail(cx, IOTS_NO_MEMORY, NULL)
                        : file_write(cx, folder, manifest_name, (ix_str){text.at, text.len});
    ix_buf_done(&text);
    return ok;
}

bool manifest_read(ix_ctx *cx, const char *folder, cli_manifest *ret, bool *found)
{
    char *text;
    size_t len;
    const char *path = ix_format(cx, "%s/%s", folder, manifest_name);
    if (!path || !file_read(cx, path, MANIFEST_MAX, &text, &len))
        return false;
    *found = text != NULL;
    if (!text)
        return true;
    const ix_json *json = ix_json_parse(cx, text, len);
    ix_ctx_clear_error(cx);
    if (!ix_str_is(ix_json_str(ix_json_member(json, "format")), format_name))
        return ix_fail(cx, IOTS_INVALID, "%.300s is not that of an exported space", path);
    const int64_t version = ix_json_int(ix_json_member(json, "version"), 0);
    if (version != SPACE_FORMAT)
        return ix_fail(cx, IOTS_INVALID,
                       "%.300s is of version %" PRId64 " of the format; this iots knows version %d",
                       path, version, SPACE_FORMAT);
    *ret = (cli_manifest){
        .space = ix_json_string(ix_json_member(json, "space")),
        .host = ix_json_string(ix_json_member(json, "host")),
        .is_complete = ix_json_bool(ix_json_member(json, "complete"), false),
    };
    const ix_json *counts = ix_json_member(json, "counts");
    for (int part = 0; part < PART_COUNT; part++)
        ret->counts[part] = (uint64_t)ix_json_int(ix_json_member(counts, parts[part].name), 0);
    return (ret->space && ret->host) ||
           ix_fail(cx, IOTS_INVALID, "%.300s names no space or no host", path);
}

/* ---- documents ---- */

/* What is behind the last slash. */
static const char *tail(const char *text)
{
    const char *slash = text ? strrchr(text, '/') : NULL;
    return slash ? slash + 1 : text;
}

static bool is_strange(cli_part part, const char *member)
{
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        if (strange[i].part == part && strcmp(strange[i].member, member) == 0)
            return true;
    }
    return false;
}

static void text_write(ix_buf *buf, const iots_json *json)
{
    char *text = iots_json_text(json, 0);
    if (text)
        ix_buf_text(buf, text);
    else
        buf->failed = true;
    free(text);
}

/* A member, with a comma before it unless it is the first. */
static void name_write(ix_buf *buf, const char *name)
{
    if (buf->len > 0 && buf->at[buf->len - 1] != '{')
        ix_buf_char(buf, ',');
    ix_json_write_text(buf, ix_str_of(name));
    ix_buf_char(buf, ':');
}

static void members_write(ix_buf *buf, cli_part part, const iots_json *object)
{
    for (iots_member m = iots_json_members(object); m.name; m = iots_json_members_next(m)) {
        const char *id = is_entry(part) && strcmp(m.name, "href") == 0
                             ? tail(iots_json_string(m.value, ""))
                             : NULL;
        if (is_strange(part, m.name))
            continue;
        name_write(buf, m.name);
        if (id)
            ix_json_write_text(buf, ix_str_of(id));
        else
            text_write(buf, m.value);
    }
}

void record_write(ix_buf *buf, cli_part part, const char *model, const iots_json *doc)
{
    const iots_member entry = iots_json_members(doc);
    ix_buf_char(buf, '{');
    if (model) {
        name_write(buf, "model");
        ix_json_write_text(buf, ix_str_of(model));
    }
    if (is_entry(part) && entry.name) {
        name_write(buf, entry.name);
        ix_buf_char(buf, '{');
        members_write(buf, part, entry.value);
        ix_buf_char(buf, '}');
    } else {
        members_write(buf, part, doc);
    }
    ix_buf_text(buf, "}\n");
}

bool record_next(ix_ctx *cx, line_reader *lines, iots_doc **ret)
{
    ix_str line;
    *ret = NULL;
    if (!line_reader_next(cx, lines, &line))
        return line_reader_fail(cx, lines);
    if (!line.at)
        return true;
    iots_doc *doc = iots_doc_parse(line.at);
    if (line_reader_is_open(lines))
        ix_fail(cx, IOTS_INVALID, "the file is cut short");
    else if (*iots_doc_error(doc))
        ix_fail(cx, IOTS_INVALID, "%s", iots_doc_error(doc));
    else if (iots_json_kind(iots_doc_json(doc), "") != IOTS_KIND_OBJECT)
        ix_fail(cx, IOTS_INVALID, "not a JSON object");
    if (ix_failed(cx)) {
        iots_doc_free(doc);
        return line_reader_fail(cx, lines);
    }
    *ret = doc;
    return true;
}

/* The members of a document; those of an action or event are one level down. */
static const iots_json *inside(cli_part part, const iots_json *doc)
{
    return is_entry(part) ? iots_json_members(doc).value : doc;
}

static bool stamp_is(const iots_json *a, const iots_json *b)
{
    const char *text = iots_json_string(a, ""), *other = iots_json_string(b, "");
    int64_t at_us, other_us;
    if (!text || !other)
        return iots_json_kind(a, "") == IOTS_KIND_INTEGER &&
               iots_json_integer(a, "", 0) == iots_json_integer(b, "", -1);
    if (ix_time_parse(ix_str_of(text), &at_us) && ix_time_parse(ix_str_of(other), &other_us))
        return at_us == other_us;
    return ix_str_is_nocase(ix_str_of(tail(text)), tail(other));
}

bool record_is(cli_part part, const iots_json *record, const iots_json *doc)
{
    for (size_t i = 0; i < sizeof parts[part].stamps / sizeof parts[part].stamps[0]; i++) {
        const char *name = parts[part].stamps[i];
        const iots_json *stamp = name ? member_of(inside(part, record), name) : NULL;
        if (stamp && iots_json_kind(stamp, "") != IOTS_KIND_NULL &&
            !stamp_is(stamp, member_of(inside(part, doc), name)))
            return false;
    }
    return true;
}

/* ---- where they are ---- */

/* The value of a path variable, or NULL. */
static const char *var_of(ix_ctx *cx, cli_part part, ix_var var, const iots_json *record)
{
    if (is_entry(part)) {
        const iots_member entry = iots_json_members(record);
        if (var == IX_VAR_action || var == IX_VAR_event)
            return entry.name;
        if (var == IX_VAR_action_id || var == IX_VAR_event_id)
            return tail(iots_json_string(entry.value, "/href"));
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i].part != part || places[i].var != var)
            continue;
        const iots_json *value = iots_json_at(record, places[i].pointer);
        if (iots_json_kind(value, "") == IOTS_KIND_INTEGER)
            return ix_format(cx, "%" PRId64, iots_json_integer(value, "", 0));
        return iots_json_string(value, "");
    }
    return NULL;
}

const iots_param *record_params(ix_ctx *cx, cli_part part, ix_op_id op, const char *space,
                                const char *thing, const iots_json *record, const iots_param *more)
{
    size_t count = 0;
    while (more && more[count].name)
        count++;
    iots_param *params = ix_new(cx, iots_param, IX_VAR_COUNT + count + 1);
    if (!params)
        return NULL;
    size_t at = 0;
    for (const char *brace = ix_ops[op].path; (brace = strchr(brace, '{')); brace++) {
        const ix_str name = {brace + 1, strcspn(brace + 1, "}")};
        for (int var = 0; var < IX_VAR_COUNT; var++) {
            if (!ix_str_is(name, ix_vars[var].name))
                continue;
            const char *value = var == IX_VAR_space ? space
                                : var == IX_VAR_thing && thing
                                    ? thing
                                    : var_of(cx, part, (ix_var)var, record);
            params[at++] = (iots_param){ix_vars[var].name, value};
        }
    }
    for (size_t i = 0; i < count; i++)
        params[at++] = more[i];
    return ix_failed(cx) ? NULL : params;
}

/* ---- for people ---- */

void counts_write(ix_buf *buf, const uint64_t counts[PART_COUNT], bool is_json)
{
    for (int part = 0; part < PART_COUNT; part++) {
        if (part > 0)
            ix_buf_text(buf, ", ");
        if (is_json)
            ix_buf_format(buf, "\"%s\": %" PRIu64, parts[part].name, counts[part]);
        else
            ix_buf_format(buf, "%" PRIu64 " %s", counts[part], parts[part].many);
    }
}
