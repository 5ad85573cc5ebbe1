/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/sanitise.h"

#include "base/buf.h"
#include "base/test.h"

typedef struct sanitise_case {
    const char *in, *out;
} sanitise_case;

static const char *clean(ix_ctx *cx, const char *in, bool (*sanitise)(ix_ctx *, ix_str, ix_str *))
{
    ix_str out;
    CHECK_OK(cx, sanitise(cx, ix_str_of(in), &out));
    CHECK_INT(strlen(out.at), out.len);
    return out.at;
}

static void check_cases(ix_ctx *cx, const sanitise_case *cases, size_t count,
                        bool (*sanitise)(ix_ctx *, ix_str, ix_str *))
{
    for (size_t i = 0; i < count; i++) {
        const char *got = clean(cx, cases[i].in, sanitise);
        if (strcmp(got, cases[i].out) != 0)
            print_error("of  \"%s\"\n", cases[i].in);
        CHECK_TEXT(got, cases[i].out);
    }
}

#define CHECK_CASES(cases, sanitise) \
    check_cases(cx, (cases), sizeof(cases) / sizeof((cases)[0]), sanitise)

TEST("OUR CHOICE: harmless elements stay, without any attribute")
{
    static const sanitise_case cases[] = {
        {"<p>Bed <b>4</b> is dry</p>", "<p>Bed <b>4</b> is dry</p>"},
        {"plain", "plain"},
        {"", ""},
        {"<p class=x style='color:red' onclick=\"alert(1)\" id=y>a</p>", "<p>a</p>"},
        {"<P ALIGN=center>a<BR/>b<hr noshade></P>", "<p>a<br>b</p><hr><p></p>"},
        {"<strong>a</strong><i>b</i><em>c</em><u>d</u><s>e</s><sub>f</sub><sup>g</sup>",
         "<strong>a</strong><i>b</i><em>c</em><u>d</u><s>e</s><sub>f</sub><sup>g</sup>"},
        {"<ul><li>a<li>b</ul><ol><li>c</ol>", "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"},
        {"<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5><h6>6</h6>",
         "<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5><h6>6</h6>"},
        {"<blockquote>a<pre>b</pre><code>c</code></blockquote>",
         "<blockquote>a<pre>b</pre><code>c</code></blockquote>"},
        {"<pre>\n\nb</pre>", "<pre>\n\nb</pre>"},
        {"<pre>\nb</pre>", "<pre>b</pre>"},
        {"<table width=5><thead><tr><th colspan=2>a<tbody><tr><td>b<td>c</table>",
         "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td><td>c</td></tr></tbody>"
         "</table>"},
        {"<div><span>a</span></div>", "<div><span>a</span></div>"},
    };
    CHECK_CASES(cases, sanitise_html);
}

TEST("OUR CHOICE: some elements go with all that is in them")
{
    static const sanitise_case cases[] = {
        {"a<script>alert(1)</script>b", "ab"},
        {"a<script src=//evil.example/x.js>", "a"},
        {"a<SCRIPT >alert('</p>')</sCRIPT\t>b", "ab"},
        {"<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"},
        {"<style>p{background:url(http://x)}</style>a", "a"},
        {"<html><head><title>t</title><style>x</style></head><body>a</body></html>", "a"},
        {"<title>t</title>a", "a"},
        {"a<iframe src=x><p>in</p></iframe>b", "ab"},
        {"a<object data=x><p>in</p></object>b", "ab"},
        {"a<embed src=x>b", "ab"},
        {"a<svg onload=alert(1)><text>in</text></svg>b", "ab"},
        {"<svg><style><img src=x onerror=alert(1)></style></svg>a", "a"},
        {"<svg><foreignObject><p>in</p></foreignObject></svg>a", "a"},
        {"a<math><mi>x</mi></math>b", "ab"},
        {"<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", ""},
        {"a<form action=x><input value=y><p>in</p></form>b", "ab"},
        {"a<template><p>in</p></template>b", "ab"},
        {"a<noscript><p>in</p></noscript>b", "ab"},
    };
    CHECK_CASES(cases, sanitise_html);
}

