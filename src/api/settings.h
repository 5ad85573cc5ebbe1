/* SPDX-License-Identifier: Apache-2.0 */
/* What all calls share, as front ends see it: settings, and a state that is made of them. */
#ifndef API_SETTINGS_H
#define API_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ctx.h"
#include "domain/dataschema.h"
#include "store/store.h"

typedef struct api_state api_state;

/* The most work that a PATCH of many Things may be, see ix_spend: what is beyond it is refused. */
enum { ITEMS_STEPS_MAX = 20000000 };

/* Who may read GET /metrics. In the order of the words of the setting. */
typedef enum metrics_mode {
    METRICS_OFF,
    METRICS_LOOPBACK, /* who asks from this machine */
    METRICS_ALL,
} metrics_mode;

typedef struct api_settings {
    const char *public_url; /* or NULL */
    int64_t token_lifetime_us;
    validate_mode validate_values;
    bool enforce_read_only;
    size_t body_limit;             /* bytes */
    size_t items_steps_max;        /* work of a PATCH of many; 0: ITEMS_STEPS_MAX */
    int64_t (*now_us)(void);       /* the clock; NULL: ix_now_us */
    int64_t (*monotonic_us)(void); /* that of waiting; NULL: ix_monotonic_us */
    /* Called after each commit that e-mail waits in the store; NULL: nobody would send it, so none is
     * accepted. Any thread. */
    void (*mail_waits)(void *mail_arg);
    void *mail_arg;
    metrics_mode metrics;
    /* Writes what is counted, as the text of GET /metrics. May be NULL with METRICS_OFF. Any thread. */
    void (*write_metrics)(void *metrics_arg, ix_buf *out);
    void *metrics_arg;
} api_settings;

/* The state all calls share: settings, live tokens, the maker of identifiers. Thread-safe. Reads the
 * tokens from `store`, which is only borrowed for the call. Strings of settings are borrowed. */
api_state *api_new(ix_ctx *cx, const api_settings *settings, store_handle *store);
void api_free(api_state *api);

/* Someone else may have changed the store: reads tokens and spaces anew. Calls go on meanwhile. */
bool api_refresh(ix_ctx *cx, api_state *api, store_handle *store);

/* Tokens in memory (auth.h). Any thread. */
size_t api_token_count(api_state *api);

#endif
