/* SPDX-License-Identifier: Apache-2.0 */
/* What values need to know of models. */
#ifndef CLIENT_MODELS_H
#define CLIENT_MODELS_H

#include "base/ctx.h"
#include "base/json.h"
#include "iots/iots.h"

/* The JSON of a value that is a model. It shares with the JSON that the model was read from what is
 * the same: not to be changed. NULL on failure: IOTS_USAGE with a JSON Pointer in the sentence. */
const ix_json *model_json(ix_ctx *cx, iots_value value);

#endif
