/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of models.c, in a library without models (IOTS_MODELS is OFF). */
#include "client/models.h"

const ix_json *model_json(ix_ctx *cx, iots_value value)
{
    (void)value;
    ix_fail(cx, IOTS_USAGE, "this library was built without models");
    return NULL;
}
