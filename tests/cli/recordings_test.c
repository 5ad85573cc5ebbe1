/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings as other programs write them: what is in them goes in, or is refused by its line. */
#include <unistd.h>

#include "base/buf.h"
#include "base/test.h"
#include "sample.h"
#include "shell.h"

static void skip_without_zones(void)
{
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
        SKIP("no tz database");
}

// clang-format off

TEST("times of databases, loggers and spreadsheets are read without options")
{
    static const char *const times[] = {
        "2024-01-01 00:00:00.5+00", "2024-01-01 01:00:00.5+01", "2024-01-01 01:00:00.5 +0100", "1704067200.5",
        "1704067200500", "1704067200500000", "1704067200500000000", "01.01.2024 00:00:00.5", "1/1/2024 12:00:00.5 AM",
        "2024-01-01T00:00:00,5", "2024/01/01 00:00:00.5", "20240101T000000.5Z", "Mon, 01 Jan 2024 00:00:00.5 GMT",
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        check_sample(shell, "csv", &(sample){.name = times[i], .options = "--quiet", .file = ix_format(cx, "time;temp\n%s;1\n", times[i]),
                                      .history = "2024-01-01T00:00:00.5Z temp=1\n"});
    shell_close(shell);
}

TEST("a format, a zone and several columns say what times mean")
{
    static const sample samples[] = {
        {"a pattern", "when,temp\n03/04/24 05:06 PM,1\n", "--time when --time-format '%d/%m/%y %I:%M %p' --tz UTC", .history = "2024-04-03T17:06:00Z temp=1\n"},
        {"serial days", "when;temp\n45292,5;1\n", "--time when --time-format excel --tz +02:00", .history = "2024-01-01T10:00:00Z temp=1\n"},
        {"date and time", "date,time,temp\n2024-01-01,00:00:00,21.5\n2024-01-01,00:10:00,21.6\n", "--time date --time time --tz UTC",
            .history = "2024-01-01T00:00:00Z temp=21.5\n2024-01-01T00:10:00Z temp=21.6\n"},
        {"date and time, joined by hand", "d,t,temp\n20240101,0010,1\n", "--time d --time t --time-format '%Y%m%d %H%M' --tz UTC",
            .history = "2024-01-01T00:10:00Z temp=1\n"},
        {"a later row says the order", "time,temp\n3/4/2024,1\n13/4/2024,2\n1/5/2024,3\n", "--tz UTC",
            .history = "2024-04-03T00:00:00Z temp=1\n2024-04-13T00:00:00Z temp=2\n2024-05-01T00:00:00Z temp=3\n"},
        {"no row says the order", "time,temp\n1/1/2024,1\n3/4/2024,1\n5/6/2024,2\n", "", NULL, 8,
            "f.csv, line 3: '3/4/2024' may be day 3 of month 4 or day 4 of month 3; say which: --time-format '%d/%m/%Y' or '%m/%d/%Y'"},
        {"a row against the order", "time,temp\n13/4/2024,1\n4/13/2024,2\n", "", NULL, 8, "line 3: '4/13/2024' is not a time"},
        {"two columns of times", "date,time,temp\n2024-01-01,00:00:00,1\n", "", NULL, 2, "--time date --time time"},
        {"a zone that only one place knows", "time,temp\n2024-01-01 00:00 CET,1\n", "", NULL, 8, "line 2: '2024-01-01 00:00 CET': 'CET' is the name of a time zone in more than one place"},
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_SAMPLES(shell, "csv", samples);
    shell_close(shell);
}

TEST("an hour that the clock shows twice is two hours, by the order of the rows")
{
    static const char rising[] = "2023-10-28T23:45:00Z temp=19\n2023-10-29T00:00:00Z temp=20\n2023-10-29T00:30:00Z temp=21\n"
                                 "2023-10-29T01:00:00Z temp=22\n2023-10-29T01:30:00Z temp=23\n2023-10-29T02:00:00Z temp=24\n";
    static const sample samples[] = {
        {"rising", "time,temp\n2023-10-29 01:45,19\n2023-10-29 02:00,20\n2023-10-29 02:30,21\n2023-10-29 02:00,22\n2023-10-29 02:30,23\n2023-10-29 03:00,24\n",
            "--tz Europe/Berlin", .history = rising},
        {"falling", "time,temp\n2023-10-29 03:00,24\n2023-10-29 02:30,23\n2023-10-29 02:00,22\n2023-10-29 02:30,21\n2023-10-29 02:00,20\n2023-10-29 01:45,19\n",
            "--tz Europe/Berlin", .history = rising},
        {"falling, from within the hour", "time,temp\n2023-10-29 02:30,23\n2023-10-29 02:00,22\n2023-10-29 02:30,21\n2023-10-29 02:00,20\n2023-10-29 01:45,19\n",
            "--tz Europe/Berlin", .history = "2023-10-28T23:45:00Z temp=19\n2023-10-29T00:00:00Z temp=20\n2023-10-29T00:30:00Z temp=21\n"
                                 "2023-10-29T01:00:00Z temp=22\n2023-10-29T01:30:00Z temp=23\n"},
        {"a row for each value", "name,value,time\ntemp,20,2023-10-29 02:00\nhum,1,2023-10-29 02:00\ntemp,21,2023-10-29 02:00\nhum,2,2023-10-29 02:00\n",
            "--tz Europe/Berlin --name-column name --value-column value",
            .history = "2023-10-29T00:00:00Z hum=1\n2023-10-29T00:00:00Z temp=20\n2023-10-29T01:00:00Z hum=2\n2023-10-29T01:00:00Z temp=21\n"},
        {"by the name of the zone", "time,temp\n2023-10-29 02:00 CET,22\n2023-10-29 02:00 CEST,20\n", "--tz Europe/Berlin",
            .history = "2023-10-29T00:00:00Z temp=20\n2023-10-29T01:00:00Z temp=22\n"},
        {"in no order", "time,temp\n2023-10-29 03:00,24\n2023-10-29 04:00,25\n2023-10-29 02:30,23\n", "--tz Europe/Berlin", NULL, 8,
            "f.csv, line 4: '2023-10-29 02:30' is shown twice by the clock of Europe/Berlin, and the order of the lines does not say which is meant"},
        {"skipped", "time,temp\n2024-03-31 01:59,1\n2024-03-31 02:30,2\n", "--tz Europe/Berlin", NULL, 8,
            "f.csv, line 3: '2024-03-31 02:30' is never shown by the clock of Europe/Berlin, which is put forward then"},
    };
    skip_without_zones();
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_SAMPLES(shell, "csv", samples);
    check_sample(shell, "csv", &samples[0]);
    CHECK_INT(run(shell, "iots import csv f.csv --thing %s --tz Europe/Berlin", thing(shell, TEMP_AND_HUM)), 0);
    CHECK_TEXT(shell->err, "iots: f.csv: 4 times are shown twice by the clock of Europe/Berlin; by the order of the lines 2 are the first and 2 the second\n");
    shell_close(shell);
}

TEST("a row for each value is read by the column of names")
{
    static const sample samples[] = {
        {"Home Assistant", "entity_id,state,last_changed\ntemp,21.5,2024-01-01T00:00:00.000Z\ntemp,unavailable,2024-01-01T00:00:10.000Z\n"
            "hum,1500,2024-01-01T00:00:30.000Z\n", "", .history = "2024-01-01T00:00:00Z temp=21.5\n2024-01-01T00:00:30Z hum=1500\n"},
        {"Home Assistant, by entities", "entity_id,state,last_changed\nsensor.a,21.5,2024-01-01T00:00:00.000Z\nsensor.b,1500,2024-01-01T00:00:30.000Z\n",
            "--map sensor.a=temp", .history = "2024-01-01T00:00:00Z temp=21.5\n"},
        {"a value is not a column", "entity_id,state,last_changed\ntemp,21.5,2024-01-01T00:00:00Z\npower,1500,2024-01-01T00:00:30Z\n",
            "--time last_changed --map state=temp", NULL, 2, "the column 'entity_id' has its name: --map NAME=temp"},
        {"any", "id;ts;what;val\n7;1704067200;temp;1\n8;1704067200;temp;2\n7;1704067201;hum;3\n",
            "--time ts --name-column what --value-column val --where id=7", .history = "2024-01-01T00:00:00Z temp=1\n2024-01-01T00:00:01Z hum=3\n"},
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_SAMPLES(shell, "csv", samples);
    shell_close(shell);
}

#define INFLUX_DOUBLE "#group,false,false,true,true,false,false,true,true,true\n" \
    "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string\n" \
    "#default,_result,,,,,,,,\n,result,table,_start,_stop,_time,_value,_field,_measurement,host\n"
#define INFLUX_STRING "#group,false,false,true,true,false,false,true,true,true\n" \
    "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,string,string,string,string\n" \
    "#default,_result,,,,,,,,\n,result,table,_start,_stop,_time,_value,_field,_measurement,host\n"
#define INFLUX_ROW(table, time, value, field, host) ",," table ",2023-12-01T00:00:00Z,2024-02-01T00:00:00Z," time "," value "," field ",room," host "\n"

TEST("InfluxDB's annotated CSV is read without options")
{
    static const sample samples[] = {
        {"two tables", INFLUX_DOUBLE INFLUX_ROW("0", "2024-01-01T00:00:00Z", "21.5", "temp", "a") INFLUX_ROW("0", "2024-01-01T00:00:10.123456789Z", "22", "temp", "a")
            "\n" INFLUX_STRING INFLUX_ROW("1", "2024-01-01T00:00:00Z", "007", "mode", "a") "\n", "",
            "\"temp\": {}, \"mode\": {}", .history = "2024-01-01T00:00:00Z mode=\"007\"\n2024-01-01T00:00:00Z temp=21.5\n2024-01-01T00:00:10.123456Z temp=22\n"},
        {"two series", INFLUX_DOUBLE INFLUX_ROW("0", "2024-01-01T00:00:00Z", "21.5", "temp", "a") INFLUX_ROW("1", "2024-01-01T00:00:10Z", "22", "temp", "b"), "", NULL, 8,
            "f.csv, line 6: 'temp' is of _measurement=room,host=b here and of _measurement=room,host=a above: --where COLUMN=VALUE takes one of them"},
        {"one of two series", INFLUX_DOUBLE INFLUX_ROW("0", "2024-01-01T00:00:00Z", "21.5", "temp", "a") INFLUX_ROW("1", "2024-01-01T00:00:00Z", "22", "temp", "b"), "--where host=b",
            .history = "2024-01-01T00:00:00Z temp=22\n"},
        {"without annotations", ",result,table,_start,_stop,_time,_value,_field,_measurement\n,_result,0,2023-12-01T00:00:00Z,2024-02-01T00:00:00Z,2024-01-01T00:00:00Z,21.5,temp,room\n"
            "\n,result,table,_time,_value,_field,_measurement\n,_result,1,2024-01-01T00:00:00Z,7,hum,room\n", "",
            .history = "2024-01-01T00:00:00Z hum=7\n2024-01-01T00:00:00Z temp=21.5\n"},
        {"pivoted", "#group,false,false,false,false,false,true\n#datatype,string,long,dateTime:RFC3339,double,double,string\n#default,_result,,,,,\n"
            ",result,table,_time,temp,hum,host\n,,0,2024-01-01T00:00:00Z,21.5,7,a\n,,0,2024-01-01T00:00:01Z,,8,a\n", "",
            .history = "2024-01-01T00:00:00Z hum=7\n2024-01-01T00:00:00Z temp=21.5\n2024-01-01T00:00:01Z hum=8\n"},
        {"as influx write takes it", "#datatype measurement,tag,double,dateTime:RFC3339\nm,host,temp,time\nroom,a,21.5,2024-01-01T00:00:00Z\n", "",
            .history = "2024-01-01T00:00:00Z temp=21.5\n"},
        {"InfluxDB 1", "name,time,temp\nroom,1704067200000000000,21.5\n", "--where name=room", .history = "2024-01-01T00:00:00Z temp=21.5\n"},
        {"an error", "#datatype,string,string\n#group,true,true\n#default,,\n,error,reference\n,query failed,897\n", "", NULL, 8, "InfluxDB wrote an error in place of values: query failed"},
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_SAMPLES(shell, "csv", samples);
    shell_close(shell);
}

TEST("files of data loggers are read with their head lines, units and zones")
{
    static const sample samples[] = {
        {"Campbell, TOA5", "\"TOA5\",\"Barn\",\"CR1000\",\"1\",\"Std.1\",\"CPU:barn.CR1\",\"1\",\"Ten\"\n\"TIMESTAMP\",\"RECORD\",\"temp\",\"hum\"\n\"TS\",\"RN\",\"Deg C\",\"\"\n\"\",\"\",\"Avg\",\"Smp\"\n"
            "\"2024-01-01 00:10:00\",0,21.5,\"NAN\"\n\"2024-01-01 00:20:00.5\",1,21.6,7\n", "--tz -01:00 --empty NAN",
            .history = "2024-01-01T01:10:00Z temp=21.5\n2024-01-01T01:20:00.5Z hum=7\n2024-01-01T01:20:00.5Z temp=21.6\n"},
        {"HOBO", "\"Plot Title: barn\"\n\"#\",\"Date Time, GMT+01:00\",\"temp, \xC2\xB0""C (LGR S/N: 1, SEN S/N: 1)\",\"RH, % (LGR S/N: 1, SEN S/N: 1)\",\"End Of File (LGR S/N: 1)\"\n"
            "1,01/14/24 12:00:00 AM,21.5,40,\n2,01/14/24 12:10:00 AM,21.6,,Logged\n", "--map temp --map RH=hum",
            .history = "2024-01-13T23:00:00Z hum=40\n2024-01-13T23:00:00Z temp=21.5\n2024-01-13T23:10:00Z temp=21.6\n"},
        {"Excel in German", "\xEF\xBB\xBF" "Datum;Uhrzeit;temp [\xC2\xB0""C];hum [%]\r\n31.12.2025;14:05;-0,5;40\r\n31.12.2025;14:10;0,5;\r\n;;;\r\n", "--time Datum --time Uhrzeit --tz +01:00 --decimal ,",
            .history = "2025-12-31T13:05:00Z hum=40\n2025-12-31T13:05:00Z temp=-0.5\n2025-12-31T13:10:00Z temp=0.5\n"},
        {"decimal commas that nobody spoke of", "time;temp\n2025-12-31;0,5\n", "", NULL, 8, "f.csv, line 2: temp: '0,5' is not a number, unless the comma is a decimal mark: --decimal ,"},
        {"units in a row of their own", "# made by hand\ntime\ttemp\thum\n\t\xC2\xB0""C\t%\n# 7 rows\n2024-01-01T00:00Z\t1\t2\n", "--comment '#' --skip-rows 1", .history = "2024-01-01T00:00:00Z hum=2\n2024-01-01T00:00:00Z temp=1\n"},
        {"units where none are expected", "time,temp\n,\xC2\xB0""C\n2024-01-01T00:00Z,1\n", "", NULL, 8, "f.csv, line 2: '' is not a time"},
        {"head lines", "Logger: \"Barn; 7\"\n\nInterval|10\ntime|temp\n2024-01-01T00:00Z|1\n", "--skip-lines 3", .history = "2024-01-01T00:00:00Z temp=1\n"},
        {"head lines that nobody spoke of", "Logger: Barn\ntime,temp\n2024-01-01T00:00Z,1\n", "--time time", NULL, 2, "there is no column 'time'; there are: Logger: Barn (--skip-lines passes over lines above the names)"},
        {"PostgreSQL's COPY", "time,temp,note\n2024-01-01 00:00:00+00,1,\n2024-01-01 00:00:01.5+00,,\"\"\n2024-01-01 00:00:02+00,2,\"a, \"\"b\"\"\"\n", "",
            "\"temp\": {\"type\": \"number\"}, \"note\": {\"type\": \"string\"}",
            .history = "2024-01-01T00:00:00Z temp=1\n2024-01-01T00:00:01.5Z note=\"\"\n2024-01-01T00:00:02Z note=\"a, \\\"b\\\"\"\n2024-01-01T00:00:02Z temp=2\n"},
        {"quotes around everything", "\"time\",\"temp\",\"note\"\n\"2024-01-01T00:00:00Z\",\"1\",\"\"\n", "", "\"temp\": {\"type\": \"number\"}, \"note\": {\"type\": \"string\"}", .history = "2024-01-01T00:00:00Z temp=1\n"},
        {"ThingsBoard's table", "Timestamp;temp;hum\n2024-01-01 00:00:00;21.5;40\n", "--tz UTC", .history = "2024-01-01T00:00:00Z hum=40\n2024-01-01T00:00:00Z temp=21.5\n"},
        {"Grafana", "\"Time\",\"temp\"\n1704067200000,21.5\n", "", .history = "2024-01-01T00:00:00Z temp=21.5\n"},
        {"Node-RED, which leaves out what is null", "time,temp,hum\n2024-01-01T00:00:00Z,1,2\n2024-01-01T00:00:01Z,3\n", "", NULL, 8, "f.csv, line 3: 2 fields, where the names of the columns are 3"},
        {"Latin letters", "time,temp [\xB0""C]\n2024-01-01T00:00:00Z,1\n", "", NULL, 8, "f.csv: line 1: not UTF-8"},
        {"UTF-16", "\xFF\xFEt", "", NULL, 8, "f.csv: the file is in UTF-16: iconv -f UTF-16 -t UTF-8 makes one that can be read"},
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_SAMPLES(shell, "csv", samples);
    shell_close(shell);
}

// clang-format on

TEST("times without a zone are read as UTC, and that is said")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell, TEMP_AND_HUM);
    file_put(shell, "f.csv", "time,temp\n2024-01-01,1\n");
    CHECK_INT(run(shell, "iots import csv f.csv --thing %s", id), 0);
    CHECK(strstr(shell->err, "iots: f.csv: the times have no zone and were read as UTC; --tz "));
    CHECK_INT(run(shell, "iots import csv f.csv --thing %s --tz UTC", id), 0);
    CHECK_TEXT(shell->err, "");
    shell_close(shell);
}

/* Values that CSV is apt to confuse, by turns. */
static const char *const confusing[] = {
    "7",
    "7.0",
    "\"7\"",
    "\"007\"",
    "\"1.50\"",
    "\"1,5\"",
    "\"\"",
    "\" \"",
    "\" a \"",
    "null",
    "\"null\"",
    "\"TRUE\"",
    "false",
    "[]",
    "\"[]\"",
    "{\"a\":[1]}",
    "\"{}\"",
    "\"\\\"\"",
    "\"\\\"7\\\"\"",
    "\"a,b\"",
    "\"a\\nb\"",
    "\"a\\r\\n\"",
    "-0.0",
    "\"=1+2\"",
    "\"#datatype\"",
    "9007199254740993",
    "1e+300",
};

TEST("what iots writes as CSV comes back the same, type and all")
{
    static const char *const names[] = {
        "untyped", "property", "value", "at", "a, b", " blank ", "\xC3\xBC [m]", "say \"\"", "time",
    };
    enum {
        VALUES = sizeof confusing / sizeof confusing[0],
        NAMES = sizeof names / sizeof names[0]
    };
    shell *shell = shell_open(cx, AS_CLIENT);
    ix_buf thing_body = {0}, history_body = {0};
    ix_buf_text(&thing_body, "{\"properties\":{\"text\":{\"type\":\"string\"}");
    for (size_t i = 0; i < NAMES; i++) {
        ix_buf_char(&thing_body, ',');
        ix_json_write_text(&thing_body, ix_str_of(names[i]));
        ix_buf_text(&thing_body, ":{}");
    }
    ix_buf_text(&thing_body, "}}");
    for (size_t i = 0; i < VALUES; i++) {
        ix_buf_format(&history_body, "%s{\"at\":\"2025-01-01T00:00:%02zu.5Z\",\"properties\":{",
                      i ? "," : "[", i);
        for (size_t j = 0; j <= i % NAMES; j++) {
            ix_buf_text(&history_body, j ? "," : "");
            ix_json_write_text(&history_body, ix_str_of(names[(i + j) % NAMES]));
            ix_buf_format(&history_body, ":%s", confusing[i]);
        }
        if (confusing[i][0] == '"' || strcmp(confusing[i], "null") == 0)
            ix_buf_format(&history_body, ",\"text\":%s", confusing[i]);
        ix_buf_text(&history_body, "}}");
    }
    ix_buf_char(&history_body, ']');
    file_put(shell, "thing", ix_buf_cstr(&thing_body));
    file_put(shell, "history", ix_buf_cstr(&history_body));
    CHECK_INT(
        run(shell,
            "for t in from long wide; do iots things create --body @thing --jsonl > $t; sed "
            "-i 's/.*\"uid\":\"\\([^\"]*\\)\".*/\\1/' $t; done; iots history create $(cat from) "
            "--body @history --quiet > said && iots history list $(cat from) --jsonl > all && "
            "iots history list $(cat from) --csv > long.csv && iots export space out --quiet > "
            "said && iots import csv long.csv --thing $(cat long) && iots import csv "
            "out/history/$(cat from).csv --thing $(cat wide)"),
        0);
    CHECK_TEXT(shell->err, "");
    for (int i = 0; i < 2; i++) {
        const int status =
            run(shell, "iots history list $(cat %s) --jsonl | diff all -", i ? "wide" : "long");
        if (status != 0)
            print_error("%s", shell->out);
        CHECK_INT(status, 0);
    }
    ix_buf_done(&thing_body);
    ix_buf_done(&history_body);
    shell_close(shell);
}

TEST("a Thing whose properties are called as the columns of another form are comes back as well")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *from = thing(shell, "\"property\": {}, \"value\": {}");
    const char *to = thing(shell, "\"property\": {}, \"value\": {}");
    CHECK_INT(
        run(shell,
            "iots history create %s --quiet --body '{\"at\": \"2025-01-01T00:00:00Z\", "
            "\"properties\": {\"property\": \"value\", \"value\": \"property\"}}' > said && iots "
            "export space out --quiet > said && iots import csv out/history/%s.csv --thing %s",
            from, from, to),
        0);
    CHECK_TEXT(history(shell, to), "2025-01-01T00:00:00Z property=\"value\"\n"
                                   "2025-01-01T00:00:00Z value=\"property\"\n");
    shell_close(shell);
}

TEST("what iots watch saw goes into the history of the Thing it saw it of")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    const char *id = thing(shell, "\"t\": {}"), *other = thing(shell, "\"t\": {}");
    CHECK_INT(
        run(shell,
            "iots set %s 't=\"007\"' --quiet > said && iots set %s t=2 --quiet > said && iots "
            "watch --rounds 1 --csv > w.csv && iots import csv w.csv --thing %s",
            id, other, id),
        0);
    CHECK_TEXT(shell->out, "stored 1 values, 0 were there already, 0 not stored (another value is "
                           "there), 0 lines unreadable\n");
    const char *to = thing(shell, "\"t\": {}");
    CHECK_INT(run(shell, "sed -i s/%s/%s/ w.csv && iots import csv w.csv --thing %s", id, to, to),
              0);
    CHECK_INT(run(shell, "iots history list %s --jsonl | sed 's/.*properties//'", to), 0);
    CHECK_TEXT(said(shell), "\":{\"t\":\"007\"}}");
    shell_close(shell);
}
