/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql/db.h"

static const db_driver *const drivers[] = {&db_sqlite, &db_postgres};

const db_driver *db_driver_for(const char *url, const char **ret_rest)
{
    ix_str name;
    ix_str rest = ix_str_cut(ix_str_of(url), ':', &name);
    if (!rest.at)
        return NULL;

    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        if (ix_str_is(name, drivers[i]->name)) {
            *ret_rest = rest.at;
            return drivers[i];
        }
    }
    return NULL;
}
