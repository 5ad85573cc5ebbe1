/* SPDX-License-Identifier: Apache-2.0 */
/* The same from C++17, where one fills variables. */
#include <iots/models.h>

int main()
{
    iots_property_affordance_model target = {};
    target.type.word = IOTS_TYPE_NUMBER;
    target.maximum = IOTS_SET(1.5);
    const iots_property_affordance_entry entries[] = {{"target", &target}};
    iots_thing_create_model boiler = {};
    boiler.title = "t";
    boiler.properties = {1, entries};

    iots_doc *doc = iots_doc_new();
    iots_thing_create_model_write(doc, &boiler);
    iots_thing_model *thing = iots_thing_model_parse(doc, iots_doc_json(doc));
    const bool ok = thing && iots_property_affordance_map_get(&thing->properties, "target");
    iots_doc_free(doc);
    return ok ? IOTS_OK : IOTS_USAGE;
}
