/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operation table: one row (ops.def) says everything the outside may know about an operation. How
 * the server runs it is api/run.def, how the command line shows it cli/show.def.
 *
 * The router, the checks, the help and the paths of the library are read off it; nothing here runs
 * an operation. All of it is constant and thread-safe.
 */
#ifndef IX_OPS_H
#define IX_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"
#include "base/json.h"
#include "base/str.h"
#include "contract/names.h"
#include "contract/params.h"
#include "contract/schema.h"
#include "contract/scopes.h"

typedef enum ix_method {
    IX_GET,
    IX_POST,
    IX_PUT,
    IX_PATCH,
    IX_DELETE,
    IX_HEAD,    /* as GET without body; no row has it */
    IX_OPTIONS, /* 204 with Allow; no row has it */
    IX_METHOD_COUNT,
} ix_method;

const char *ix_method_name(ix_method method);
/* False for a method that HTTP or we do not know. Names are case-sensitive (RFC 9110 9.1). */
bool ix_method_parse(ix_str name, ix_method *ret);

/* Is it the same to do it once or twice (RFC 9110, 9.2.2)? */
bool ix_method_is_idempotent(ix_method method);

/* What stands between braces in a path (vars.def). */
typedef enum ix_var {
#define VAR(id, check, doc) IX_VAR_##id,
#include "contract/vars.def"
#undef VAR
    IX_VAR_COUNT,
} ix_var;

/* How a path variable is checked, once decoded (docs/api/http.md sections 1 and 2). */
typedef enum ix_var_check {
    IX_CHECK_SPACE,    /* pattern of a space; else 404 */
    IX_CHECK_NAME,     /* pattern of a Category or Model; else 400 "invalid name" */
    IX_CHECK_ULID,     /* else 400 "invalid id"; upper-cased */
    IX_CHECK_TEXT,     /* an affordance's name; else 400 "invalid name" */
    IX_CHECK_POSITIVE, /* an integer from 1; else 400 "invalid version" */
    IX_CHECK_DIGITS,   /* a query cursor; else 404 */
} ix_var_check;

typedef struct ix_var_row {
    const char *name;
    ix_var_check check;
    const char *doc;
} ix_var_row;
extern const ix_var_row ix_vars[IX_VAR_COUNT];

/* What the body of a request is. */
typedef enum ix_body {
    IX_BODY_NONE,     /* read and dropped */
    IX_BODY_JSON,     /* application/json */
    IX_BODY_TD,       /* a Thing Description: application/json, td+json or ld+json */
    IX_BODY_OPTIONAL, /* application/json, or nothing at all */
    IX_BODY_PATCH,    /* JSON Patch or merge patch (docs/api/http.md section 9) */
    IX_BODY_FORM,     /* application/x-www-form-urlencoded */
} ix_body;

enum {
    IX_ALSO_IN_CATEGORY = 1 << 0, /* a second address: /spaces/{space}/categories/{category}/... */
    IX_PAGED = 1 << 1,            /* adds limit and cursors; the reply is wrapped in a page */
    IX_EXTENSION = 1 << 2,        /* docs/api/http.md section 19: not needed for compatibility */
    IX_OAUTH2 = 1 << 3,           /* errors have the OAuth2 shape (docs/api/http.md 3.2) */
    IX_HTML = 1 << 4,             /* answers people: pages, also of errors */
    IX_UNMETERED = 1 << 5,        /* for those who watch the server: no rate limit */
    IX_OPERATOR = 1 << 6,         /* for who runs the server; to others there is no such route */
};

/* Columns of a row: `errors`; `body` and `reply`; `summary`. libiots asks no more of them than whether
 * there is a reply, so there (IX_OPS_LEAN) all documents are one, and nothing else is kept. */
#ifdef IX_OPS_LEAN
extern const ix_schema ix_doc_unread;
#define IX_ERRORS(...)        NULL
#define IX_DOC(noun)          &ix_doc_unread
#define IX_REPLIES_TEXT(text) NULL
#else
#define IX_ERRORS(...)        ((const int[]){__VA_ARGS__, 0})
#define IX_DOC(noun)          &ix_doc_##noun
#define IX_REPLIES_TEXT(text) (text)
#endif

typedef struct ix_op {
    const char *name; /* noun_verb, as in the command line: `thing get` */
    const char *path; /* without category; variables between braces */
    ix_method method;
    unsigned flags;
    uint64_t scopes; /* any one of these allows it; 0: needs no token */
    uint64_t params; /* IX_PARAM_BIT of each query parameter, paging not included */
    ix_body body_kind;
    int status;             /* of success */
    const int *errors;      /* statuses of its own failures, ascending, then 0; NULL: none. What the
                             * other columns imply is not among them (ix_op_may_fail_with) */
    const ix_schema *body;  /* NULL: any */
    const ix_schema *reply; /* of one item, for a page; NULL: none or any */
    const char *summary;    /* one sentence */
} ix_op;

typedef enum ix_op_id {
#define OP(id, ...) IX_OP_##id,
#include "contract/ops.def"
#undef OP
    IX_OP_COUNT,
} ix_op_id;

extern const ix_op ix_ops[IX_OP_COUNT];

static inline ix_op_id ix_op_index(const ix_op *op)
{
    return (ix_op_id)(op - ix_ops);
}

/* NULL if there is no operation of this name. */
const ix_op *ix_op_find(const char *name);

/* All parameters of a row, those of paging included. */
uint64_t ix_op_params(const ix_op *op);

/* May the row answer with this status of failure? Either its column says so, or every row of its kind
 * may: without token or scope, with a space that is none, with a body that is too large or of another
 * type, too often, while the server or its store is in trouble or full. */
bool ix_op_may_fail_with(const ix_op *op, int status);

/* ---- from a path to a row ---- */

typedef struct ix_match {
    const ix_op *op;                /* NULL: no such route, or not with this method */
    bool route_exists;              /* some method has this route */
    unsigned allowed;               /* bits 1 << ix_method of the methods the route has */
    bool is_operators;              /* the rows of the route are IX_OPERATOR */
    const char *vars[IX_VAR_COUNT]; /* in cx, decoded, checked; NULL if the path has none such */
    bool in_category;               /* the path went by /categories/{category}/things */
} ix_match;

/* Finds the row for a method and a raw path (not decoded, without query). One trailing slash is
 * ignored. Variables are decoded but not yet checked (ix_match_check), because 401 and 403 come
 * first. HEAD finds the row of GET. False only when out of memory. */
bool ix_ops_match(ix_ctx *cx, ix_method method, ix_str raw_path, ix_match *ret);

/* Checks the variables from left to right and puts IDs into upper case: IOTS_INVALID "invalid id"
 * and so on, IOTS_NOT_FOUND for a name no space can have. */
bool ix_match_check(ix_ctx *cx, ix_match *match);

/* The value of an Allow header for `allowed`, in cx; HEAD and OPTIONS included. */
const char *ix_allow_header(ix_ctx *cx, unsigned allowed);

/* ---- from a row to a path ---- */

/* The path for a row with these variables, percent-encoded. With IX_VAR_category set, an
 * IX_ALSO_IN_CATEGORY row gives its second address. IOTS_USAGE if a variable is missing. */
char *ix_op_path(ix_ctx *cx, const ix_op *op, const char *const vars[IX_VAR_COUNT]);

/* The same behind `host`, as "https://iot.example". */
char *ix_op_url(ix_ctx *cx, const char *host, const ix_op *op,
                const char *const vars[IX_VAR_COUNT]);

#endif
