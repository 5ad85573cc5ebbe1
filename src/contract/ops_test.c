/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/ops.h"

#include "base/test.h"

/* ---- words ---- */

static ix_match match_of(ix_ctx *cx, ix_method method, const char *path)
{
    ix_match match;
    CHECK_OK(cx, ix_ops_match(cx, method, ix_str_of(path), &match));
    return match;
}

/* The name of the operation that answers; "" if there is none. */
static const char *answers(ix_ctx *cx, ix_method method, const char *path)
{
    const ix_match match = match_of(cx, method, path);
    return match.op ? match.op->name : "";
}

static const char *allowed(ix_ctx *cx, const char *path)
{
    return ix_allow_header(cx, match_of(cx, IX_GET, path).allowed);
}

static bool check(ix_ctx *cx, const char *path, ix_match *match)
{
    *match = match_of(cx, IX_GET, path);
    CHECK(match->op);
    return ix_match_check(cx, match);
}

static bool checks(ix_ctx *cx, const char *path)
{
    ix_match match;
    return check(cx, path, &match);
}

static const char *const some_vars[IX_VAR_COUNT] = {
    [IX_VAR_space] = "farm",
    [IX_VAR_category] = "Boilers",
    [IX_VAR_model] = "Boiler:1",
    [IX_VAR_version] = "3",
    [IX_VAR_thing] = "01JM2Q8V5T7XK3E9A4B6C8D0EF",
    [IX_VAR_property] = "température %?",
    [IX_VAR_action] = "..",
    [IX_VAR_action_id] = "01JM2QHX6S0T1V2W3X4Y5Z6A7B",
    [IX_VAR_event] = "dry",
    [IX_VAR_event_id] = "01JM2QMB8C9D0E1F2G3H4J5K6M",
    [IX_VAR_cursor] = "4711",
};

/* ---- the table ---- */

/* One sentence: a single full stop, at the end. */
static bool is_sentence(const char *text)
{
    const char *stop = text ? strchr(text, '.') : NULL;
    return stop && stop > text + 5 && !stop[1];
}

TEST("every row is complete")
{
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        print_message("%s\n", op->name);
        CHECK(op->path && op->path[0] == '/');
        CHECK(op->method <= IX_DELETE);
        CHECK(op->status >= 200 && op->status < 400);
        CHECK(is_sentence(op->summary));
        CHECK(!op->body || op->body_kind == IX_BODY_JSON || op->body_kind == IX_BODY_TD ||
              op->body_kind == IX_BODY_OPTIONAL || op->body_kind == IX_BODY_PATCH);
        CHECK((op->body_kind != IX_BODY_JSON && op->body_kind != IX_BODY_TD) || op->body);
        CHECK(op->status != 204 || !op->reply);
        CHECK(!(op->flags & IX_PAGED) || (op->reply && op->method == IX_GET));
        CHECK(op->scopes || op->flags & (IX_OAUTH2 | IX_HTML | IX_EXTENSION));
        CHECK(op->scopes >> IX_SCOPE_COUNT == 0);
        CHECK(op->params >> IX_PARAM_COUNT == 0);
        int last = 399;
        for (const int *error = op->errors; error && *error; last = *error++)
            CHECK(*error > last && *error < 600);
    }
}

TEST("a row fails as its column says, and as all rows of its kind do")
{
    const ix_op *list = &ix_ops[IX_OP_categories_list], *health = &ix_ops[IX_OP_health_get];
    const ix_op *create = &ix_ops[IX_OP_categories_create];
    CHECK(ix_op_may_fail_with(create, 409) && !ix_op_may_fail_with(list, 409));
    CHECK(ix_op_may_fail_with(create, 415) && !ix_op_may_fail_with(list, 415));
    CHECK(ix_op_may_fail_with(list, 403) && !ix_op_may_fail_with(health, 403));
    CHECK(ix_op_may_fail_with(list, 404) && !ix_op_may_fail_with(health, 404));
    CHECK(ix_op_may_fail_with(create, 507) && !ix_op_may_fail_with(list, 507));
    CHECK(ix_op_may_fail_with(health, 503) && !ix_op_may_fail_with(health, 400));
}

TEST("every row is found by its name, and is the only one of it")
{
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        CHECK(ix_op_find(ix_ops[i].name) == &ix_ops[i]);
        CHECK(ix_op_index(&ix_ops[i]) == (ix_op_id)i);
    }
    CHECK(!ix_op_find("thing_fly"));
}

