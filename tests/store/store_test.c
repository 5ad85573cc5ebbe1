/* SPDX-License-Identifier: Apache-2.0 */
/* The store as a whole: opening, transactions, several connections, backup, restore, check. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "store/store_test.h"

/* A store at `url` with one thing that has a value. */
static void fill(ix_ctx *cx, const char *url)
{
    store_handle *store;
    CHECK_OK(cx, store_open(cx, url, STORE_CREATE, &store));
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_space_add(cx, store, "farm", 1));
    add_values(cx, store, 1, JSON({"t" : 20}));
    CHECK_OK(cx, store_commit(cx, store));
    store_close(store);
}

static const char *values_of(ix_ctx *cx, store_handle *store, int number)
{
    ix_str values;
    CHECK_OK(cx, store_values_get(cx, store, "farm", uid_of(cx, number), VALUES_ONLY, &values));
    return values.at;
}

static void set_value(ix_ctx *cx, store_handle *store, const char *values)
{
    CHECK_OK(cx, store_begin(cx, store));
    CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, 1), json_of(cx, values), NULL, 5,
                                  true));
    CHECK_OK(cx, store_commit(cx, store));
}

static int mode_of(const char *path)
{
    struct stat at;
    CHECK(stat(path, &at) == 0);
    return at.st_mode & 0777;
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    CHECK(out && fputs(text, out) >= 0);
    fclose(out);
}

/* What people call the store. */
static const char *place_of(ix_ctx *cx, const char *url)
{
    const char *rest;
    const char *place = db_driver_for(url, &rest)->place(cx, rest);
    CHECK_OK(cx, place != NULL);
    return place;
}

/* A url for a test about the files of an embedded store. */
static const char *folder_url(ix_ctx *cx)
{
    if (postgres_folder())
        SKIP("this is about files");
    return fresh_url(cx);
}

TEST("a store is opened again with what was committed")
{
    const char *url = fresh_url(cx);
    fill(cx, url);
    CHECK_TEXT(values_of(cx, open_store(cx, url, STORE_WRITE), 1), "{\"t\":20}");
    CHECK_TEXT(values_of(cx, open_store(cx, url, STORE_READ), 1), "{\"t\":20}");
}

TEST("only the owner may look into a store")
{
    const char *url = folder_url(cx);
    const mode_t before = umask(0);
    fill(cx, url);
    set_value(cx, open_store(cx, url, STORE_WRITE), "{\"t\":21}");
    umask(before);
    CHECK_INT(mode_of(place_of(cx, url)), 0700);
    CHECK_INT(mode_of(ix_format(cx, "%s/iots.db", place_of(cx, url))), 0600);
    CHECK_INT(mode_of(ix_format(cx, "%s/iots.db-wal", place_of(cx, url))), 0600);
}

TEST("readers and writers do not make a store that is missing")
{
    const char *url = fresh_url(cx);
    store_handle *store;
    CHECK(!store_open(cx, url, STORE_READ, &store));
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s: there is no store here; 'iotsd run' makes one",
                                            place_of(cx, url)));
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
    ix_ctx_clear_error(cx);
    CHECK_FAILS(cx, store_open(cx, url, STORE_WRITE, &store), IOTS_UNAVAILABLE);
    CHECK_FAILS(cx, store_open(cx, url, STORE_READ, &store), IOTS_UNAVAILABLE);
    if (!postgres_folder())
        CHECK(access(place_of(cx, url), F_OK) != 0);
}

TEST("a store of an unknown kind is refused by name")
{
    store_handle *store;
    CHECK(!store_open(cx, "papyrus:/tmp/x", STORE_READ, &store));
    CHECK_TEXT(cx->error.message, "papyrus:/tmp/x: no such kind of store");
}

TEST("a file in the place of the folder is named")
{
    const char *path = ix_format(cx, "%s/file", fresh_folder(cx));
    store_handle *store;
    write_file(path, "");
    CHECK(!store_open(cx, ix_format(cx, "sqlite:%s", path), STORE_CREATE, &store));
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s: Not a directory", path));
}

