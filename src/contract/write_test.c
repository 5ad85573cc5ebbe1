/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/write.h"

#include "base/test.h"

static const char *written(ix_ctx *cx, size_t count, const ix_out *members)
{
    ix_buf buf = {0};
    ix_document_write(&buf, count, members);
    const char *text = ix_strndup(cx, buf.at, buf.len);
    ix_buf_done(&buf);
    return text;
}

TEST("a member's name and type are those of the public model")
{
    const ix_out members[] = {
        {IX_OUT(category, name), .text = IX_STR("a \"b\"")},
        {IX_OUT(category, model), .text = IX_STR("{\"name\":\"m\"}")},
        {IX_OUT(category, created), .number = 0},
        {IX_OUT(model_version, version), .number = -3},
        {IX_OUT(mqtt_category_document, enabled), .number = 1},
    };
    CHECK_TEXT(written(cx, 5, members),
               "{\"name\":\"a \\\"b\\\"\",\"model\":{\"name\":\"m\"},"
               "\"created\":\"1970-01-01T00:00:00Z\",\"version\":-3,\"enabled\":true}");
}

TEST("a document may have another inside")
{
    const ix_out model[] = {{IX_OUT(model_description_category, name), .text = IX_STR("m")}};
    const ix_out members[] = {
        {IX_OUT(category, model), .inside = model, .inside_count = 1},
        {IX_OUT(category, description), .text = IX_STR("")},
    };
    CHECK_TEXT(written(cx, 2, members), "{\"model\":{\"name\":\"m\"},\"description\":\"\"}");
}

TEST("a text or document that is not there is null, a member that is absent is left out")
{
    const ix_out members[] = {
        {IX_OUT(category, name), .is_absent = true},
        {IX_OUT(category, description)},
        {IX_OUT(category, history_retention), .is_absent = true},
        {IX_OUT(category, model)},
    };
    CHECK_TEXT(written(cx, 4, members), "{\"description\":null,\"model\":null}");
    CHECK_TEXT(written(cx, 1, members), "{}");
}
