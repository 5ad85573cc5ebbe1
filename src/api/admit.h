/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call must pass before anything is done, one function for each question, in this order. False: it
 * must not go on; why is in cx, unless the reply is made (call->status).
 *
 *     which operation?       call_match         HTTP text to a row of ops.def; a call_spec has it
 *     who asks?              call_authenticate  a token to an api_caller; a call_spec may have it
 *     may they?              call_authorise     scopes, space, and the one Thing of a Thing's own client
 *     is it well-formed?     call_check_path, call_check_query, call_check_body
 */
#ifndef ADMIT_H
#define ADMIT_H

#include "api/call.h"

/* Method and target to call->match and call->query. Answers OPTIONS and methods that a route has not. */
bool call_match(api_call *call);

/* IOTS_UNAUTHENTICATED. What needs no token is anybody's. */
bool call_authenticate(api_call *call);

/* IOTS_FORBIDDEN; IOTS_NOT_FOUND for a name that no space can have. */
bool call_authorise(api_call *call);

/* IDs and names of the path, and whether there is such a space. IOTS_INVALID, IOTS_NOT_FOUND. */
bool call_check_path(api_call *call);

/* The query, or the parameters of a call_spec, to call->args. IOTS_INVALID. */
bool call_check_query(api_call *call);

/* The type of the body, and call->raw_body to call->body or call->form, by the table of its document.
 * IOTS_UNSUPPORTED_MEDIA_TYPE, IOTS_INVALID. */
bool call_check_body(api_call *call);

#endif
