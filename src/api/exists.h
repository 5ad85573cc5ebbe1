/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is all there that a path names? The column `exists` of run.def: true, or false with IOTS_NOT_FOUND (or
 * what the store failed with) in cx. Each also asks for the Category that the path goes by.
 */
#ifndef EXISTS_H
#define EXISTS_H

#include "api/call.h"

handler exists_category;         /* the Category, if the path names one */
handler exists_model;            /* the Model; its version is the handler's to look for */
handler exists_thing;            /* the Thing */
handler exists_property;         /* and its property */
handler exists_property_history; /* a property there is, or was, so that it has history */
handler exists_affordance;       /* and its action or event */
handler exists_interactions; /* an action or event there is, or was, so that it has interactions */
handler exists_interaction;  /* and one request or occurrence of it */

#endif
