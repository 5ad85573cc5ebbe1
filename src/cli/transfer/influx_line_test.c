/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transfer/influx_line.h"

#include "base/buf.h"
#include "base/test.h"

/* "measurement|tag=value|field=json|@time" of a line, or what is wrong with it. */
static const char *read_as(ix_ctx *cx, const char *line)
{
    influx_point point;
    if (!influx_point_read(cx, ix_str_of(line), &point)) {
        const char *message = ix_strdup(cx, cx->error.message);
        CHECK_INT(cx->error.code, IOTS_INVALID);
        ix_ctx_clear_error(cx);
        return message;
    }
    ix_buf text = {0};
    ix_buf_str(&text, point.measurement);
    for (size_t i = 0; i < point.tag_count; i++)
        ix_buf_format(&text, "|%s=%s", point.tags[i].name.at, point.tags[i].value.at);
    for (size_t i = 0; i < point.field_count; i++)
        ix_buf_format(&text, "|%s:%s", point.fields[i].name.at,
                      point.fields[i].json ? point.fields[i].json : "!");
    ix_buf_format(&text, "|@%.*s", (int)point.time.len, point.time.at);
    const char *copy = ix_strdup(cx, text.at);
    ix_buf_done(&text);
    return copy;
}

typedef struct line_case {
    const char *line, *read;
} line_case;

static void check_lines(ix_ctx *cx, const line_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_TEXT(read_as(cx, cases[i].line), cases[i].read);
}

#define CHECK_LINES(cases) check_lines(cx, cases, sizeof(cases) / sizeof((cases)[0]))

// clang-format off

TEST("a point has a measurement, tags, fields with values, and a time")
{
    static const line_case cases[] = {
        {"m f=1 2", "m|f:1|@2"},
        {"m f=1", "m|f:1|@"},
        {"weather,station=barn,room=2 t=21.5,open=true,n=-7i,u=7u,s=\"a b\" 1556813561098000000",
            "weather|station=barn|room=2|t:21.5|open:true|n:-7|u:7|s:\"a b\"|@1556813561098000000"},
        {"m  f=1  2 ", "m|f:1|@2"},
        {"m f=1 -2", "m|f:1|@-2"},
        {"m=1 f=1", "m=1|f:1|@"},
        {"m \"f\"=1", "m|\"f\":1|@"},
        {"m,a=\"b\" f=1", "m|a=\"b\"|f:1|@"},
    };
    CHECK_LINES(cases);
}

TEST("values are numbers, integers, truths and texts, as they are written")
{
    static const line_case cases[] = {
        {"m f=-1.234456e+78", "m|f:-1.234456e+78|@"}, {"m f=1e3", "m|f:1000.0|@"}, {"m f=.5", "m|f:0.5|@"}, {"m f=5.", "m|f:5.0|@"},
        {"m f=9223372036854775807i", "m|f:9223372036854775807|@"}, {"m f=-9223372036854775808i", "m|f:-9223372036854775808|@"},
        {"m f=9223372036854775808i", "m|f:!|@"}, {"m f=18446744073709551615u", "m|f:!|@"},
        {"m a=t,b=T,c=true,d=True,e=TRUE", "m|a:true|b:true|c:true|d:true|e:true|@"},
        {"m a=f,b=F,c=false,d=False,e=FALSE", "m|a:false|b:false|c:false|d:false|e:false|@"},
        {"m f=\"\"", "m|f:\"\"|@"}, {"m f=\"7\"", "m|f:\"7\"|@"}, {"m f=\"a,b=c d\" 3", "m|f:\"a,b=c d\"|@3"},
        {"m f=\"one\ntwo\" 3", "m|f:\"one\\ntwo\"|@3"},
    };
    CHECK_LINES(cases);
}

TEST("a backslash makes what divides a part of a name, and is itself in front of anything else")
{
    static const line_case cases[] = {
        {"my\\ m\\,x,t\\ k=v\\,w\\=x f\\ k\\=y=1", "my m,x|t k=v,w=x|f k=y:1|@"},
        {"m,path=C:\\dir f=1", "m|path=C:\\dir|f:1|@"},
        {"m f=\"say \\\"hi\\\"\"", "m|f:\"say \\\"hi\\\"\"|@"},
        {"m f=\"C:\\\\dir\\x\"", "m|f:\"C:\\\\dir\\\\x\"|@"},
    };
    CHECK_LINES(cases);
}

TEST("what is not a point says what is wrong with it")
{
    static const line_case cases[] = {
        {"m", "expected fields as temperature=21.5 behind the measurement 'm'"},
        {"CREATE DATABASE x", "expected fields as temperature=21.5 behind the measurement 'CREATE'"},
        {",a=b f=1", "no measurement stands at its beginning"},
        {"m,a f=1", "a tag without a value: 'a'"},
        {"m,a= f=1", "no value can be read of the tag 'a'"},
        {"m f=", "f: '' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=abc", "f: 'abc' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=NaN", "f: 'NaN' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=null", "f: 'null' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=1.5i", "f: '1.5i' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=-7u", "f: '-7u' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=1e999", "f: '1e999' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f='a'", "f: ''a'' is not a value: expected 21.5, 7i, 7u, true, or a text in \" \""},
        {"m f=\"a", "a text without a quote at its end: 'f'"},
        {"m f=\"a\"b", "behind a value stands 'b'"},
        {"m f=1,", "expected fields as temperature=21.5 behind the measurement 'm'"},
    };
    CHECK_LINES(cases);
}

TEST("a line ends a point, but not inside the quotes of a text")
{
    static const struct { const char *text; size_t end; bool is_open; } cases[] = {
        {"m f=1\nm f=2", 5, false}, {"m f=1", 5, false}, {"m f=\"a\nb\"\nx", 9, false},
        {"m f=\"a\\\"\nb\"\nx", 11, false}, {"m f=\"a\nb", 8, true},
        {"m,t=\" f=1\nx\"", 9, false}, {"m \"f=1\nx\"", 6, false}, {"m\\ f=\"\nx", 6, false},
        {"  m f=\"\n\"\n", 9, false}, {"\n", 0, false}, {"", 0, false}, {"m f=\\\nx", 5, false},
        {"m f=1 t=\"\nx\"", 9, false}, {"m f=\"a\"  \nx", 9, false}, {"m f=\"a b\",g=\"\n\"\nx", 15, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_open;
        CHECK_INT(influx_point_end(ix_str_of(cases[i].text), &is_open), cases[i].end);
        CHECK_INT(is_open, cases[i].is_open);
    }
}

TEST("a point has as many parts as there is room for, and no more")
{
    ix_buf line = {0};
    ix_buf_text(&line, "m f0=0");
    for (int i = 1; i < 1000; i++)
        ix_buf_format(&line, ",f%d=%d", i, i);
    influx_point point;
    CHECK(influx_point_read(cx, (ix_str){line.at, line.len}, &point));
    CHECK_INT(point.field_count, 1000);
    CHECK_TEXT(point.fields[999].json, "999");
    for (int i = 1000; i <= INFLUX_PARTS_MAX; i++)
        ix_buf_format(&line, ",f%d=%d", i, i);
    CHECK(!influx_point_read(cx, (ix_str){line.at, line.len}, &point));
    CHECK_TEXT(cx->error.message, "more than 65536 fields");
    ix_buf_done(&line);
}
