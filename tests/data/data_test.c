/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real input, end to end: Thing Descriptions come back with every member, and a recording that is
 * imported by the command line, or by the library, is in the history as it is in the file.
 *
 * The same is asked of what lies here, which is ours, and of what lies in ../shared/data beside the
 * source folder (IOTS_DATA says where else), which no one of this project made; absent, that is skipped.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <iots/iots.h>

#include "base/test.h"
#include "base/time.h"
#include "http.h"
#include "server.h"

enum {
    ROWS_MAX = 100000,
    FILES_MAX = 500,
    BATCH = 500,
    PAGE = 1000,
    IMPORT_MS = 300000,
};

/* ---- a server to put it on ---- */

typedef struct world {
    server *server;
    http *http;
    const char *token;
    iots_api *api; /* of libiots */
} world;

static void open_world(ix_ctx *cx, world *world)
{
    world->server = server_start(cx, NULL, 0);
    CHECK_OK(cx, world->server != NULL);
    world->http = http_new(server_url(world->server));
    world->token = server_token(cx, world->server, NULL);
    CHECK_OK(cx, world->token != NULL);
    world->api = iots_api_new(IOTS_API_OPTS(.host = server_url(world->server)));
    CHECK_INT(iots_api_set_credentials(world->api, SERVER_CLIENT_ID, SERVER_CLIENT_SECRET, NULL,
                                       NULL),
              IOTS_OK);
}

static void close_world(ix_ctx *cx, world *world)
{
    iots_api_free(world->api);
    http_free(world->http);
    CHECK_OK(cx, server_stop(cx, world->server));
    server_free(world->server);
}

static const ix_json *get(ix_ctx *cx, world *world, const char *target)
{
    http_reply reply;
    CHECK_OK(cx, http_json(cx, world->http, "GET", target, world->token, NULL, &reply));
    if (reply.status != 200)
        print_error("GET %s: %d %s\n", target, reply.status, reply.body);
    CHECK_INT(reply.status, 200);
    return json_of(cx, reply.body);
}

/* ---- files ---- */

static const char *shared_data(void)
{
    const char *folder = getenv("IOTS_DATA");
    return folder ? folder : SHARED_DATA;
}

/* A whole file, in cx; NULL if it cannot be opened. */
static const char *read_file(ix_ctx *cx, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return NULL;
    ix_buf text = {0};
    char bytes[4096];
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), in)) > 0;)
        ix_buf_add(&text, bytes, n);
    fclose(in);
    const char *ret = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    return ret;
}

static bool is_description(const char *name)
{
    const size_t len = strlen(name);
    return (len > 5 && strcmp(name + len - 5, ".json") == 0) ||
           (len > 7 && strcmp(name + len - 7, ".jsonld") == 0);
}

/* ---- Thing Descriptions ---- */

/* What the server says of its own, whatever the description says (docs/api/http.md 8.1 and 8.3). */
static bool is_reserved(const char *member)
{
    static const char *const names[] = {"id",        "uid",   "href",     "created",   "modified",
                                        "client_id", "space", "category", "collection"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(member, names[i]) == 0)
            return true;
    }
    return false;
}

static bool is_intact(const ix_json *want, const ix_json *got, const char *where);

static bool members_are_intact(const ix_json *want, const ix_json *got, const char *where)
{
    for (ix_member m = ix_members(want); m.name; m = ix_members_next(m)) {
        char below[512];
        if (!*where && is_reserved(m.name))
            continue;
        snprintf(below, sizeof(below), "%s/%s", where, m.name);
        /* A null member is the same as none. */
        const ix_json *is = ix_json_member(got, m.name);
        if (!is && ix_json_kind(m.value) == IX_NULL)
            continue;
        if (!is_intact(m.value, is, below))
            return false;
    }
    return true;
}

