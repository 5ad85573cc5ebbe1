/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to a server, taken apart: how far it comes, and what stops it. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ctx.h"

/* How far it came. */
typedef enum cli_reach {
    REACH_NOTHING,   /* not even an address: the URL is none */
    REACH_NAME,      /* the name does not resolve */
    REACH_ADDRESS,   /* nobody answers at the address */
    REACH_HANDSHAKE, /* somebody does, but TLS fails */
    REACH_ALL,
} cli_reach;

typedef struct cli_probe {
    cli_reach reach;
    const char *why;     /* it came no further; "" if it came all the way. In cx */
    const char *address; /* "192.0.2.1 port 443", in cx; NULL if there was none */
    bool has_tls;
    int64_t connect_us; /* how long it took to come to the address */
    int64_t expires_us; /* the end of the server's certificate; 0: not known */
} cli_probe;

/* Connects to the server of a URL and parts again, having sent nothing but TLS. `ca_file` may be
 * NULL; without `verify` any certificate will do; `timeout_ms` not positive: no limit. False only when out of memory. */
bool probe_host(ix_ctx *cx, const char *url, const char *ca_file, bool verify, int timeout_ms,
                cli_probe *ret);

/* Reads a date as HTTP and certificates write it, in whole seconds. */
bool probe_date(const char *text, int64_t *ret_us);

#endif
