/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests by chance: operations from ops.def, parameters from params.def, documents from their tables.
 *
 * Whatever is asked, the answer is not a 5xx, is one that the server's own OpenAPI document allows, and
 * comes in time. Lists of Things, filtered and sorted, forwards and backwards, are held against the
 * rules as rules.c has them. And whatever state has come about: all of it can be listed, fetched item
 * by item, and deleted.
 *
 * A round begins and ends with an empty space. The seed of a round that fails is printed, with those of
 * its requests that changed what the last one was about, as curl lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "chance.h"
#include "conforms.h"
#include "contract/ops.h"
#include "contract/params.h"
#include "postgres.h"
#include "rules.h"
#include "server.h"
#include "talk.h"

enum {
    USUAL_SECONDS = 30, /* on either database: a minute */
    LONG_SECONDS = 300,
    REQUESTS = 150,      /* of a round */
    LISTS = 32,          /* of a round */
    THINGS_MAX = 24,     /* known at one time */
    REQUESTS_MAX = 1000, /* written down in a round */
    TARGET_MAX = 6000,   /* longer ones are refused before the API sees them */
    ANSWER_MS = 30000,   /* a sanitizer on a busy machine is slow, not wrong */
    PAGES_MAX = 300,
    KEYS_MAX = 3,
    CONDITIONS_MAX = 3,
    SEARCH_MAX = 200, /* bytes; a letter may be cut */
};

typedef struct line {
    const char *method, *target, *type, *body;
    int status;
} line;

typedef struct world {
    server *server;
    http *http;
    const char *token;
    const ix_json *document; /* OpenAPI */
    chance chance;
    uint64_t seed; /* of the round */
    const char *things[THINGS_MAX];
    size_t thing_count;
    const char *entry;  /* the href of an action's request or an event that was made; or NULL */
    const char *cursor; /* of some page, of whatever list; or NULL */
    line lines[REQUESTS_MAX];
    size_t line_count;
    size_t asked, refused, compared;
    bool has_done[IX_OP_COUNT]; /* asked for, and not refused */
} world;

/* ---- exporting ---- */

static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++)
        *text == '\'' ? (void)fputs("'\\''", stdout) : (void)putchar(*text);
    putchar('\'');
}

static void print_line(const line *line)
{
    printf("curl -sg -H \"Authorization: Bearer $TOKEN\" -X %s \"$URL\"", line->method);
    print_quoted(line->target);
    if (line->body) {
        printf(" -H 'Content-Type: %s' -d ", line->type);
        print_quoted(line->body);
    }
    printf("   # %d\n", line->status);
}

/* The ID of the Thing that a target names; NULL: none. */
static const char *thing_in(const char *target)
{
    const char *at = strstr(target, "/things/");
    return at && strlen(at) >= 8 + 26 ? at + 8 : NULL;
}

/* The last request, and before it those that changed what it is about. */
static void report(const world *world)
{
    if (world->line_count == 0)
        return;
    const line *last = &world->lines[world->line_count - 1];
    const char *thing = thing_in(last->target);
    printf("IOTS_RANDOM_SEED=%" PRIu64 ", in an empty space:\n", world->seed);
    for (const line *line = world->lines; line < last; line++) {
        char id[27] = "";
        if (thing)
            memcpy(id, thing, 26);
        const bool is_about = strstr(line->target, id) || (line->body && strstr(line->body, id)) ||
                              !strstr(line->target, "/things");
        if (strcmp(line->method, "GET") != 0 && line->status < 400 && is_about)
            print_line(line);
    }
    print_line(last);
}

/* ---- asking ---- */

/* Asks and holds the answer against what is true of every answer. `path` as OpenAPI has it. */
static bool ask(ix_ctx *cx, world *world, const char *path, const line *asked, http_reply *reply)
{
    if (world->line_count < REQUESTS_MAX)
        world->line_count++;
    line *line = &world->lines[world->line_count - 1];
    *line = *asked;
    http_request request = {.method = asked->method, .target = asked->target};
    request.timeout_ms = ANSWER_MS;
    http_request_header(&request, "Authorization", ix_format(cx, "Bearer %s", world->token));
    if (asked->body) {
        http_request_header(&request, "Content-Type", asked->type);
        request.body = asked->body;
        request.body_len = strlen(asked->body);
    }
    if (!http_call(cx, world->http, &request, reply))
        return false;
    line->status = reply->status;
    world->asked++;
    world->refused += reply->status >= 400;
    if (reply->status >= 500)
        return ix_fail(cx, IOTS_UNEXPECTED, "%d %.300s", reply->status, reply->body);
    return talk_check_always(cx, asked->method, asked->target, reply) &&
           conforms_reply(cx, world->document, path, asked->method, reply);
}

/* GET of what must be there; its body. */
static const ix_json *get(ix_ctx *cx, world *world, const char *path, const char *target)
{
    http_reply reply;
    const line line = {.method = "GET", .target = target};
    if (!target || !ask(cx, world, path, &line, &reply))
        return NULL;
    if (reply.status != 200) {
        ix_fail(cx, IOTS_UNEXPECTED, "expected 200, got %d %.300s", reply.status, reply.body);
        return NULL;
    }
    return ix_json_parse(cx, reply.body, reply.body_len);
}

