/* SPDX-License-Identifier: Apache-2.0 */
/* Commands as the server that runs carries them out: the other end of admin_client.h. */
#ifndef ADMIN_SERVER_H
#define ADMIN_SERVER_H

#include "net/service.h"

/* For service_admin; `store_url` is text. */
bool admin_server_run(ix_ctx *cx, net_service *service, admin_session *session, void *store_url);

#endif
