/* SPDX-License-Identifier: Apache-2.0 */
#include "api/html.h"

#include <string.h>

#include "base/crypto.h"
#include "contract/names.h"

// clang-format off
static const char style[] =
    ":root{color-scheme:light dark;--ink:#18211e;--soft:#4a5652;--paper:#fff;--ground:#eef2f0;"
    "--boundary:#7d8985;--main:#0b6b50;--on-main:#fff;--bad:#9b1c12;--bad-paper:#fdeceb}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e7eeeb;--soft:#b3c0bb;--paper:#18211e;"
    "--ground:#0e1412;--boundary:#7d8985;--main:#6fd3b1;--on-main:#06231a;--bad:#ffb4ab;"
    "--bad-paper:#3d1512}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;"
    "padding:1rem;background:var(--ground);color:var(--ink);"
    "font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "main{width:100%;max-width:28rem;padding:2rem;background:var(--paper);border-radius:.75rem;"
    "overflow-wrap:anywhere}"
    "h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}"
    "p{margin:0 0 1rem}"
    "ul{margin:0 0 1rem;padding-left:1.25rem}"
    "li{margin-bottom:.375rem}"
    "code{font:.875em ui-monospace,'DejaVu Sans Mono',monospace;color:var(--soft)}"
    ".soft{color:var(--soft);font-size:.9375rem}"
    ".fault{padding:.75rem 1rem;border-left:.25rem solid var(--bad);background:var(--bad-paper);"
    "color:var(--bad)}"
    "label{display:block;margin-bottom:.25rem;font-weight:600}"
    "input{display:block;width:100%;min-height:2.75rem;margin-bottom:1rem;padding:.5rem .75rem;"
    "border:1px solid var(--boundary);border-radius:.375rem;background:var(--paper);color:inherit;"
    "font:inherit}"
    "button{width:100%;min-height:2.75rem;margin-top:.5rem;padding:.5rem 1rem;"
    "border:1px solid var(--main);border-radius:.375rem;background:var(--main);"
    "color:var(--on-main);font:inherit;font-weight:600;cursor:pointer}"
    "button.other{background:transparent;color:var(--main)}"
    ":focus-visible{outline:.1875rem solid var(--main);outline-offset:.125rem}";
// clang-format on

void html_text(ix_buf *buf, ix_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.at[i]) {
        case '&':
            ix_buf_text(buf, "&amp;");
            break;
        case '<':
            ix_buf_text(buf, "&lt;");
            break;
        case '>':
            ix_buf_text(buf, "&gt;");
            break;
        case '"':
            ix_buf_text(buf, "&quot;");
            break;
        case '\'':
            ix_buf_text(buf, "&#39;");
            break;
        default:
            ix_buf_char(buf, text.at[i]);
        }
    }
}

/* A page without one of its headers is not sent. */
static void add_header(api_call *call, const char *name, const char *value)
{
    if (!call_add_header(call, name, value))
        call->reply.failed = true;
}

/* Browsers hold the answer to a form against form-action as well, so where it leads is named. A host
 * in square brackets is none that this header knows, so its scheme stands for it. */
static const char *policy(api_call *call, const char *nonce, ix_str form_to)
{
    if (form_to.len && memchr(form_to.at, '[', form_to.len))
        ix_str_cut(form_to, '/', &form_to);
    return ix_format(call->cx,
                     "default-src 'none'; style-src 'nonce-%s'; form-action 'self'%s%.*s;"
                     " frame-ancestors 'none'; base-uri 'none'",
                     nonce, form_to.len ? " " : "", (int)form_to.len, form_to.at);
}

void html_begin(api_call *call, const char *title, ix_str form_to)
{
    char nonce[IX_TOKEN_TEXT];
    ix_token_new(nonce);
    const char *csp = policy(call, nonce, form_to);
    ix_buf *buf = &call->reply;
    ix_buf_clear(buf);
    if (!csp) {
        buf->failed = true;
        return;
    }
    add_header(call, "Content-Security-Policy", csp);
    add_header(call, "X-Frame-Options", "DENY");
    add_header(call, "X-Content-Type-Options", "nosniff");
    add_header(call, "Referrer-Policy", "no-referrer");
    reply_no_store(call);

    ix_buf_text(buf, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<title>");
    html_text(buf, ix_str_of(title));
    ix_buf_format(buf, "</title>\n<style nonce=\"%s\">%s</style>\n</head>\n<body>\n<main>\n<h1>",
                  nonce, style);
    html_text(buf, ix_str_of(title));
    ix_buf_text(buf, "</h1>\n");
}

bool html_end(api_call *call, int status)
{
    ix_buf_text(&call->reply, "</main>\n</body>\n</html>\n");
    if (call->reply.failed)
        return ix_fail(call->cx, IOTS_NO_MEMORY, NULL);
    call->reply_type = "text/html; charset=utf-8";
    call->status = status;
    return true;
}

/* Our sentences begin small and have no stop. */
static void write_sentence(ix_buf *buf, const char *message)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz",
                      large[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *letter = *message ? strchr(small, *message) : NULL;
    if (letter)
        ix_buf_char(buf, large[letter - small]);
    html_text(buf, ix_str_of(message + (letter != NULL)));
    ix_buf_char(buf, '.');
}

void html_failure(api_call *call, const char *message)
{
    html_begin(call, "This did not work", (ix_str){0});
    ix_buf_text(&call->reply, "<p>");
    write_sentence(&call->reply, message);
    ix_buf_text(&call->reply,
                "</p>\n<p class=\"soft\">Please go back to the application that sent you here and "
                "try again. If that does not help, tell those who run it.</p>\n");
    html_end(call, call->status);
}
