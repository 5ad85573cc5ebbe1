/* SPDX-License-Identifier: Apache-2.0 */
/* What goes before the handlers of the login page, for the row in run.def. */
#ifndef LOGIN_H
#define LOGIN_H

#include "api/call.h"

handler offload_login_submit;

#endif
