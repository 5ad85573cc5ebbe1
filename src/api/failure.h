/* SPDX-License-Identifier: Apache-2.0 */
/* From an error to what is answered: the one place that turns one into JSON, OAuth2 or a page. */
#ifndef FAILURE_H
#define FAILURE_H

#include "api/call.h"

/* The reply that the failure in cx deserves, in place of any other. Cannot fail. */
void reply_failure(api_call *call);

/* The HTTP status of a failure, and its body as routes of spaces show it: {"error": ...}. */
int error_status(const ix_error *error);
void error_write(ix_buf *buf, const ix_error *error);

#endif