/* Is everything that `want` says in `got`? Below the top nothing may have been added either. */
static bool is_intact(const ix_json *want, const ix_json *got, const char *where)
{
    bool ok = ix_json_kind(want) == ix_json_kind(got);
    if (ok && ix_json_kind(want) == IX_OBJECT) {
        ok = members_are_intact(want, got, where);
        if (!ok)
            return false;
        ok = !*where || ix_json_count(got) <= ix_json_count(want);
    } else if (ok) {
        ok = ix_json_equal(want, got);
    }
    if (!ok) {
        ix_buf buf = {0};
        ix_json_write(&buf, want);
        ix_buf_text(&buf, " became ");
        ix_json_write(&buf, got);
        print_error("%s: %s\n", where, ix_buf_cstr(&buf));
        ix_buf_done(&buf);
    }
    return ok;
}

/* A file that is not sound JSON, as one with the same member twice, of which only one could be kept: it
 * must be refused with the same reason, rather than lose something silently. */
static void check_refused(ix_ctx *cx, world *world, const char *path, const char *text)
{
    http_reply reply;
    const char *why = ix_strdup(cx, cx->error.message);
    ix_ctx_clear_error(cx);
    CHECK_OK(cx,
             http_json(cx, world->http, "POST", "/spaces/farm/things", world->token, text, &reply));
    CHECK_INT(reply.status, 400);
    print_message("refused: %s: %s\n", path, why);
}

/* False if it was rightly refused. */
static bool check_description(ix_ctx *cx, world *world, const char *path)
{
    const char *text = read_file(cx, path);
    CHECK(text);
    const ix_json *want = ix_json_parse(cx, text, strlen(text));
    if (!want) {
        check_refused(cx, world, path, text);
        return false;
    }
    iots_things things = iots_space_things(iots_api_space(world->api, SERVER_SPACE));
    iots_reply *made = iots_things_create(things, iots_raw(text), NULL);
    if (!iots_ok(made))
        print_error("%s: %s\n", path, iots_error_report(made));
    CHECK(iots_ok(made));
    const char *uid = ix_strdup(cx, iots_json_string(iots_reply_body(made), "/uid"));
    iots_reply_free(made);

    const ix_json *got = get(cx, world, ix_format(cx, "/spaces/farm/things/%s", uid));
    if (!is_intact(want, got, "")) {
        print_error("%s did not come back as it was sent\n", path);
        CHECK(false);
    }
    /* Every property has a value to be set, and none has one yet. */
    const ix_json *status = ix_json_member(got, "status");
    const ix_json *properties = ix_json_member(want, "properties");
    CHECK_INT(ix_json_count(status), ix_json_count(properties));
    for (ix_member m = ix_members(properties); m.name; m = ix_members_next(m))
        CHECK_INT(ix_json_kind(ix_json_member(status, m.name)), IX_NULL);
    return true;
}

/* Checks every description of a folder; how many there were, -1 if there is no such folder. */
static int check_descriptions(ix_ctx *cx, const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return -1;
    world world;
    open_world(cx, &world);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (!is_description(entry->d_name))
            continue;
        count += check_description(cx, &world, ix_format(cx, "%s/%s", folder, entry->d_name));
    }
    closedir(dir);

    int listed = 0;
    iots_things things = iots_space_things(iots_api_space(world.api, SERVER_SPACE));
    iots_pager *pager = iots_things_list(things, IOTS_LIST(.limit = 7));
    while (iots_pager_next(pager))
        listed++;
    CHECK(iots_ok(iots_pager_reply(pager)));
    iots_pager_free(pager);
    CHECK_INT(listed, count);
    close_world(cx, &world);
    return count;
}

TEST("our Thing Descriptions come back with every member")
{
    CHECK_INT(check_descriptions(cx, OWN_DATA "/things"), 4);
}

TEST("Thing Descriptions of many vendors come back with every member")
{
    const int count = check_descriptions(cx, ix_format(cx, "%s/things", shared_data()));
    if (count < 0)
        SKIP("there is no ../shared/data/things");
    CHECK(count > 0);
    print_message("%d Thing Descriptions\n", count);
}

/* ---- a recording ---- */

typedef struct row {
    int64_t at_us;
    double value;
} row;

typedef struct recording {
    const char *path;
    size_t line_count; /* rows in the file, those that cannot be stored included */
    row *rows;         /* one per time, the first of the file; oldest first */
    size_t count;
} recording;

