/* SPDX-License-Identifier: Apache-2.0 */
#include "net/request_log.h"

#include <stdio.h>

#include "base/log.h"
#include "net/address.h"

static const ix_op *op_of(const request_log *request_log)
{
    return request_log->call ? request_log->call->match.op : NULL;
}

/* The path without its query. Cut where it is too long; a character that is cut in two is not UTF-8
 * any more, and the log would escape all of them. */
static ix_str path_of(const request_log *request_log,
                      char room[REQUEST_LOG_PATH_MAX + sizeof "..."])
{
    ix_str path;
    ix_str_cut(request_log->target, '?', &path);
    if (path.len <= REQUEST_LOG_PATH_MAX)
        return path;
    size_t len = REQUEST_LOG_PATH_MAX;
    while (len > REQUEST_LOG_PATH_MAX - 4 && ((unsigned char)path.at[len] & 0xC0) == 0x80)
        len--;
    memcpy(room, path.at, len);
    memcpy(room + len, "...", 3);
    return (ix_str){room, len + 3};
}

enum { NUMBER_TEXT = 32 };

static ix_str write_ms(char room[NUMBER_TEXT], int64_t us)
{
    const int len =
        snprintf(room, NUMBER_TEXT, "%lld.%03lld", (long long)(us / 1000), (long long)(us % 1000));
    return (ix_str){room, (size_t)len};
}

static ix_str write_int(char room[NUMBER_TEXT], int64_t number)
{
    return (ix_str){room, (size_t)snprintf(room, NUMBER_TEXT, "%lld", (long long)number)};
}

static const char *op_name(const request_log *request_log)
{
    const ix_op *op = op_of(request_log);
    return op ? op->name : "none";
}

static void tell_access(const request_log *request_log, ix_log_level level)
{
    char peer[ADDRESS_TEXT], path[REQUEST_LOG_PATH_MAX + sizeof "..."];
    char status[NUMBER_TEXT], bytes[NUMBER_TEXT], took_ms[NUMBER_TEXT];
    const bool has_peer = request_log->peer && address_write(request_log->peer, peer);
    const char *client = request_log->call ? request_log->call->who.client : NULL;
    const ix_log_field fields[] = {
        {"peer", has_peer ? ix_str_of(peer) : IX_STR("unknown"), false},
        {"method", request_log->method, false},
        {"path", path_of(request_log, path), false},
        {"operation", ix_str_of(op_name(request_log)), false},
        {"status", write_int(status, request_log->status), true},
        {"bytes", write_int(bytes, (int64_t)request_log->body_bytes), true},
        {"duration_ms", write_ms(took_ms, request_log->took_us), true},
        {"client", ix_str_of(client), false}, /* the last: may be left out */
    };
    const size_t count = sizeof fields / sizeof fields[0];
    ix_log_fact(level, IX_STR("request"), fields, client ? count : count - 1);
}

/* Whoever knows why has said so; the reply to the client says less. */
static void tell_failure(const request_log *request_log, ix_log_level level)
{
    char path[REQUEST_LOG_PATH_MAX + sizeof "..."], status[NUMBER_TEXT];
    const ix_log_field fields[] = {
        {"method", request_log->method, false},
        {"path", path_of(request_log, path), false},
        {"operation", ix_str_of(op_name(request_log)), false},
        {"status", write_int(status, request_log->status), true},
    };
    ix_log_fact(level, ix_str_of(request_log->reason), fields, sizeof fields / sizeof fields[0]);
}

void request_log_write(const request_log *request_log, net_metrics *metrics, bool has_access_log)
{
    /* 500 is a mistake of ours; the others are troubles that pass, or that the operator knows of. What
     * has no call is refused for what the client wrote, even with 501 and 505. */
    const ix_log_level level = request_log->status == 500 ? IX_LOG_ERROR : IX_LOG_WARN;
    const bool is_trouble = request_log->status >= 500 && request_log->status != 505 &&
                            (request_log->call || request_log->status != 501);
    metrics_count_request(metrics, op_of(request_log), request_log->status, request_log->took_us);
    if (is_trouble && ix_log_wants(level))
        tell_failure(request_log, level);
    if (has_access_log)
        tell_access(request_log, IX_LOG_INFO);
    else if (ix_log_wants(IX_LOG_DEBUG))
        tell_access(request_log, IX_LOG_DEBUG);
}
