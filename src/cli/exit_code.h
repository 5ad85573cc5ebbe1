/* SPDX-License-Identifier: Apache-2.0 */
/* Exit codes: what a script may rely on. */
#ifndef CLI_EXIT_CODE_H
#define CLI_EXIT_CODE_H

#include "iots/codes.h"

// clang-format off
/*       name               value  meaning */
#define EXITS(EXIT_ROW)                                                                                \
    EXIT_ROW(EXIT_DONE,             0, "done")                                                         \
    EXIT_ROW(EXIT_OTHER,            1, "failed for a reason that has no code of its own")              \
    EXIT_ROW(EXIT_USAGE,            2, "the command line makes no sense")                              \
    EXIT_ROW(EXIT_NOT_FOUND,        3, "not found (404)")                                              \
    EXIT_ROW(EXIT_NOT_ALLOWED,      4, "not allowed (401, 403)")                                       \
    EXIT_ROW(EXIT_CONFLICT,         5, "conflict with what is there (409)")                            \
    EXIT_ROW(EXIT_NETWORK,          6, "the server cannot be reached, or took too long")               \
    EXIT_ROW(EXIT_SERVER,           7, "the server is in trouble or too busy (5xx, 429)")              \
    EXIT_ROW(EXIT_BAD_INPUT,        8, "what was sent is not accepted (400, 413, 415)")                \
    EXIT_ROW(EXIT_UNKNOWN,          9, "it is not known whether the server did it: look before you repeat it") \
    EXIT_ROW(EXIT_INTERRUPTED,    130, "interrupted by Ctrl-C")
// clang-format on

typedef enum exit_code {
#define EXIT_ENUM(name, value, meaning) name = (value),
    EXITS(EXIT_ENUM)
#undef EXIT_ENUM
} exit_code;

/* The exit code for a result code. */
exit_code exit_code_of(iots_code code);

#endif
