/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_H
#define CALLER_H

#include <stdint.h>

/* Who asks: what a token stands for. Copied when the call is admitted. */
typedef struct api_caller {
    const char *client; /* client ID */
    uint64_t scopes;    /* allowed, as bits, children included */
    const char *spaces; /* blank-separated names */
    const char *thing;  /* the only Thing a Thing's own client may touch, or NULL */
} api_caller;

#endif