TEST("a database that is not ours is left alone")
{
    const char *folder = fresh_folder(cx);
    const char *path = ix_format(cx, "%s/iots.db", folder);
    const char *url = ix_format(cx, "sqlite:%s", folder);
    store_handle *store;

    write_file(path, "something else entirely, and long enough to look like a header of some kind"
                     "something else entirely, and long enough to look like a header of some kind");
    CHECK(!store_open(cx, url, STORE_CREATE, &store));
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s is damaged, or no store of iotsd", path));
    CHECK_INT(cx->error.code, IOTS_UNAVAILABLE);
}

TEST("a store of a newer schema is refused and not changed")
{
    const char *url = fresh_url(cx);
    store_handle *store;
    fill(cx, url);
    db_conn *db = open_store(cx, url, STORE_WRITE)->db;
    CHECK_OK(cx, db->driver->begin(cx, db));
    CHECK_OK(cx, db->driver->schema_set(cx, db, store_schema_version() + 1));
    CHECK_OK(cx, db->driver->commit(cx, db));

    CHECK(!store_open(cx, url, STORE_CREATE, &store));
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "%s was written by a newer iotsd (schema %d, this one knows %d)",
                         place_of(cx, url), store_schema_version() + 1, store_schema_version()));
    ix_ctx_clear_error(cx);
    CHECK_FAILS(cx, store_open(cx, url, STORE_READ, &store), IOTS_UNAVAILABLE);
}

TEST("a store is locked by one server at a time")
{
    const char *url = fresh_url(cx);
    db_lock *lock = store_lock(cx, url);
    CHECK_OK(cx, lock != NULL);
    CHECK(!store_lock(cx, url));
    CHECK_TEXT(cx->error.message,
               ix_format(cx, "%s is in use by another iotsd", place_of(cx, url)));
    ix_ctx_clear_error(cx);
    store_unlock(lock);
    db_lock *again = store_lock(cx, url);
    CHECK(again != NULL);
    store_unlock(again);
    store_unlock(NULL);
}

TEST("a reader sees what others commit, and not what they have not committed")
{
    const char *url = fresh_url(cx);
    fill(cx, url);
    store_handle *writer = open_store(cx, url, STORE_WRITE);
    store_handle *reader = open_store(cx, url, STORE_READ);
    int64_t before, after, same;

    CHECK_OK(cx, store_version(cx, reader, &before));
    CHECK_OK(cx, store_begin(cx, writer));
    CHECK_OK(cx, store_values_set(cx, writer, "farm", uid_of(cx, 1), json_of(cx, "{\"t\":21}"),
                                  NULL, 5, true));
    CHECK_TEXT(values_of(cx, reader, 1), "{\"t\":20}");
    CHECK_OK(cx, store_commit(cx, writer));
    CHECK_TEXT(values_of(cx, reader, 1), "{\"t\":21}");
    CHECK_OK(cx, store_version(cx, reader, &after));
    CHECK_OK(cx, store_version(cx, reader, &same));
    CHECK(before != after && after == same);
}

TEST("what a connection commits itself does not look like somebody else's")
{
    const char *url = fresh_url(cx);
    fill(cx, url);
    store_handle *one = open_store(cx, url, STORE_WRITE);
    store_handle *other = open_store(cx, url, STORE_WRITE);
    int64_t before, same, after;
    CHECK_OK(cx, store_version(cx, one, &before));
    set_value(cx, one, "{\"t\":21}");
    CHECK_OK(cx, store_version(cx, one, &same));
    set_value(cx, other, "{\"t\":22}");
    CHECK_OK(cx, store_version(cx, one, &after));
    CHECK(before == same && same != after);
}

static void *begin_and_look(void *arg)
{
    store_handle *store = arg;
    ix_ctx cx;
    CHECK(ix_ctx_init(&cx, 0));
    CHECK_OK(&cx, store_begin(&cx, store));
    CHECK_TEXT(values_of(&cx, store, 1), "{\"t\":21}");
    store_rollback(store);
    ix_ctx_done(&cx);
    return NULL;
}

TEST("a writer waits for another one, and then sees what it has written")
{
    const char *url = fresh_url(cx);
    pthread_t thread;
    fill(cx, url);
    store_handle *one = open_store(cx, url, STORE_WRITE);
    store_handle *other = open_store(cx, url, STORE_WRITE);
    CHECK_OK(cx, store_begin(cx, one));
    CHECK(pthread_create(&thread, NULL, begin_and_look, other) == 0);
    CHECK_OK(cx, store_values_set(cx, one, "farm", uid_of(cx, 1), json_of(cx, "{\"t\":21}"), NULL,
                                  5, true));
    CHECK_OK(cx, store_commit(cx, one));
    CHECK(pthread_join(thread, NULL) == 0);
}