/* By time; the earlier line first, as qsort knows nothing of the order in which it found them. */
static int compare_rows(const void *a, const void *b)
{
    const row *one = *(const row *const *)a;
    const row *other = *(const row *const *)b;
    if (one->at_us != other->at_us)
        return one->at_us < other->at_us ? -1 : 1;
    return one < other ? -1 : one > other;
}

static void read_row(ix_str line, row *ret)
{
    ix_str at;
    const ix_str value = ix_str_cut(line, ',', &at);
    CHECK(ix_time_parse(at, &ret->at_us));
    CHECK(ix_str_number(ix_str_trim(value), &ret->value));
}

/* False if the file is not there. */
static bool recording_read(ix_ctx *cx, const char *path, recording *ret)
{
    const char *text = read_file(cx, path);
    if (!text)
        return false;
    row *lines = ix_new(cx, row, ROWS_MAX);
    const row **sorted = ix_new(cx, const row *, ROWS_MAX);
    *ret = (recording){.path = path, .rows = ix_new(cx, row, ROWS_MAX)};
    CHECK_OK(cx, lines && sorted && ret->rows);

    ix_str line;
    ix_str rest = ix_str_cut(ix_str_of(text), '\n', &line);
    CHECK(ix_str_is(ix_str_trim(line), "timestamp,value"));
    while (rest.len > 0) {
        CHECK(ret->line_count < ROWS_MAX);
        rest = ix_str_cut(rest, '\n', &line);
        sorted[ret->line_count] = &lines[ret->line_count];
        read_row(line, &lines[ret->line_count++]);
    }
    qsort(sorted, ret->line_count, sizeof(*sorted), compare_rows);
    for (size_t i = 0; i < ret->line_count; i++) {
        if (i == 0 || sorted[i]->at_us != sorted[i - 1]->at_us)
            ret->rows[ret->count++] = *sorted[i];
    }
    CHECK(ret->count > 100 && ret->count < ret->line_count);
    return true;
}

static const char *time_text(ix_ctx *cx, int64_t at_us)
{
    char text[IX_TIME_TEXT];
    ix_time_write(at_us, text);
    return ix_strdup(cx, text);
}

static const char *make_probe(ix_ctx *cx, world *world)
{
    http_reply reply;
    CHECK_OK(cx, http_json(cx, world->http, "POST", "/spaces/farm/things", world->token,
                           JSON({"properties" : {"temperature" : {"type" : "number"}}}), &reply));
    return ix_json_string(ix_json_member(json_of(cx, reply.body), "uid"));
}

/* ---- what the history says of it ---- */

static void check_item(const ix_json *item, const row *want)
{
    int64_t at_us = 0;
    const ix_json *value = ix_json_at(item, "/properties/temperature");
    CHECK(ix_time_parse(ix_json_str(ix_json_member(item, "at")), &at_us));
    CHECK(at_us == want->at_us);
    CHECK(ix_json_is_number(value));
    CHECK(ix_json_number(value, 0) == want->value);
}

/* Walks a list of the history, newest first, against rows[first .. last]. */
static void check_list(ix_ctx *cx, world *world, const char *thing, const char *at,
                       const recording *recording, size_t first, size_t last)
{
    const char *cursor = "";
    size_t left = last + 1;
    do {
        const ix_json *page = get(cx, world,
                                  ix_format(cx,
                                            "/spaces/farm/things/%s/properties-history/"
                                            "temperature?limit=%d%s%s&next_cursor=%s",
                                            thing, PAGE, *at ? "&at=" : "", at, cursor));
        const ix_json *data = ix_json_member(page, "data");
        for (size_t i = 0; i < ix_json_count(data); i++) {
            CHECK(left > first);
            check_item(ix_json_item(data, i), &recording->rows[--left]);
        }
        cursor = ix_json_string(ix_json_at(page, "/paging/next_cursor"));
        CHECK(cursor);
    } while (*cursor);
    CHECK_INT(left, first);
}

