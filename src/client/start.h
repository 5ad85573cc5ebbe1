/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_START_H
#define CLIENT_START_H

/* What has to be done once in a program, before the first API or document is made. Thread-safe. */
void library_start(void);

#endif