TEST("what a reader begins sees one moment")
{
    const char *url = fresh_url(cx);
    fill(cx, url);
    store_handle *writer = open_store(cx, url, STORE_WRITE);
    store_handle *reader = open_store(cx, url, STORE_READ);

    CHECK_OK(cx, store_begin(cx, reader));
    CHECK_TEXT(values_of(cx, reader, 1), "{\"t\":20}");
    set_value(cx, writer, "{\"t\":21}");
    CHECK_TEXT(values_of(cx, reader, 1), "{\"t\":20}");
    store_rollback(reader);
    CHECK_TEXT(values_of(cx, reader, 1), "{\"t\":21}");
}

TEST("a reader cannot write")
{
    const char *url = fresh_url(cx);
    fill(cx, url);
    store_handle *reader = open_store(cx, url, STORE_READ);
    CHECK_FAILS(cx, store_space_add(cx, reader, "field", 1), IOTS_UNAVAILABLE);
}

/* A copy of the store into a new file. */
static void back_up(ix_ctx *cx, store_handle *store, const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK_OK(cx, store_backup(cx, store, fd));
    close(fd);
}

TEST("a backup is a store of its own, and has what was there")
{
    const char *url = folder_url(cx);
    const char *path = ix_format(cx, "%s/backup", fresh_folder(cx));
    fill(cx, url);
    store_handle *writer = open_store(cx, url, STORE_WRITE);
    store_handle *reader = open_store(cx, url, STORE_READ);

    back_up(cx, reader, path);
    set_value(cx, writer, "{\"t\":22}");
    CHECK_FAILS(cx, store_space_add(cx, reader, "field", 1), IOTS_UNAVAILABLE);

    const char *other = folder_url(cx);
    CHECK_OK(cx, store_restore(cx, other, path));
    store_handle *restored = open_store(cx, other, STORE_CREATE);
    CHECK_TEXT(values_of(cx, restored, 1), "{\"t\":20}");
    CHECK_OK(cx, store_check(cx, restored));
}

TEST("a backup takes the place of the store that was there")
{
    const char *url = folder_url(cx);
    const char *path = ix_format(cx, "%s/backup", fresh_folder(cx));
    store_handle *writer;
    fill(cx, url);
    CHECK_OK(cx, store_open(cx, url, STORE_WRITE, &writer));
    back_up(cx, writer, path);
    set_value(cx, writer, "{\"t\":22}");
    store_close(writer);

    CHECK_OK(cx, store_restore(cx, url, path));
    CHECK_TEXT(values_of(cx, open_store(cx, url, STORE_CREATE), 1), "{\"t\":20}");
    CHECK(access(ix_format(cx, "%s/restore.tmp", place_of(cx, url)), F_OK) != 0);
}

TEST("what is not a backup is refused, and the store stays as it was")
{
    const char *url = folder_url(cx);
    const char *path = ix_format(cx, "%s/backup", fresh_folder(cx));
    fill(cx, url);

    CHECK_FAILS(cx, store_restore(cx, url, path), IOTS_UNAVAILABLE);
    write_file(path, "no backup");
    CHECK(!store_restore(cx, url, path));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s is not a backup of iotsd", path));
    ix_ctx_clear_error(cx);
    CHECK_TEXT(values_of(cx, open_store(cx, url, STORE_WRITE), 1), "{\"t\":20}");
}

TEST("a damaged backup is refused, and the store stays as it was")
{
    const char *url = folder_url(cx);
    const char *path = ix_format(cx, "%s/backup", fresh_folder(cx));
    fill(cx, url);
    back_up(cx, open_store(cx, url, STORE_WRITE), path);
    CHECK(truncate(path, 20000) == 0);

    CHECK(!store_restore(cx, url, path));
    CHECK_INT(cx->error.code, IOTS_INVALID);
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s is damaged", path));
    ix_ctx_clear_error(cx);
    CHECK_TEXT(values_of(cx, open_store(cx, url, STORE_WRITE), 1), "{\"t\":20}");
}

