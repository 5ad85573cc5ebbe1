/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Thing as a complete W3C Thing Description 1.1 (docs/api/http.md section 19): with forms that say how to
 * reach each affordance here, and without present values.
 */
#ifndef TD_H
#define TD_H

#include <stdbool.h>

#include "base/ctx.h"
#include "contract/ops.h"
#include "domain/thing.h"

/* Does an Accept header ask for one? */
bool td_is_wanted(ix_str accept);

/* `base` is scheme and authority; `vars` are those of the Thing's path (space, thing, and category if
 * the route goes by one). NULL when out of memory. */
ix_json *td_of(ix_ctx *cx, const char *base, const char *const vars[IX_VAR_COUNT],
               const thing_view *view);

#endif
