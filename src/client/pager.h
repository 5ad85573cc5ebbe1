/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_PAGER_H
#define CLIENT_PAGER_H

#include "client/call.h"
#include "iots/iots.h"

/* The page that iots_pager_next() took its last item from. Never NULL then. */
iots_reply *pager_page(iots_pager *pager);

/* Has the pager go no further, for a reason found elsewhere. */
void pager_fail(iots_pager *pager, iots_code code, const char *sentence);

/* A pager over what `call` lists; copies all it needs. Never NULL. */
iots_pager *pager_new(iots_api *api, const client_call *call, const iots_list_opts *opts);

#endif
