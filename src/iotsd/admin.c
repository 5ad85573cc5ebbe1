/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/time.h"
#include "base/ulid.h"
#include "contract/ops.h"
#include "contract/scopes.h"
#include "store/store.h"

enum { CLIENT_ID_MAX = 128 };

/* ---- the store ---- */

const char *admin_store_url(ix_ctx *cx, const iotsd_settings *settings)
{
    const char *store = SET(settings, store).text;
    if (strcmp(store, "sqlite") == 0)
        return ix_format(cx, "sqlite:%s", SET(settings, data).text);
    /* postgresql:// is another way to write it. */
    return ix_format(cx, "postgres%s", strchr(store, ':'));
}

/* What a command does with the open store. */
typedef bool store_task(ix_ctx *cx, store_handle *store, void *arg);

/* On a connection of its own, also while a server runs. */
static bool with_store(ix_ctx *cx, const admin_host *host, store_mode mode, store_task *task,
                       void *arg)
{
    store_handle *store;
    if (!store_open(cx, host->store_url, mode, &store))
        return false;
    if (host->until_us)
        store_stop_at(store, host->until_us);
    const bool ok = task(cx, store, arg);
    store_close(store);
    return ok;
}

static bool read_store(ix_ctx *cx, const admin_host *host, store_task *task, void *arg)
{
    return with_store(cx, host, STORE_READ, task, arg);
}

/* All of a task is kept, or nothing. */
static bool in_transaction(ix_ctx *cx, store_handle *store, store_task *task, void *arg)
{
    if (!store_begin(cx, store))
        return false;
    if (task(cx, store, arg) && store_commit(cx, store))
        return true;
    store_rollback(store);
    return false;
}

typedef struct transaction {
    store_task *task;
    void *arg;
} transaction;

static bool run_transaction(ix_ctx *cx, store_handle *store, void *arg)
{
    const transaction *transaction = arg;
    return in_transaction(cx, store, transaction->task, transaction->arg);
}

/* In one transaction: the server's, if one runs. What changes for it is in host->effect. */
static bool write_store(ix_ctx *cx, admin_host *host, store_task *task, void *arg)
{
    transaction transaction = {task, arg};
    if (host->service)
        return service_administer(cx, host->service, task, arg, &host->effect);
    return with_store(cx, host, STORE_WRITE, run_transaction, &transaction);
}

/* Hands on what was printed, if it is much. */
static void flush_some(admin_host *host)
{
    enum { MUCH_BYTES = 16 << 10 };
    if (host->out.len >= MUCH_BYTES)
        host->flush(host->arg, &host->out);
}

/* ---- spaces ---- */

enum { REMOVALS_STEP = 1000 };

static bool delete_step(ix_ctx *cx, store_handle *store, void *more)
{
    return store_removals_purge(cx, store, REMOVALS_STEP, more);
}

static bool delete_removed(ix_ctx *cx, store_handle *store, void *arg)
{
    bool more = true;
    (void)arg;
    while (more)
        if (!in_transaction(cx, store, delete_step, &more))
            return false;
    return true;
}

/* Deletes what was removed, unless a server runs, which does that by itself. */
static bool delete_if_alone(ix_ctx *cx, const admin_host *host)
{
    return host->service || with_store(cx, host, STORE_WRITE, delete_removed, NULL);
}

static bool add_space(ix_ctx *cx, store_handle *store, void *name)
{
    if (store_space_add(cx, store, name, ix_now_us()))
        return true;
    if (cx->error.code != IOTS_CONFLICT)
        return false;
    ix_ctx_clear_error(cx);
    return ix_fail(cx, IOTS_CONFLICT, "there is a space '%s' already", (const char *)name);
}

/* Names come as arguments of tasks, which do not change them. */
static void *unconst(const char *text)
{
    union {
        const char *from;
        void *to;
    } hold = {.from = text};
    return hold.to;
}

bool admin_space_add(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    const char *name = command->words[0];
    if (!ix_space_is_valid(ix_str_of(name)))
        return ix_fail(
            cx, IOTS_INVALID,
            "'%s' is not a name for a space: a-z, 0-9, _ and -, at most %d, not _ or - first", name,
            IX_SPACE_MAX);
    host->effect.space_added = name;
    return delete_if_alone(cx, host) && write_store(cx, host, add_space, unconst(name));
}

