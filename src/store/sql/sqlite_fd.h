/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open file as a database of SQLite's: for a copy that somebody else has made the file for, in a folder
 * that we may have no access to.
 */
#ifndef SQLITE_FD_H
#define SQLITE_FD_H

#include <stdbool.h>

enum { SQLITE_FD_URI = 64 };

/* Once, before it is used. False when out of memory. Thread-safe. */
bool sqlite_fd_register(void);

/* How SQLite is to call the file, which stays the caller's. */
void sqlite_fd_uri(int fd, char uri[SQLITE_FD_URI]);

#endif