TEST("the path of every row leads back to it, with its variables")
{
    const char *vars[IX_VAR_COUNT];
    memcpy(vars, some_vars, sizeof vars);
    vars[IX_VAR_category] = NULL;
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        const bool needs_category = strstr(op->path, "{category}");
        const char *path = ix_op_path(cx, op, needs_category ? some_vars : vars);
        CHECK_OK(cx, path != NULL);

        const ix_match match = match_of(cx, op->method, path);
        CHECK(match.op == op);
        CHECK(!match.in_category);
        for (int var = 0; var < IX_VAR_COUNT; var++) {
            const bool has_var = strstr(op->path, ix_format(cx, "{%s}", ix_vars[var].name));
            CHECK(has_var == (match.vars[var] != NULL));
            CHECK_TEXT(match.vars[var] ? match.vars[var] : "", has_var ? some_vars[var] : "");
        }
    }
}

TEST("rows that are also below a Category are reached there, and others are not")
{
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        const char *path = ix_op_path(cx, op, some_vars);
        const ix_match match = match_of(cx, op->method, path);
        CHECK(match.op == op);
        CHECK(match.in_category == !!(op->flags & IX_ALSO_IN_CATEGORY));
        CHECK(!match.in_category || strcmp(match.vars[IX_VAR_category], "Boilers") == 0);
        CHECK(!match.in_category ||
              strncmp(path, "/spaces/farm/categories/Boilers/things", 38) == 0);
    }
}

TEST("every parameter and every variable is used by some row")
{
    uint64_t params = 0;
    for (size_t i = 0; i < IX_OP_COUNT; i++)
        params |= ix_op_params(&ix_ops[i]);
    CHECK(params == (UINT64_C(1) << IX_PARAM_COUNT) - 1);

    for (int var = 0; var < IX_VAR_COUNT; var++) {
        const char *braced = ix_format(cx, "{%s}", ix_vars[var].name);
        bool found = false;
        for (size_t i = 0; i < IX_OP_COUNT; i++)
            found = found || strstr(ix_ops[i].path, braced);
        CHECK(found);
    }
}

/* The routes that there must be (docs/api/http.md section 5), each with the status of success and those of
 * its failures. What is put back (section 19) may be there already: POST of versions, actions and events
 * has 409, too. */
typedef struct route {
    const char *path;
    const char *methods; /* with statuses, in the order of the Allow header */
} route;

// clang-format off
#define T "/things/01JM2Q8V5T7XK3E9A4B6C8D0EF"
#define A "/01JM2QHX6S0T1V2W3X4Y5Z6A7B"
static const route space_routes[] = {
    {"/categories",                      "GET 200 (400), POST 201 (400 409)"},
    {"/categories/Boilers",              "GET 200 (400 404), PUT 200 (400 404 409), DELETE 204 (400 404)"},
    {"/categories/Boilers/mqtt-credentials", "GET 200 (400 404), POST 201 (400 404 409), PUT 200 (400 404 409), DELETE 204 (400 404)"},
    {"/models",                          "GET 200 (400), POST 201 (400 409)"},
    {"/models/Boiler",                   "GET 200 (400 404), PUT 200 (400 404), DELETE 204 (400 403 404)"},
    {"/models/Boiler/versions",          "GET 200 (400 404), POST 201 (400 404 409)"},
    {"/models/Boiler/versions/2",        "GET 200 (400 404)"},
    {"/query/cursor",                    "POST 201 (400 403 404)"},
    {"/query/cursor/12",                 "POST 200 (400 404)"},
    {"/communications/email",            "POST 202 (400 503)"},
};
static const route thing_routes[] = {
    {"/things",                          "GET 200 (400 404), POST 201 (400 404 409), PATCH 207 (400 404), DELETE 200 (400 404)"},
    {T,                                  "GET 200 (400 404), PUT 200 (400 404 409), PATCH 200 (400 404 409), DELETE 204 (400 404)"},
    {T "/reset-secret",                  "POST 201 (400 404)"},
    {T "/properties",                    "GET 200 (400 404), PUT 200 (400 404)"},
    {T "/properties/moisture",           "GET 200 (400 404), PUT 200 (400 404)"},
    {T "/properties-history",            "GET 200 (400 404), POST 201 (400 404 409), DELETE 204 (400 404)"},
    {T "/properties-history/moisture",   "GET 200 (400 404), POST 201 (400 404 409), DELETE 204 (400 404)"},
    {T "/actions",                       "GET 200 (400 404)"},
    {T "/actions/flush",                 "GET 200 (400 404), POST 201 (400 404 409)"},
    {T "/actions/flush" A,               "GET 200 (400 404), PUT 200 (400 404), DELETE 204 (400 404)"},
    {T "/events",                        "GET 200 (400 404)"},
    {T "/events/dry",                    "GET 200 (400 404), POST 201 (400 404 409)"},
    {T "/events/dry" A,                  "GET 200 (400 404), DELETE 204 (400 404)"},
    {T "/mqtt-credentials",              "GET 200 (400 404), POST 201 (400 404 409), PUT 200 (400 404 409), DELETE 204 (400 404)"},
};
static const route other_routes[] = {
    {"/oauth2/token",                    "POST 200 (400 401)"},
    {"/oauth2/revoke",                   "POST 200 (400 401)"},
    {"/oauth2/auth",                     "GET 200 (400), POST 302 (400 403)"},
    {"/spaces",                          "GET 200 (400)"},
    {"/health",                          "GET 200"},
    {"/healthz",                         "GET 200"},
    {"/metrics",                         "GET 200"},
};
// clang-format on

