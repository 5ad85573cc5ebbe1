/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of every call: match, authorise, check, handle, reply. Front ends bring calls here;
 * handlers never see a call that has not passed.
 *
 * Order of checks (docs/api/http.md section 2): route and method, token, scope and space, path IDs,
 * existence of what the path names, query and body, what the body refers to, conflicts.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "api/call.h"
#include "api/settings.h"

/* A call over a new cx. `request` is copied, its views are not. NULL when out of memory. */
api_call *call_new(api_state *api, const call_request *request);

/* The same for a front end that heard no HTTP text. `spec` and what it points to are borrowed until
 * call_free. */
api_call *call_new_of(api_state *api, const call_spec *spec);
void call_free(api_call *call);

/* Everything that can be said before the body (admit.h). False: refused, the reply is ready, the body is of
 * no interest. */
bool call_admit(api_call *call);

/* Whoever asks does so too often: makes the reply (429), in place of any there is. Then the body is
 * of no interest. */
void call_refuse_rate(api_call *call, int retry_after_s);

/* Most bytes of body this call may bring, in whatever coding. */
size_t call_body_limit(const api_call *call);

/* The whole body is there (`body` is borrowed until call_free). Checks query and body; says which phase
 * is first. What asks the store nothing is answered at once. One above the limit is refused. */
call_phase call_start(api_call *call, ix_str body);

/* The same where the body cannot be had: why is IOTS_TOO_LARGE, IOTS_UNSUPPORTED_MEDIA_TYPE (its coding), or
 * IOTS_INVALID with `reason` (the coding is broken). */
call_phase call_start_without_body(api_call *call, iots_code why, const char *reason);

/* Each runs one phase and says the next one. Readers are left as they were found. A large body is read
 * by call_offload only; it also plans what is to be written (call_plan), as far as that is possible
 * before the committer. */
call_phase call_read(api_call *call, store_handle *reader);
call_phase call_offload(api_call *call, store_handle *reader);

/* Does it read no more than one thing that is stored? */
bool call_is_quick(const api_call *call);

/* Some answer while the store is out of reach, too; to those call_read may give no reader. */
bool call_needs_store(const api_call *call);

/* What becomes of a call in the committer. */
typedef enum plan_result {
    PLAN_READY,   /* call_write is next */
    PLAN_REFUSED, /* the reply says why */
    PLAN_FAILED,  /* likewise, and the store may have failed: then the transaction is spoiled */
    PLAN_LATER,   /* planning takes too long here: call_offload is next, then PHASE_WRITE again */
} plan_result;

/* Does it write nothing? False as well for what is no operation. */
bool call_only_reads(const api_call *call);

/* Does it make room or let someone in, so that it is done on a full disk, too? */
bool call_goes_when_full(const api_call *call);

/* Inside the committer's transaction: does all of a call that writes nothing, so that call_write seldom
 * has a reason to fail. What call_offload found out is used where it still holds. `may_wait`: whoever
 * calls can have it prepared. */
plan_result call_plan(api_call *call, store_handle *writer, bool may_wait);

/* Does the call refuse only before it writes? Then it needs no savepoint: if its reply is a failure of
 * the client's (4xx), nothing was written. */
bool call_checks_first(const api_call *call);

/* Inside the committer's transaction and a savepoint of the call. True: keep what was written. False:
 * undo to the savepoint, or without one, if the reply is a 5xx, all; the reply says why. */
bool call_write(api_call *call, store_handle *writer);

/* After a failure, before anybody was reported: makes the call what it was before call_plan. */
void call_again(api_call *call);

/* Where a call goes on after its part is committed; PHASE_REPLY: it is done. */
call_phase call_goes_on(const api_call *call);

/* After the commit (ok), or after it failed (cx says why: the reply becomes 507, 503 or 500). */
void call_committed(api_call *call);
void call_not_committed(api_call *call, const ix_error *why);

#endif