static bool print_space(void *arg, ix_str name)
{
    admin_host *host = arg;
    ix_buf_format(&host->out, "%.*s\n", (int)name.len, name.at);
    flush_some(host);
    return true;
}

static bool list_spaces(ix_ctx *cx, store_handle *store, void *arg)
{
    return store_spaces_each(cx, store, print_space, arg);
}

bool admin_space_list(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    return read_store(cx, host, list_spaces, host);
}

static bool remove_space(ix_ctx *cx, store_handle *store, void *name)
{
    bool found;
    if (!store_space_remove(cx, store, name, &found))
        return false;
    return found || ix_fail(cx, IOTS_NOT_FOUND, "there is no space '%s'", (const char *)name);
}

bool admin_space_remove(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    host->effect.space_removed = command->words[0];
    return write_store(cx, host, remove_space, unconst(command->words[0])) &&
           delete_if_alone(cx, host);
}

/* ---- clients ---- */

/* A client that is made, or gets a new secret. */
typedef struct new_client {
    const char *id, *secret;     /* secret NULL: it is public */
    bool has_own_secret;         /* somebody thought it up; else it is of make_secret */
    const char *spaces, *scopes; /* blank-separated */
    const char *redirects;       /* blank-separated; or NULL */
} new_client;

static const char *make_id(ix_ctx *cx)
{
    ix_ulid_maker maker = {{0}};
    uint8_t random[10];
    ix_random(random, sizeof random);
    return ix_format(cx, "app::%s", ix_ulid_next(&maker, ix_now_us(), random).text);
}

static const char *make_secret(ix_ctx *cx)
{
    char secret[IX_TOKEN_TEXT];
    ix_token_new(secret);
    return ix_strdup(cx, secret);
}

static bool hash_secret(ix_ctx *cx, const new_client *client, char out[IX_SECRET_HASH_TEXT])
{
    if (client->has_own_secret)
        return ix_secret_hash(cx, ix_str_of(client->secret), out);
    ix_secret_hash_random(ix_str_of(client->secret), out);
    return true;
}

static bool put_client(ix_ctx *cx, store_handle *store, void *arg)
{
    const new_client *client = arg;
    char hash[IX_SECRET_HASH_TEXT];
    const client_row row = {
        .id = client->id,
        .secret_hash = client->secret ? hash : NULL,
        .scopes = client->scopes,
        .spaces = client->spaces,
        .redirects = client->redirects,
        .created_us = ix_now_us(),
    };
    return (!client->secret || hash_secret(cx, client, hash)) && store_client_put(cx, store, &row);
}

static void print_credentials(ix_buf *out, const char *id, const char *secret)
{
    ix_buf_format(out, "client_id %s\n", id);
    if (secret)
        ix_buf_format(out, "client_secret %s\n", secret);
}

static bool add_name(void *arg, ix_str name)
{
    ix_buf *names = arg;
    if (names->len > 0)
        ix_buf_char(names, ' ');
    ix_buf_str(names, name);
    return true;
}

/* All spaces there are, blank-separated, in cx. */
static const char *all_spaces(ix_ctx *cx, store_handle *store)
{
    ix_buf names = {0};
    const char *text = NULL;
    if (store_spaces_each(cx, store, add_name, &names))
        text = ix_strdup(cx, ix_buf_cstr(&names));
    ix_buf_done(&names);
    return text;
}

static bool has_word(const char *words, const char *word)
{
    ix_str rest = ix_str_of(words);
    while (rest.at) {
        ix_str head;
        rest = ix_str_cut(rest, ' ', &head);
        if (ix_str_is(head, word))
            return true;
    }
    return false;
}

/* The spaces of --space, which must exist; without: all of them. NULL on failure. */
static const char *chosen_spaces(ix_ctx *cx, store_handle *store, const admin_command *command)
{
    const char *all = all_spaces(cx, store);
    if (!all || command->space_count == 0)
        return all;
    ix_buf names = {0};
    const char *text = NULL;
    for (size_t i = 0; i < command->space_count; i++) {
        if (!has_word(all, command->spaces[i])) {
            ix_fail(cx, IOTS_NOT_FOUND, "there is no space '%s'", command->spaces[i]);
            goto out;
        }
        add_name(&names, ix_str_of(command->spaces[i]));
    }
    text = ix_strdup(cx, ix_buf_cstr(&names));
out:
    ix_buf_done(&names);
    return text;
}

