/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of Things and Categories (docs/api/http.md section 15): the OAuth2 client of a Thing, and MQTT
 * credentials.
 *
 * What is shown in clear was just made or just given; the store has hashes only. Hashing a
 * password takes tens of milliseconds and is done by the offloaders, which also make up what nobody gave.
 */
#include "api/credentials.h"

#include <string.h>

#include "api/api.h"
#include "base/time.h"
#include "contract/write.h"

/* ---- the client of a Thing ---- */

typedef struct new_secret {
    char text[IX_TOKEN_TEXT];
    char hash[IX_SECRET_HASH_TEXT];
    const char *client; /* ID */
} new_secret;

bool offload_thing_reset_secret(api_call *call)
{
    new_secret *made = ix_new(call->cx, new_secret, 1);
    if (!made || !call_thing_exists(call))
        return false;
    ix_token_new(made->text);
    ix_secret_hash_random(ix_str_of(made->text), made->hash);
    call->offloaded = made;
    return true;
}

/* The tokens that were got with the former secret. */
static void after_reset(api_call *call)
{
    const new_secret *made = call->offloaded;
    ix_map *clients = ix_map_new();
    if (clients && ix_map_put(clients, ix_str_of(made->client), call))
        auth_clients_removed(call->api->auth, clients);
    ix_map_free(clients);
}

bool on_thing_reset_secret(api_call *call)
{
    new_secret *made = call->offloaded;
    const char *thing = CALL_VAR(call, thing);
    if (!call_thing_exists(call))
        return false;
    made->client = ix_format(call->cx, "%s::%s", call_space(call), thing);
    const client_row row = {
        .id = made->client,
        .secret_hash = made->hash,
        .scopes = ix_scope_names[IX_SCOPE_thing],
        .spaces = call_space(call),
        .thing = thing,
        .created_us = call->now_us,
    };
    if (!made->client || !store_client_put(call->cx, call->store, &row) ||
        !store_tokens_remove_of(call->cx, call->store, made->client) ||
        !store_thing_set_client(call->cx, call->store, call_space(call), thing, made->client) ||
        !call_on_commit(call, after_reset))
        return false;
    ix_document_write(
        &call->reply, 2,
        (const ix_out[]){
            {IX_OUT(thing_oauth2_credentials, client_id), .text = ix_str_of(made->client)},
            {IX_OUT(thing_oauth2_credentials, client_secret), .text = ix_str_of(made->text)},
        });
    reply_no_store(call);
    return reply_written(call);
}

/* ---- MQTT credentials: whose ---- */

static credentials_owner owner_of(const api_call *call)
{
    const char *thing = CALL_VAR(call, thing);
    return (credentials_owner){
        .space = call_space(call),
        .thing = thing,
        .category = thing ? NULL : CALL_VAR(call, category),
    };
}

static bool owner_exists(api_call *call)
{
    return CALL_VAR(call, thing) ? call_thing_exists(call) : call_category_exists(call);
}

