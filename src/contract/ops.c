/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operation table, and the way from a path to its row and back.
 *
 * The routes of all rows form a tree of path segments, built from the table at the first match and
 * never changed after that. A path is matched by walking down the tree once; its variables are cut
 * out of one copy of the path.
 */
#include "contract/ops.h"

#include <assert.h>
#include <pthread.h>

#include "base/ulid.h"

#ifdef IX_OPS_LEAN
const ix_schema ix_doc_unread = {0};
#endif

const ix_op ix_ops[IX_OP_COUNT] = {
#define OP(id, ...) [IX_OP_##id] = {.name = #id, __VA_ARGS__},
#include "contract/ops.def"
#undef OP
};

const ix_var_row ix_vars[IX_VAR_COUNT] = {
#define VAR(id, how, text) \
    [IX_VAR_##id] = {.name = #id, .check = (how), .doc = IX_REPLIES_TEXT(text)},
#include "contract/vars.def"
#undef VAR
};

/* What IX_ALSO_IN_CATEGORY puts between these two parts of a path. */
static const char space_part[] = "/spaces/{space}";
static const char category_part[] = "/categories/{category}";

/* ---- methods ---- */

static const char *const method_names[IX_METHOD_COUNT] = {
    [IX_GET] = "GET",       [IX_POST] = "POST", [IX_PUT] = "PUT",         [IX_PATCH] = "PATCH",
    [IX_DELETE] = "DELETE", [IX_HEAD] = "HEAD", [IX_OPTIONS] = "OPTIONS",
};

const char *ix_method_name(ix_method method)
{
    return method_names[method];
}

bool ix_method_parse(ix_str name, ix_method *ret)
{
    for (int i = 0; i < IX_METHOD_COUNT; i++) {
        if (ix_str_is(name, method_names[i])) {
            *ret = (ix_method)i;
            return true;
        }
    }
    return false;
}

bool ix_method_is_idempotent(ix_method method)
{
    return method != IX_POST && method != IX_PATCH;
}

/* ---- rows ---- */

const ix_op *ix_op_find(const char *name)
{
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        if (strcmp(ix_ops[i].name, name) == 0)
            return &ix_ops[i];
    }
    return NULL;
}

uint64_t ix_op_params(const ix_op *op)
{
    const uint64_t paging =
        IX_PARAM_BIT(limit) | IX_PARAM_BIT(next_cursor) | IX_PARAM_BIT(previous_cursor);
    return op->params | (op->flags & IX_PAGED ? paging : 0);
}

static bool implies_error(const ix_op *op, int status)
{
    switch (status) {
    case 401:
    case 403:
        return op->scopes != 0;
    case 404:
        return op->flags & IX_OPERATOR || strchr(op->path, '{') != NULL;
    case 413:
    case 415:
        return op->body_kind != IX_BODY_NONE;
    case 507:
        return op->method != IX_GET;
    case 429:
        return !(op->flags & IX_UNMETERED);
    default:
        return status == 500 || status == 503;
    }
}

bool ix_op_may_fail_with(const ix_op *op, int status)
{
    const int *error = op->errors;
    while (error && *error && *error != status)
        error++;
    return (error && *error) || implies_error(op, status);
}

/* The variable that a segment of a row's path is, or IX_VAR_COUNT if it is literal. */
static ix_var segment_var(ix_str segment)
{
    if (!segment.len || segment.at[0] != '{')
        return IX_VAR_COUNT;
    const ix_str name = {segment.at + 1, segment.len - 2};
    int var = 0;
    while (var < IX_VAR_COUNT &&
           (strncmp(ix_vars[var].name, name.at, name.len) != 0 || ix_vars[var].name[name.len]))
        var++;
    assert(var < IX_VAR_COUNT);
    return (ix_var)var;
}

/* ---- the tree of routes ---- */

typedef struct node {
    ix_str literal; /* this segment as written, or empty if it is a variable */
    ix_var var;
    bool in_category;                /* an address by /categories/{category}/things */
    unsigned allowed;                /* bits 1 << ix_method; 0: no route ends here */
    bool is_operators;               /* its rows are IX_OPERATOR: all of them, or none */
    const ix_op *ops[IX_DELETE + 1]; /* by method */
    struct node *child, *sibling;
} node;

enum { NODES_MAX = 128 };

/* The one thing here that is not constant from the start; it is after routes_build. */
static struct {
    pthread_once_t once;
    size_t count;
    node nodes[NODES_MAX]; /* [0] is the root */
} routes = {.once = PTHREAD_ONCE_INIT};

