/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_PAGER_H
#define CLIENT_PAGER_H

#include "client/call.h"
#include "iots/iots.h"

/* A pager over what `call` lists; copies all it needs. Never NULL. */
iots_pager *pager_new(iots_api *api, const call *call, const iots_list_opts *opts);

#endif
