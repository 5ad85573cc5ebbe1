/* SPDX-License-Identifier: Apache-2.0 */
#include "iotsd/admin_server.h"

#include <stdatomic.h>

#include "base/log.h"
#include "iotsd/admin.h"
#include "iotsd/admin_request.h"

/* What does not fit into one frame goes in several. Who does not read any more has given up. */
static void send_out(void *arg, ix_buf *out)
{
    admin_session *session = arg;
    for (size_t at = 0; at < out->len; at += ADMIN_TEXT_MAX) {
        const size_t left = out->len - at;
        const ix_str text = {out->at + at, left < ADMIN_TEXT_MAX ? left : ADMIN_TEXT_MAX};
        if (!admin_frame_write(&session->wire, "out", text)) {
            atomic_store(&session->until_us, 0);
            break;
        }
    }
    ix_buf_clear(out);
}

static void log_command(const admin_command *command, bool ok)
{
    ix_buf text = {0};
    ix_buf_text(&text, command->row->words);
    for (size_t i = 0; i < command->word_count; i++)
        ix_buf_format(&text, " %s", command->words[i]);
    ix_log(IX_LOG_INFO, "command: %s%s", ix_buf_cstr(&text), ok ? "" : " (failed)");
    ix_buf_done(&text);
}

bool admin_server_run(ix_ctx *cx, net_service *service, admin_session *session, void *store_url)
{
    admin_command command;
    if (!admin_request_read(cx, &session->wire, store_url, &command))
        return false;
    admin_host host = {
        .store_url = store_url,
        .service = service,
        .until_us = &session->until_us,
        .file_fd = session->wire.passed_fd,
        .flush = send_out,
        .arg = session,
    };
    bool ok = command.row->run(cx, &command, &host);
    ok = ok && (!host.out.failed || ix_fail(cx, IOTS_NO_MEMORY, NULL));
    if (ok)
        send_out(session, &host.out);
    if (command.row->place == COMMAND_WRITES)
        log_command(&command, ok);
    admin_effect_done(&host.effect);
    ix_buf_done(&host.out);
    return ok;
}