static void check_history(ix_ctx *cx, world *world, const char *thing, const recording *recording)
{
    const row *rows = recording->rows;
    const size_t last = recording->count - 1;

    /* All of it: count, first, last, and everything between. */
    check_list(cx, world, thing, "", recording, 0, last);

    /* A range, ends included, and the same with the ends just missed. */
    const size_t from = recording->count / 3, to = 2 * recording->count / 3;
    check_list(cx, world, thing,
               ix_format(cx, "%s|%s", time_text(cx, rows[from].at_us),
                         time_text(cx, rows[to].at_us)),
               recording, from, to);
    check_list(cx, world, thing,
               ix_format(cx, "%s|%s", time_text(cx, rows[from].at_us + 1),
                         time_text(cx, rows[to].at_us - 1)),
               recording, from + 1, to - 1);

    /* A moment: the newest value by then. */
    check_list(cx, world, thing, time_text(cx, rows[to].at_us), recording, to, to);
    check_list(cx, world, thing, time_text(cx, rows[to].at_us + 1), recording, to, to);
    check_list(cx, world, thing, time_text(cx, rows[to].at_us - 1), recording, to - 1, to - 1);
    check_list(cx, world, thing, time_text(cx, rows[last].at_us + IX_SECOND_US), recording, last,
               last);
    const ix_json *before =
        get(cx, world,
            ix_format(cx, "/spaces/farm/things/%s/properties-history/temperature?at=%s", thing,
                      time_text(cx, rows[0].at_us - 1)));
    CHECK_INT(ix_json_count(ix_json_member(before, "data")), 0);
}

/* ---- by the command line ---- */

/* Runs `iots import csv`; its exit status, and what it printed on standard output. */
static int import_csv(ix_ctx *cx, const world *world, const recording *recording, const char *thing,
                      const char *on_conflict, const char **ret_out)
{
    const char *const argv[] = {
        IOTS_PATH,       "import",    "csv",       recording->path, "--thing",
        thing,           "--time",    "timestamp", "--map",         "value=temperature",
        "--on-conflict", on_conflict, NULL,
    };
    const char *const env[] = {
        ix_format(cx, "IOTS_HOST=%s", server_url(world->server)),
        "IOTS_SPACE=" SERVER_SPACE,
        "IOTS_CLIENT_ID=" SERVER_CLIENT_ID,
        "IOTS_CLIENT_SECRET=" SERVER_CLIENT_SECRET,
        ix_format(cx, "HOME=%s", server_folder(world->server)),
        ix_format(cx, "XDG_CONFIG_HOME=%s", server_folder(world->server)),
        NULL,
    };
    const char *err = "";
    const int status = run_program(cx, argv, env, IMPORT_MS, ret_out, &err);
    CHECK_OK(cx, status >= 0);
    if (status != 0)
        print_message("iots import csv ended with %d: %s\n", status, err);
    return status;
}

static void check_import_by_command(ix_ctx *cx, const recording *recording)
{
    world world;
    const char *out = "";
    open_world(cx, &world);
    const char *thing = make_probe(cx, &world);

    CHECK_INT(import_csv(cx, &world, recording, thing, "skip", &out), 0);
    /* The machine's clock was put back once: the hour after that stands there twice. */
    const char *reported = ix_format(cx, "stored %zu values, 0 were there already, %zu not stored",
                                     recording->count, recording->line_count - recording->count);
    if (!strstr(out, reported))
        print_error("expected '%s' in: %s\n", reported, out);
    CHECK(strstr(out, reported));
    check_history(cx, &world, thing, recording);

    /* Again: everything is there already, nothing is stored twice. */
    CHECK_INT(import_csv(cx, &world, recording, thing, "skip", &out), 0);
    CHECK(strstr(out, ix_format(cx, "stored 0 values, %zu were there already, %zu not stored",
                                recording->count, recording->line_count - recording->count)));
    CHECK_INT(import_csv(cx, &world, recording, thing, "fail", &out), 5);
    check_history(cx, &world, thing, recording);
    close_world(cx, &world);
}

