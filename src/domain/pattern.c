/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern is compiled with a callout before each of its items, and each callout takes steps: one, and
 * more for the text that was passed since the last. PCRE2's own limits do not bound time, since they start
 * anew at each place of the text. For the same reason nothing is compiled to machine code: values are short,
 * and callouts would take back what that gains.
 */
#include "domain/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "contract/json_path.h"

struct pattern {
    pcre2_code *code;
    pcre2_match_context *context;
    bool has_references; /* to what a group matched: comparing it takes time as well */
};

void pattern_free(pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_context_free(pattern->context);
    pcre2_code_free(pattern->code);
    free(pattern);
}

/* As ECMA-262 has it where Perl differs: \u00e4, an empty class, $ at the very end. */
static pcre2_code *compile(ix_ctx *cx, ix_str text)
{
    static const uint32_t options = PCRE2_UTF | PCRE2_AUTO_CALLOUT | PCRE2_ALT_BSUX |
                                    PCRE2_ALLOW_EMPTY_CLASS | PCRE2_DOLLAR_ENDONLY |
                                    PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    int code;
    size_t offset;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) {
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    pcre2_code *made =
        pcre2_compile((PCRE2_SPTR)text.at, text.len, options, &code, &offset, context);
    pcre2_compile_context_free(context);
    if (!made) {
        PCRE2_UCHAR why[128] = "";
        pcre2_get_error_message(code, why, sizeof why);
        ix_fail(cx, IOTS_INVALID, "expected a regular expression: %s, at character %zu",
                (const char *)why, offset);
    }
    return made;
}

pattern *pattern_new(ix_ctx *cx, ix_str text)
{
    if (text.len > PATTERN_BYTES_MAX) {
        ix_fail(cx, IOTS_INVALID, "expected at most %d bytes", (int)PATTERN_BYTES_MAX);
        return NULL;
    }
    pcre2_code *code = compile(cx, text);
    if (!code)
        return NULL;
    pattern *made = calloc(1, sizeof *made);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (!made || !context) {
        pcre2_match_context_free(context);
        pcre2_code_free(code);
        free(made);
        ix_fail(cx, IOTS_NO_MEMORY, NULL);
        return NULL;
    }
    uint32_t references = 0;
    pcre2_pattern_info(code, PCRE2_INFO_BACKREFMAX, &references);
    pcre2_set_match_limit(context, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(context, PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(context, PATTERN_HEAP_KIB);
    *made = (pattern){code, context, references > 0};
    return made;
}

/* ---- matching ---- */

typedef struct payment {
    ix_ctx *cx;
    size_t at; /* where the text was looked at last */
    bool has_references;
} payment;

static int pay(pcre2_callout_block *block, void *arg)
{
    payment *payment = arg;
    const size_t at = block->current_position;
    size_t bytes = at > payment->at ? at - payment->at : payment->at - at;
    if (payment->has_references)
        bytes += block->subject_length;
    payment->at = at;
    return ix_spend(payment->cx, 1 + bytes / IX_STEP_BYTES) ? 0 : PCRE2_ERROR_CALLOUT;
}

bool pattern_match(ix_ctx *cx, const pattern *pattern, ix_str text, bool *ret)
{
    payment payment = {.cx = cx, .has_references = pattern->has_references};
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data)
        return ix_fail(cx, IOTS_NO_MEMORY, NULL);
    pcre2_set_callout(pattern->context, pay, &payment);
    const int result =
        pcre2_match(pattern->code, (PCRE2_SPTR)text.at, text.len, 0, 0, data, pattern->context);
    pcre2_match_data_free(data);
    *ret = result >= 0;
    return result >= 0 || result == PCRE2_ERROR_NOMATCH ||
           ix_fail(cx, IOTS_INVALID, "this value takes too long to check against its pattern");
}

/* ---- descriptions ---- */

/* What of a description are DataSchemas, or hold some. */
static const char *const schemas_in[] = {
    "input", "output", "subscription", "data", "cancellation", "dataResponse", "items", "oneOf",
};
static const char *const maps_in[] = {"properties", "uriVariables"};

static bool check_schema(ix_ctx *cx, const ix_place *at, const ix_json *schema);

static bool check_text(ix_ctx *cx, const ix_place *at, const ix_json *text)
{
    const ix_place inner = {at, "pattern", 0};
    if (ix_json_kind(text) != IX_TEXT)
        return true;
    if (!ix_spend(cx, PATTERN_STEPS))
        return ix_fail(cx, IOTS_INVALID, "this description takes too long to check");
    pattern *pattern = pattern_new(cx, ix_json_str(text));
    pattern_free(pattern);
    if (pattern)
        return true;
    const char *why = ix_strdup(cx, cx->error.message);
    if (cx->error.code == IOTS_INVALID && why) {
        ix_ctx_clear_error(cx);
        return ix_place_fail(cx, &inner, NULL, why);
    }
    return false;
}

static bool check_map(ix_ctx *cx, const ix_place *at, const ix_json *map)
{
    for (ix_member m = ix_members(map); m.name; m = ix_members_next(m)) {
        const ix_place inner = {at, m.name, 0};
        if (!check_schema(cx, &inner, m.value))
            return false;
    }
    return true;
}

/* A schema, or an array of them. Recursion ends with the document, which has a depth. */
static bool check_schema(ix_ctx *cx, const ix_place *at, const ix_json *schema)
{
    for (size_t i = 0; ix_json_kind(schema) == IX_ARRAY && i < ix_json_count(schema); i++) {
        const ix_place inner = {at, NULL, i};
        if (!check_schema(cx, &inner, ix_json_item(schema, i)))
            return false;
    }
    if (!check_text(cx, at, ix_json_member(schema, "pattern")))
        return false;
    for (size_t i = 0; i < sizeof schemas_in / sizeof schemas_in[0]; i++) {
        const ix_place inner = {at, schemas_in[i], 0};
        const ix_json *held = ix_json_member(schema, schemas_in[i]);
        if (held && !check_schema(cx, &inner, held))
            return false;
    }
    for (size_t i = 0; i < sizeof maps_in / sizeof maps_in[0]; i++) {
        const ix_place inner = {at, maps_in[i], 0};
        if (!check_map(cx, &inner, ix_json_member(schema, maps_in[i])))
            return false;
    }
    return true;
}

bool pattern_check_all(ix_ctx *cx, const char *field, const ix_json *description)
{
    static const char *const members[] = {"properties", "actions", "events"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const ix_place top = {.name = field};
        const ix_place at = {&top, members[i], 0};
        if (!check_map(cx, &at, ix_json_member(description, members[i])))
            return false;
    }
    return true;
}
