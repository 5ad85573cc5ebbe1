/* SPDX-License-Identifier: Apache-2.0 */
/* Everything in the header of the models that is not a declaration, used once from C17. */
#include <iots/models.h>

int main(void)
{
    const iots_property_affordance_model target = {.type = {.word = IOTS_TYPE_NUMBER}};
    iots_doc *doc = iots_doc_new();
    iots_thing_create_model_write(
        doc, IOTS_MODEL(thing_create, .title = "t", .categories = IOTS_TEXTS("A", "B"),
                        .field_type = IOTS_TEXTS("T"), .links = IOTS_ITEMS(link, {.href = "/"}),
                        .properties = IOTS_ENTRIES(property_affordance, {"target", &target}),
                        .status = IOTS_VALUES({"target", {.value = iots_number(1)}})));
    iots_thing_model *thing = iots_thing_model_parse(doc, iots_doc_json(doc));
    if (thing && !iots_property_affordance_map_get(&thing->properties, "target"))
        iots_property_affordance_map_set(doc, &thing->properties, "target", &target);
    iots_doc_set(doc, "/schema", IOTS_MODEL_VALUE(data_schema, .maximum = IOTS_SET(1.5)));
    iots_doc_free(doc);
    return IOTS_OK;
}
