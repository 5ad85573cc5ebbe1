/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for tests of the store: a fresh store, things in it, and what is found there as one text.
 *
 * Every driver must keep the same promises, so tests get their store from fresh_url() and do not ask
 * what is behind it.
 */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <ftw.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "store/sql/sql.h"
#include "store/store.h"

static inline int remove_one(const char *path, const struct stat *at, int type, struct FTW *ftw)
{
    (void)at;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void remove_folder(void *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A folder that goes with cx. */
static inline char *fresh_folder(ix_ctx *cx)
{
    const char *base = getenv("TMPDIR");
    char *path = ix_format(cx, "%s/iots-store-XXXXXX", base ? base : "/tmp");
    CHECK(path && mkdtemp(path));
    CHECK(ix_arena_defer(cx->arena, remove_folder, path));
    return path;
}

/* ---- PostgreSQL: the cluster of tests/postgres, where the environment says it is ---- */

static inline const char *postgres_folder(void)
{
    return getenv("IOTS_TEST_POSTGRES");
}

static inline const char *postgres_url(ix_ctx *cx)
{
    ix_buf url = {0};
    ix_buf_text(&url, "postgres://iots@/postgres?host=");
    ix_buf_percent(&url, ix_str_of(postgres_folder()));
    const char *text = ix_strdup(cx, ix_buf_cstr(&url));
    ix_buf_done(&url);
    return text;
}

/* Runs SQL that has no rows, on a connection of its own. */
static inline void postgres_do(ix_ctx *cx, const char *sql)
{
    if (access(postgres_folder(), F_OK) != 0)
        SKIP("there is no PostgreSQL");
    PGconn *conn = PQconnectdb(postgres_url(cx));
    PGresult *result = PQexec(conn, sql);
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!ok)
        print_error("%s\n%s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    CHECK(ok);
}

/* A store is a schema, and these are quicker made than databases. */
static inline char *fresh_schema(ix_ctx *cx)
{
    static int count;
    const char *name = ix_format(cx, "t%d_%d", (int)getpid(), ++count);
    postgres_do(cx, ix_format(cx, "CREATE SCHEMA %s", name));
    return ix_format(cx, "%s&options=-csearch_path%%3D%s", postgres_url(cx), name);
}

/* Where a store can be made. */
static inline char *fresh_url(ix_ctx *cx)
{
    return postgres_folder() ? fresh_schema(cx) : ix_format(cx, "sqlite:%s/data", fresh_folder(cx));
}

static inline void close_store(void *opened)
{
    store_close(opened);
}

/* The store at `url`; closed when cx goes. */
static inline store_handle *open_store(ix_ctx *cx, const char *url, store_mode mode)
{
    store_handle *opened = NULL;
    CHECK_OK(cx, store_open(cx, url, mode, &opened));
    CHECK(ix_arena_defer(cx->arena, close_store, opened));
    return opened;
}

/* A store with the space `farm`, in a transaction. */
static inline store_handle *fresh_store(ix_ctx *cx)
{
    store_handle *opened = open_store(cx, fresh_url(cx), STORE_CREATE);
    CHECK_OK(cx, store_begin(cx, opened));
    CHECK_OK(cx, store_space_add(cx, opened, "farm", 1));
    return opened;
}

/* A write that fails may spoil its transaction, unless it happens behind a savepoint. */
#define CHECK_REFUSED(cx, store, claim, want)     \
    do {                                          \
        CHECK_OK(cx, store_savepoint(cx, store)); \
        CHECK_FAILS(cx, claim, want);             \
        store_rollback_to(store);                 \
    } while (0)

/* The uid of the thing with this number. */
static inline const char *uid_of(ix_ctx *cx, int number)
{
    return ix_format(cx, "01JM2Q8V5T7XK3E9A4B6%06d", number);
}

/* What a Thing's document says, as a row. `number` is its time as well. */
static inline thing_row row_of(ix_ctx *cx, int number, const char *text)
{
    const ix_json *doc = json_of(cx, text);
    const ix_json *categories = ix_json_member(doc, "categories");
    const ix_json *model = ix_json_member(doc, "model");
    thing_row row = {
        .uid = uid_of(cx, number),
        .title = ix_json_string(ix_json_member(doc, "title")),
        .description = ix_json_string(ix_json_member(doc, "description")),
        .types = ix_json_member(doc, "@type"),
        .properties = ix_json_member(doc, "properties"),
        .actions = ix_json_member(doc, "actions"),
        .events = ix_json_member(doc, "events"),
        .links = ix_json_member(doc, "links"),
        .category_count = ix_json_count(categories),
        .model = ix_json_string(ix_json_member(model, "name")),
        .version = ix_json_int(ix_json_member(model, "version"), 0),
        .created_us = number,
        .modified_us = number,
    };
    if (!row.title)
        row.title = "";
    row.categories = ix_new(cx, const char *, row.category_count + 1);
    for (size_t i = 0; i < row.category_count; i++)
        row.categories[i] = ix_json_string(ix_json_item(categories, i));
    ix_json *kept = ix_json_copy(cx, doc);
    ix_json_remove(kept, "categories");
    ix_json_remove(kept, "model");
    row.doc = thing_stored_text(cx, "", kept);
    return row;
}

static inline void add_thing(ix_ctx *cx, store_handle *store, int number, const char *text)
{
    const thing_row row = row_of(cx, number, text);
    CHECK_OK(cx, store_thing_add(cx, store, "farm", &row));
}

/* A thing whose properties have just these values. */
static inline void add_values(ix_ctx *cx, store_handle *store, int number, const char *status)
{
    const ix_json *values = json_of(cx, status);
    ix_json *doc = ix_json_new_object(cx);
    ix_json *properties = ix_json_new_object(cx);
    for (ix_member m = ix_members(values); m.name; m = ix_members_next(m))
        CHECK(ix_json_set(cx, properties, m.name, ix_json_new_object(cx)));
    CHECK(ix_json_set(cx, doc, "properties", properties));
    add_thing(cx, store, number, ix_json_text(cx, doc));
    CHECK_OK(cx,
             store_values_set(cx, store, "farm", uid_of(cx, number), values, NULL, number, false));
}

static inline void add_category(ix_ctx *cx, store_handle *store, const char *name)
{
    const category_row row = {.name = name, .description = "", .created_us = 1, .modified_us = 1};
    CHECK_OK(cx, store_category_add(cx, store, "farm", &row));
}

/* A Model with so many versions, each with this template. */
static inline void add_model(ix_ctx *cx, store_handle *store, const char *name, int versions,
                             const char *template)
{
    const model_row model = {
        .id = "1", .name = name, .description = "", .created_us = 1, .modified_us = 1};
    CHECK_OK(cx, store_model_add(cx, store, "farm", &model));
    for (int i = 1; i <= versions; i++) {
        const version_row version = {.version = i,
                                     .title = ix_str_of(""),
                                     .description = ix_str_of(""),
                                     .template = ix_str_of(template),
                                     .created_us = i};
        CHECK_OK(cx, store_version_add(cx, store, "farm", name, &version));
    }
}

/* Deletes all that was removed. */
static inline void delete_removed(ix_ctx *cx, store_handle *store)
{
    for (bool more = true; more;)
        CHECK_OK(cx, store_removals_purge(cx, store, 100, &more));
}

/* What an `each` function heard: numbers of things, or other words, with blanks between. */
typedef struct heard {
    ix_buf words;
    int limit; /* stop after so many; 0: never */
    int count;
    const ix_json *first, *last; /* keys of what came first and last, in cx */
    ix_ctx *cx;
} heard;

static inline bool hear_word(heard *heard, const char *word)
{
    if (heard->words.len)
        ix_buf_char(&heard->words, ' ');
    ix_buf_text(&heard->words, word);
    return ++heard->count != heard->limit;
}

/* What was heard so far, in cx; starts anew. */
static inline const char *words_of(ix_ctx *cx, heard *heard)
{
    const char *text = ix_strdup(cx, ix_buf_cstr(&heard->words));
    ix_buf_done(&heard->words);
    heard->count = 0;
    return text;
}

/* The same in the order of the list: items come from the boundary of the page on. */
static inline const char *words_of_page(ix_ctx *cx, heard *heard, const page_range *page)
{
    char *words = ix_strdup(cx, words_of(cx, heard));
    const char *turned = "";
    for (char *word = words; page->is_backward && word && *word;) {
        char *blank = strchr(word, ' ');
        if (blank)
            *blank++ = '\0';
        turned = ix_format(cx, "%s%s%s", word, *turned ? " " : "", turned);
        word = blank;
    }
    return page->is_backward ? turned : words;
}

static inline bool hear_thing(void *arg, const thing_view *view, ix_str keys)
{
    heard *heard = arg;
    char number[16];
    snprintf(number, sizeof(number), "%d", atoi(view->uid.at + 20));
    heard->last = json_of(heard->cx, ix_format(heard->cx, "[%.*s]", (int)keys.len, keys.at));
    if (heard->count == 0)
        heard->first = heard->last;
    return hear_word(heard, number);
}

static inline bool hear_uid(void *arg, ix_str uid)
{
    char number[16];
    snprintf(number, sizeof(number), "%d", atoi(uid.at + 20));
    return hear_word(arg, number);
}

/* The numbers of all things that match, in this order ("" is by uid). */
static inline const char *things_matching(ix_ctx *cx, store_handle *store,
                                          const thing_filter *filter, const char *sort_by)
{
    heard heard = {.cx = cx};
    const page_range page = {.limit = 1000};
    sort_list sort = {0};
    const ix_pair pair = {.value = ix_str_of(sort_by)};
    bool more;
    if (*sort_by)
        CHECK_OK(cx, sort_parse(cx, &pair, &sort));
    CHECK_OK(cx,
             store_things_list(cx, store, "farm", filter, &sort, &page, hear_thing, &heard, &more));
    CHECK(!more);
    return words_of(cx, &heard);
}

#endif
