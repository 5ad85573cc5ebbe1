/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/builtins.h"

#define FLAGS(rows)                              \
    {                                            \
        (rows), sizeof(rows) / sizeof((rows)[0]) \
    }
#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

// clang-format off
static const cli_flag login_flags[] = {
    {"secret-stdin", NULL, "Read the client's secret from standard input.", FLAG_SWITCH, false},
};

static const cli_flag get_flags[] = {
    FLAG_TITLE,
    {"category", "NAME", "Go by way of this Category: nothing outside it is found.", FLAG_VALUE, false},
    FLAG_WATCH,
};

static const cli_flag set_flags[] = {
    FLAG_TITLE,
    {"category", "NAME", "Go by way of this Category: nothing outside it is found.", FLAG_VALUE, false},
    {"update-history", "BOOL", "Whether the values are kept in the history as well.", FLAG_BOOL, false},
};

static const cli_flag watch_flags[] = {
    FLAG_TITLE,
    {"interval", "TIME", "How often to ask: 500ms, 2s, 1m. By default 1s.", FLAG_VALUE, false},
    {"rounds", "N", "End after asking this many times.", FLAG_VALUE, false},
};

static const cli_flag history_plot_flags[] = {
    FLAG_TITLE,
    {"since", "TIME", "From then on: a time, or how long ago, as 90s, 24h or 7d. By default a day before --until.", FLAG_VALUE, false},
    {"until", "TIME", "Until then. By default now.", FLAG_VALUE, false},
    {"at", "RANGE", "Instead of these: <from>|<to>, as of 'iots history list'; the chart is as wide as the values.", FLAG_VALUE, false},
    {"points", "N", "Take so many values at most, the newest. By default 100000.", FLAG_VALUE, false},
    {"size", "WxH", "Columns and lines, or pixels of a picture. By default what the terminal has, 80x20 without one, or 1200x600.", FLAG_VALUE, false},
    {"ascii", NULL, "Draw with nothing but ASCII, as is done anyway where the locale is not UTF-8.", FLAG_SWITCH, false},
    {"png", "FILE", "Write a picture instead; - is standard output.", FLAG_VALUE, false},
    {"category", "NAME", "Go by way of this Category: nothing outside it is found.", FLAG_VALUE, false},
    FLAG_WATCH,
};

/* How a file of CSV is read up to the names of its columns. */
#define FLAG_DELIMITER \
    {"delimiter", "CHARACTER", "What stands between fields, or 'tab'. By default found out from the names of the columns: a comma, semicolon, tab or bar.", FLAG_VALUE, false}
#define FLAG_SKIP_LINES {"skip-lines", "N", "Pass over so many lines above the names of the columns.", FLAG_VALUE, false}
#define FLAG_COMMENT {"comment", "TEXT", "Pass over lines that begin so, as #.", FLAG_VALUE, false}

static const cli_flag import_flags[] = {
    {"thing", "ID", "The Thing into whose history the values go.", FLAG_VALUE, false},
    FLAG_TITLE,
    {"category", "NAME", "Go by way of this Category: nothing outside it is found.", FLAG_VALUE, false},
    {"time", "COLUMN", "The column that holds the time. Several are joined: --time date --time time. Not needed for files of known programs, nor where one column is called time, timestamp, date or the like.", FLAG_VALUE, true},
    {"time-format", "FORMAT", "How times are written: a pattern of strptime(3) as '%d.%m.%Y %H:%M:%S.%f', or epoch, epoch_ms, epoch_us, epoch_ns, excel, excel_1904. Usual forms are recognised.", FLAG_VALUE, false},
    {"tz", "ZONE", "The clock that times without zone are of: Europe/Berlin, +01:00, local. By default UTC.", FLAG_VALUE, false},
    {"map", "COLUMN=PROPERTY", "A column and the property it goes to. Without any, every column called like a property. With --name-column, a name in it instead of a column.", FLAG_VALUE, true},
    {"name-column", "COLUMN", "For files with a row for each value: the column with the name of the property.", FLAG_VALUE, false},
    {"value-column", "COLUMN", "For the same files: the column with the value.", FLAG_VALUE, false},
    {"where", "COLUMN=VALUE", "Only rows that have this value in this column.", FLAG_VALUE, true},
    FLAG_DELIMITER,
    {"decimal", "MARK", "What stands before the decimals of a number: , or a point.", FLAG_VALUE, false},
    FLAG_SKIP_LINES,
    {"skip-rows", "N", "Pass over so many rows below them, as of units.", FLAG_VALUE, false},
    FLAG_COMMENT,
    {"empty", "TEXT", "Passed over like an empty cell, as NA or -999.", FLAG_VALUE, true},
    {"on-conflict", "skip|fail", "Another value is stored at this time: leave that one (skip), or end (fail). By default each such value is named, the others go in, and the exit code is 5. The same value again is not a conflict.", FLAG_VALUE, false},
    {"on-error", "skip|fail", "A line cannot be read: end before sending what goes with it (the default), or name it and pass over it.", FLAG_VALUE, false},
};

