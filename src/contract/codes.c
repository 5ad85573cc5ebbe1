/* SPDX-License-Identifier: Apache-2.0 */
/* The result codes as a table; the rows are those of iots/codes.h. */
#include "contract/codes.h"

#include <stddef.h>

typedef struct code_row {
    iots_code code;
    int http;
    const char *name;
    const char *sentence;
} code_row;

static const code_row code_rows[] = {
#define CODE_ROW(id, value, status, text) {id, status, #id, text},
    IOTS_CODES(CODE_ROW)
#undef CODE_ROW
};

enum { CODE_COUNT = sizeof(code_rows) / sizeof(code_rows[0]) };

static const code_row *code_find(iots_code code)
{
    static const code_row unknown = {IOTS_UNEXPECTED, 0, "IOTS_UNEXPECTED", "Unexpected answer"};
    for (size_t i = 0; i < CODE_COUNT; i++) {
        if (code_rows[i].code == code)
            return &code_rows[i];
    }
    return &unknown;
}

int ix_code_http(iots_code code)
{
    return code_find(code)->http;
}

const char *ix_code_sentence(iots_code code)
{
    return code_find(code)->sentence;
}

const char *ix_code_name(iots_code code)
{
    return code_find(code)->name;
}

iots_code ix_code_of_http(int status)
{
    if (status >= 200 && status <= 299)
        return IOTS_OK;
    for (size_t i = 0; i < CODE_COUNT; i++) {
        if (status && code_rows[i].http == status)
            return code_rows[i].code;
    }
    return IOTS_UNEXPECTED;
}
