/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call: one operation asked for by someone, and what is answered. Knows no protocol.
 *
 * Its life, driven by a front end (net/) through dispatch.h:
 *
 *   call_new -> call_admit -> [body arrives] -> call_start -> phases -> reply is sent -> call_free
 *
 * A call belongs to one thread at a time; it is handed over whole.
 */
#ifndef CALL_H
#define CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/caller.h"
#include "api/settings.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "base/json.h"
#include "base/task.h"
#include "contract/ops.h"
#include "store/store.h"

enum {
    CALL_ARENA_BYTES = 64 << 20, /* most memory one call may take, replies and JSON trees apart */
    CALL_STEPS_MAX = 2000000,    /* most work of one call beside that of its body, see ix_spend */
    CALL_QUICK_STEPS = 1 << 14,  /* work of planning that others wait for: about 3 ms */
    CALL_QUICK_BODY = 64 << 10,  /* bytes of a body that is read while others wait */
    CALL_PLANS_MAX = 4,          /* plans that others may overtake before a call is refused */
    CALL_FORM_MAX = 16 << 10,    /* bytes of a form (OAuth2), if body_limit is not less */
    CALL_HEADERS_MAX = 12,
    CALL_SUBSCRIBERS_MAX = 4,
};

/* What the front end knows of a request before its body. Views, good until call_free. */
typedef struct call_request {
    ix_str method;
    ix_str target;        /* raw path and query, not decoded */
    ix_str authorization; /* header, or empty */
    ix_str content_type;  /* header, or empty */
    ix_str accept;        /* header, or empty */
    ix_str host;          /* header, or empty */
    ix_str cookie;        /* header, or empty */
    ix_str peer;          /* bytes that stand for the address it comes from; empty if not known */
    bool is_tls;
    bool is_from_loopback; /* it comes from this machine */
} call_request;

/* What a front end knows of a call before its body that did not come as HTTP text (MQTT): what
 * call_request is read for, once it is known. */
typedef struct call_spec {
    const ix_op *op;
    const char *vars[IX_VAR_COUNT]; /* all that its path has, decoded; they are still checked */
    bool in_category;               /* of an IX_ALSO_IN_CATEGORY row: vars name the Category, too */
    const ix_pair *params;    /* query parameters, decoded, each text ending with a zero; or NULL */
    const api_caller *caller; /* who asks, authenticated (auth_check_token); NULL: nobody known */
} call_spec;

/* Where a call wants to go next. */
typedef enum call_phase {
    PHASE_REPLY,   /* the reply is ready */
    PHASE_READ,    /* call_read with a reader of the thread that serves it */
    PHASE_OFFLOAD, /* call_offload with a reader, on a thread that may take its time */
    PHASE_WRITE,   /* call_plan and call_write in the committer */
} call_phase;

typedef struct call_header {
    const char *name, *value;
} call_header;

struct api_call;
/* Hears that what a call wrote is on disk. */
typedef void call_subscriber(struct api_call *call);

typedef struct api_call {
    ix_ctx *cx;
    api_state *api;
    call_request request;  /* empty, if it was made of a call_spec */
    ix_str query;          /* of the target, not decoded */
    const ix_pair *params; /* of a call_spec, in place of the query */
    ix_match match;        /* match.op: the row; match.vars: path variables */
    ix_method method;
    ix_arg args[IX_PARAM_COUNT];
    api_caller who;
    int64_t now_us; /* when the call began to be handled */

    ix_str raw_body;     /* as it came */
    const ix_json *body; /* read as JSON, or NULL */
    ix_pair *form;       /* of an IX_BODY_FORM row */
    /* What is wrong with query or body; reported only if what the path names exists. */
    ix_error problem;
    const char *oauth2_error; /* of an IX_OAUTH2 row: the word for the failure in cx, or NULL */
    int retry_after_s;        /* of IOTS_TOO_MANY: when to try again */

    store_handle *store; /* the connection to use; set for the time of a phase */
    void *offloaded;     /* what offload_<name> found out, for on_<name> */
    void *plan;          /* what plan_<name> found out, for on_<name> */
    /* What was worked out before the committer, for plan_<name> when it runs there; and how often. */
    void *findings;
    int plan_count;
    bool is_read, is_in_committer;
    bool may_wait;     /* in the committer: a plan that takes long can be made before it */
    bool is_disk_full; /* in the committer: a part is one step, so that it needs little room */

    /* Of a call that writes in several parts, so that others have their turn in between. */
    call_phase next_phase;           /* after this part; PHASE_REPLY: it was the last */
    call_subscriber *part_committed; /* after each part */
    /* Makes the reply that says how far it came, in place of that of a failure; NULL: not far. */
    void (*cut)(struct api_call *call, const ix_error *why);

    /* the reply */
    int status; /* 0: none yet */
    ix_buf reply;
    const char *reply_type; /* Content-Type; NULL with an empty reply */
    call_header headers[CALL_HEADERS_MAX];
    size_t header_count;
    call_subscriber *subscribers[CALL_SUBSCRIBERS_MAX]; /* see call_on_commit */
    size_t subscriber_count;

    ix_task task;          /* of a queue, while it waits in one */
    struct api_call *next; /* in a list of the thread that holds the call */
    void *completion;      /* the front end's own */
} api_call;

