/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A letter for the model, then JSON. Whatever is read as a model is written back to the byte, or not
 * at all, for a reason; whatever is refused is refused with a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "iots/models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not an assert: it must hold in every build. */
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_written(const iots_typed *typed, const void *model, const iots_json *json)
{
    iots_doc *doc = iots_doc_new();
    if (iots_doc_set(doc, "", iots_typed_value(typed, model))) {
        char *before = iots_json_text(json, 0);
        char *after = iots_json_text(iots_doc_json(doc), 0);
        must(before && after && strcmp(before, after) == 0);
        free(before);
        free(after);
    } else {
        must(*iots_doc_error(doc) != '\0');
    }
    iots_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    const iots_typed *typed = &iots_typed_all[data[0] % IOTS_MODEL_COUNT];
    iots_doc *doc = iots_doc_parse(text);
    const void *model = iots_typed_parse(typed, doc, iots_doc_json(doc));
    if (model)
        check_written(typed, model, iots_doc_json(doc));
    else
        must(*iots_doc_error(doc) != '\0' && ix_str_is_utf8(ix_str_of(iots_doc_error(doc))));
    iots_doc_free(doc);
    free(text);
    return 0;
}
