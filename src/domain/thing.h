/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thing Descriptions: what makes one valid, and the form in which one is stored.
 *
 * The stored form is the JSON text of the description's members without the braces around them:
 * everything the server does not keep elsewhere (uid, id, href, categories, model, status,
 * client_id, created, modified are kept elsewhere). Only a Thing with values for its Model's
 * placeholders has the member `model` in it, as the first, whole. A reply is put together by copying
 * this text; it is not parsed on the way out.
 */
#ifndef THING_H
#define THING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"
#include "contract/schema.h"

/* A description taken apart: what a POST or PUT asks for, after checking. */
typedef struct thing_input {
    ix_json *doc;              /* cleaned members to be stored, defaults filled in: title,
                                  description, properties, actions, events, links always there */
    const char *title;         /* of doc */
    const ix_json *types;      /* of doc: @type, a string or array, or NULL */
    const ix_json *properties; /* of doc */
    const ix_json *actions;    /* of doc */
    const ix_json *events;     /* of doc */
    const ix_json *given;      /* properties before a template was put over them */
    const ix_json *links;      /* of doc */
    const char *uid;           /* given in the body, upper case, or NULL */
    const char **categories;   /* sorted, without doubles; NULL: not given */
    size_t category_count;
    bool model_given;            /* false: absent; model == NULL then and for null */
    const char *model;           /* name */
    int64_t version;             /* 0: not given */
    const ix_json *model_values; /* for the Model's placeholders; NULL: none */
    const ix_json *status;       /* values to set by property name, or NULL */
} thing_input;

/* Checks a body by section 8 and takes it apart. Values of status are not checked here (the store
 * knows which properties survive). On a Category route `categories` must be absent.
 * IOTS_INVALID with field and reason. */
bool thing_read(ix_ctx *cx, ix_purpose purpose, bool in_category, const ix_json *body,
                thing_input *ret);

/* The same from the stored form: asks for nothing but the description that is there. */
bool thing_stored_read(ix_ctx *cx, ix_str stored, thing_input *ret);

/* Puts a version's template over the input (7.3, rule 4). */
bool thing_apply_template(ix_ctx *cx, const ix_json *template, thing_input *input);

/* A name in status must be defined, by the input or by the template over it, and its value must fit:
 * IOTS_INVALID. */
bool thing_check_value(ix_ctx *cx, const thing_input *input, const char *name, const ix_json *value,
                       int validate_mode);

/* The values of status, without those of properties that gave way to the template (7.3, rule 5). NULL
 * if there are none, or there is no memory. */
const ix_json *thing_values(ix_ctx *cx, const thing_input *input);

/* What the stored form of a Thing with such values begins with, a comma included; "" if there are none
 * (NULL). NULL when out of memory. */
const char *thing_model_text(ix_ctx *cx, const char *model, int64_t version, const ix_json *values);

/* The values that a stored form has, or NULL: none, or a failure. */
const ix_json *thing_stored_values(ix_ctx *cx, ix_str stored);

/* The stored form, which begins with `model`, a text by thing_model_text(). NULL when out of memory. */
const char *thing_stored_text(ix_ctx *cx, const char *model, const ix_json *doc);

/* What the store keeps of one thing, ready to be written out. Views, valid as their owner says. */
typedef struct thing_view {
    ix_str uid;
    ix_str doc;        /* stored form */
    ix_str categories; /* JSON array, sorted */
    ix_str model;      /* name; empty: none */
    int64_t version;
    ix_str client_id; /* empty: none */
    ix_str status;    /* JSON object */
    ix_str status_at; /* JSON object of times by name; empty: not asked for */
    int64_t created_us, modified_us;
} thing_view;

/* Appends the Thing as GET shows it. `base` is scheme and authority (no trailing slash); `category`
 * is the route's Category, or NULL. */
void thing_write(ix_buf *buf, const char *base, const char *space, const char *category,
                 const thing_view *view);

#endif