/* Those of --redirect-uri, with blanks between them. NULL on failure. */
static const char *chosen_redirects(ix_ctx *cx, const admin_command *command)
{
    const char *text = "";
    for (size_t i = 0; text && i < command->redirect_count; i++) {
        const char *uri = command->redirects[i];
        if (!ix_redirect_is_valid(ix_str_of(uri))) {
            ix_fail(cx, IOTS_INVALID, "--redirect-uri '%.100s': " IX_REDIRECT_RULE, uri);
            return NULL;
        }
        text = ix_format(cx, "%s%s%s", text, i > 0 ? " " : "", uri);
    }
    return text;
}

static bool check_scopes(ix_ctx *cx, const char *scopes)
{
    for (ix_str rest = ix_str_of(scopes); rest.at;) {
        ix_str scope;
        rest = ix_str_cut(rest, ' ', &scope);
        if (!ix_scope_is_valid(scope))
            return ix_fail(cx, IOTS_INVALID, "'%s' is not a list of scopes, one blank between them",
                           scopes);
    }
    return true;
}

typedef struct client_add {
    const admin_command *command;
    new_client client;
} client_add;

static bool choose_and_add(ix_ctx *cx, store_handle *store, void *arg)
{
    client_add *add = arg;
    add->client.spaces = chosen_spaces(cx, store, add->command);
    return add->client.spaces && put_client(cx, store, &add->client);
}

bool admin_client_add(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    if (command->is_public && command->redirect_count == 0)
        return ix_fail(cx, IOTS_INVALID, "a --public client needs a --redirect-uri");
    client_add add = {command, {.id = make_id(cx)}};
    add.client.scopes = command->scope ? command->scope : ix_scopes_all();
    add.client.redirects = chosen_redirects(cx, command);
    if (!command->is_public)
        add.client.secret = make_secret(cx);
    if (ix_failed(cx) || !check_scopes(cx, add.client.scopes))
        return false;
    if (!write_store(cx, host, choose_and_add, &add))
        return false;
    print_credentials(&host->out, add.client.id, add.client.secret);
    return true;
}

static bool print_client(void *arg, const client_row *row)
{
    admin_host *host = arg;
    const bool has_redirects = row->redirects && *row->redirects;
    ix_buf_format(&host->out, "%s\t%s\t%s%s%s\n", row->id, row->spaces, row->scopes,
                  has_redirects ? "\t" : "", has_redirects ? row->redirects : "");
    flush_some(host);
    return true;
}

static bool list_clients(ix_ctx *cx, store_handle *store, void *arg)
{
    return store_clients_each(cx, store, print_client, arg);
}

bool admin_client_list(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    return read_store(cx, host, list_clients, host);
}

static bool remove_client(ix_ctx *cx, store_handle *store, void *id)
{
    bool found;
    if (!store_client_remove(cx, store, id, &found))
        return false;
    return found || ix_fail(cx, IOTS_NOT_FOUND, "there is no client '%s'", (const char *)id);
}

bool admin_client_remove(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    host->effect.client_revoked = command->words[0];
    return write_store(cx, host, remove_client, unconst(command->words[0]));
}

static bool reset_client(ix_ctx *cx, store_handle *store, void *arg)
{
    const new_client *client = arg;
    client_row row;
    bool found;
    if (!store_client_find(cx, store, client->id, &row, &found))
        return false;
    if (!found)
        return ix_fail(cx, IOTS_NOT_FOUND, "there is no client '%s'", client->id);
    if (!row.secret_hash)
        return ix_fail(cx, IOTS_INVALID, "'%s' is a public client and has no secret", client->id);
    char hash[IX_SECRET_HASH_TEXT];
    if (!hash_secret(cx, client, hash))
        return false;
    row.secret_hash = hash;
    return store_client_put(cx, store, &row) && store_tokens_remove_of(cx, store, client->id);
}

