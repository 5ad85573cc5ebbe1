/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/quit.h"

quit quit_of(iots_code code)
{
    switch (code) {
    case IOTS_OK:
        return QUIT_FINE;
    case IOTS_USAGE:
        return QUIT_USAGE;
    case IOTS_NOT_FOUND:
        return QUIT_NOT_FOUND;
    case IOTS_UNAUTHENTICATED:
    case IOTS_FORBIDDEN:
        return QUIT_NOT_ALLOWED;
    case IOTS_CONFLICT:
        return QUIT_CONFLICT;
    case IOTS_TRANSPORT:
    case IOTS_TIMEOUT:
        return QUIT_NETWORK;
    case IOTS_OUTCOME_UNKNOWN:
        return QUIT_UNKNOWN;
    case IOTS_TOO_MANY:
    case IOTS_INTERNAL:
    case IOTS_NOT_IMPLEMENTED:
    case IOTS_UNAVAILABLE:
    case IOTS_NO_ROOM:
    case IOTS_PARSE:
        return QUIT_SERVER;
    case IOTS_INVALID:
    case IOTS_TOO_LARGE:
    case IOTS_UNSUPPORTED_MEDIA_TYPE:
        return QUIT_BAD_INPUT;
    case IOTS_METHOD_NOT_ALLOWED:
    case IOTS_NO_MEMORY:
    case IOTS_UNEXPECTED:
    case IOTS_CANCELLED:
    case IOTS_PENDING:
        return QUIT_OTHER;
    }
    return QUIT_OTHER;
}