/* Those of the path; IOTS_NOT_FOUND if it names nobody, or nobody who has any. */
static bool credentials_get(api_call *call, credentials_row *ret)
{
    const credentials_owner owner = owner_of(call);
    bool found;
    return owner_exists(call) &&
           store_credentials_find(call->cx, call->store, &owner, ret, &found) &&
           (found || ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

bool mqtt_credentials_exist(api_call *call)
{
    credentials_row row;
    return credentials_get(call, &row);
}

/* ---- out ---- */

/* Under which topics an owner may publish (docs/api/http.md 15.2). */
static const char *const published[] = {"properties", "actions", "events", "data"};

static const char *pattern_of(ix_ctx *cx, const credentials_owner *owner, const char *below)
{
    const char *slash = *below ? "/" : "";
    return owner->thing ? ix_format(cx, "spaces/%s/things/%s%s%s/#", owner->space, owner->thing,
                                    slash, below)
                        : ix_format(cx, "spaces/%s/categories/%s/things/+%s%s/#", owner->space,
                                    owner->category, slash, below);
}

/* The list of patterns below each of these, as JSON in cx. */
static ix_str patterns_of(ix_ctx *cx, const credentials_owner *owner, const char *const *below,
                          size_t count)
{
    ix_buf buf = {0};
    for (size_t i = 0; i < count; i++) {
        const char *pattern = pattern_of(cx, owner, below[i]);
        ix_buf_char(&buf, i ? ',' : '[');
        ix_document_write(
            &buf, 1, (const ix_out[]){{IX_OUT(publish_item, pattern), .text = ix_str_of(pattern)}});
    }
    ix_buf_char(&buf, ']');
    const ix_str text = ix_str_of(ix_strndup(cx, buf.at, buf.len));
    ix_buf_done(&buf);
    return text;
}

/* `password` NULL: it is not to be shown. */
static bool reply_credentials(api_call *call, const credentials_row *row, const char *password)
{
    static const char *const all[] = {""};
    const ix_out acl[] = {
        {IX_OUT(acl, publish), .text = patterns_of(call->cx, &row->owner, published,
                                                   sizeof published / sizeof published[0])},
        {IX_OUT(acl, subscribe), .text = patterns_of(call->cx, &row->owner, all, 1)},
    };
    const ix_out topics[] = {
        {IX_OUT(mqtt_thing_document_acl, acl), .inside = acl, .inside_count = 2},
    };
    const ix_out members[] = {
        {IX_OUT(mqtt_category_document, id), .text = ix_str_of(row->id)},
        {IX_OUT(mqtt_category_document, username), .text = ix_str_of(row->username)},
        {IX_OUT(mqtt_category_document, password),
         .text = password ? ix_str_of(password) : IX_STR("<hidden_secret>")},
        {IX_OUT(mqtt_category_document, enabled), .number = row->enabled},
        {IX_OUT(mqtt_category_document, description), .text = ix_str_of(row->description)},
        {IX_OUT(mqtt_category_document, collection_name), .text = ix_str_of(row->owner.category),
         .is_absent = !row->owner.category},
        {IX_OUT_AS(mqtt_category_document, created, IX_T_TIME), .number = row->created_us},
        {IX_OUT(mqtt_category_document, topics), .inside = topics, .inside_count = 1},
    };
    if (ix_failed(call->cx))
        return false;
    ix_buf_clear(&call->reply);
    ix_document_write(&call->reply, sizeof members / sizeof members[0], members);
    if (password)
        reply_no_store(call);
    return reply_written(call);
}

/* ---- in ---- */

enum { MADE_UP_NAME = 16, MADE_UP_PASSWORD = 24 };

/* What a body wants. NULL: nothing is said of it. */
typedef struct mqtt_input {
    const char *username; /* with its suffix */
    const char *password;
    const char *description;
    const bool *enabled;
    bool is_enabled;
    char hash[IX_SECRET_HASH_TEXT]; /* of the password, if there is one */
} mqtt_input;

/* Adds the space, or sees that it is the right one. */
static bool read_username(api_call *call, mqtt_input *input)
{
    const ix_json *given = ix_json_member(call->body, "username");
    if (!given)
        return true;
    ix_str name;
    const ix_str space = ix_str_cut(ix_json_str(given), '@', &name);
    if (space.at && !ix_str_is(space, call_space(call)))
        return ix_fail_field(call->cx, IOTS_INVALID, NULL, "username", "expected @%s at its end",
                             call_space(call));
    input->username = ix_format(call->cx, "%.*s@%s", (int)name.len, name.at, call_space(call));
    return input->username != NULL;
}

static bool read_input(api_call *call, mqtt_input *input)
{
    const ix_json *enabled = ix_json_member(call->body, "enabled");
    if (enabled) {
        input->is_enabled = ix_json_bool(enabled, true);
        input->enabled = &input->is_enabled;
    }
    input->password = ix_json_string(ix_json_member(call->body, "password"));
    input->description = ix_json_string(ix_json_member(call->body, "description"));
    return read_username(call, input);
}

static const char *make_up(ix_ctx *cx, size_t count)
{
    char *text = ix_alloc(cx, count + 1);
    if (text)
        ix_random_text(text, count);
    return text;
}

static bool hash_password(api_call *call, mqtt_input *input)
{
    return !input->password || ix_secret_hash(call->cx, ix_str_of(input->password), input->hash);
}

bool offload_mqtt_create(api_call *call)
{
    ix_ctx *cx = call->cx;
    mqtt_input *input = ix_new(cx, mqtt_input, 1);
    if (!input || !owner_exists(call) || !read_input(call, input))
        return false;
    if (!input->username) {
        const char *name = make_up(cx, MADE_UP_NAME);
        input->username = name ? ix_format(cx, "%s@%s", name, call_space(call)) : NULL;
    }
    if (!input->password)
        input->password = make_up(cx, MADE_UP_PASSWORD);
    call->offloaded = input;
    return input->username && input->password && hash_password(call, input);
}

bool offload_mqtt_update(api_call *call)
{
    mqtt_input *input = ix_new(call->cx, mqtt_input, 1);
    if (!input || !mqtt_credentials_exist(call) || !read_input(call, input))
        return false;
    const bool wants_nothing =
        !input->username && !input->password && !input->description && !input->enabled;
    if (wants_nothing) {
        input->password = make_up(call->cx, MADE_UP_PASSWORD);
        if (!input->password)
            return false;
    }
    call->offloaded = input;
    return hash_password(call, input);
}

/* ---- operations ---- */

static void credentials_apply(const mqtt_input *input, credentials_row *row)
{
    if (input->username)
        row->username = input->username;
    if (input->password)
        row->password_hash = input->hash;
    if (input->description)
        row->description = input->description;
    if (input->enabled)
        row->enabled = *input->enabled;
}

/* Nobody else may have the username. */
static bool check_username(api_call *call, const credentials_row *row)
{
    credentials_row twin;
    bool found;
    if (!store_credentials_find_user(call->cx, call->store, call_space(call), row->username, &twin,
                                     &found))
        return false;
    return !found || strcmp(twin.id, row->id) == 0 ||
           ix_fail_field(call->cx, IOTS_CONFLICT, "This item already exists", "username",
                         "'%s' is taken", row->username);
}

static bool credentials_create(api_call *call)
{
    const mqtt_input *input = call->offloaded;
    const ix_ulid id = api_id_next(call->api, call->now_us);
    credentials_row row = {
        .owner = owner_of(call),
        .id = id.text,
        .description = "",
        .enabled = true,
        .created_us = call->now_us,
    };
    credentials_row before;
    bool found;
    if (!owner_exists(call) ||
        !store_credentials_find(call->cx, call->store, &row.owner, &before, &found))
        return false;
    if (found)
        return ix_fail(call->cx, IOTS_CONFLICT, NULL);
    credentials_apply(input, &row);
    const char *path = ix_op_path(call->cx,
                                  row.owner.thing ? &ix_ops[IX_OP_thing_mqtt_get]
                                                  : &ix_ops[IX_OP_category_mqtt_get],
                                  call->match.vars);
    return path && check_username(call, &row) &&
           store_credentials_put(call->cx, call->store, &row) && reply_location(call, path) &&
           reply_credentials(call, &row, input->password);
}

static bool credentials_show(api_call *call)
{
    credentials_row row;
    return credentials_get(call, &row) && reply_credentials(call, &row, NULL);
}

static bool credentials_update(api_call *call)
{
    const mqtt_input *input = call->offloaded;
    credentials_row row;
    if (!credentials_get(call, &row))
        return false;
    credentials_apply(input, &row);
    return check_username(call, &row) && store_credentials_put(call->cx, call->store, &row) &&
           reply_credentials(call, &row, input->password);
}

static bool delete (api_call *call)
{
    const credentials_owner owner = owner_of(call);
    bool found;
    return owner_exists(call) && store_credentials_remove(call->cx, call->store, &owner, &found) &&
           (found ? reply_empty(call) : ix_fail(call->cx, IOTS_NOT_FOUND, NULL));
}

bool on_category_mqtt_create(api_call *call)
{
    return credentials_create(call);
}

bool on_category_mqtt_get(api_call *call)
{
    return credentials_show(call);
}

bool on_category_mqtt_update(api_call *call)
{
    return credentials_update(call);
}

bool on_category_mqtt_delete(api_call *call)
{
    return delete (call);
}

bool on_thing_mqtt_create(api_call *call)
{
    return credentials_create(call);
}

bool on_thing_mqtt_get(api_call *call)
{
    return credentials_show(call);
}

bool on_thing_mqtt_update(api_call *call)
{
    return credentials_update(call);
}

bool on_thing_mqtt_delete(api_call *call)
{
    return delete (call);
}
