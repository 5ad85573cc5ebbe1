/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a service manager how it goes (the sd_notify protocol: a datagram to $NOTIFY_SOCKET). */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Says `state` ("READY=1"). Nobody to say, or a manager that does not hear, is not a failure. */
void notify(const char *state);

#endif
