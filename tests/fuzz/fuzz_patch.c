/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document, a line end, a patch. The document stays as it is, whatever the patch says; what comes out
 * is a document, the same each time; what is refused is refused with a reason, and names an operation
 * that is there. Merging twice is merging once (RFC 7396).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_refused(ix_ctx *cx, const ix_json *operations)
{
    const ix_json *index = ix_json_member(cx->error.details, "index");
    must(cx->error.code == IOTS_INVALID && cx->error.message[0] != '\0');
    must(ix_str_is_utf8(ix_str_of(cx->error.message)));
    must(!index || (size_t)ix_json_int(index, INT64_MAX) < ix_json_count(operations));
    ix_ctx_clear_error(cx);
}

static void must_read_back(ix_ctx *cx, const ix_json *json)
{
    const char *text = ix_json_text(cx, json);
    must(text != NULL);
    const ix_json *again = ix_json_parse(cx, text, strlen(text));
    must(again ? ix_json_equal(again, json) : cx->error.code == IOTS_INVALID); /* too deep by now */
    ix_ctx_clear_error(cx);
}

static void check_operations(ix_ctx *cx, const ix_json *doc, const ix_json *operations)
{
    ix_json *once, *twice, *names = ix_json_new_object(cx);
    bool is_all;
    if (!patch_apply(cx, doc, operations, &once)) {
        must_be_refused(cx, operations);
        return;
    }
    must(patch_apply(cx, doc, operations, &twice) && ix_json_equal(once, twice));
    must_read_back(cx, once);
    must(patch_writer(operations, "/a") <= ix_json_count(operations));
    must(patch_names_written(cx, operations, "status", names, &is_all));
}

static void check_merge(ix_ctx *cx, const ix_json *doc, const ix_json *patch)
{
    ix_json *once, *twice;
    if (!patch_merge(cx, doc, patch, &once)) {
        must(ix_json_kind(patch) != IX_OBJECT);
        must_be_refused(cx, NULL);
        return;
    }
    must(patch_merge(cx, once, patch, &twice));
    must(ix_json_equal(once, twice));
    must_read_back(cx, once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_ctx cx;
    must(ix_ctx_init(&cx, 0));
    ix_str text;
    const ix_str rest = ix_str_cut((ix_str){(const char *)data, size}, '\n', &text);
    const ix_json *doc = ix_json_parse(&cx, text.at ? text.at : "", text.len);
    const ix_json *patch = ix_json_parse(&cx, rest.at ? rest.at : "", rest.len);
    ix_ctx_clear_error(&cx);
    if (doc && patch) {
        const char *before = ix_json_text(&cx, doc);
        check_operations(&cx, doc, patch);
        check_merge(&cx, doc, patch);
        const char *after = ix_json_text(&cx, doc);
        must(before && after && strcmp(before, after) == 0);
    }
    ix_ctx_done(&cx);
    return 0;
}