TEST("a damaged store is known by its sentence")
{
    const char *url = folder_url(cx);
    const char *path = ix_format(cx, "%s/iots.db", place_of(cx, url));
    store_handle *store;
    fill(cx, url);
    const int file = open(path, O_WRONLY);
    CHECK(file >= 0 && pwrite(file, "no header at all", 16, 0) == 16);
    close(file);

    CHECK(!store_open(cx, url, STORE_CREATE, &store));
    CHECK_TEXT(cx->error.message, ix_format(cx, "%s is damaged, or no store of iotsd", path));
}

TEST("a sound store passes its check; one whose tables disagree does not")
{
    store_handle *store = fresh_store(cx);
    add_values(cx, store, 1, JSON({"t" : 20}));
    CHECK_OK(cx, store_check(cx, store));

    static const char sql[] = "DELETE FROM things";
    CHECK_OK(cx, sql_do(cx, store, sql, NULL, 0));
    CHECK(!store_check(cx, store));
    CHECK_INT(cx->error.code, IOTS_INTERNAL);
    CHECK_TEXT(cx->error.message, ix_format(cx,
                                            "the store is damaged: a property without a thing"
                                            " (farm, %s)",
                                            uid_of(cx, 1)));
}

TEST("a store has a size")
{
    const char *url = fresh_url(cx);
    int64_t bytes = 0;
    fill(cx, url);
    CHECK_OK(cx, store_size(cx, open_store(cx, url, STORE_READ), &bytes));
    CHECK(bytes > 4096);
}

/* ---- spaces ---- */

static bool hear_space(void *arg, ix_str name)
{
    char text[64];
    snprintf(text, sizeof(text), "%.*s", (int)name.len, name.at);
    return hear_word(arg, text);
}

static const char *spaces(ix_ctx *cx, store_handle *store)
{
    heard heard = {.cx = cx};
    CHECK_OK(cx, store_spaces_each(cx, store, hear_space, &heard));
    return words_of(cx, &heard);
}

TEST("spaces are listed by name, and each name is taken once")
{
    store_handle *store = fresh_store(cx);
    CHECK_OK(cx, store_space_add(cx, store, "barn", 1));
    CHECK_REFUSED(cx, store, store_space_add(cx, store, "farm", 1), IOTS_CONFLICT);
    CHECK_TEXT(spaces(cx, store), "barn farm");
}

TEST("a space goes with everything in it, and nothing else")
{
    store_handle *store = fresh_store(cx);
    const client_row both = {.id = "app::1", .scopes = "", .spaces = "barn farm farmhouse"};
    const client_row other = {.id = "app::2", .scopes = "", .spaces = "farmhouse"};
    const client_row own = {
        .id = "farm::1", .scopes = "", .spaces = "farm", .thing = uid_of(cx, 1)};
    client_row client;
    bool found;

    add_category(cx, store, "A");
    add_thing(
        cx, store, 1,
        JSON({"categories" : ["A"], "@type" : "T", "links" : [ {} ], "properties" : {"t" : {}}}));
    CHECK_OK(cx, store_client_put(cx, store, &both));
    CHECK_OK(cx, store_client_put(cx, store, &other));
    CHECK_OK(cx, store_client_put(cx, store, &own));
    CHECK_OK(cx, store_thing_set_client(cx, store, "farm", uid_of(cx, 1), "farm::1"));
    CHECK_OK(cx, store_values_set(cx, store, "farm", uid_of(cx, 1), json_of(cx, "{\"t\":1}"), NULL,
                                  1, true));

    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK(found);
    CHECK_TEXT(spaces(cx, store), "");
    CHECK_OK(cx, store_client_find(cx, store, "app::1", &client, &found));
    CHECK_TEXT(client.spaces, "barn farmhouse");
    CHECK_OK(cx, store_check(cx, store));
    delete_removed(cx, store);
    CHECK_OK(cx, store_check(cx, store));
    CHECK_OK(cx, store_history_any(cx, store, "farm", uid_of(cx, 1), "t", &found));
    CHECK(!found);
    CHECK_OK(cx, store_client_find(cx, store, "farm::1", &client, &found));
    CHECK(!found);
    CHECK_OK(cx, store_client_find(cx, store, "app::1", &client, &found));
    CHECK_TEXT(client.spaces, "barn farmhouse");
    CHECK_OK(cx, store_client_find(cx, store, "app::2", &client, &found));
    CHECK_TEXT(client.spaces, "farmhouse");
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK(!found);
}

