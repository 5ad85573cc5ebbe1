/* SPDX-License-Identifier: Apache-2.0 */
/* Does this value fit this property? (docs/api/http.md 8.4: null always does; it clears the value.) */
#ifndef PROPERTY_H
#define PROPERTY_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"
#include "domain/dataschema.h"

/* `affordance` is the property's description. Fields are named after `name`. */
bool property_check(ix_ctx *cx, const char *name, const ix_json *affordance, const ix_json *value,
                    validate_mode mode);

/* Checks and takes apart a history item {"at", "properties"} (12.1): IOTS_INVALID. `only` is the
 * one property it must hold (path variant), or NULL. */
bool history_item_read(ix_ctx *cx, const ix_json *item, const char *only, int64_t *ret_at_us,
                       const ix_json **ret_properties);

#endif
