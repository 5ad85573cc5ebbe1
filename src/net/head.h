/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an HTTP request: its first line and its headers (RFC 9112 sections 2 to 6).
 *
 * It is read at once when all of it is there, and strictly: where two readers understand different
 * things, a request can be hidden from one of them (section 11.2). So what the standard calls an error
 * is one, a line ends with CR LF and nothing else, and every refusal has a status and a sentence.
 *
 * Values are views into the bytes of the head, without the blanks around them. Headers that nobody
 * interprets are checked and otherwise ignored.
 */
#ifndef HEAD_H
#define HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
    HEAD_BYTES_MAX = 16 << 10, /* request line and headers together; beyond: 414 or 431 */
    HEAD_FIELDS_MAX = 100,     /* headers; beyond: 431 */
    HEAD_METHOD_MAX = 32,      /* letters; beyond: 400 */
};

/* The headers that are interpreted (head.def). */
typedef enum head_field {
#define HEAD_FIELD(id, ...) HEAD_##id,
#include "net/head.def"
#undef HEAD_FIELD
    HEAD_FIELD_COUNT,
} head_field;

/* How the body ends. */
typedef enum head_framing {
    HEAD_NO_BODY,
    HEAD_LENGTH, /* after `length` bytes, at least one */
    HEAD_CHUNKED,
} head_framing;

typedef struct head {
    ix_str method;
    ix_str target;    /* path and query, not decoded: "/..." or, after an address, "?..."; or "*" */
    ix_str authority; /* of the target if it is absolute, else Host; may be empty */
    ix_str values[HEAD_FIELD_COUNT]; /* at NULL: the header is absent */
    head_framing framing;
    int64_t length;     /* INT64_MAX: that or more */
    bool is_1_0;        /* HTTP/1.0, else 1.1 */
    bool is_persistent; /* the connection may serve another request */
    bool expects_continue;

    /* Why it is refused; 0: it is not. Method and target are then as far as they were read. */
    int status;
    const char *fault;
} head;

/* Looking for the end of a head in bytes that are still coming in. All zero at first. */
typedef struct head_search {
    size_t at;   /* bytes that need not be looked at again */
    size_t line; /* where the present line begins */
    bool has_line;
} head_search;

typedef enum head_found {
    HEAD_MORE,   /* it does not end within these bytes, which may be the beginning of one */
    HEAD_WHOLE,  /* it does */
    HEAD_FAULTY, /* it will never be one: `fault` says why */
} head_found;

/* `bytes` begin where those of the last call did. HEAD_WHOLE: *ret_len is its length. */
head_found head_find(head_search *search, ix_str bytes, size_t *ret_len, head *fault);

/* Reads a whole head. `is_tls`: that is how it came. False: the head's status and fault say why; 400,
 * 421, 431, 501 or 505. */
bool head_read(head *head, ix_str bytes, bool is_tls);

#endif