bool admin_client_reset(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    new_client client = {.id = command->words[0], .secret = make_secret(cx)};
    host->effect.client_revoked = client.id;
    if (!client.secret || !write_store(cx, host, reset_client, &client))
        return false;
    print_credentials(&host->out, client.id, client.secret);
    return true;
}

/* ---- users ---- */

enum { PASSWORD_GROUPS = 4, PASSWORD_GROUP = 5 };

/* A user who is made, or gets a new password. */
typedef struct new_user {
    const admin_command *command;
    admin_effect *effect;
    const char *name, *password, *hash;
} new_user;

/* A hundred bits of chance, in groups that one can type. */
static const char *make_password(ix_ctx *cx)
{
    const char *text = "";
    for (int i = 0; text && i < PASSWORD_GROUPS; i++) {
        char group[PASSWORD_GROUP + 1];
        ix_random_text(group, PASSWORD_GROUP);
        text = ix_format(cx, "%s%s%s", text, i > 0 ? "-" : "", group);
    }
    return text;
}

static bool make_user(ix_ctx *cx, const admin_command *command, admin_host *host, new_user *ret)
{
    char hash[IX_SECRET_HASH_TEXT];
    *ret = (new_user){.command = command,
                      .effect = &host->effect,
                      .name = command->words[0],
                      .password = make_password(cx)};
    if (!ret->password || !ix_secret_hash(cx, ix_str_of(ret->password), hash))
        return false;
    ret->hash = ix_strdup(cx, hash);
    return ret->hash != NULL;
}

static void print_user_password(ix_buf *out, const new_user *user)
{
    ix_buf_format(out, "user %s\npassword %s\n", user->name, user->password);
}

static bool add_user(ix_ctx *cx, store_handle *store, void *arg)
{
    const new_user *user = arg;
    const admin_command *command = user->command;
    user_row row = {
        .name = user->name,
        .password_hash = user->hash,
        .scopes = command->scope ? command->scope : ix_scopes_all(),
        .spaces = chosen_spaces(cx, store, command),
        .created_us = ix_now_us(),
    };
    user_row twin;
    bool found;
    if (!row.spaces || !store_user_find(cx, store, user->name, &twin, &found))
        return false;
    if (found)
        return ix_fail(cx, IOTS_CONFLICT, "there is a user '%s' already", user->name);
    return store_user_put(cx, store, &row);
}

bool admin_user_add(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    new_user user;
    if (!ix_user_is_valid(ix_str_of(command->words[0])))
        return ix_fail(cx, IOTS_INVALID, "'%.100s' is not a name for a user: " IX_USER_RULE,
                       command->words[0]);
    if ((command->scope && !check_scopes(cx, command->scope)) ||
        !make_user(cx, command, host, &user) || !write_store(cx, host, add_user, &user))
        return false;
    print_user_password(&host->out, &user);
    return true;
}

static bool print_user(void *arg, const user_row *row)
{
    admin_host *host = arg;
    ix_buf_format(&host->out, "%s\t%s\t%s\n", row->name, row->spaces, row->scopes);
    flush_some(host);
    return true;
}

static bool list_users(ix_ctx *cx, store_handle *store, void *arg)
{
    return store_users_each(cx, store, print_user, arg);
}

bool admin_user_list(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    return read_store(cx, host, list_users, host);
}

static bool fail_no_user(ix_ctx *cx, const char *name)
{
    return ix_fail(cx, IOTS_NOT_FOUND, "there is no user '%s'", name);
}

/* The tokens of what a user has allowed, before they go. */
static bool note_tokens(ix_ctx *cx, store_handle *store, const new_user *user)
{
    return store_user_tokens_each(cx, store, user->name, admin_effect_revoke, user->effect) &&
           (!user->effect->tokens_revoked.failed || ix_fail(cx, IOTS_NO_MEMORY, NULL));
}

static bool remove_user(ix_ctx *cx, store_handle *store, void *arg)
{
    const new_user *user = arg;
    bool found;
    return note_tokens(cx, store, user) && store_user_remove(cx, store, user->name, &found) &&
           (found || fail_no_user(cx, user->name));
}

bool admin_user_remove(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    new_user user = {.name = command->words[0], .effect = &host->effect};
    return write_store(cx, host, remove_user, &user);
}

