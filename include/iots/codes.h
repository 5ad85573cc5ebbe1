/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result codes: the words in which server, library and command line speak of failure.
 *
 * The order and the values are part of the ABI: new codes are added at the end of their group.
 * `http` is the status a server answers with; 0 marks codes that only arise on the client's side.
 */
#ifndef IOTS_CODES_H
#define IOTS_CODES_H

#ifdef __cplusplus
extern "C" {
#endif

// clang-format off
/*   name                       value  http  default sentence */
#define IOTS_CODES(CODE)                                                                   \
    CODE(IOTS_OK,                      0,  200, "OK")                                      \
    CODE(IOTS_INVALID,                 1,  400, "Bad request")                             \
    CODE(IOTS_UNAUTHENTICATED,         2,  401, "Unauthenticated")                         \
    CODE(IOTS_FORBIDDEN,               3,  403, "Unauthorized")                            \
    CODE(IOTS_NOT_FOUND,               4,  404, "Item not found")                          \
    CODE(IOTS_METHOD_NOT_ALLOWED,      5,  405, "Method not allowed")                      \
    CODE(IOTS_CONFLICT,                6,  409, "This item already exists")                \
    CODE(IOTS_TOO_LARGE,               7,  413, "Payload too large")                       \
    CODE(IOTS_UNSUPPORTED_MEDIA_TYPE,  8,  415, "Unsupported media type")                  \
    CODE(IOTS_TOO_MANY,                9,  429, "Too many requests")                       \
    CODE(IOTS_INTERNAL,               10,  500, "Something went wrong")                    \
    CODE(IOTS_NOT_IMPLEMENTED,        11,  501, "Not implemented yet")                     \
    CODE(IOTS_UNAVAILABLE,            12,  503, "Service unavailable")                     \
    CODE(IOTS_NO_ROOM,                13,  507, "No room left to store this")              \
    CODE(IOTS_NO_MEMORY,              20,    0, "Out of memory")                           \
    CODE(IOTS_TRANSPORT,              21,    0, "The server could not be reached")         \
    CODE(IOTS_TIMEOUT,                22,    0, "The server took too long")                \
    CODE(IOTS_PARSE,                  23,    0, "The answer is not understood")            \
    CODE(IOTS_USAGE,                  24,    0, "Wrong use")                               \
    CODE(IOTS_UNEXPECTED,             25,    0, "Unexpected answer")                       \
    CODE(IOTS_CANCELLED,              26,    0, "The call was cancelled")                  \
    CODE(IOTS_PENDING,                27,    0, "The call has not ended yet")              \
    CODE(IOTS_OUTCOME_UNKNOWN,        28,    0, "It is not known whether the server did it")
// clang-format on

typedef enum iots_code {
#define IOTS_CODE_ENUM(name, value, http, sentence) name = (value),
    IOTS_CODES(IOTS_CODE_ENUM)
#undef IOTS_CODE_ENUM
} iots_code;

#ifdef __cplusplus
}
#endif

#endif