TEST("our recording, imported by the command line, is in the history as in the file")
{
    recording recording;
    CHECK(recording_read(cx, OWN_DATA "/recording.csv", &recording));
    check_import_by_command(cx, &recording);
}

TEST("a recording of an industrial machine, imported by the command line, is there as well")
{
    recording recording;
    if (!recording_read(cx, ix_format(cx, "%s/recordings/machine_temperature.csv", shared_data()),
                        &recording))
        SKIP("there is no ../shared/data/recordings");
    check_import_by_command(cx, &recording);
    print_message("%zu lines, %zu values\n", recording.line_count, recording.count);
}

/* ---- by the library ---- */

static const char *batch_text(ix_ctx *cx, const row *rows, size_t count)
{
    ix_buf text = {0};
    for (size_t i = 0; i < count; i++) {
        ix_buf_text(&text, i ? ",{\"at\":\"" : "[{\"at\":\"");
        ix_buf_time(&text, rows[i].at_us);
        ix_buf_text(&text, "\",\"properties\":{\"temperature\":");
        ix_json_write_real(&text, rows[i].value);
        ix_buf_text(&text, "}}");
    }
    ix_buf_char(&text, ']');
    const char *ret = ix_strdup(cx, ix_buf_cstr(&text));
    ix_buf_done(&text);
    CHECK_OK(cx, ret != NULL);
    return ret;
}

static void check_import_by_library(ix_ctx *cx, const recording *recording)
{
    world world;
    open_world(cx, &world);
    const char *id = make_probe(cx, &world);
    iots_thing thing = iots_space_thing(iots_api_space(world.api, SERVER_SPACE), id);

    for (size_t i = 0; i < recording->count; i += BATCH) {
        const size_t count = recording->count - i < BATCH ? recording->count - i : BATCH;
        iots_reply *added =
            iots_history_create(thing, "temperature",
                                iots_raw(batch_text(cx, recording->rows + i, count)), NULL);
        if (!iots_ok(added))
            print_error("%s\n", iots_error_report(added));
        CHECK(iots_ok(added));
        CHECK_INT(iots_json_count(iots_reply_body(added), ""), count);
        iots_reply_free(added);
    }
    check_history(cx, &world, id, recording);

    /* A time that has a value refuses the whole batch, and says which. */
    const row twice[] = {{recording->rows[0].at_us - IX_SECOND_US, 1},
                         {recording->rows[0].at_us, 2}};
    iots_reply *refused =
        iots_history_create(thing, NULL, iots_raw(batch_text(cx, twice, 2)), NULL);
    CHECK_INT(iots_reply_code(refused), IOTS_CONFLICT);
    CHECK_TEXT(iots_json_string(iots_error_details(refused), "/property"), "temperature");
    CHECK_TEXT(iots_json_string(iots_error_details(refused), "/at"),
               time_text(cx, recording->rows[0].at_us));
    iots_reply_free(refused);
    check_history(cx, &world, id, recording);

    /* The pager of the library sees the same, newest first. */
    size_t left = recording->count;
    iots_pager *pager = iots_history_list(thing, "temperature", IOTS_LIST(.limit = PAGE));
    for (const iots_json *item; (item = iots_pager_next(pager));) {
        CHECK(left > 0);
        CHECK(iots_json_number(item, "/properties/temperature", 0) ==
              recording->rows[--left].value);
    }
    CHECK(iots_ok(iots_pager_reply(pager)));
    CHECK_INT(left, 0);
    iots_pager_free(pager);
    close_world(cx, &world);
}

TEST("our recording, streamed by a program over libiots, is in the history as in the file")
{
    recording recording;
    CHECK(recording_read(cx, OWN_DATA "/recording.csv", &recording));
    check_import_by_library(cx, &recording);
}

TEST("a recording of an industrial machine, streamed over libiots, is there as well")
{
    recording recording;
    if (!recording_read(cx, ix_format(cx, "%s/recordings/machine_temperature.csv", shared_data()),
                        &recording))
        SKIP("there is no ../shared/data/recordings");
    check_import_by_library(cx, &recording);
}