static bool reset_user(ix_ctx *cx, store_handle *store, void *arg)
{
    const new_user *user = arg;
    user_row row;
    bool found;
    if (!store_user_find(cx, store, user->name, &row, &found))
        return false;
    row.password_hash = user->hash;
    return found ? note_tokens(cx, store, user) && store_user_put(cx, store, &row) &&
                       store_grants_remove_of(cx, store, user->name)
                 : fail_no_user(cx, user->name);
}

bool admin_user_reset(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    new_user user;
    if (!make_user(cx, command, host, &user) || !write_store(cx, host, reset_user, &user))
        return false;
    print_user_password(&host->out, &user);
    return true;
}

/* ---- the whole store ---- */

static bool back_up(ix_ctx *cx, store_handle *store, void *arg)
{
    const admin_host *host = arg;
    return store_backup(cx, store, host->file_fd);
}

bool admin_backup(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    return read_store(cx, host, back_up, host);
}

bool admin_restore(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    struct db_lock *lock = store_lock(cx, host->store_url);
    if (!lock)
        return false;
    const bool ok = store_restore(cx, host->store_url, command->words[0]);
    store_unlock(lock);
    return ok;
}

static bool check_store(ix_ctx *cx, store_handle *store, void *arg)
{
    (void)arg;
    return store_check(cx, store);
}

bool admin_check(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    if (!read_store(cx, host, check_store, NULL))
        return false;
    ix_buf_text(&host->out, "the store is in order\n");
    return true;
}

static bool do_nothing(ix_ctx *cx, store_handle *store, void *arg)
{
    (void)cx, (void)store, (void)arg;
    return true;
}

/* A list of Things, as its address says. */
typedef struct list_asked {
    admin_host *host;
    const char *space;
    thing_filter filter;
    sort_list sort;
    page_range page;
} list_asked;

static bool read_list(ix_ctx *cx, const char *address, list_asked *ret)
{
    ix_str path, query;
    ix_match match;
    ix_arg args[IX_PARAM_COUNT];
    query = ix_str_cut(ix_str_of(address), '?', &path);
    if (!ix_ops_match(cx, IX_GET, path, &match))
        return false;
    if (match.op != &ix_ops[IX_OP_things_list])
        return ix_fail(cx, IOTS_INVALID,
                       "'%.200s' is not the address of a list of Things, such as"
                       " '/spaces/farm/things?title=Pump&sort=-created'",
                       address);
    const uint64_t params = ix_op_params(match.op);
    if (!ix_match_check(cx, &match) || !ix_args_check_known(cx, params, query) ||
        !ix_args_parse(cx, params, query, args) ||
        !filter_parse(cx, args, match.vars[IX_VAR_category], &ret->filter) ||
        !sort_parse(cx, args[IX_PARAM_sort].list, &ret->sort))
        return false;
    filter_set_now(&ret->filter, ix_now_us());
    ret->space = match.vars[IX_VAR_space];
    const char *order = sort_text(cx, &ret->sort);
    const char *tag = order ? ix_format(cx, "things:%s", order) : NULL;
    return tag && page_parse(cx, args, tag, store_things_keys(&ret->sort), &ret->page);
}

static bool explain_list(ix_ctx *cx, store_handle *store, void *arg)
{
    const list_asked *list = arg;
    const char *spaces = all_spaces(cx, store);
    ix_str plan;
    if (!spaces)
        return false;
    if (!has_word(spaces, list->space))
        return ix_fail(cx, IOTS_NOT_FOUND, "there is no space '%s'", list->space);
    if (!store_things_explain(cx, store, list->space, &list->filter, &list->sort, &list->page,
                              &plan))
        return false;
    ix_buf_str(&list->host->out, plan);
    return true;
}

bool admin_explain(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    list_asked list = {.host = host};
    return read_list(cx, command->words[0], &list) && read_store(cx, host, explain_list, &list);
}

typedef struct compacting {
    bool is_alone, is_done;
    int64_t before_bytes, after_bytes;
} compacting;

static bool compact_store(ix_ctx *cx, store_handle *store, void *arg)
{
    compacting *compacting = arg;
    return store_size(cx, store, &compacting->before_bytes) &&
           store_compact(cx, store, compacting->is_alone, &compacting->is_done) &&
           store_size(cx, store, &compacting->after_bytes);
}