static const cli_flag import_influx_flags[] = {
    {"thing", "ID", "The Thing into whose history the values go.", FLAG_VALUE, false},
    FLAG_TITLE,
    {"category", "NAME", "Go by way of this Category: nothing outside it is found.", FLAG_VALUE, false},
    {"precision", "ns|us|ms|s", "The unit of the times. By default it is found out for each from its digits: 19, 16, 13 or 10.", FLAG_VALUE, false},
    {"map", "FIELD=PROPERTY", "A field and the property it goes to; also as MEASUREMENT.FIELD. Without any, every field called like a property.", FLAG_VALUE, true},
    {"where", "TAG=VALUE", "Only points that have this tag; the measurement is the tag _measurement.", FLAG_VALUE, true},
    {"on-conflict", "skip|fail", "Another value is stored at this time: leave that one (skip), or end (fail). By default each such value is named, the others go in, and the exit code is 5. The same value again is not a conflict.", FLAG_VALUE, false},
    {"on-error", "skip|fail", "A line cannot be read: end before sending what goes with it (the default), or name it and pass over it.", FLAG_VALUE, false},
};

static const cli_flag completion_flags[] = {FLAG_DELIMITER, FLAG_SKIP_LINES, FLAG_COMMENT};

static const cli_flag export_space_flags[] = {
    {"resume", NULL, "Go on with an export that was cut short: files that are there are not fetched again.", FLAG_SWITCH, false},
    {"page", "N", "Items to ask for at once, 1 to 1000; by default 1000, and 100 Things. Fewer where single ones are very large.", FLAG_VALUE, false},
};

static const cli_flag import_things_flags[] = {
    {"category", "NAME", "The Category that the Things are to be in.", FLAG_VALUE, false},
    {"journal", "FILE", "Write down in FILE what was created, and pass over what is in it already: an import that was cut short goes on.", FLAG_VALUE, false},
    {"on-error", "skip|fail", "A description is not taken: report it and go on (the default), or end.", FLAG_VALUE, false},
};

static const cli_flag import_space_flags[] = {
    {"into", "SPACE", "The space to put it into, instead of the one that is chosen.", FLAG_VALUE, false},
    {"on-conflict", "skip|fail", "Something else is there under the same name, ID or time: end (the default), or leave it as it is.", FLAG_VALUE, false},
    {"on-error", "skip|fail", "The server does not take something: end (the default), or report it and skip it; the exit code is then that of the last one.", FLAG_VALUE, false},
};

static const cli_flag api_flags[] = {
    {"body", "JSON", "The body: JSON, @file, or - for standard input.", FLAG_VALUE, false},
    {"content-type", "TYPE", "What the body is, if not JSON; it is then sent as it is.", FLAG_VALUE, false},
    {"param", "NAME=VALUE", "A query parameter.", FLAG_VALUE, true},
};