/* ---- any request ---- */

#define USUAL_NAME "t" /* of a property, an action and an event that most Things have */

static const char *any_thing(ix_ctx *cx, world *world)
{
    if (world->thing_count == 0 || chance_once_in(&world->chance, 40))
        return ix_format(cx, "01JM2Q8V5T7XK3E9A4B6C8D%03zu", chance_below(&world->chance, 999));
    return world->things[chance_below(&world->chance, world->thing_count)];
}

static void fill_vars(ix_ctx *cx, world *world, bool in_category, const ix_op *op,
                      const char *vars[IX_VAR_COUNT])
{
    chance *chance = &world->chance;
    vars[IX_VAR_space] = SERVER_SPACE;
    vars[IX_VAR_thing] = any_thing(cx, world);
    vars[IX_VAR_property] = chance_once_in(chance, 2) ? USUAL_NAME : chance_name(chance);
    vars[IX_VAR_action] = chance_once_in(chance, 2) ? USUAL_NAME : chance_name(chance);
    vars[IX_VAR_event] = chance_once_in(chance, 2) ? USUAL_NAME : chance_name(chance);
    vars[IX_VAR_action_id] = any_thing(cx, world);
    vars[IX_VAR_event_id] = any_thing(cx, world);
    vars[IX_VAR_model] = chance_label(chance);
    vars[IX_VAR_version] = ix_format(cx, "%zu", chance_below(chance, 3));
    vars[IX_VAR_cursor] = "1";
    if (in_category || strstr(op->path, "{category}"))
        vars[IX_VAR_category] = chance_label(chance);
}

static const char *any_relation(chance *chance)
{
    static const char *const operators[] = {"",     "eq:", "neq:", "gt:",
                                            "gte:", "lt:", "lte:", "contains:"};
    return operators[chance_below(chance, sizeof operators / sizeof operators[0])];
}

/* A value as a filter has it. */
static const char *text_of(ix_ctx *cx, const ix_json *value)
{
    return ix_json_kind(value) == IX_TEXT ? ix_json_string(value) : ix_json_text(cx, value);
}

static const char *any_condition(ix_ctx *cx, chance *chance)
{
    const char *relation = any_relation(chance);
    return ix_format(cx, "%s%s", relation, text_of(cx, chance_value(cx, chance, 1)));
}

static const char *any_key(ix_ctx *cx, chance *chance)
{
    static const char *const keys[] = {"title",      "created",           "uid",   "description",
                                       "model.name", "properties.t.type", "x:own", "@type"};
    if (chance_once_in(chance, 2))
        return ix_format(cx, "%s.%s", chance_once_in(chance, 4) ? "status_at" : "status",
                         chance_name(chance));
    return keys[chance_below(chance, sizeof keys / sizeof keys[0])];
}

static const char *any_argument(ix_ctx *cx, world *world, int param)
{
    static const char *const times[] = {
        "2025",      "0001|9999", "2025-03|", "|2026-01-01T00:00:00Z", "2020-01-01T00:00:00Z",
        "9999|0001", "x",         ""};
    chance *chance = &world->chance;
    switch (param) {
    case IX_PARAM_property:
        return any_condition(cx, chance);
    case IX_PARAM_property_at:
        return chance_once_in(chance, 2) ? "lt:-1h" : any_condition(cx, chance);
    case IX_PARAM_sort:
        return ix_format(cx, "%s%s", chance_once_in(chance, 2) ? "-" : "", any_key(cx, chance));
    case IX_PARAM_at:
        return times[chance_below(chance, sizeof times / sizeof times[0])];
    case IX_PARAM_thing_ids:
        return any_thing(cx, world);
    case IX_PARAM_next_cursor:
    case IX_PARAM_previous_cursor:
        return world->cursor && !chance_once_in(chance, 8) ? world->cursor
                                                           : chance_text(cx, chance);
    case IX_PARAM_categories:
    case IX_PARAM_model:
        return chance_label(chance);
    default:
        break;
    }
    switch (ix_params[param].type) {
    case IX_PARAM_BOOL:
        return chance_once_in(chance, 2) ? "true" : "False";
    case IX_PARAM_INT:
        return ix_format(cx, "%zu", chance_below(chance, 20));
    default:
        return chance_text(cx, chance);
    }
}

static void add_argument(ix_ctx *cx, ix_buf *target, const char *name, const char *value)
{
    if (ix_failed(cx) || !value)
        return;
    ix_buf_char(target, strchr(ix_buf_cstr(target), '?') ? '&' : '?');
    ix_buf_percent(target, ix_str_of(name));
    ix_buf_char(target, '=');
    ix_buf_percent(target, ix_str_of(value));
}

static void add_arguments(ix_ctx *cx, world *world, const ix_op *op, ix_buf *target)
{
    const uint64_t params = ix_op_params(op);
    for (int p = 0; p < IX_PARAM_COUNT; p++) {
        if (!(params >> p & 1) || p == IX_PARAM_preserve_uid || !chance_once_in(&world->chance, 6))
            continue;
        const char *name = ix_params[p].name;
        if (ix_params[p].type == IX_PARAM_MAP)
            name = ix_format(cx, "%s%s", name, chance_name(&world->chance));
        add_argument(cx, target, name, any_argument(cx, world, p));
    }
}