/* " (400 404)", or "" if the row has no errors. */
static const char *errors_of(ix_ctx *cx, const ix_op *op)
{
    const char *text = "";
    for (const int *error = op->errors; error && *error; error++)
        text = ix_format(cx, "%s%s%d", text, *text ? " " : " (", *error);
    return *text ? ix_format(cx, "%s)", text) : "";
}

static void check_routes(ix_ctx *cx, const char *base, const route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *path = ix_format(cx, "%s%s", base, routes[i].path);
        const char *methods = NULL;
        for (int method = IX_GET; method <= IX_DELETE; method++) {
            const ix_match match = match_of(cx, (ix_method)method, path);
            CHECK(match.route_exists);
            CHECK(!match.op == !(match.allowed >> method & 1));
            if (match.op)
                methods = ix_format(cx, "%s%s%s %d%s", methods ? methods : "", methods ? ", " : "",
                                    ix_method_name((ix_method)method), match.op->status,
                                    errors_of(cx, match.op));
        }
        print_message("%s\n", path);
        CHECK_TEXT(methods, routes[i].methods);
    }
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

TEST("the table has every route of the contract")
{
    check_routes(cx, "/spaces/farm", space_routes, COUNT(space_routes));
    check_routes(cx, "/spaces/farm", thing_routes, COUNT(thing_routes));
    check_routes(cx, "/spaces/farm/categories/Boilers", thing_routes, COUNT(thing_routes));
    check_routes(cx, "", other_routes, COUNT(other_routes));
}

/* ---- matching ---- */

TEST("one trailing slash is ignored, and only one")
{
    CHECK_TEXT(answers(cx, IX_GET, "/spaces/farm/things/"), "things_list");
    CHECK_TEXT(answers(cx, IX_GET, "/spaces/farm/things//"), "");
    CHECK_TEXT(answers(cx, IX_GET, "/spaces/farm/categories//things"), "");
}

TEST("a path that is not a route is none with any method")
{
    static const char *const paths[] = {
        "",
        "/",
        "spaces/farm/things",
        "/spaces/farm",
        "/spaces/farm/thing",
        "/Spaces/farm/things",
        "*",
        "/spaces/farm/things/x/properties/y/z",
    };
    for (size_t i = 0; i < COUNT(paths); i++) {
        const ix_match match = match_of(cx, IX_GET, paths[i]);
        CHECK(!match.op && !match.route_exists && !match.allowed);
    }
}

TEST("a route without the method says which it has")
{
    const ix_match match = match_of(cx, IX_DELETE, "/spaces/farm/categories");
    CHECK(!match.op && match.route_exists);
    CHECK_TEXT(allowed(cx, "/spaces/farm/categories"), "GET, POST, HEAD, OPTIONS");
    CHECK_TEXT(allowed(cx, "/oauth2/token"), "POST, OPTIONS");
}

TEST("HEAD is answered by the row of GET, OPTIONS by none")
{
    CHECK_TEXT(answers(cx, IX_HEAD, "/spaces/farm/things"), "things_list");
    CHECK_TEXT(answers(cx, IX_OPTIONS, "/spaces/farm/things"), "");
    CHECK_TEXT(answers(cx, IX_HEAD, "/oauth2/token"), "");
}

TEST("each segment is decoded once, after cutting at slashes")
{
    ix_match match = match_of(cx, IX_GET, "/spaces/farm/things/x/properties/a%2Fb%2541");
    CHECK_TEXT(match.vars[IX_VAR_property], "a/b%41");
    CHECK_TEXT(answers(cx, IX_GET, "/spaces/farm/th%69ngs"), "things_list");
    CHECK_TEXT(answers(cx, IX_GET, "/spaces/farm%2Fthings"), "");
}