TEST("OUR CHOICE: other tags go and their text stays; comments go")
{
    static const sanitise_case cases[] = {
        {"<a href='http://x'>a</a>", "a"},
        {"<a href=javascript:alert(1)>a</a>", "a"},
        {"a<img src=x onerror=alert(1)>b", "ab"},
        {"a<IMG SRC=\"data:image/png;base64,AAAA\">b", "ab"},
        {"<font color=red>a</font><center>b</center><blink>c</blink>", "abc"},
        {"<my-element>a</my-element>", "a"},
        {"<button>a</button><select><option>b</select><textarea><b>c</textarea>", "ab&lt;b&gt;c"},
        {"<marquee onstart=alert(1)>a</marquee>", "a"},
        {"<link rel=stylesheet href=x><meta http-equiv=refresh content=0><base href=x>a", "a"},
        {"<body background=x onload=alert(1)>a", "a"},
        {"a<!-- <b>b</b> -->c", "ac"},
        {"a<!--[if mso]><p>b</p><![endif]-->c", "ac"},
        {"a<!-->b", "ab"},
        {"a<!doctype html><?xml version='1'?><![CDATA[b]]>c", "ac"},
        {"<frameset><frame src=x></frameset>a", "a"},
        {"<plaintext><b>a</b>", "&lt;b&gt;a&lt;/b&gt;"},
        {"<xmp><script>alert(1)</script></xmp>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    };
    CHECK_CASES(cases, sanitise_html);
}

TEST("every element that is left is closed, and all text is escaped")
{
    static const sanitise_case cases[] = {
        {"<b>a<i>b", "<b>a<i>b</i></b>"},
        {"<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"},
        {"a</p>b", "a<p></p>b"},
        {"a < b & c > d", "a &lt; b &amp; c &gt; d"},
        {"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"},
        {"&#60;b&#62;&#x3c;i&#x3e;", "&lt;b&gt;&lt;i&gt;"},
        {"<b", ""},
        {"<", "&lt;"},
        {"a<b/c", "a"},
        {"\"a\" 'b' `c`", "\"a\" 'b' `c`"},
        {"<p title=\"</p><script>alert(1)</script>\">a</p>", "<p>a</p>"},
        {"<table><script>x</script>a<tr><td>b</table>",
         "a<table><tbody><tr><td>b</td></tr></tbody></table>"},
        {"größe &nbsp;&euro;", "größe \xc2\xa0€"},
        {"<b \xc3\xa9=1>a</b>", "<b>a</b>"},
    };
    CHECK_CASES(cases, sanitise_html);
}

TEST("OUR CHOICE: links in the text of HTML are removed, however they are written")
{
    static const sanitise_case cases[] = {
        {"<p>See http://evil.example/x?y=1 now</p>", "<p>See [link removed] now</p>"},
        {"HTTPS://A ftp://b www.c mailto:d@e javascript:alert(1) data:text/html,x",
         "[link removed] [link removed] [link removed] [link removed] [link removed] "
         "[link removed]"},
        {"&#104;ttp://x &#x68;ttps&colon;//y", "[link removed] [link removed]"},
        {"ht<!-- -->tp://x", "[link removed]"},
        {"<a href=x>ht</a>tp://<font>x</font>y z", "[link removed] z"},
        {"http://a&nbsp;b", "[link removed]\xc2\xa0"
                            "b"},
        {"http://a<br>b", "[link removed]<br>b"},
        {"http://a?b=1&amp;c=2&lt;d", "[link removed]&lt;d"},
        {"<a href=http://a>http://a</a>", "[link removed]"},
        {"<pre>http://a\nb</pre>", "<pre>[link removed]\nb</pre>"},
    };
    CHECK_CASES(cases, sanitise_html);
}

TEST("OUR CHOICE: links in plain text are removed, and nothing else is")
{
    static const sanitise_case cases[] = {
        {"See http://a.b/c.", "See [link removed]."},
        {"(http://a.b/c) \"https://d\", <ftp://e>!",
         "([link removed]) \"[link removed]\", <[link removed]>!"},
        {"http://a/(b) 'http://c'", "[link removed] '[link removed]'"},
        {"xhttp://a sftp://b", "x[link removed] s[link removed]"},
        {"www.a.example, awww.b", "[link removed], awww.b"},
        {"sensor data: 5, metadata:6", "sensor data: 5, metadata:6"},
        {"data:6", "[link removed]"},
        {"what is http: and www. for?", "what is http: and www. for?"},
        {"<b>a & b</b>\r\n\tc", "<b>a & b</b>\r\n\tc"},
        {"http:", "http:"},
        {"http://a\nhttp://b", "[link removed]\n[link removed]"},
        {"", ""},
    };
    CHECK_CASES(cases, sanitise_text);
}

/* The text so often that it becomes about as long as a body may be. */
static ix_str repeated(ix_ctx *cx, const char *before, const char *text)
{
    enum { LONG = 256 << 10 };
    ix_buf buf = {0};
    ix_buf_text(&buf, before);
    while (buf.len + strlen(text) <= LONG)
        ix_buf_text(&buf, text);
    const ix_str made = {ix_strndup(cx, buf.at, buf.len), buf.len};
    ix_buf_done(&buf);
    return made;
}

TEST("a text of no bytes stays empty, also one that points nowhere")
{
    CHECK_TEXT(clean(cx, NULL, sanitise_text), "");
    CHECK_TEXT(clean(cx, NULL, sanitise_html), "");
}

TEST("long but honest HTML passes")
{
    static const char *const pieces[] = {"<p>x</p>",   "<td>123</td>", "a ",       "&",
                                         "<li>a<li>b", "<img src=x>",  "http://a "};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        ix_str out;
        CHECK_OK(cx, sanitise_html(cx, repeated(cx, "", pieces[i]), &out));
    }
}

/* Depth, formatting that is repeated for every paragraph, attributes that are each compared with all
 * others: what makes the work of a parser grow with the square of its input. */
TEST("HTML made to hurt the parser passes or is refused, and does no harm")
{
    static const char *const pieces[] = {"<div>", "<i><div></i>", "<b a><i><p>", "<b><frameset>",
                                         "<font color=1><font color=2><font color=3><p>"};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        ix_str out;
        if (!sanitise_html(cx, repeated(cx, "", pieces[i]), &out))
            CHECK_FAILS(cx, false, IOTS_INVALID);
    }
    ix_buf names = {0};
    ix_buf_text(&names, "<b ");
    for (int i = 0; names.len < 256 << 10; i++)
        ix_buf_format(&names, "%x ", i);
    ix_str out;
    if (!sanitise_html(cx, (ix_str){names.at, names.len}, &out))
        CHECK_FAILS(cx, false, IOTS_INVALID);
    ix_buf_done(&names);
}