/* The values of a Thing are mostly those of its properties, and these mostly take any. */
static void tidy_thing(ix_ctx *cx, chance *chance, ix_json *thing)
{
    ix_json *properties = ix_json_mutable(ix_json_member(thing, "properties"));
    if (ix_json_kind(properties) != IX_OBJECT)
        ix_json_set(cx, thing, "properties", properties = ix_json_new_object(cx));
    for (size_t n = 4; n > 0; n--)
        ix_json_set(cx, properties, chance_name(chance), ix_json_new_object(cx));
    ix_json *status = ix_json_new_object(cx);
    for (ix_member m = ix_members(properties); status && m.name; m = ix_members_next(m))
        if (ix_json_count(m.value) == 0 && !chance_once_in(chance, 5))
            ix_json_set(cx, status, m.name, chance_value(cx, chance, 3));
    ix_json_set(cx, thing, "status", status);
    static const char *const others[] = {"actions", "events"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ix_json *list = ix_json_mutable(ix_json_member(thing, others[i]));
        if (ix_json_kind(list) != IX_OBJECT)
            ix_json_set(cx, thing, others[i], list = ix_json_new_object(cx));
        ix_json_set(cx, list, USUAL_NAME, ix_json_new_object(cx));
    }
    if (!chance_once_in(chance, 4))
        ix_json_remove(thing, "model");
    if (!chance_once_in(chance, 4))
        ix_json_remove(thing, "categories");
}

static ix_json *any_patch(ix_ctx *cx, chance *chance)
{
    static const char *const operations[] = {"add", "remove", "replace", "move", "copy", "test"};
    static const char *const paths[] = {"/title",   "/status/t", "/properties/n",
                                        "/links/-", "",          "/x:own",
                                        "/status",  "/@type",    "/categories",
                                        "/uid"};
    ix_json *list = ix_json_new_array(cx);
    for (size_t n = chance_below(chance, 4); list && n > 0; n--) {
        ix_json *one = ix_json_new_object(cx);
        ix_json_set(cx, one, "op", ix_json_new_string(cx, operations[chance_below(chance, 6)]));
        ix_json_set(cx, one, "path", ix_json_new_string(cx, paths[chance_below(chance, 10)]));
        ix_json_set(cx, one, "from", ix_json_new_string(cx, paths[chance_below(chance, 10)]));
        ix_json_set(cx, one, "value", chance_value(cx, chance, 2));
        ix_json_append(cx, list, one);
    }
    return list;
}

static ix_json *any_patches(ix_ctx *cx, world *world)
{
    ix_json *list = ix_json_new_array(cx);
    for (size_t n = chance_below(&world->chance, 4); list && n > 0; n--) {
        ix_json *one = ix_json_new_object(cx);
        ix_json_set(cx, one, "id", ix_json_new_string(cx, any_thing(cx, world)));
        ix_json_set(cx, one, "patch", any_patch(cx, &world->chance));
        ix_json_append(cx, list, one);
    }
    return list;
}

static const char *name_in(const ix_op *op, const char *const vars[IX_VAR_COUNT])
{
    static const ix_var named[] = {IX_VAR_property, IX_VAR_action, IX_VAR_event};
    static const char *const holes[] = {"{property}", "{action}", "{event}"};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (strstr(op->path, holes[i]))
            return vars[named[i]];
    return NULL;
}

static const char *any_body(ix_ctx *cx, world *world, const ix_op *op, const char *name)
{
    chance *chance = &world->chance;
    ix_json *body = NULL;
    if (chance_once_in(chance, 50))
        body = chance_value(cx, chance, 2);
    else if (op->body_kind == IX_BODY_PATCH)
        body = op->body ? any_patches(cx, world) : any_patch(cx, chance);
    else
        body = chance_document(cx, chance, op->body, name, 5);
    if (op->body == &ix_doc_thing && ix_json_kind(body) == IX_OBJECT)
        tidy_thing(cx, chance, body);
    return ix_json_text(cx, body);
}

/* What later requests may be about. */
static void remember(ix_ctx *cx, world *world, const ix_op *op, const http_reply *reply)
{
    const ix_json *got = reply->status < 300 && reply->body_len
                             ? ix_json_parse(cx, reply->body, reply->body_len)
                             : NULL;
    const char *cursor = ix_json_string(ix_json_at(got, "/paging/next_cursor"));
    if (cursor && *cursor)
        world->cursor = cursor;
    if (op == &ix_ops[IX_OP_actions_create] || op == &ix_ops[IX_OP_events_create]) {
        const char *href = ix_json_string(ix_json_member(ix_members(got).value, "href"));
        world->entry = href ? href : world->entry;
    }
    const char *uid = ix_json_string(ix_json_member(got, "uid"));
    if (op != &ix_ops[IX_OP_things_create] || !uid)
        return;
    const size_t at = world->thing_count < THINGS_MAX ? world->thing_count++
                                                      : chance_below(&world->chance, THINGS_MAX);
    world->things[at] = uid;
}

