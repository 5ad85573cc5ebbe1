/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/probe.h"

#include <curl/curl.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"

/* Where each failure stops; all others stop before the address. */
static cli_reach reach_of(CURLcode code)
{
    // clang-format off
    static const struct { CURLcode code; cli_reach reach; } rows[] = {
        {CURLE_OK, REACH_ALL},
        {CURLE_URL_MALFORMAT, REACH_NOTHING},
        {CURLE_UNSUPPORTED_PROTOCOL, REACH_NOTHING},
        {CURLE_COULDNT_RESOLVE_HOST, REACH_NAME},
        {CURLE_COULDNT_RESOLVE_PROXY, REACH_NAME},
        {CURLE_SSL_CONNECT_ERROR, REACH_HANDSHAKE},
        {CURLE_PEER_FAILED_VERIFICATION, REACH_HANDSHAKE},
        {CURLE_SSL_CACERT_BADFILE, REACH_HANDSHAKE},
        {CURLE_SSL_CERTPROBLEM, REACH_HANDSHAKE},
        {CURLE_SSL_CIPHER, REACH_HANDSHAKE},
        {CURLE_SSL_ISSUER_ERROR, REACH_HANDSHAKE},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code)
            return rows[i].reach;
    }
    return REACH_ADDRESS;
}

bool probe_date(const char *text, int64_t *ret_us)
{
    const time_t seconds = curl_getdate(text, NULL);
    *ret_us = (int64_t)seconds * IX_SECOND_US;
    return seconds >= 0;
}

/* When the first certificate, which is the server's own, ends. */
static int64_t expiry_of(CURL *curl)
{
    static const char name[] = "Expire date:";
    const struct curl_certinfo *info = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
        info->num_of_certs < 1)
        return 0;
    for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next) {
        int64_t end_us;
        if (ix_str_starts(ix_str_of(line->data), name) &&
            probe_date(line->data + sizeof name - 1, &end_us))
            return end_us;
    }
    return 0;
}

static bool options_set(CURL *curl, const char *url, const char *ca_file, bool verify,
                        int timeout_ms, char *why)
{
    const long check = verify ? 1 : 0, host_check = verify ? 2 : 0;
    return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, check) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, host_check) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms > 0 ? (long)timeout_ms : 0L) ==
               CURLE_OK &&
           (!ca_file || curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK);
}

static bool probe_read(ix_ctx *cx, CURL *curl, CURLcode code, const char *why, cli_probe *ret)
{
    const char *ip = NULL, *scheme = NULL;
    long port = 0;
    curl_off_t connect_us = 0;
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &ip);
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_PORT, &port);
    curl_easy_getinfo(curl, CURLINFO_SCHEME, &scheme);
    curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connect_us);
    ret->reach = reach_of(code);
    /* A time-out may fall into any part; what took no time was not come to. */
    curl_off_t name_us = 0;
    curl_easy_getinfo(curl, CURLINFO_NAMELOOKUP_TIME_T, &name_us);
    if (code == CURLE_OPERATION_TIMEDOUT)
        ret->reach = connect_us > 0 ? REACH_HANDSHAKE : name_us > 0 ? REACH_ADDRESS : REACH_NAME;
    ret->why = code == CURLE_OK ? "" : ix_strdup(cx, *why ? why : curl_easy_strerror(code));
    ret->address = ip && *ip ? ix_format(cx, "%s port %ld", ip, port) : NULL;
    ret->has_tls = scheme && strcasecmp(scheme, "https") == 0;
    ret->connect_us = connect_us;
    ret->expires_us = expiry_of(curl);
    return !ix_failed(cx);
}

bool probe_host(ix_ctx *cx, const char *url, const char *ca_file, bool verify, int timeout_ms,
                cli_probe *ret)
{
    char why[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    *ret = (cli_probe){0};
    const bool ok = curl && options_set(curl, url, ca_file, verify, timeout_ms, why)
                        ? probe_read(cx, curl, curl_easy_perform(curl), why, ret)
                        : ix_fail(cx, IOTS_NO_MEMORY, NULL);
    curl_easy_cleanup(curl);
    return ok;
}
