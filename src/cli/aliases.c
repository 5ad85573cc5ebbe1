/* SPDX-License-Identifier: Apache-2.0 */
/* iots get, iots set, iots api: operations said shortly, and a request of one's own. */
#include <string.h>

#include "cli/body.h"
#include "cli/builtins.h"
#include "cli/operation.h"
#include "cli/session.h"
#include "cli/show/view.h"

/* From here on, the command is that of the operation. */
static void become(cli_session *session, ix_op_id op)
{
    for (size_t i = 0; i < session->all.count; i++) {
        if (session->all.at[i].op == &ix_ops[op])
            session->command = &session->all.at[i];
    }
}

/* One value alone, so that $(iots get THING temperature) is of use. */
static bool value_run(cli_session *session)
{
    cli_request request;
    if (!operation_read(session, &request))
        return false;
    iots_reply *reply =
        iots_api_call(session->api, request.op->name, request.params, iots_none(), NULL);
    bool ok = session_ok(session, reply);
    if (ok) {
        const iots_json *value = member_of(iots_reply_body(reply), request.vars[IX_VAR_property]);
        const char *text = iots_json_string(value, "");
        if (text)
            text_show(&session->out, ix_str_of(ix_format(session->cx, "%s\n", text)));
        else
            ok = json_print(session->out.out, value, 0) ||
                 ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
    }
    iots_reply_free(reply);
    return ok;
}

bool get_run(cli_session *session)
{
    const cli_args *args = session->args;
    const bool is_one = args->word_count + args_has(args, "title") > 1;
    become(session, is_one ? IX_OP_property_get : IX_OP_properties_get);
    return is_one && session->format == FORMAT_TABLE && !session->columns ? value_run(session)
                                                                          : operation_run(session);
}

bool set_run(cli_session *session)
{
    become(session, IX_OP_properties_update);
    return operation_run(session);
}

/* ---- api ---- */

/* --param name=value, as the library wants them. */
static const iots_param *api_params(cli_session *session)
{
    ix_ctx *cx = session->cx;
    const cli_args *args = session->args;
    iots_param *params = ix_new(cx, iots_param, args->given_count + 1);
    size_t count = 0, at = 0;
    for (const char *given; params && (given = args_each(args, "param", &at));) {
        const char *equals = strchr(given, '=');
        if (!equals) {
            ix_fail(cx, IOTS_USAGE, "--param %s: expected NAME=VALUE", given);
            return NULL;
        }
        const char *name = ix_strndup(cx, given, (size_t)(equals - given));
        params[count++] = (iots_param){name, equals + 1};
    }
    return ix_failed(cx) ? NULL : params;
}

static bool api_print(cli_session *session, const iots_reply *reply)
{
    if (iots_reply_body(reply))
        return json_print(session->out.out, iots_reply_body(reply),
                          session->format == FORMAT_LINES ? 0 : 2) ||
               ix_fail(session->cx, IOTS_NO_MEMORY, NULL);
    size_t size;
    const char *bytes = iots_reply_bytes(reply, &size);
    text_show(&session->out, (ix_str){bytes, size});
    return true;
}

bool api_run(cli_session *session)
{
    const cli_args *args = session->args;
    const cli_profile *profile = &session->profile;
    if (args->word_count != 2)
        return ix_fail(session->cx, IOTS_USAGE, "expected a method and a path");
    const iots_param *params = api_params(session);
    const char *flag = args_value(args, "body"), *type = args_value(args, "content-type");
    const char *body = flag ? body_of_flag(session->cx, flag, !type) : NULL;
    if (!params || (flag && !body))
        return false;

    const bool has_someone = profile->values[SETTING_token] || profile->values[SETTING_client_id];
    if (!(has_someone ? session_open(session) : session_open_anonymous(session)))
        return false;
    const iots_param headers[] = {{"Content-Type", type}, {NULL, NULL}};
    const iots_value value = !body  ? iots_none()
                             : type ? iots_bytes(body, strlen(body))
                                    : iots_raw(body);
    iots_reply *reply = iots_api_request(session->api, args->words[0], args->words[1], value,
                                         IOTS_CALL(.params = params, .headers = headers,
                                                   .auth = has_someone ? IOTS_DEFAULT : IOTS_NO));
    const bool ok = session_ok(session, reply) && api_print(session, reply);
    iots_reply_free(reply);
    return ok;
}
