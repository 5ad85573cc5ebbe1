/* SPDX-License-Identifier: Apache-2.0 */
/* What goes before the handler of e-mail, for the row in run.def. */
#ifndef EMAIL_H
#define EMAIL_H

#include "api/call.h"

enum {
    EMAIL_QUEUE_MAX = 10000 /* messages that may wait to be sent; more are refused with 503 */
};

handler offload_email_send;

#endif