/* Sets the variables to those of the entry that was made last, if the operation is about such. */
static void fill_entry(ix_ctx *cx, world *world, const ix_op *op, const char *vars[IX_VAR_COUNT])
{
    ix_match match;
    if (!world->entry || !strstr(op->path, "_id}") || chance_once_in(&world->chance, 6) ||
        !ix_ops_match(cx, op->method, ix_str_of(world->entry), &match) || match.op != op)
        return;
    memcpy(vars, match.vars, sizeof match.vars);
}

/* Is it one that makes a secret, which is hashed? */
static bool makes_secret(const ix_op *op)
{
    return (op->method == IX_POST || op->method == IX_PUT) &&
           (strstr(op->path, "-secret") || strstr(op->path, "-credentials"));
}

/* Logging in is for people and has forms; those who run the server have their own; a secret costs much
 * time; who it was made for is not asked here. */
static bool is_left_out(world *world, const ix_op *op)
{
    return op->flags & (IX_HTML | IX_OAUTH2 | IX_OPERATOR) || op->body_kind == IX_BODY_FORM ||
           !strstr(op->path, "/spaces") ||
           (makes_secret(op) && !chance_once_in(&world->chance, 3)) || strstr(op->path, "/query/");
}

/* What most others need comes more often. */
static const ix_op *any_op(world *world)
{
    static const ix_op_id needed[] = {IX_OP_things_create, IX_OP_things_create,
                                      IX_OP_things_create, IX_OP_categories_create,
                                      IX_OP_models_create, IX_OP_versions_create};
    for (;;) {
        const size_t any = chance_below(&world->chance, IX_OP_COUNT);
        const size_t basic = chance_below(&world->chance, sizeof needed / sizeof needed[0]);
        const ix_op *op = &ix_ops[chance_once_in(&world->chance, 3) ? needed[basic] : any];
        if (!is_left_out(world, op))
            return op;
    }
}

static const char *path_in(ix_ctx *cx, const ix_op *op, bool in_category)
{
    static const char space[] = "/spaces/{space}";
    return in_category
               ? ix_format(cx, "%s/categories/{category}%s", space, op->path + sizeof space - 1)
               : op->path;
}

static bool ask_anything(ix_ctx *cx, world *world)
{
    const ix_op *op = any_op(world);
    const bool in_category = op->flags & IX_ALSO_IN_CATEGORY && chance_once_in(&world->chance, 5);
    const char *vars[IX_VAR_COUNT] = {0};
    fill_vars(cx, world, in_category, op, vars);
    if (!in_category)
        fill_entry(cx, world, op, vars);
    ix_buf target = {0};
    ix_buf_text(&target, ix_op_path(cx, op, vars));
    add_arguments(cx, world, op, &target);
    line line = {.method = ix_method_name(op->method),
                 .target = ix_strdup(cx, ix_buf_cstr(&target)),
                 .type = op->body_kind == IX_BODY_PATCH ? "application/json-patch+json"
                                                        : "application/json"};
    ix_buf_done(&target);
    const size_t bodiless = op->body_kind == IX_BODY_OPTIONAL ? 2 : 80;
    if (op->body_kind != IX_BODY_NONE && !chance_once_in(&world->chance, bodiless))
        line.body = any_body(cx, world, op, name_in(op, vars));
    if (ix_failed(cx) || strlen(line.target) > TARGET_MAX)
        return !ix_failed(cx);
    http_reply reply;
    if (!ask(cx, world, path_in(cx, op, in_category), &line, &reply))
        return false;
    world->has_done[ix_op_index(op)] |= reply.status < 400;
    remember(cx, world, op, &reply);
    return !ix_failed(cx);
}

/* ---- lists ---- */

#define THINGS_PATH "/spaces/{space}/things"
#define THINGS      "/spaces/" SERVER_SPACE "/things"

static const char *uid_of(const ix_json *thing)
{
    return ix_json_string(ix_json_member(thing, "uid"));
}

enum { TEXTS = 2 }; /* of a filter: what its parameters say */

/* A filter beside the properties: what may be asked, and whether a Thing meets it (10.1, 10.4). A text that
 * is NULL is not asked for; not all are. */
typedef struct filter_row {
    const char *params[TEXTS];
    void (*any)(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS]);
    bool (*keeps)(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS]);
} filter_row;

static const ix_json *some_thing(chance *chance, const ix_json *all)
{
    const size_t count = ix_json_count(all);
    return count ? ix_json_item(all, chance_below(chance, count)) : NULL;
}

/* The member of some Thing that has it; NULL: none has. */
static const ix_json *some_value(chance *chance, const ix_json *all, const char *member)
{
    const size_t count = ix_json_count(all), from = chance_below(chance, count + 1);
    const ix_json *value = NULL;
    for (size_t i = 0; i < count && !value; i++)
        value = ix_json_member(ix_json_item(all, (from + i) % count), member);
    return value;
}

/* NULL: it is no text, or there is none. */
static const char *some_member(chance *chance, const ix_json *all, const char *member)
{
    return ix_json_string(some_value(chance, all, member));
}

static void any_title(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    (void)cx;
    const char *title = some_member(chance, all, "title");
    ret[0] = title ? title : "A";
}

static void any_type(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    (void)cx;
    const char *type = some_member(chance, all, "@type");
    ret[0] = type ? type : "A";
}

