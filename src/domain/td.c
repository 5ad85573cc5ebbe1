/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description is taken as it is stored, and completed: our context, our base, our way of
 * authenticating, our forms. Forms that were there before lead to the device itself: those with an
 * address of their own stay behind ours, with the security they relied on; relative ones go, since
 * they were relative to a base that is not ours.
 */
#include "domain/td.h"

#include <string.h>

#define CONTEXT    "https://www.w3.org/2022/wot/td/v1.1" /* WoT Thing Description 1.1, 5.1 */
#define CONTEXT_10 "https://www.w3.org/2019/wot/td/v1"
#define TYPE       "application/td+json"

/* One form that is generated for each affordance of a kind, or for the whole Thing. */
typedef struct form_row {
    const char *member; /* of the Thing; NULL: the Thing itself */
    ix_op_id operation; /* whose path it is */
    ix_var var;         /* that takes the affordance's name */
    const char *method;
    const char *op;   /* what it is for */
    const char *also; /* and that, or NULL */
    const char *bars; /* not if the affordance says true to this, or NULL */
} form_row;

// clang-format off
static const form_row form_rows[] = {
    {"properties", IX_OP_property_get,    IX_VAR_property, "GET",  "readproperty",       NULL, "writeOnly"},
    {"properties", IX_OP_property_update, IX_VAR_property, "PUT",  "writeproperty",      NULL, "readOnly"},
    {"actions",    IX_OP_actions_create,  IX_VAR_action,   "POST", "invokeaction",       NULL, NULL},
    {"events",     IX_OP_events_list,     IX_VAR_event,    "GET",  "subscribeevent",     "unsubscribeevent", NULL},
    {NULL,         IX_OP_properties_get,  IX_VAR_COUNT,    "GET",  "readallproperties",  NULL, NULL},
    {NULL,         IX_OP_properties_update, IX_VAR_COUNT,  "PUT",  "writeallproperties", "writemultipleproperties", NULL},
    {NULL,         IX_OP_all_actions_list, IX_VAR_COUNT,   "GET",  "queryallactions",    NULL, NULL},
};
// clang-format on

bool td_is_wanted(ix_str accept)
{
    while (accept.at) {
        ix_str range, type;
        accept = ix_str_cut(accept, ',', &range);
        const ix_str parameters = ix_str_cut(range, ';', &type);
        if (ix_str_is_nocase(ix_str_trim(type), TYPE))
            return !ix_str_is(ix_str_trim(parameters), "q=0");
    }
    return false;
}

typedef struct writer {
    ix_ctx *cx;
    const char *vars[IX_VAR_COUNT];
    const ix_json *security; /* that forms of the description relied on, or NULL */
} writer;

static bool set_text(writer *w, ix_json *to, const char *name, const char *text)
{
    return ix_json_set(w->cx, to, name, ix_json_new_string(w->cx, text));
}

static ix_json *form_of(writer *w, const form_row *row, const char *name)
{
    ix_ctx *cx = w->cx;
    if (row->var != IX_VAR_COUNT)
        w->vars[row->var] = name;
    const char *path = ix_op_path(cx, &ix_ops[row->operation], w->vars);
    ix_json *form = ix_json_new_object(cx), *ops = ix_json_new_array(cx);
    if (!path || !form || !ops || !ix_json_append(cx, ops, ix_json_new_string(cx, row->op)) ||
        (row->also && !ix_json_append(cx, ops, ix_json_new_string(cx, row->also))) ||
        !ix_json_set(cx, form, "op", ops) || !set_text(w, form, "href", path) ||
        !set_text(w, form, "contentType", "application/json") ||
        !set_text(w, form, "htv:methodName", row->method))
        return NULL;
    return form;
}

/* RFC 3986 4.3: with a scheme in front. */
static bool is_absolute(const char *href)
{
    const size_t len = strcspn(href, ":/?#");
    return len > 0 && href[len] == ':';
}

