/* SPDX-License-Identifier: Apache-2.0 */
/* Points in InfluxDB's line protocol: what is in them goes in, or is refused by its line. */
#include "base/test.h"
#include "sample.h"
#include "shell.h"

// clang-format off

TEST("points of the line protocol go in with their types, or are refused by their line")
{
    static const sample samples[] = {
        {"fields are properties", "# a comment\nweather,station=barn temp=21.5,hum=40i 1704067200000000000\r\n\nweather,station=barn temp=22 1704067260000000000\n", "--quiet", NULL, 0,
            "2024-01-01T00:00:00Z hum=40\n2024-01-01T00:00:00Z temp=21.5\n2024-01-01T00:01:00Z temp=22\n"},
        {"every type", "m n=1e3,i=-9223372036854775808i,u=7u,b=T,s=\"7, \\\"x\\\"\" 1704067200\n", "--quiet", "\"n\": {}, \"i\": {}, \"u\": {}, \"b\": {}, \"s\": {}", 0,
            "2024-01-01T00:00:00Z b=true\n2024-01-01T00:00:00Z i=-9223372036854775808\n2024-01-01T00:00:00Z n=1000.0\n2024-01-01T00:00:00Z s=\"7, \\\"x\\\"\"\n2024-01-01T00:00:00Z u=7\n"},
        {"a text of two lines", "m s=\"a\nb\" 1704067200\nm s=\"c\" 1704067201", "--quiet", "\"s\": {}", 0, "2024-01-01T00:00:00Z s=\"a\\nb\"\n2024-01-01T00:00:01Z s=\"c\"\n"},
        {"each precision by its digits", "m temp=1 1704067200\nm temp=2 1704067201000\nm temp=3 1704067202000000\nm temp=4 1704067203000000000\n", "--quiet", NULL, 0,
            "2024-01-01T00:00:00Z temp=1\n2024-01-01T00:00:01Z temp=2\n2024-01-01T00:00:02Z temp=3\n2024-01-01T00:00:03Z temp=4\n"},
        {"a precision that is said", "m temp=1 1000000\n", "--precision ms --quiet", NULL, 0, "1970-01-01T00:16:40Z temp=1\n"},
        {"one series of several", "m,room=1 temp=1 1704067200\nm,room=2 temp=2 1704067200\nx temp=3 1704067200\n", "--where room=2 --quiet", NULL, 0, "2024-01-01T00:00:00Z temp=2\n"},
        {"one measurement of several", "m temp=1 1704067200\nx temp=3 1704067200\n", "--where _measurement=x --quiet", NULL, 0, "2024-01-01T00:00:00Z temp=3\n"},
        {"measurements to properties", "boiler value=1 1704067200\nroom value=3 1704067200\n", "--map boiler.value=temp --map room.value=hum --quiet", NULL, 0,
            "2024-01-01T00:00:00Z hum=3\n2024-01-01T00:00:00Z temp=1\n"},
        {"the head of an export", "# INFLUXDB EXPORT: x\n# DDL\nCREATE DATABASE a WITH NAME autogen\n# DML\n# CONTEXT-DATABASE:a\n# CONTEXT-RETENTION-POLICY:autogen\nm temp=1 1704067200000000000\n", "--quiet", NULL, 0,
            "2024-01-01T00:00:00Z temp=1\n"},
        {"two databases", "# CONTEXT-DATABASE:a\nm temp=1 1704067200\n# CONTEXT-DATABASE:b\nm temp=1 1704067201\n", "", NULL, 8,
            "f.csv, line 4: 'temp' is of _measurement=m,_database=b here and of _measurement=m,_database=a above: --where TAG=VALUE takes one of them"},
        {"two series", "m,room=1 temp=1 1704067200\nm,room=2 temp=2 1704067201\n", "", NULL, 8,
            "f.csv, line 2: 'temp' is of _measurement=m,room=2 here and of _measurement=m,room=1 above: --where TAG=VALUE takes one of them"},
        {"more than 64 bits", "m i=18446744073709551615u 1704067200\n", "", "\"i\": {}", 8,
            "f.csv, line 1: 'i' is beyond what can be kept: integers are kept from -9223372036854775808 to 9223372036854775807"},
        {"another type", "m temp=\"warm\" 1704067200\n", "", NULL, 8, "f.csv, line 1: 'temp' is a text, and the property 'temp' is of type number"},
        {"no time", "m temp=1\n", "", NULL, 8, "f.csv, line 1: the point has no time"},
        {"no time that is plain", "m temp=1 170406720\n", "", NULL, 8, "f.csv, line 1: it is not plain whether 170406720 is in ns, us, ms or s: --precision says it"},
        {"a time that is none", "m temp=1 now\n", "", NULL, 8, "f.csv, line 1: 'now' is not a time"},
        {"another value at its time", "m temp=1 1704067200\nm temp=2 1704067200\n", "", NULL, 5, "f.csv, line 2: temp: 2 is not stored, since 1 stands on line 1 at 2024-01-01T00:00:00Z"},
        {"a precision that is none", "m temp=1 1\n", "--precision h", NULL, 2, "--precision h: expected ns, us, ms or s"},
        {"nothing under a name", "m temp=1 1704067200\n", "--map x=temp", NULL, 3, "there is nothing called 'x' in it"},
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_SAMPLES(shell, "influx", samples);
    shell_close(shell);
}

// clang-format on

TEST("a stray quote in the line protocol costs one line, and what is not stored is said")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell, "\"t\": {}, \"s\": {}");
    file_put(shell, "a.lp",
             "m,room=1 t=1,x=9 1704067200000000001\nm,room=1 s=\"a 1704067201\n"
             "m,room=1 s=\"b\" 1704067202\nm,room=1 t=\"c 1704067203");
    CHECK_INT(run(shell, "iots import influx a.lp --thing %s --on-error skip", id), 0);
    CHECK_TEXT(shell->out, "stored 2 values, 0 were there already, 0 not stored (another value is "
                           "there), 2 lines unreadable\n");
    CHECK(strstr(shell->err, "a.lp, line 2: "));
    CHECK(strstr(shell->err, "a.lp, line 4: a text without a quote at its end"));
    CHECK(strstr(shell->err, "1 times have nanoseconds; times are stored to the microsecond"));
    CHECK(strstr(shell->err, "tags say whose values they are, and are not stored: 'room'"));
    CHECK(strstr(shell->err, "not imported: 'x' (1 values); --map FIELD=PROPERTY"));
    CHECK_TEXT(history(shell, id), "2024-01-01T00:00:00Z t=1\n2024-01-01T00:00:02Z s=\"b\"\n");
    CHECK_INT(run(shell, "iots import influx - --thing %s --on-error skip < a.lp", id), 0);
    CHECK_TEXT(shell->out, "stored 0 values, 2 were there already, 0 not stored (another value is "
                           "there), 2 lines unreadable\n");
    shell_close(shell);
}