static void any_uid(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    (void)cx;
    const char *uid = some_member(chance, all, "uid");
    ret[0] = uid ? uid : "01JM2Q8V5T7XK3E9A4B6C8D000";
}

static void any_category(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    (void)cx, (void)all;
    ret[0] = chance_label(chance);
}

static void any_bool(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    (void)cx, (void)all;
    ret[0] = chance_once_in(chance, 2) ? "true" : "false";
}

/* Mostly a Model that some Thing has. */
static void any_model(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    const ix_json *model = some_value(chance, all, "model");
    const char *name = ix_json_string(ix_json_member(model, "name"));
    ret[0] = name && !chance_once_in(chance, 4) ? name : chance_label(chance);
    if (chance_once_in(chance, 2))
        ret[1] = ix_format(cx, "%zu", chance_below(chance, 4));
}

/* The relation or the address of a link that some Thing has, or both, of one link or of two. */
static void any_link(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    static const char *const members[TEXTS] = {"rel", "href"};
    const ix_json *links = some_value(chance, all, "links");
    const size_t asked = 1 + chance_below(chance, 3); /* bit by bit */
    for (size_t i = 0; i < TEXTS; i++) {
        const size_t count = ix_json_count(links);
        const ix_json *link = count ? ix_json_item(links, chance_below(chance, count)) : NULL;
        const char *text = ix_json_string(ix_json_member(link, members[i]));
        if (asked >> i & 1)
            ret[i] = text ? text : chance_text(cx, chance);
        if (ret[i] && strlen(ret[i]) > TARGET_MAX / 8)
            ret[i] = "a";
    }
}