static node *node_add(node *parent, ix_str segment)
{
    const ix_var var = segment_var(segment);
    node **end = &parent->child;
    for (; *end; end = &(*end)->sibling) {
        if (var == (*end)->var && (var < IX_VAR_COUNT || ix_str_equal((*end)->literal, segment)))
            return *end;
        /* A segment is either a variable or one of some words: so a walk never turns back. */
        assert(var == IX_VAR_COUNT && (*end)->var == IX_VAR_COUNT);
    }
    assert(routes.count < NODES_MAX);
    node *made = &routes.nodes[routes.count++];
    made->var = var;
    made->literal = var == IX_VAR_COUNT ? segment : (ix_str){0};
    *end = made;
    return made;
}

static node *path_add(node *from, const char *path)
{
    for (ix_str rest = ix_str_of(path + 1); rest.at;) {
        ix_str segment;
        rest = ix_str_cut(rest, '/', &segment);
        from = node_add(from, segment);
    }
    return from;
}

static void op_add(node *end, const ix_op *op)
{
    assert(op->method <= IX_DELETE && !end->ops[op->method]);
    const bool is_operators = op->flags & IX_OPERATOR;
    assert(!end->allowed || end->is_operators == is_operators);
    end->ops[op->method] = op;
    end->allowed |= 1U << op->method;
    end->is_operators = is_operators;
}

static void routes_build(void)
{
    node *root = &routes.nodes[routes.count++];
    for (size_t i = 0; i < IX_OP_COUNT; i++) {
        const ix_op *op = &ix_ops[i];
        op_add(path_add(root, op->path), op);
        if (!(op->flags & IX_ALSO_IN_CATEGORY))
            continue;

        assert(ix_str_starts(ix_str_of(op->path), space_part));
        node *end = path_add(path_add(root, space_part), category_part);
        end = path_add(end, op->path + sizeof space_part - 1);
        op_add(end, op);
        end->in_category = true;
    }
}

/* ---- from a path to a row ---- */

/* Decodes a segment where it stands. One that cannot be decoded becomes empty, which no literal and
 * no check of a variable takes. */
static void segment_decode(char *segment)
{
    const size_t raw = strlen(segment);
    ptrdiff_t len = (ptrdiff_t)raw;
    if (memchr(segment, '%', raw))
        len = ix_percent_decode((ix_str){segment, raw}, false, segment);
    const ix_str text = {segment, len < 0 ? 0 : (size_t)len};
    if (len < 0 || memchr(segment, 0, text.len) || !ix_str_is_utf8(text))
        len = 0;
    segment[len] = '\0';
}

/* The child that a decoded segment leads to, or NULL. */
static const node *node_step(const node *from, const char *segment)
{
    const node *child = from->child;
    if (!child || child->var < IX_VAR_COUNT)
        return child;
    const ix_str text = ix_str_of(segment);
    while (child && !ix_str_equal(child->literal, text))
        child = child->sibling;
    return child;
}

bool ix_ops_match(ix_ctx *cx, ix_method method, ix_str raw_path, ix_match *ret)
{
    pthread_once(&routes.once, routes_build);
    *ret = (ix_match){0};
    if (!raw_path.len || raw_path.at[0] != '/' || memchr(raw_path.at, 0, raw_path.len))
        return true;

    char *segment = ix_strndup(cx, raw_path.at + 1, raw_path.len - 1);
    if (!segment)
        return false;

    ix_match match = {0};
    const node *at = &routes.nodes[0];
    while (at && segment) {
        char *slash = strchr(segment, '/');
        if (slash)
            *slash = '\0';
        const bool is_last = !slash || !slash[1];
        const bool is_empty = !*segment; /* as sent: an empty segment is not a variable */
        segment_decode(segment);
        at = is_empty ? NULL : node_step(at, segment);
        if (at && at->var < IX_VAR_COUNT)
            match.vars[at->var] = segment;
        segment = is_last ? NULL : slash + 1;
    }
    if (!at || !at->allowed)
        return true;

    match.route_exists = true;
    match.allowed = at->allowed;
    match.is_operators = at->is_operators;
    match.in_category = at->in_category;
    if (method == IX_HEAD)
        method = IX_GET;
    if (method <= IX_DELETE)
        match.op = at->ops[method];
    *ret = match;
    return true;
}

/* ---- variables ---- */

static bool is_digits(ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    }
    return text.len > 0;
}

static bool is_positive(ix_str text)
{
    int64_t value;
    return is_digits(text) && ix_str_int(text, &value) && value > 0;
}

static bool var_fail(ix_ctx *cx, const char *message, const ix_var_row *row, const char *reason)
{
    return ix_fail_field(cx, IOTS_INVALID, message, row->name, "%s", reason);
}