static bool keep_form(writer *w, ix_json *forms, const ix_json *form)
{
    const char *href = ix_json_string(ix_json_member(form, "href"));
    if (!href || !is_absolute(href))
        return true;
    ix_json *kept = ix_json_copy(w->cx, form);
    if (!kept)
        return false;
    if (w->security && !ix_json_member(kept, "security") &&
        !ix_json_set(w->cx, kept, "security", w->security))
        return false;
    return ix_json_append(w->cx, forms, kept);
}

/* Ours, then those that lead elsewhere. */
static bool complete_forms(writer *w, ix_json *of, const char *member, const char *name)
{
    ix_json *forms = ix_json_new_array(w->cx);
    if (!forms)
        return false;
    for (size_t i = 0; i < sizeof form_rows / sizeof form_rows[0]; i++) {
        const form_row *row = &form_rows[i];
        const bool is_of_kind =
            member ? row->member && strcmp(row->member, member) == 0 : !row->member;
        if (!is_of_kind || (row->bars && ix_json_bool(ix_json_member(of, row->bars), false)))
            continue;
        if (!ix_json_append(w->cx, forms, form_of(w, row, name)))
            return false;
    }
    const ix_json *before = ix_json_member(of, "forms");
    for (size_t i = 0; ix_json_kind(before) == IX_ARRAY && i < ix_json_count(before); i++)
        if (!keep_form(w, forms, ix_json_item(before, i)))
            return false;
    return ix_json_set(w->cx, of, "forms", forms);
}

static bool complete_affordances(writer *w, const ix_json *td, const char *member)
{
    const ix_json *all = ix_json_member(td, member);
    for (ix_member m = ix_members(all); m.name; m = ix_members_next(m))
        if (!complete_forms(w, ix_json_mutable(m.value), member, m.name))
            return false;
    return true;
}

static bool is_td_context(const ix_json *item)
{
    const ix_str text = ix_json_str(item);
    return ix_str_is(text, CONTEXT) || ix_str_is(text, CONTEXT_10);
}

/* Ours first, then the vocabularies of the description. Consumers of TD 1.0 want theirs to be the first of all
 * (TD 1.1, 5.3.1.1), and node-wot is one of them. */
static bool complete_context(writer *w, ix_json *td)
{
    ix_ctx *cx = w->cx;
    const ix_json *before = ix_json_member(td, "@context");
    ix_json *context = ix_json_new_array(cx), *htv = ix_json_new_object(cx);
    if (!context || !htv || !ix_json_append(cx, context, ix_json_new_string(cx, CONTEXT_10)) ||
        !ix_json_append(cx, context, ix_json_new_string(cx, CONTEXT)) ||
        !set_text(w, htv, "htv", "http://www.w3.org/2011/http#") ||
        !ix_json_append(cx, context, htv))
        return false;
    if (ix_json_kind(before) != IX_ARRAY) {
        if (before && !is_td_context(before) && !ix_json_append(cx, context, before))
            return false;
    } else {
        for (size_t i = 0; i < ix_json_count(before); i++)
            if (!is_td_context(ix_json_item(before, i)) &&
                !ix_json_append(cx, context, ix_json_item(before, i)))
                return false;
    }
    return ix_json_set(cx, td, "@context", context);
}

/* How to get in. Consumers ask for tokens over TLS only, and use the first scheme there is. */
static ix_json *scheme_of(writer *w, const char *base, bool is_tls)
{
    ix_json *scheme = ix_json_new_object(w->cx);
    if (!scheme)
        return NULL;
    if (!is_tls)
        return set_text(w, scheme, "scheme", "bearer") && set_text(w, scheme, "in", "header") &&
                       set_text(w, scheme, "name", "Authorization") &&
                       set_text(w, scheme, "authorization", "/oauth2/token")
                   ? scheme
                   : NULL;
    const char *token = ix_format(w->cx, "%s/oauth2/token", base);
    ix_json *scopes = ix_json_new_array(w->cx);
    return token && scopes && set_text(w, scheme, "scheme", "oauth2") &&
                   set_text(w, scheme, "flow", "client") && set_text(w, scheme, "token", token) &&
                   ix_json_append(w->cx, scopes, ix_json_new_string(w->cx, "thing")) &&
                   ix_json_set(w->cx, scheme, "scopes", scopes)
               ? scheme
               : NULL;
}

