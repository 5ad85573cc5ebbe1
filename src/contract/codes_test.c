/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/codes.h"

#include "base/test.h"

TEST("a code says its status, its sentence and its name")
{
    CHECK_INT(ix_code_http(IOTS_CONFLICT), 409);
    CHECK_TEXT(ix_code_sentence(IOTS_NOT_FOUND), "Item not found");
    CHECK_TEXT(ix_code_name(IOTS_NO_ROOM), "IOTS_NO_ROOM");
    CHECK_INT(ix_code_http(IOTS_TIMEOUT), 0);
    CHECK_INT(ix_code_http((iots_code)999), 0);
}

TEST("a status leads back to its code")
{
#define CODE_BACK(id, value, status, text) \
    if ((status) != 0)                     \
        CHECK_INT(ix_code_of_http(status), id);
    IOTS_CODES(CODE_BACK)
#undef CODE_BACK
    CHECK_INT(ix_code_of_http(201), IOTS_OK);
    CHECK_INT(ix_code_of_http(207), IOTS_OK);
    CHECK_INT(ix_code_of_http(302), IOTS_UNEXPECTED);
    CHECK_INT(ix_code_of_http(418), IOTS_UNEXPECTED);
    CHECK_INT(ix_code_of_http(0), IOTS_UNEXPECTED);
}