static bool ulid_check(ix_ctx *cx, const ix_var_row *row, const char **value)
{
    ix_ulid id;
    if (!ix_ulid_parse(ix_str_of(*value), &id))
        return var_fail(cx, "invalid id", row, "expected a ULID");
    if (strcmp(id.text, *value) == 0)
        return true;
    return (*value = ix_strdup(cx, id.text)) != NULL;
}

static bool var_check(ix_ctx *cx, const ix_var_row *row, const char **value)
{
    const ix_str text = ix_str_of(*value);
    switch (row->check) {
    case IX_CHECK_SPACE:
        return ix_space_is_valid(text) || ix_fail(cx, IOTS_NOT_FOUND, NULL);
    case IX_CHECK_NAME:
        return ix_name_is_valid(text) || var_fail(cx, "invalid name", row, IX_NAME_RULE);
    case IX_CHECK_ULID:
        return ulid_check(cx, row, value);
    case IX_CHECK_TEXT:
        return ix_affordance_is_valid(text) ||
               var_fail(cx, "invalid name", row, IX_AFFORDANCE_RULE);
    case IX_CHECK_POSITIVE:
        return is_positive(text) || var_fail(cx, "invalid version", row, "expected 1 or more");
    case IX_CHECK_DIGITS:
        return is_digits(text) || ix_fail(cx, IOTS_NOT_FOUND, NULL);
    }
    assert(false);
    return false;
}

/* vars.def names the variables in the order in which they stand in paths. */
bool ix_match_check(ix_ctx *cx, ix_match *match)
{
    for (int i = 0; i < IX_VAR_COUNT; i++) {
        if (match->vars[i] && !var_check(cx, &ix_vars[i], &match->vars[i]))
            return false;
    }
    return true;
}

const char *ix_allow_header(ix_ctx *cx, unsigned allowed)
{
    if (allowed & 1U << IX_GET)
        allowed |= 1U << IX_HEAD;
    allowed |= 1U << IX_OPTIONS;

    const char *text = NULL;
    for (int i = 0; i < IX_METHOD_COUNT; i++) {
        if (!(allowed >> i & 1))
            continue;
        text = text ? ix_format(cx, "%s, %s", text, method_names[i]) : method_names[i];
        if (!text)
            return NULL;
    }
    return text;
}

/* ---- from a row to a path ---- */

/* Adds a row's path, or a part of it, with the variables filled in. */
static bool path_write(ix_ctx *cx, ix_buf *buf, const ix_op *op, const char *path,
                       const char *const vars[IX_VAR_COUNT])
{
    for (const char *brace; (brace = strchr(path, '{'));) {
        ix_buf_add(buf, path, (size_t)(brace - path));
        path = strchr(brace, '}') + 1;
        const ix_var var = segment_var((ix_str){brace, (size_t)(path - brace)});
        if (!vars[var] || !*vars[var])
            return ix_fail(cx, IOTS_USAGE, "%s needs a %s", op->name, ix_vars[var].name);
        if (strcmp(vars[var], ".") == 0 || strcmp(vars[var], "..") == 0)
            ix_buf_text(buf, vars[var][1] ? "%2E%2E"
                                          : "%2E"); /* else steps in the path, RFC 3986 5.2.4 */
        else
            ix_buf_percent(buf, ix_str_of(vars[var]));
    }
    ix_buf_text(buf, path);
    return true;
}

char *ix_op_url(ix_ctx *cx, const char *host, const ix_op *op, const char *const vars[IX_VAR_COUNT])
{
    enum { USUAL_LEN = 250 }; /* so that there is one allocation */
    ix_buf buf = {0};
    bool ok;
    ix_buf_reserve(&buf, USUAL_LEN);
    ix_buf_text(&buf, host);
    if (op->flags & IX_ALSO_IN_CATEGORY && vars[IX_VAR_category])
        ok = path_write(cx, &buf, op, space_part, vars) &&
             path_write(cx, &buf, op, category_part, vars) &&
             path_write(cx, &buf, op, op->path + sizeof space_part - 1, vars);
    else
        ok = path_write(cx, &buf, op, op->path, vars);
    if (ok && buf.failed)
        ok = ix_fail(cx, IOTS_NO_MEMORY, NULL);

    char *url = ok ? ix_strndup(cx, ix_buf_cstr(&buf), buf.len) : NULL;
    ix_buf_done(&buf);
    return url;
}

char *ix_op_path(ix_ctx *cx, const ix_op *op, const char *const vars[IX_VAR_COUNT])
{
    return ix_op_url(cx, "", op, vars);
}