/* The call that waited as this task. */
static inline api_call *call_of_task(ix_task *task)
{
    return (api_call *)((char *)task - offsetof(api_call, task));
}

/* ---- for handlers ---- */

static inline const char *call_var(const api_call *call, ix_var var)
{
    return call->match.vars[var];
}
#define CALL_VAR(call, id) call_var((call), IX_VAR_##id)

/* The space of the path, or NULL. */
static inline const char *call_space(const api_call *call)
{
    return CALL_VAR(call, space);
}

/* The Category of the route, or NULL. */
static inline const char *call_category(const api_call *call)
{
    return call->match.in_category ? call_var(call, IX_VAR_category) : NULL;
}

/* The thing of the path as it is stored; NULL and IOTS_NOT_FOUND if absent or not in the Category. */
const thing_view *call_thing(api_call *call);
/* Only whether it is there. */
bool call_thing_exists(api_call *call);
/* The Category of the path, if it names one. */
bool call_category_exists(api_call *call);
/* The Model of the path, if it names one. */
bool call_model_exists(api_call *call);
/* The property of the path; IOTS_NOT_FOUND as well if there is no such Thing. One query. */
bool call_property(api_call *call, property_row *ret);
/* Is the property of the path defined, or was it once, so that it has history? */
bool call_property_or_history(api_call *call);

/* Which interactions the path speaks of; the kind is the operation's. */
interaction_key call_interaction_key(const api_call *call, interaction_kind kind);
/* The affordance of the action or event of the path, as JSON text; IOTS_NOT_FOUND as well if there is
 * no such Thing. One query. */
bool call_affordance(api_call *call, interaction_kind kind, ix_str *ret);
/* Is the action or event of the path defined, or was it once, so that it has interactions? */
bool call_affordance_or_interactions(api_call *call, interaction_kind kind);
/* The request or occurrence of the path, as it is stored; IOTS_NOT_FOUND as above. One query. */
bool call_interaction(api_call *call, interaction_kind kind, ix_str *ret);

/* The media type of the body, without parameters; empty if none was given. */
ix_str call_media_type(const api_call *call);

/* Scheme and authority for ids: the public URL, else those of the request. */
const char *call_base(api_call *call);

/* Has `committed` called once, after the commit of the last part, if the call succeeded: to bring memory up
 * to what is stored. In the order of asking; a handler that is run again, for the next part or anew, asks again. */
bool call_on_commit(api_call *call, call_subscriber *committed);

/* The reply. Status is the row's. All return true so that a handler can end with them; false when
 * there is no memory. */
bool reply_empty(api_call *call);
bool reply_json(api_call *call, const ix_json *json);
/* The reply is what the handler wrote into call->reply. */
bool reply_written(api_call *call);
bool reply_header(api_call *call, const char *name, const char *value); /* value is copied */
bool call_add_header(api_call *call, const char *name,
                     const char *value); /* value lives in call->cx */
bool reply_location(api_call *call, const char *path);
void reply_no_store(api_call *call); /* nobody may keep a copy */

/* {"data":[ ... ],"paging":{...}}: call page_begin, write items separated by page_item, then
 * page_end with the cursors ("" for none). */
void page_begin(api_call *call);
void page_item(api_call *call);
bool page_end(api_call *call, const char *next_cursor_text, const char *previous_cursor_text);

/* One part of a call that writes in several. What it has done is committed and others have their turn after
 * so many rows, or so much time; a step is what nobody looks at the clock during. */
enum { PART_ROWS = 5000, PART_STEP_ROWS = 100, PART_MAX_US = 10000 };

typedef struct call_part {
    int rows_left;
    int64_t until_us; /* of the monotonic clock */
} call_part;

call_part call_part_begin(const api_call *call);
/* After a step of `rows`: may this part take another one? */
bool call_part_has_room(call_part *part, int rows);
/* For the end of a handler: it is run again in the next transaction. True. */
bool call_next_part(api_call *call);

/* How much work a plan may be where the call is now, see ix_spend. */
size_t plan_steps(const api_call *call);

/* A handler: true with a reply made, or false with the reason in cx. */
typedef bool handler(api_call *call);

#define OP(id, ...) handler on_##id;
#include "contract/ops.def"
#undef OP

#endif