static bool begins_letter(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* A part of the text, as large as a search may be. */
static const char *some_part(ix_ctx *cx, chance *chance, const char *text)
{
    const size_t len = strlen(text);
    size_t from = chance_below(chance, len + 1);
    size_t to = from + chance_below(chance, chance_once_in(chance, 2) ? 8 : SEARCH_MAX);
    to = to < len ? to : len;
    while (!begins_letter(text[from]))
        from--;
    while (!begins_letter(text[to]))
        to++;
    char *part = ix_strndup(cx, text + from, to - from);
    for (size_t i = 0; part && part[i]; i++)
        if (part[i] >= 'a' && part[i] <= 'z' && chance_once_in(chance, 3))
            part[i] = (char)(part[i] - 'a' + 'A');
    return part;
}

/* Mostly a part of what is searched in some Thing, in letters of either case. */
static void any_search_text(ix_ctx *cx, chance *chance, const ix_json *all, const char *ret[TEXTS])
{
    static const char *const members[] = {"title", "description", "@type", "uid"};
    const char *text = some_member(chance, all, members[chance_below(chance, 4)]);
    if (!text || chance_once_in(chance, 4))
        text = chance_text(cx, chance);
    text = text ? some_part(cx, chance, text) : NULL;
    ret[0] = text && *text ? text : "a";
}

static bool is_among(const ix_json *list, const char *text)
{
    for (size_t i = 0; ix_json_kind(list) == IX_ARRAY && i < ix_json_count(list); i++) {
        const char *item = ix_json_string(ix_json_item(list, i));
        if (item && strcmp(item, text) == 0)
            return true;
    }
    return false;
}

static bool is_titled(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    (void)cx;
    return strcmp(ix_json_string(ix_json_member(thing, "title")), texts[0]) == 0;
}

static bool is_of_type(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    (void)cx;
    const ix_json *type = ix_json_member(thing, "@type");
    const char *one = ix_json_string(type);
    return one ? strcmp(one, texts[0]) == 0 : is_among(type, texts[0]);
}

static bool is_thing(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    (void)cx;
    return strcmp(uid_of(thing), texts[0]) == 0;
}

static bool is_in_category(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    (void)cx;
    return is_among(ix_json_member(thing, "categories"), texts[0]);
}

static bool is_in_some(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    (void)cx;
    return (ix_json_count(ix_json_member(thing, "categories")) > 0) == (*texts[0] == 't');
}

static bool is_of_model(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    const ix_json *model = ix_json_member(thing, "model");
    const char *name = ix_json_string(ix_json_member(model, "name"));
    return name && strcmp(name, texts[0]) == 0 &&
           (!texts[1] || strcmp(ix_json_text(cx, ix_json_member(model, "version")), texts[1]) == 0);
}

static bool is_member(const ix_json *object, const char *name, const char *text)
{
    const char *member = ix_json_string(ix_json_member(object, name));
    return !text || (member && strcmp(member, text) == 0);
}

static bool has_link(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    (void)cx;
    const ix_json *links = ix_json_member(thing, "links");
    for (size_t i = 0; i < ix_json_count(links); i++) {
        const ix_json *link = ix_json_item(links, i);
        if (is_member(link, "rel", texts[0]) && is_member(link, "href", texts[1]))
            return true;
    }
    return false;
}

static bool is_found(ix_ctx *cx, const ix_json *thing, const char *const texts[TEXTS])
{
    return rules_find(cx, thing, texts[0]);
}

// clang-format off
static const filter_row filters[] = {
    {{"title"},                    any_title,       is_titled},
    {{"@type"},                    any_type,        is_of_type},
    {{"thingID[]"},                any_uid,         is_thing},
    {{"category[]"},               any_category,    is_in_category},
    {{"in_category"},              any_bool,        is_in_some},
    {{"model", "version"},         any_model,       is_of_model},
    {{"links.rel", "links.href"},  any_link,        has_link},
    {{"search"},                   any_search_text, is_found},
};
// clang-format on

enum { FILTER_COUNT = sizeof filters / sizeof filters[0] };

/* property:<name>=<text> or property_at:<name>=<text> */
typedef struct asked_condition {
    const char *name, *text;
    bool is_time;
} asked_condition;

typedef struct search {
    const char *texts[FILTER_COUNT][TEXTS];
    bool has[FILTER_COUNT]; /* the filter is asked for */
    bool any_of, times;
    asked_condition conditions[CONDITIONS_MAX];
    size_t condition_count;
    rules_key keys[KEYS_MAX];
    size_t key_count;
} search;

/* Half of what is asked for is a value, or the time of one, that some Thing has. */
static asked_condition any_property(ix_ctx *cx, chance *chance, const ix_json *all)
{
    static const char *const times[] = {"2025-01-01T00:00:00Z", "2999-12-31T23:59:59.999999Z",
                                        "-9w", "-0s"};
    asked_condition made = {.name = chance_name(chance), .is_time = chance_once_in(chance, 3)};
    const char *relation = any_relation(chance);
    if (made.is_time && strcmp(relation, "contains:") == 0)
        relation = "gt:";
    const ix_json *values =
        ix_json_member(some_thing(chance, all), made.is_time ? "status_at" : "status");
    const ix_json *value = NULL;
    size_t skip = chance_below(chance, ix_json_count(values) + 1);
    for (ix_member m = ix_members(values); m.name && !value; m = ix_members_next(m)) {
        if (skip-- > 0)
            continue;
        made.name = m.name;
        value = m.value;
    }
    if (made.is_time && ix_json_kind(value) != IX_TEXT)
        made.text = times[chance_below(chance, sizeof times / sizeof times[0])];
    else if (value && (made.is_time || chance_once_in(chance, 2)))
        made.text = text_of(cx, value);
    if (made.text)
        made.text = ix_format(cx, "%s%s", relation, made.text);
    else
        made.text = any_condition(cx, chance);
    return made;
}

static search any_search(ix_ctx *cx, chance *chance, const ix_json *all)
{
    search search = {.any_of = chance_once_in(chance, 3),
                     .times = chance_once_in(chance, 3),
                     .key_count = chance_below(chance, KEYS_MAX + 1)};
    /* One filter alone keeps more Things than many do. */
    const bool is_alone = chance_once_in(chance, 2);
    const size_t alone = chance_below(chance, FILTER_COUNT);
    search.condition_count = is_alone ? 0 : chance_below(chance, CONDITIONS_MAX);
    for (size_t i = 0; i < search.condition_count; i++)
        search.conditions[i] = any_property(cx, chance, all);
    for (size_t i = 0; i < FILTER_COUNT; i++) {
        search.has[i] = is_alone ? i == alone : chance_once_in(chance, 16);
        if (search.has[i])
            filters[i].any(cx, chance, all, search.texts[i]);
    }
    for (size_t i = 0; i < search.key_count; i++)
        search.keys[i] = (rules_key){any_key(cx, chance), chance_once_in(chance, 2)};
    return search;
}

static bool search_keeps(ix_ctx *cx, const search *search, const ix_json *thing)
{
    size_t held = 0;
    for (size_t i = 0; i < search->condition_count; i++) {
        const asked_condition *asked = &search->conditions[i];
        held +=
            (asked->is_time ? rules_keep_time : rules_keep)(cx, thing, asked->name, asked->text);
    }
    for (size_t i = 0; i < FILTER_COUNT; i++)
        if (search->has[i] && !filters[i].keeps(cx, thing, search->texts[i]))
            return false;
    return held == search->condition_count || (search->any_of && held > 0);
}

static const char *target_of(ix_ctx *cx, const search *search)
{
    ix_buf target = {0}, sort = {0};
    ix_buf_text(&target, THINGS);
    for (size_t i = 0; i < search->condition_count; i++) {
        const asked_condition *asked = &search->conditions[i];
        add_argument(cx, &target,
                     ix_format(cx, "%s:%s", asked->is_time ? "property_at" : "property",
                               asked->name),
                     asked->text);
    }
    for (size_t i = 0; i < (size_t)FILTER_COUNT * TEXTS; i++)
        add_argument(cx, &target, filters[i / TEXTS].params[i % TEXTS],
                     search->texts[i / TEXTS][i % TEXTS]);
    if (search->times)
        add_argument(cx, &target, "times", "true");
    if (search->any_of)
        add_argument(cx, &target, "any_of", "true");
    for (size_t i = 0; i < search->key_count; i++)
        ix_buf_format(&sort, "%s%s%s", i ? "," : "", search->keys[i].descending ? "-" : "+",
                      search->keys[i].path);
    if (search->key_count)
        add_argument(cx, &target, "sort", ix_buf_cstr(&sort));
    const char *made = ix_strdup(cx, ix_buf_cstr(&target));
    ix_buf_done(&target);
    ix_buf_done(&sort);
    return made;
}

/* Walks a list from *cursor (NULL: none) on and holds what comes against the *count Things wanted. Walked
 * forwards, *cursor is then where the way back begins, and *count what lies on it: all but the last page. */
static bool walk(ix_ctx *cx, world *world, const char *target, bool times, bool forwards,
                 const ix_json *const *want, size_t *count, const char **cursor)
{
    const char *param = forwards ? "next_cursor" : "previous_cursor";
    size_t at = forwards ? 0 : *count;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        ix_buf next = {0};
        ix_buf_text(&next, target);
        add_argument(cx, &next, "limit", ix_format(cx, "%zu", 1 + chance_below(&world->chance, 9)));
        if (*cursor)
            add_argument(cx, &next, param, *cursor);
        const ix_json *got = get(cx, world, THINGS_PATH, ix_strdup(cx, ix_buf_cstr(&next)));
        ix_buf_done(&next);
        if (!got)
            return false;
        const ix_json *data = ix_json_member(got, "data");
        const size_t n = ix_json_count(data);
        if (forwards ? at + n > *count : n > at)
            return ix_fail(cx, IOTS_UNEXPECTED, "more Things than the %zu expected", *count);
        const size_t from = forwards ? at : at - n;
        for (size_t i = 0; i < n; i++) {
            const ix_json *thing = ix_json_item(data, i), *wanted = want[from + i];
            if (strcmp(uid_of(thing), uid_of(wanted)) != 0)
                return ix_fail(cx, IOTS_UNEXPECTED, "place %zu of %zu %s: expected %s, got %s",
                               from + i, *count, forwards ? "forwards" : "backwards",
                               uid_of(wanted), uid_of(thing));
            if (times ? !ix_json_equal(thing, wanted) : ix_json_member(thing, "status_at") != NULL)
                return ix_fail(cx, IOTS_UNEXPECTED, "expected %s, got %s", ix_json_text(cx, wanted),
                               ix_json_text(cx, thing));
        }
        at = forwards ? at + n : from;
        world->compared += n;
        *cursor = ix_json_string(ix_json_at(got, ix_format(cx, "/paging/%s", param)));
        if (**cursor)
            continue;
        if (at != (forwards ? *count : 0))
            return ix_fail(cx, IOTS_UNEXPECTED, "the list ends at %zu of %zu Things", at, *count);
        *cursor = ix_json_string(ix_json_at(got, "/paging/previous_cursor"));
        *count = from;
        return true;
    }
    return ix_fail(cx, IOTS_UNEXPECTED, "the list does not end");
}

