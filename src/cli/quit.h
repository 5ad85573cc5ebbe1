/* SPDX-License-Identifier: Apache-2.0 */
/* Exit codes: what a script may rely on. */
#ifndef CLI_QUIT_H
#define CLI_QUIT_H

#include "iots/codes.h"

// clang-format off
/*       name               value  meaning */
#define QUITS(QUIT)                                                                                \
    QUIT(QUIT_FINE,             0, "done")                                                         \
    QUIT(QUIT_OTHER,            1, "failed for a reason that has no code of its own")              \
    QUIT(QUIT_USAGE,            2, "the command line makes no sense")                              \
    QUIT(QUIT_NOT_FOUND,        3, "not found (404)")                                              \
    QUIT(QUIT_NOT_ALLOWED,      4, "not allowed (401, 403)")                                       \
    QUIT(QUIT_CONFLICT,         5, "conflict with what is there (409)")                            \
    QUIT(QUIT_NETWORK,          6, "the server cannot be reached, or took too long")               \
    QUIT(QUIT_SERVER,           7, "the server is in trouble or too busy (5xx, 429)")              \
    QUIT(QUIT_BAD_INPUT,        8, "what was sent is not accepted (400, 413, 415)")                \
    QUIT(QUIT_UNKNOWN,          9, "it is not known whether the server did it: look before you repeat it") \
    QUIT(QUIT_INTERRUPTED,    130, "interrupted by Ctrl-C")
// clang-format on

typedef enum quit {
#define QUIT_ENUM(name, value, meaning) name = (value),
    QUITS(QUIT_ENUM)
#undef QUIT_ENUM
} quit;

/* The exit code for a result code. */
quit quit_of(iots_code code);

#endif