/* Ours is what the Thing asks for; the definitions of the description stay for the forms it had. */
static bool complete_security(writer *w, ix_json *td, const char *base)
{
    ix_ctx *cx = w->cx;
    const bool is_tls = ix_str_starts(ix_str_of(base), "https://");
    const char *name = is_tls ? "iots_oauth2" : "iots_bearer";
    const ix_json *definitions = ix_json_member(td, "securityDefinitions");
    const ix_json *security = ix_json_member(td, "security");
    if (ix_json_count(definitions) && security)
        w->security = ix_json_copy(cx, security); /* a copy: ours takes its place */
    ix_json *all = ix_json_kind(definitions) == IX_OBJECT ? ix_json_copy(cx, definitions)
                                                          : ix_json_new_object(cx);
    ix_json *scheme = scheme_of(w, base, is_tls);
    return all && scheme && ix_json_set(cx, all, name, scheme) &&
           ix_json_set(cx, td, "securityDefinitions", all) && set_text(w, td, "security", name);
}

/* Consumers of TDs read no value of a property of which nothing is said, so all is said: the six types of
 * JSON, of which each value has exactly one. */
static bool complete_types(writer *w, const ix_json *td)
{
    static const char *const said[] = {"type", "const", "enum", "oneOf"};
    static const char *const types[] = {"null", "boolean", "number", "string", "array", "object"};
    ix_ctx *cx = w->cx;
    for (ix_member m = ix_members(ix_json_member(td, "properties")); m.name;
         m = ix_members_next(m)) {
        bool is_said = false;
        for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
            is_said = is_said || ix_json_member(m.value, said[i]);
        if (is_said)
            continue;
        ix_json *any = ix_json_new_array(cx);
        for (size_t i = 0; any && i < sizeof types / sizeof types[0]; i++) {
            ix_json *one = ix_json_new_object(cx);
            if (!one || !set_text(w, one, "type", types[i]) || !ix_json_append(cx, any, one))
                return false;
        }
        if (!ix_json_set(cx, ix_json_mutable(m.value), "oneOf", any))
            return false;
    }
    return true;
}

/* The Thing as GET shows it, read. */
static ix_json *thing_shown(writer *w, const char *base, const thing_view *view)
{
    ix_buf text = {0};
    thing_write(&text, base, w->vars[IX_VAR_space], w->vars[IX_VAR_category], view);
    ix_json *shown = text.failed ? NULL : ix_json_parse(w->cx, text.at, text.len);
    if (!shown)
        ix_fail(w->cx, IOTS_NO_MEMORY, NULL);
    ix_buf_done(&text);
    return shown;
}

ix_json *td_of(ix_ctx *cx, const char *base, const char *const vars[IX_VAR_COUNT],
               const thing_view *view)
{
    writer w = {.cx = cx};
    memcpy(w.vars, vars, sizeof w.vars);
    ix_json *td = thing_shown(&w, base, view);
    if (!td)
        return NULL;
    ix_json_remove(td, "status");
    ix_json_remove(td, "status_at");
    const bool ok =
        complete_context(&w, td) && complete_security(&w, td, base) &&
        set_text(&w, td, "base", base) && complete_types(&w, td) &&
        complete_forms(&w, td, NULL, NULL) && complete_affordances(&w, td, "properties") &&
        complete_affordances(&w, td, "actions") && complete_affordances(&w, td, "events");
    return ok ? td : NULL;
}