/* ---- clients and tokens ---- */

static bool hear_client(void *arg, const client_row *row)
{
    return hear_word(arg, row->id);
}

static bool hear_token(void *arg, const token_row *row)
{
    return hear_word(arg, row->digest) && hear_word(arg, row->client);
}

static const char *tokens(ix_ctx *cx, store_handle *store)
{
    heard heard = {.cx = cx};
    CHECK_OK(cx, store_tokens_each(cx, store, hear_token, &heard));
    return words_of(cx, &heard);
}

/* A digest that reads as text. */
static const char *digest(ix_ctx *cx, char letter)
{
    char *text = ix_alloc(cx, IX_DIGEST_LEN + 1);
    memset(text, letter, IX_DIGEST_LEN);
    return text;
}

static void add_token(ix_ctx *cx, store_handle *store, char letter, const char *client,
                      int64_t expires_us)
{
    const token_row token = {.digest = digest(cx, letter),
                             .client = client,
                             .scopes = "thing",
                             .spaces = "farm",
                             .expires_us = expires_us};
    CHECK_OK(cx, store_token_add(cx, store, &token));
}

TEST("a client is put, found, replaced and removed")
{
    store_handle *store = fresh_store(cx);
    client_row client = {.id = "app::1",
                         .secret_hash = "h",
                         .scopes = "thing model",
                         .spaces = "farm",
                         .created_us = 7};
    client_row got;
    bool found;
    heard heard = {.cx = cx};

    CHECK_OK(cx, store_client_put(cx, store, &client));
    client.secret_hash = NULL;
    CHECK_OK(cx, store_client_put(cx, store, &client));
    CHECK_OK(cx, store_client_find(cx, store, "app::1", &got, &found));
    CHECK(found && !got.secret_hash && !got.thing && got.created_us == 7);
    CHECK_TEXT(got.scopes, "thing model");
    CHECK_OK(cx, store_clients_each(cx, store, hear_client, &heard));
    CHECK_TEXT(words_of(cx, &heard), "app::1");
    CHECK_OK(cx, store_client_remove(cx, store, "app::1", &found));
    CHECK(found);
    CHECK_OK(cx, store_client_find(cx, store, "app::1", &got, &found));
    CHECK(!found);
    CHECK_OK(cx, store_client_remove(cx, store, "app::1", &found));
    CHECK(!found);
}

TEST("tokens go one by one, with their client, and when they are old")
{
    store_handle *store = fresh_store(cx);
    const client_row one = {.id = "one", .scopes = "", .spaces = "farm"};
    const client_row two = {.id = "two", .scopes = "", .spaces = "farm"};
    bool found;
    CHECK_OK(cx, store_client_put(cx, store, &one));
    CHECK_OK(cx, store_client_put(cx, store, &two));
    add_token(cx, store, 'a', "one", 10);
    add_token(cx, store, 'b', "one", 20);
    add_token(cx, store, 'c', "two", 30);
    add_token(cx, store, 'd', "two", 40);

    CHECK_OK(cx, store_token_remove(cx, store, digest(cx, 'd'), &found));
    CHECK(found);
    CHECK_OK(cx, store_token_remove(cx, store, digest(cx, 'd'), &found));
    CHECK(!found);
    bool more;
    CHECK_OK(cx, store_tokens_purge(cx, store, 25, 1, &more));
    CHECK(more);
    CHECK_TEXT(tokens(cx, store), ix_format(cx, "%s one %s two", digest(cx, 'b'), digest(cx, 'c')));
    CHECK_OK(cx, store_client_remove(cx, store, "one", &found));
    CHECK_TEXT(tokens(cx, store), ix_format(cx, "%s two", digest(cx, 'c')));
    CHECK_OK(cx, store_tokens_remove_of(cx, store, "two"));
    CHECK_TEXT(tokens(cx, store), "");
}

/* ---- users and grants ---- */

static bool hear_user(void *arg, const user_row *row)
{
    return hear_word(arg, row->name);
}

