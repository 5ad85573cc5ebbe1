/* SPDX-License-Identifier: Apache-2.0 */
/* Which Thing is meant: by its ID, by the first characters of it, or by its title. */
#ifndef CLI_THING_LOOKUP_H
#define CLI_THING_LOOKUP_H

#include <stdbool.h>

#include "cli/session.h"

enum { FIND_LEAST = 4 }; /* characters of an ID that are worth asking for */

/*
 * The ID of a Thing, in cx.
 *
 * What cannot be the beginning of an ID, and what is a whole one, comes back as it is: the server has
 * the word. A title costs one request. So does a beginning where the client may make queries; where
 * not, the list of Things is read up to those that begin so, 1000 with each request.
 * IOTS_NOT_FOUND if there is none; IOTS_USAGE, with the first of them, if there are several.
 * `category`: by way of this one; or NULL.
 */
bool thing_find(cli_session *session, const char *category, const char *given, bool is_title,
                const char **ret);

#endif
