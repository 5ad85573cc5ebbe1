/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exit_code.h"

exit_code exit_code_of(iots_code code)
{
    switch (code) {
    case IOTS_OK:
        return EXIT_DONE;
    case IOTS_USAGE:
        return EXIT_USAGE;
    case IOTS_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case IOTS_UNAUTHENTICATED:
    case IOTS_FORBIDDEN:
        return EXIT_NOT_ALLOWED;
    case IOTS_CONFLICT:
        return EXIT_CONFLICT;
    case IOTS_TRANSPORT:
    case IOTS_TIMEOUT:
        return EXIT_NETWORK;
    case IOTS_OUTCOME_UNKNOWN:
        return EXIT_UNKNOWN;
    case IOTS_TOO_MANY:
    case IOTS_INTERNAL:
    case IOTS_NOT_IMPLEMENTED:
    case IOTS_UNAVAILABLE:
    case IOTS_NO_ROOM:
    case IOTS_PARSE:
        return EXIT_SERVER;
    case IOTS_INVALID:
    case IOTS_TOO_LARGE:
    case IOTS_UNSUPPORTED_MEDIA_TYPE:
        return EXIT_BAD_INPUT;
    case IOTS_METHOD_NOT_ALLOWED:
    case IOTS_NO_MEMORY:
    case IOTS_UNEXPECTED:
    case IOTS_CANCELLED:
    case IOTS_PENDING:
        return EXIT_OTHER;
    }
    return EXIT_OTHER;
}
