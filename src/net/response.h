/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP response. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include <stddef.h>

#include "base/buf.h"

/* "HTTP/1.1 200 OK" and the date. */
void response_begin(ix_buf *out, int status);

/* Left out if the value holds what could end the line. */
void response_header(ix_buf *out, const char *name, const char *value);

/* How long the body is (with 204 nothing is said of one), and the end. */
void response_end(ix_buf *out, int status, size_t body_len);

/* The words that go with a status: RFC 9110 section 15 and its successors. */
const char *response_reason(int status);

#endif
