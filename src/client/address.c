/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses. A Category without a name must not become "no Category", which would mean the whole
 * space: it stays a name, an empty one, and the path refuses it.
 */
#include "iots/iots.h"

iots_space iots_api_space(iots_api *api, const char *space)
{
    return (iots_space){api, space};
}

iots_category iots_space_category(iots_space space, const char *name)
{
    return (iots_category){space.api, space.name, name ? name : ""};
}

iots_model iots_space_model(iots_space space, const char *name)
{
    return (iots_model){space.api, space.name, name};
}

iots_things iots_space_things(iots_space space)
{
    return (iots_things){space.api, space.name, NULL};
}

iots_things iots_category_things(iots_category category)
{
    return (iots_things){category.api, category.space, category.name ? category.name : ""};
}

iots_thing iots_space_thing(iots_space space, const char *id)
{
    return (iots_thing){space.api, space.name, NULL, id};
}

iots_thing iots_category_thing(iots_category category, const char *id)
{
    return (iots_thing){category.api, category.space, category.name ? category.name : "", id};
}