static void add_user(ix_ctx *cx, store_handle *store, const char *name)
{
    const user_row user = {
        .name = name, .password_hash = "h", .scopes = "thing", .spaces = "barn farm"};
    CHECK_OK(cx, store_user_put(cx, store, &user));
}

/* A grant of this user to this client, with two tokens named after it. */
static void add_grant(ix_ctx *cx, store_handle *store, const char *id, const char *client,
                      const char *user)
{
    const grant_row grant = {.id = id,
                             .client = client,
                             .user = user,
                             .scopes = "thing",
                             .spaces = "barn farm",
                             .redirect = "https://app.example/cb",
                             .secret = digest(cx, 's'),
                             .expires_us = 100};
    CHECK_OK(cx, store_grant_add(cx, store, &grant));
    for (int i = 0; i < 2; i++) {
        const token_row token = {.digest = digest(cx, (char)(*id + i)),
                                 .client = client,
                                 .scopes = "thing",
                                 .spaces = "farm",
                                 .grant = id,
                                 .expires_us = 50};
        CHECK_OK(cx, store_token_add(cx, store, &token));
    }
}

/* A store with two clients, two users and three grants: a and c of ada, e of bob. */
static store_handle *office(ix_ctx *cx)
{
    store_handle *store = fresh_store(cx);
    CHECK_OK(cx,
             store_client_put(cx, store, &(client_row){.id = "one", .scopes = "", .spaces = ""}));
    CHECK_OK(cx,
             store_client_put(cx, store, &(client_row){.id = "two", .scopes = "", .spaces = ""}));
    add_user(cx, store, "bob");
    add_user(cx, store, "ada");
    add_grant(cx, store, "a", "one", "ada");
    add_grant(cx, store, "c", "two", "ada");
    add_grant(cx, store, "e", "two", "bob");
    return store;
}

/* Which of the grants a, c, e are there, then how many tokens. */
static const char *grants(ix_ctx *cx, store_handle *store)
{
    static const char *const ids[] = {"a", "c", "e"};
    const char *text = "";
    heard heard = {.cx = cx};
    for (size_t i = 0; i < 3; i++) {
        grant_row grant;
        bool found;
        CHECK_OK(cx, store_grant_find(cx, store, ids[i], &grant, &found));
        text = ix_format(cx, "%s%s", text, found ? ids[i] : "");
    }
    CHECK_OK(cx, store_tokens_each(cx, store, hear_token, &heard));
    text = ix_format(cx, "%s %d", text, heard.count / 2);
    words_of(cx, &heard);
    CHECK_OK(cx, store_check(cx, store));
    return text;
}

TEST("a client keeps its redirect URIs")
{
    store_handle *store = fresh_store(cx);
    client_row client = {.id = "a", .scopes = "", .spaces = "", .redirects = "https://a b:/c"}, got;
    bool found;
    CHECK_OK(cx, store_client_put(cx, store, &client));
    CHECK_OK(cx, store_client_find(cx, store, "a", &got, &found));
    CHECK_TEXT(got.redirects, "https://a b:/c");
    client.redirects = NULL;
    CHECK_OK(cx, store_client_put(cx, store, &client));
    CHECK_OK(cx, store_client_find(cx, store, "a", &got, &found));
    CHECK_TEXT(got.redirects, "");
}

TEST("a user is put, found, replaced, listed by name and removed with all grants")
{
    store_handle *store = office(cx);
    user_row user = {
        .name = "ada", .password_hash = "h2", .scopes = "model", .spaces = "farm", .created_us = 7};
    user_row got;
    bool found;
    heard heard = {.cx = cx};
    CHECK_OK(cx, store_user_put(cx, store, &user));
    CHECK_OK(cx, store_user_find(cx, store, "ada", &got, &found));
    CHECK(found && got.created_us == 7);
    CHECK_TEXT(got.password_hash, "h2");
    CHECK_TEXT(got.scopes, "model");
    CHECK_TEXT(got.spaces, "farm");
    CHECK_OK(cx, store_users_each(cx, store, hear_user, &heard));
    CHECK_TEXT(words_of(cx, &heard), "ada bob");
    CHECK_TEXT(grants(cx, store), "ace 6");

    CHECK_OK(cx, store_user_remove(cx, store, "ada", &found));
    CHECK(found);
    CHECK_TEXT(grants(cx, store), "e 2");
    CHECK_OK(cx, store_user_remove(cx, store, "ada", &found));
    CHECK(!found);
    CHECK_OK(cx, store_user_find(cx, store, "ada", &got, &found));
    CHECK(!found);
}

