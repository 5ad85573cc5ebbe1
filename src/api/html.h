/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages for people: plain HTML and CSS, no scripts, nothing from elsewhere. Every page forbids the
 * browser to run anything in it, to show it inside another page, to keep it and to tell others where
 * it was.
 */
#ifndef HTML_H
#define HTML_H

#include "api/call.h"

/* Begins a page in call->reply. `form_to` is an origin that the answer to a form in it may lead to
 * (contract/names.h, ix_redirect_origin); empty: none. */
void html_begin(api_call *call, const char *title, ix_str form_to);

/* Ends it and makes it the reply. */
bool html_end(api_call *call, int status);

/* Text in which nothing is markup. Good inside double quotes too. */
void html_text(ix_buf *buf, ix_str text);

/* A whole page that says what went wrong; status is for the caller to set. Cannot fail. */
void html_failure(api_call *call, const char *message);

#endif
