/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A description is taken, or refused with a field and a reason. What is taken is stored as text, which
 * is read as the same description again: nothing that was accepted is lost on its way to the disk.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain/thing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(ix_ctx *cx, ix_purpose purpose, bool in_category, const ix_json *body)
{
    thing_input input, again;
    if (!thing_read(cx, purpose, in_category, body, &input)) {
        must(cx->error.code == IOTS_INVALID && cx->error.message[0] != '\0');
        must(ix_str_is_utf8(ix_str_of(cx->error.message)));
        ix_ctx_clear_error(cx);
        return;
    }
    must(input.title && input.properties && input.actions && input.events && input.links);
    must(!in_category || !input.categories);
    const char *stored = thing_stored_text(cx, "", input.doc);
    must(stored && thing_stored_read(cx, ix_str_of(stored), &again));
    must(ix_json_equal(again.doc, input.doc) && strcmp(again.title, input.title) == 0);
    for (ix_member m = ix_members(input.status); m.name; m = ix_members_next(m)) {
        if (!thing_check_value(cx, &input, m.name, m.value, 0)) {
            must(cx->error.code == IOTS_INVALID);
            ix_ctx_clear_error(cx);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ix_ctx cx;
    must(ix_ctx_init(&cx, 0));
    const ix_json *body = ix_json_parse(&cx, size ? (const char *)data : "", size);
    ix_ctx_clear_error(&cx);
    if (body) {
        check(&cx, IX_CREATE, false, body);
        check(&cx, IX_UPDATE, false, body);
        check(&cx, IX_CREATE, true, body);
    }
    ix_ctx_done(&cx);
    return 0;
}