TEST("a variable that cannot be decoded passes no check")
{
    static const char *const bad[] = {"%", "%zz", "%00", "a%00", "%ff", "%c0%80", "%ed%a0%80"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK_FAILS(cx, checks(cx, ix_format(cx, "/spaces/farm/models/%s", bad[i])), IOTS_INVALID);
        CHECK_FAILS(cx, checks(cx, ix_format(cx, "/spaces/%s/things", bad[i])), IOTS_NOT_FOUND);
        CHECK_FAILS(cx, checks(cx, ix_format(cx, "/spaces/f" T "/properties/%s", bad[i])),
                    IOTS_INVALID);
    }
}

TEST("variables are checked from left to right, each with its own sentence")
{
    CHECK(!checks(cx, "/spaces/farm/things/nonsense/properties/a%2Fb"));
    CHECK_TEXT(cx->error.message, "invalid id");
    CHECK_TEXT(cx->error.field, "thing");
    ix_ctx_clear_error(cx);

    CHECK(!checks(cx, "/spaces/farm/categories/has%20blank"));
    CHECK_TEXT(cx->error.message, "invalid name");
    ix_ctx_clear_error(cx);

    CHECK(!checks(cx, "/spaces/farm/models/Boiler/versions/0"));
    CHECK_TEXT(cx->error.message, "invalid version");
    ix_ctx_clear_error(cx);

    CHECK(!checks(cx, "/spaces/Farm/things/nonsense"));
    CHECK_INT(cx->error.code, IOTS_NOT_FOUND);
}

TEST("IDs come out in upper case")
{
    ix_match match;
    CHECK_OK(cx, check(cx, "/spaces/farm/things/01jm2q8v5t7xk3e9a4b6c8d0ef", &match));
    CHECK_TEXT(match.vars[IX_VAR_thing], "01JM2Q8V5T7XK3E9A4B6C8D0EF");
}

TEST("versions count from 1")
{
    CHECK(checks(cx, "/spaces/f/models/m/versions/1"));
    CHECK(checks(cx, "/spaces/f/models/m/versions/9223372036854775807"));
    CHECK_FAILS(cx, checks(cx, "/spaces/f/models/m/versions/9223372036854775808"), IOTS_INVALID);
    CHECK_FAILS(cx, checks(cx, "/spaces/f/models/m/versions/-1"), IOTS_INVALID);
    CHECK_FAILS(cx, checks(cx, "/spaces/f/models/m/versions/%2B1"), IOTS_INVALID);
    CHECK_FAILS(cx, checks(cx, "/spaces/f/models/m/versions/1.0"), IOTS_INVALID);
}

/* ---- building ---- */

TEST("a path without all its variables is not built")
{
    const char *vars[IX_VAR_COUNT] = {[IX_VAR_space] = "farm"};
    CHECK(!ix_op_path(cx, &ix_ops[IX_OP_thing_get], vars));
    CHECK_INT(cx->error.code, IOTS_USAGE);
    CHECK_TEXT(cx->error.message, "thing_get needs a thing");
}

TEST("values in a path are encoded, dots that would be steps as well")
{
    const char *vars[IX_VAR_COUNT] = {
        [IX_VAR_space] = "farm", [IX_VAR_thing] = "X", [IX_VAR_property] = "a b/ü"};
    CHECK_TEXT(ix_op_path(cx, &ix_ops[IX_OP_property_get], vars),
               "/spaces/farm/things/X/properties/a%20b%2F%C3%BC");
    vars[IX_VAR_property] = "..";
    CHECK_TEXT(ix_op_path(cx, &ix_ops[IX_OP_property_get], vars),
               "/spaces/farm/things/X/properties/%2E%2E");
}

TEST("a URL is a path behind a host, whatever its length")
{
    char id[401] = "";
    memset(id, 'x', sizeof id - 1);
    const char *vars[IX_VAR_COUNT] = {[IX_VAR_space] = "farm", [IX_VAR_thing] = id};
    CHECK_TEXT(ix_op_url(cx, "https://iot.example", &ix_ops[IX_OP_thing_get], vars),
               ix_format(cx, "https://iot.example/spaces/farm/things/%s", id));
}

/* ---- methods ---- */

TEST("methods are known by their exact names")
{
    for (int i = 0; i < IX_METHOD_COUNT; i++) {
        ix_method method;
        CHECK(ix_method_parse(ix_str_of(ix_method_name((ix_method)i)), &method));
        CHECK_INT(method, i);
    }
    ix_method method;
    CHECK(!ix_method_parse(IX_STR("get"), &method));
    CHECK(!ix_method_parse(IX_STR("BREW"), &method));
    CHECK(!ix_method_parse(IX_STR(""), &method));
}