static bool hear_digest(void *arg, const void *digest)
{
    return hear_word(arg, ((const char[]){*(const char *)digest, 0}));
}

TEST("a grant is added, found, exchanged once, and removed with its tokens")
{
    store_handle *store = office(cx);
    grant_row grant;
    bool found;
    heard heard = {.cx = cx};
    CHECK_OK(cx, store_grant_find(cx, store, "a", &grant, &found));
    CHECK(found && !grant.is_redeemed && grant.expires_us == 100 && !grant.challenge);
    CHECK_TEXT(grant.client, "one");
    CHECK_TEXT(grant.user, "ada");
    CHECK_TEXT(grant.redirect, "https://app.example/cb");
    CHECK(memcmp(grant.secret, digest(cx, 's'), IX_DIGEST_LEN) == 0);

    grant.is_redeemed = true;
    grant.secret = digest(cx, 't');
    grant.expires_us = 200;
    CHECK_OK(cx, store_grant_exchange(cx, store, &grant, digest(cx, 'x'), &found));
    CHECK(!found);
    CHECK_OK(cx, store_grant_exchange(cx, store, &grant, digest(cx, 's'), &found));
    CHECK(found);
    CHECK_OK(cx, store_grant_exchange(cx, store, &grant, digest(cx, 's'), &found));
    CHECK(!found);
    CHECK_OK(cx, store_grant_find(cx, store, "a", &grant, &found));
    CHECK(found && grant.is_redeemed && grant.expires_us == 200);
    CHECK(memcmp(grant.secret, digest(cx, 't'), IX_DIGEST_LEN) == 0);
    grant.secret = NULL;
    CHECK_OK(cx, store_grant_exchange(cx, store, &grant, digest(cx, 't'), &found));
    CHECK_OK(cx, store_grant_find(cx, store, "a", &grant, &found));
    CHECK(found && !grant.secret);
    CHECK_OK(cx, store_grant_exchange(cx, store, &grant, NULL, &found));
    CHECK(!found);

    CHECK_OK(cx, store_grant_remove(cx, store, "a", hear_digest, &heard));
    CHECK_TEXT(words_of(cx, &heard), "a b");
    CHECK_TEXT(grants(cx, store), "ce 4");
    CHECK_OK(cx, store_grant_remove(cx, store, "a", hear_digest, &heard));
    CHECK_TEXT(words_of(cx, &heard), "");
}

TEST("grants go with their client, and when its tokens or a user's grants are revoked")
{
    bool found;
    store_handle *store = office(cx);
    CHECK_OK(cx, store_client_remove(cx, store, "one", &found));
    CHECK_TEXT(grants(cx, store), "ce 4");
    CHECK_OK(cx, store_grants_remove_of(cx, store, "bob"));
    CHECK_TEXT(grants(cx, store), "c 2");
    CHECK_OK(cx, store_tokens_remove_of(cx, store, "two"));
    CHECK_TEXT(grants(cx, store), " 0");
}

TEST("grants go when they are old, after their tokens")
{
    store_handle *store = office(cx);
    bool more;
    CHECK_OK(cx, store_tokens_purge(cx, store, 200, 5, &more));
    CHECK_TEXT(grants(cx, store), "e 1");
    CHECK_OK(cx, store_tokens_purge(cx, store, 200, 5, &more));
    CHECK_TEXT(grants(cx, store), " 0");
}

TEST("users and grants lose a space that goes")
{
    store_handle *store = office(cx);
    user_row user;
    grant_row grant;
    bool found;
    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    CHECK_OK(cx, store_user_find(cx, store, "ada", &user, &found));
    CHECK_TEXT(user.spaces, "barn");
    CHECK_OK(cx, store_grant_find(cx, store, "a", &grant, &found));
    CHECK_TEXT(grant.spaces, "barn");
}

/* ---- MQTT credentials ---- */