bool admin_compact(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    compacting compacting = {.is_alone = !host->service};
    if (!with_store(cx, host, STORE_WRITE, compact_store, &compacting))
        return false;
    if (!compacting.is_done)
        return ix_fail(cx, IOTS_UNAVAILABLE,
                       "the store of an older iotsd is written anew the first time: stop the server"
                       " that runs on it before");
    ix_buf_format(&host->out, "the store had %lld MiB and has %lld\n",
                  (long long)(compacting.before_bytes >> 20),
                  (long long)(compacting.after_bytes >> 20));
    return true;
}

bool admin_migrate(ix_ctx *cx, const admin_command *command, admin_host *host)
{
    (void)command;
    struct db_lock *lock = store_lock(cx, host->store_url);
    if (!lock)
        return false;
    const bool ok = with_store(cx, host, STORE_CREATE, do_nothing, NULL);
    store_unlock(lock);
    if (ok)
        ix_buf_format(&host->out, "the store has schema %d\n", store_schema_version());
    return ok;
}

/* ---- the first start ---- */

/* The value of a variable; NULL if it is absent or empty. */
static const char *env_find(const char *const *env, const char *name)
{
    const size_t len = strlen(name);
    for (; *env; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return (*env)[len + 1] ? *env + len + 1 : NULL;
    return NULL;
}

static bool note_space(void *arg, ix_str name)
{
    (void)name;
    *(bool *)arg = true;
    return false;
}

static bool note_client(void *arg, const client_row *row)
{
    (void)row;
    *(bool *)arg = true;
    return false;
}

/* Has anybody put anything into it? */
static bool store_is_used(ix_ctx *cx, store_handle *store, bool *ret)
{
    *ret = false;
    return store_spaces_each(cx, store, note_space, ret) &&
           (*ret || store_clients_each(cx, store, note_client, ret));
}

static bool check_client_id(ix_ctx *cx, const char *id)
{
    const size_t len = strlen(id);
    for (size_t i = 0; i < len; i++)
        if (id[i] <= ' ' || id[i] > '~')
            return ix_fail(cx, IOTS_INVALID, "IOTS_CLIENT_ID holds a blank or an odd letter");
    return len <= CLIENT_ID_MAX ||
           ix_fail(cx, IOTS_INVALID, "IOTS_CLIENT_ID is longer than %d letters", CLIENT_ID_MAX);
}

static bool add_space_and_client(ix_ctx *cx, store_handle *store, void *arg)
{
    const new_client *client = arg;
    return store_space_add(cx, store, client->spaces, ix_now_us()) && put_client(cx, store, arg);
}

static bool fill_store(ix_ctx *cx, store_handle *store, const char *const *env)
{
    const char *space = env_find(env, "IOTS_SPACE");
    const char *id = env_find(env, "IOTS_CLIENT_ID");
    const char *secret = env_find(env, "IOTS_CLIENT_SECRET");
    new_client client = {
        .id = id ? id : make_id(cx),
        .secret = secret ? secret : make_secret(cx),
        .has_own_secret = secret != NULL,
        .spaces = space ? space : "default",
        .scopes = ix_scopes_all(),
    };
    if (!client.id || !client.secret || !check_client_id(cx, client.id))
        return false;
    if (!ix_space_is_valid(ix_str_of(client.spaces)))
        return ix_fail(cx, IOTS_INVALID, "IOTS_SPACE: '%s' is not a name for a space",
                       client.spaces);
    if (!in_transaction(cx, store, add_space_and_client, &client))
        return false;
    if (!id || !secret) {
        ix_buf out = {0};
        print_credentials(&out, client.id, client.secret);
        printf("space %s\n%s", client.spaces, ix_buf_cstr(&out));
        fflush(stdout);
        ix_buf_done(&out);
    }
    return true;
}

bool admin_first_start(ix_ctx *cx, const char *url, const char *const *env)
{
    store_handle *store;
    bool is_used;
    if (!store_open(cx, url, STORE_CREATE, &store))
        return false;
    const bool ok = store_is_used(cx, store, &is_used) &&
                    (is_used || (delete_removed(cx, store, NULL) && fill_store(cx, store, env)));
    store_close(store);
    return ok;
}