static bool compare_list(ix_ctx *cx, world *world)
{
    const ix_json *all =
        ix_json_member(get(cx, world, THINGS_PATH, THINGS "?limit=1000&times=true"), "data");
    if (!all)
        return false;
    const search search = any_search(cx, &world->chance, all);
    const char *target = target_of(cx, &search);
    const ix_json **want = ix_new(cx, const ix_json *, ix_json_count(all) + 1);
    if (!target || !want || strlen(target) > TARGET_MAX)
        return !ix_failed(cx);
    size_t count = 0;
    for (size_t i = 0; i < ix_json_count(all); i++)
        if (search_keeps(cx, &search, ix_json_item(all, i)))
            want[count++] = ix_json_item(all, i);
    rules_sort(want, count, search.keys, search.key_count);
    const char *cursor = NULL;
    if (!walk(cx, world, target, search.times, true, want, &count, &cursor))
        return false;
    if (!cursor || !*cursor)
        return count == 0 || ix_fail(cx, IOTS_UNEXPECTED, "no way back from the last page");
    return walk(cx, world, target, search.times, false, want, &count, &cursor);
}

/* ---- the end of a round ---- */

/* All pages of a list below a Thing, and whatever has an href by itself. */
static bool read_list(ix_ctx *cx, world *world, const char *path, const char *list)
{
    const char *cursor = "";
    for (size_t page = 0; page < PAGES_MAX; page++) {
        ix_buf target = {0};
        ix_buf_text(&target, list);
        add_argument(cx, &target, "limit",
                     ix_format(cx, "%zu", 1 + chance_below(&world->chance, 40)));
        add_argument(cx, &target, "next_cursor", cursor);
        const ix_json *got = get(cx, world, path, ix_strdup(cx, ix_buf_cstr(&target)));
        ix_buf_done(&target);
        const ix_json *data = ix_json_member(got, "data");
        if (!got)
            return false;
        for (size_t i = 0; i < ix_json_count(data); i++) {
            const ix_json *inner = ix_members(ix_json_item(data, i)).value;
            const char *href = ix_json_string(ix_json_member(inner, "href"));
            if (href && strncmp(href, "/spaces/", 8) == 0 && !get(cx, world, "", href))
                return false;
        }
        cursor = ix_json_string(ix_json_at(got, "/paging/next_cursor"));
        if (!*cursor)
            return true;
    }
    return ix_fail(cx, IOTS_UNEXPECTED, "the list does not end");
}