static credentials_row credentials_for(const char *thing, const char *category,
                                       const char *username)
{
    return (credentials_row){
        .owner = {.space = "farm", .thing = thing, .category = category},
        .id = username,
        .username = username,
        .password_hash = "hash",
        .description = "d",
        .enabled = true,
        .created_us = 7,
    };
}

static const char *user_of(ix_ctx *cx, store_handle *store, const char *thing, const char *category)
{
    const credentials_owner owner = {.space = "farm", .thing = thing, .category = category};
    credentials_row row;
    bool found;
    CHECK_OK(cx, store_credentials_find(cx, store, &owner, &row, &found));
    return found ? row.username : "nobody";
}

TEST("credentials are put, found by owner and by user name, replaced and removed")
{
    store_handle *store = fresh_store(cx);
    const char *uid = uid_of(cx, 1);
    credentials_row row = credentials_for(uid, NULL, "a@farm"), got;
    bool found;
    CHECK_OK(cx, store_credentials_put(cx, store, &row));
    row.enabled = false;
    row.password_hash = "other";
    CHECK_OK(cx, store_credentials_put(cx, store, &row));

    CHECK_OK(cx, store_credentials_find_user(cx, store, "farm", "a@farm", &got, &found));
    CHECK(found && !got.enabled && got.created_us == 7);
    CHECK_TEXT(got.owner.space, "farm");
    CHECK_TEXT(got.owner.thing, uid);
    CHECK(!got.owner.category);
    CHECK_TEXT(got.password_hash, "other");
    CHECK_TEXT(got.description, "d");
    CHECK_OK(cx, store_credentials_find_user(cx, store, "farm", "b@farm", &got, &found));
    CHECK(!found);

    CHECK_OK(cx, store_credentials_remove(cx, store, &row.owner, &found));
    CHECK(found);
    CHECK_OK(cx, store_credentials_remove(cx, store, &row.owner, &found));
    CHECK(!found);
    CHECK_TEXT(user_of(cx, store, uid, NULL), "nobody");
}

TEST("no two credentials have one user name; a Thing and a Category of one name are not the same")
{
    store_handle *store = fresh_store(cx);
    const credentials_row thing = credentials_for("A", NULL, "a@farm");
    const credentials_row category = credentials_for(NULL, "A", "b@farm");
    const credentials_row twin = credentials_for(NULL, "B", "a@farm");
    CHECK_OK(cx, store_credentials_put(cx, store, &thing));
    CHECK_OK(cx, store_credentials_put(cx, store, &category));
    CHECK_REFUSED(cx, store, store_credentials_put(cx, store, &twin), IOTS_CONFLICT);
    CHECK_TEXT(user_of(cx, store, "A", NULL), "a@farm");
    CHECK_TEXT(user_of(cx, store, NULL, "A"), "b@farm");
}

TEST("credentials go with their Thing, their Category, their space")
{
    store_handle *store = fresh_store(cx);
    bool found, more;
    add_category(cx, store, "A");
    add_category(cx, store, "B");
    add_thing(cx, store, 1, "{}");
    add_thing(cx, store, 2, "{}");
    const credentials_row rows[] = {
        credentials_for(uid_of(cx, 1), NULL, "1@farm"),
        credentials_for(uid_of(cx, 2), NULL, "2@farm"),
        credentials_for(NULL, "A", "a@farm"),
        credentials_for(NULL, "B", "b@farm"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_OK(cx, store_credentials_put(cx, store, &rows[i]));

    CHECK_OK(cx, store_thing_remove(cx, store, "farm", uid_of(cx, 1), &found));
    CHECK_OK(cx, store_category_remove(cx, store, "farm", "A", 100, &found, &more));
    CHECK_OK(cx, store_check(cx, store));
    CHECK_TEXT(user_of(cx, store, uid_of(cx, 1), NULL), "nobody");
    CHECK_TEXT(user_of(cx, store, NULL, "A"), "nobody");
    CHECK_TEXT(user_of(cx, store, uid_of(cx, 2), NULL), "2@farm");
    CHECK_TEXT(user_of(cx, store, NULL, "B"), "b@farm");

    CHECK_OK(cx, store_space_remove(cx, store, "farm", &found));
    delete_removed(cx, store);
    CHECK_TEXT(user_of(cx, store, uid_of(cx, 2), NULL), "nobody");
    CHECK_TEXT(user_of(cx, store, NULL, "B"), "nobody");
}
