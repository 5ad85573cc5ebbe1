/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of another server, put back as they were there (docs/api/http.md section 19, preserve_uid):
 * what is otherwise the server's to say, IDs and times, is then the body's.
 */
#ifndef PRESERVE_H
#define PRESERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/call.h"
#include "base/ulid.h"

/* Is the body such a document? */
bool call_preserves(const api_call *call);

/* The ID of what is being made: the one `given` (may be NULL) if the body is put back, else the next.
 * IOTS_INVALID, about `field`, for what is not a ULID, or one from the future. */
bool preserved_id(api_call *call, const ix_json *given, const char *field, ix_ulid *ret);

/* The time in this member of a body that is put back; now if there is none. IOTS_INVALID. */
bool preserved_time(api_call *call, const char *member, int64_t *ret_us);

#endif