/* A Thing and all that is below it. */
static bool read_thing(ix_ctx *cx, world *world, const char *target)
{
    static const char *const lists[] = {"properties-history", "properties-history?group=true",
                                        "actions", "events"};
    if (!get(cx, world, THINGS_PATH "/{thing}", target) ||
        !get(cx, world, THINGS_PATH "/{thing}/properties", ix_format(cx, "%s/properties", target)))
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const int len = (int)strcspn(lists[i], "?");
        if (!read_list(cx, world, ix_format(cx, THINGS_PATH "/{thing}/%.*s", len, lists[i]),
                       ix_format(cx, "%s/%s", target, lists[i])))
            return false;
    }
    return true;
}

/* Everything of a list, by `member` of its items, is fetched and deleted. */
static bool clear_list(ix_ctx *cx, world *world, const char *path, const char *list,
                       const char *member)
{
    for (;;) {
        const ix_json *data = ix_json_member(get(cx, world, path,
                                                 ix_format(cx, "%s?limit=%zu", list,
                                                           1 + chance_below(&world->chance, 50))),
                                             "data");
        if (!data)
            return false;
        if (ix_json_count(data) == 0)
            return true;
        for (size_t i = 0; i < ix_json_count(data); i++) {
            const char *name = ix_json_string(ix_json_member(ix_json_item(data, i), member));
            line line = {.method = "DELETE", .target = ix_format(cx, "%s/%s", list, name)};
            http_reply reply;
            const bool is_thing = strcmp(path, THINGS_PATH) == 0;
            if (!(is_thing ? read_thing(cx, world, line.target)
                           : get(cx, world, "", line.target) != NULL) ||
                !ask(cx, world, "", &line, &reply))
                return false;
            if (reply.status != 204)
                return ix_fail(cx, IOTS_UNEXPECTED, "expected 204, got %d %.300s", reply.status,
                               reply.body);
        }
    }
}

static bool clear_space(ix_ctx *cx, world *world)
{
    world->thing_count = 0;
    return clear_list(cx, world, THINGS_PATH, THINGS, "uid") &&
           clear_list(cx, world, "/spaces/{space}/categories", "/spaces/farm/categories", "name") &&
           clear_list(cx, world, "/spaces/{space}/models", "/spaces/farm/models", "name");
}

static bool run_round(world *world, uint64_t seed)
{
    ix_ctx cx;
    if (!ix_ctx_init(&cx, 0))
        return false;
    world->seed = world->chance.state = seed;
    world->line_count = 0;
    world->entry = world->cursor = NULL;
    bool is_fine = true;
    for (size_t i = 0; is_fine && i < REQUESTS; i++)
        is_fine = ask_anything(&cx, world);
    for (size_t i = 0; is_fine && i < LISTS; i++)
        is_fine = compare_list(&cx, world);
    is_fine = is_fine && clear_space(&cx, world);
    if (!is_fine) {
        printf("FAILED: %s\n", cx.error.message);
        report(world);
    }
    ix_ctx_done(&cx);
    return is_fine;
}

static int64_t number_of(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    int64_t number;
    return text && ix_str_int(ix_str_of(text), &number) ? number : otherwise;
}

static void print_undone(world *world)
{
    const uint64_t state = world->chance.state;
    printf("never done:");
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        bool is_asked = false;
        for (int tries = 0; tries < 100 && !is_asked; tries++)
            is_asked = !is_left_out(world, &ix_ops[i]);
        if (is_asked && !world->has_done[i])
            printf(" %s", ix_ops[i].name);
    }
    printf("\n");
    world->chance.state = state;
}

static bool run_rounds(world *world)
{
    const int64_t seconds =
        number_of("IOTS_RANDOM_SECONDS", getenv("IOTS_TEST_LONG") ? LONG_SECONDS : USUAL_SECONDS);
    const int64_t until_us = ix_monotonic_us() + seconds * IX_SECOND_US;
    uint64_t seed = (uint64_t)number_of("IOTS_RANDOM_SEED", ix_monotonic_us());
    size_t rounds = 0;
    printf("first seed %" PRIu64 "\n", seed);
    do {
        if (!run_round(world, seed++))
            return false;
        rounds++;
    } while (!getenv("IOTS_RANDOM_SEED") && ix_monotonic_us() < until_us);
    printf("%zu rounds, %zu requests, %zu of them refused, %zu Things compared\n", rounds,
           world->asked, world->refused, world->compared);
    print_undone(world);
    return true;
}

int main(void)
{
    static world world;
    ix_ctx cx;
    ix_json_init();
    if (!ix_ctx_init(&cx, 0))
        return 1;
    world.server = server_start(&cx, NULL, 0);
    bool is_fine = world.server != NULL;
    if (is_fine) {
        world.http = http_new(server_url(world.server));
        world.token = server_token(&cx, world.server, NULL);
        http_reply reply;
        is_fine =
            world.token && http_json(&cx, world.http, "GET", "/openapi.json", NULL, NULL, &reply) &&
            (world.document = ix_json_parse(&cx, reply.body, reply.body_len)) && run_rounds(&world);
        http_free(world.http);
        is_fine = server_stop(&cx, world.server) && is_fine;
        server_free(world.server);
    }
    if (ix_failed(&cx))
        printf("%s\n", cx.error.message);
    ix_ctx_done(&cx);
    return is_fine ? 0 : 1;
}