const cli_command builtins[] = {
    {.noun = "login", .words = "[HOST]", .run = login_run, .logs_in = true, .needs_no_profile = true, .flags = FLAGS(login_flags),
     .summary = "Store a server, a client and its secret for the commands to come.",
     .text = "On a terminal, what is missing is asked for; the secret does not show. The server is "
             "asked for a token, and only if it gives one are the three stored, for your eyes only. "
             "What is stored for one server is never sent to another.",
     .examples = "iots login http://127.0.0.1:8080\n"
                 "iots login iots.example.org --client-id app::01GQ2E9M2Y45BX9EW0F2BM032Q "
                 "--secret-stdin < secret\n"
                 "iots login https://iots.example.org --profile work --client-id app::01GQ2E9M2Y45BX9EW0F2BM032Q "
                 "--secret-command 'pass show iots'"},
    {.noun = "logout", .words = "", .run = logout_run,
     .summary = "Revoke the token in use, and forget server, client and secret.",
     .examples = "iots logout\niots logout --profile work"},
    {.noun = "doctor", .words = "", .run = doctor_run,
     .summary = "Say what is wrong with host, network, certificate, clock, credentials, scopes and space.",
     .text = "Each check relies on those before it. The exit code is that of the first one that "
             "fails; warnings do not count.",
     .examples = "iots doctor\niots doctor --profile work\niots doctor --scopes 'thing.read category.read' --json"},
    {.noun = "profile", .verb = "list", .words = "", .run = profile_list_run, .needs_no_profile = true,
     .summary = "List the profiles that are stored, without their secrets.",
     .text = "A profile is what 'iots login --profile NAME' stores: server, client and space.",
     .examples = "iots profile list"},
    {.noun = "profile", .verb = "show", .words = "[PROFILE]", .run = profile_show_run,
     .summary = "Show the settings in force and where each comes from, or what a profile holds.",
     .examples = "iots profile show\niots profile show work"},
    {.noun = "profile", .verb = "use", .words = "PROFILE", .run = profile_use_run,
     .summary = "Choose the profile that commands use unless they are given another.",
     .text = "--profile and IOTS_PROFILE still win.",
     .examples = "iots profile use work\niots profile use default"},
    {.noun = "profile", .verb = "remove", .words = "PROFILE", .run = profile_remove_run,
     .summary = "Forget a profile; 'iots logout --profile NAME' revokes its token as well.",
     .examples = "iots profile remove work"},
    {.noun = "space", .verb = "use", .words = "SPACE", .run = space_use_run,
     .summary = "Choose the space that commands work in unless they are given another.",
     .text = "--space and IOTS_SPACE still win.",
     .examples = "iots space use farm"},
    {.noun = "get", .words = "THING [PROPERTY]", .run = get_run, .flags = FLAGS(get_flags),
     .summary = "Show the values of a Thing, or one value and nothing else.",
     .examples = "iots get " THING "\niots get " THING " temperature # for $(...)\n"
                 "iots get --title 'Boiler 7' temperature\niots get 01GQ2E9M --watch 2s"},
    {.noun = "set", .words = "THING NAME=VALUE...", .run = set_run, .flags = FLAGS(set_flags),
     .summary = "Set values of a Thing, all or none.",
     .text = "A value that is JSON is taken as such (21.5, true, null, '\"21\"'); anything else is text.",
     .examples = "iots set " THING " target=21.5 mode=auto\niots set --title 'Boiler 7' target=21.5"},
    {.noun = "watch", .words = "[THING]", .run = watch_run, .flags = FLAGS(watch_flags),
     .summary = "Show the values of a Thing, or of all Things of the space, as they change.",
     .text = "On a terminal, a table is drawn again in its place; elsewhere there is a line for each "
             "new value: time, Thing, property, value. --jsonl prints those as JSON, --csv as CSV. Ctrl-C ends it.",
     .examples = "iots watch " THING "\niots watch --interval 10s --jsonl >> values.jsonl"},
    {.noun = "history", .verb = "plot", .words = "THING PROPERTY", .run = history_plot_run,
     .flags = FLAGS(history_plot_flags),
     .summary = "Draw what a property was over time.",
     .text = "Numbers are joined by lines; true and false are steps. Where many values fall into one "
             "column, it shows the lowest and the highest. Times are UTC.",
     .examples = "iots history plot " THING " temperature --since 24h\n"
                 "iots history plot --title 'Boiler 7' temperature --since 2025-03 --until 2025-04 --png march.png\n"
                 "iots history plot " THING " temperature --since 10m --watch 2s"},
    {.noun = "import", .verb = "csv", .words = "FILE", .run = import_run, .flags = FLAGS(import_flags),
     .summary = "Read a recording into the history of a Thing.",
     .text = "FILE is CSV as in RFC 4180, with a line that names the columns; - is standard input. Numbers "
             "stay exact; cells become what the Thing declares its properties to be, and what is declared "
             "nothing becomes what it reads as. Empty cells are passed over; null is null.\n\n"
             "Read without options: what 'iots export space', 'iots history list --csv' and 'iots watch --csv' "
             "write, Home Assistant's history, InfluxDB's annotated CSV, files of Campbell (TOA5) and "
             "HOBO loggers. Of other files it may take --time, --tz and --map.\n\n"
             "The last line of output counts values, that is one property at one time. A file that is "
             "imported again stores nothing twice, so that an import that was cut short is picked up "
             "by the same command. A value at whose time another one is stored is named with its line, "
             "and the exit code is then 5.",
     .examples = "iots import csv 2025.csv --thing " THING " --time when --map temp=temperature\n"
                 "iots import csv Messung.csv --thing " THING " --time Datum --time Uhrzeit --tz Europe/Berlin --decimal ,\n"
                 "iots import csv history.csv --title 'Boiler 7' --map sensor.boiler_temp=temperature # Home Assistant\n"
                 "zcat all.csv.gz | iots import csv - --thing " THING " --time t --time-format epoch_ms --on-error skip"},
    {.noun = "import", .verb = "influx", .words = "FILE", .run = import_influx_run, .flags = FLAGS(import_influx_flags),
     .summary = "Read points in InfluxDB's line protocol into the history of a Thing.",
     .text = "FILE has a point on each line, as Telegraf, 'influx_inspect export' and 'influxd inspect export-lp' "
             "write them; - is standard input. Fields are properties. Measurement and tags say whose "
             "point it is: where a file has several, --where takes those of one. What cannot be kept as "
             "it is, as an integer beyond 64 bits or a text for a number, is named with its line.\n\n"
             "What is printed and what happens to conflicts and lines that cannot be read is as with "
             "'iots import csv'.",
     .examples = "iots import influx weather.lp --thing " THING "\n"
                 "iots import influx all.lp --title 'Boiler 7' --where _measurement=boiler --where unit=7 --map temp=temperature\n"
                 "zcat export.lp.gz | iots import influx - --title 'Boiler 7' --precision ns"},
    {.noun = "import", .verb = "things", .words = "FILE|DIR...", .run = import_things_run, .flags = FLAGS(import_things_flags),
     .summary = "Create a Thing from each Thing Description in files.",
     .text = "A file is one description, an array of them, or, if it is called .jsonl, one on each line; of a "
             "folder, all .jsonld, .json and .jsonl files. What fails is logged with its reason, and the exit "
             "code is that of the last one.",
     .examples = "iots import things boiler.td.jsonld\niots import things descriptions/ --category Boilers --journal created.jsonl"},
    {.noun = "import", .verb = "space", .words = "DIR", .run = import_space_run, .flags = FLAGS(import_space_flags),
     .summary = "Put back what 'iots export space' wrote, with its IDs and times.",
     .text = "Everything in DIR is read and checked before the first request. What is there already, and is "
             "the same, is passed over, so that an import that was cut short is picked up by the same "
             "command. It takes an iotsd, which keeps IDs and times; the service an export came from may be any.\n\n"
             "Links are kept as they are: those that name another host or space still do.",
     .examples = "iots import space farm-2025\niots import space farm-2025 --into test --on-error skip"},
    {.noun = "export", .verb = "space", .words = "DIR", .run = export_space_run, .flags = FLAGS(export_space_flags),
     .summary = "Write all that a space holds into a folder: to keep it, or to move it.",
     .text = "DIR is made, or has to be empty. In it are Models, versions, Categories, Things with their "
             "present values, and for each Thing its history, actions and events, as JSON lines; the history "
             "is there a second time as CSV for spreadsheets: texts go as they are, and with --csv-safe "
             "none of them is a formula. Secrets and MQTT credentials are not: no server shows "
             "them.\n\n"
             "What changes during an export may be in it as it was, or as it is.",
     .examples = "iots export space farm-2025\niots export space farm-2025 --resume"},
    {.noun = "api", .words = "METHOD PATH", .run = api_run, .flags = FLAGS(api_flags),
     .summary = "Make any request of the server, and print the answer as it is.",
     .examples = "iots api GET /spaces/farm/things --param limit=1\n"
                 "iots api POST /spaces/farm/categories --body '{\"name\": \"Boilers\"}'"},
    {.noun = "completion", .words = "bash|zsh|fish", .run = completion_run, .flags = FLAGS(completion_flags),
     .summary = "Print what makes a shell complete the commands of iots.",
     .text = "The scripts know commands and options by themselves. For Things, Categories and the "
             "like they ask the server, for two seconds at most: 'iots completion KIND', where KIND "
             "is things, titles, categories, models, spaces, profiles, or properties and a Thing. A "
             "command for the secret is not run for that. For the columns of a file they look into it: "
             "'iots completion columns FILE'.",
     .examples = "iots completion bash > ~/.local/share/bash-completion/completions/iots\n"
                 "iots completion zsh > ~/.zfunc/_iots # a folder of fpath\n"
                 "iots completion fish > ~/.config/fish/completions/iots.fish\n"
                 "iots completion titles"},
};
// clang-format on

const size_t builtins_count = sizeof builtins / sizeof builtins[0];
