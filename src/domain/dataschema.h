/* SPDX-License-Identifier: Apache-2.0 */
/* Does a value fit its DataSchema? (docs/api/http.md 8.4; keywords of WoT TD 1.1, 5.3.2) */
#ifndef DATASCHEMA_H
#define DATASCHEMA_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/json.h"

typedef enum validate_mode { VALIDATE_STRICT, VALIDATE_TYPE, VALIDATE_OFF } validate_mode;

/* IOTS_INVALID with field (`field`, extended by the place within the value) and reason. A NULL or
 * empty schema takes anything. A null value is the caller's to allow. */
bool dataschema_check(ix_ctx *cx, const ix_json *schema, const ix_json *value, validate_mode mode,
                      const char *field);

#endif
