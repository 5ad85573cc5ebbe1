/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on properties as SQL: where.c asks, only properties.c knows the table. */
#ifndef PROPERTIES_H
#define PROPERTIES_H

#include "domain/filter.h"
#include "store/query.h"

/* Text that holds for a thing `t` in the space $1 if the condition may hold for it. NULL when memory
 * is out. */
const char *condition_probe(query *query, const condition *condition);

/* A query of the things, as `thing`, for which the condition may hold, answered by an index; *ret_sorted
 * if it gives them sorted and each once. *ret is NULL if there is none. */
bool condition_set(query *query, const condition *condition, const char **ret, bool *ret_sorted);

/* Is SQL's answer only "perhaps", so that conditions_hold must be asked about each thing? */
bool condition_is_vague(const condition *condition);

#endif
