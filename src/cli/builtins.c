/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/builtins.h"

#define FLAGS(rows)                              \
    {                                            \
        (rows), sizeof(rows) / sizeof((rows)[0]) \
    }
#define THING "01GQ2E9M2Y45BX9EW0F2BM032Q"

// clang-format off
static const flag login_flags[] = {
    {"secret-stdin", FLAG_SWITCH, NULL, "Read the client's secret from standard input.", false, false},
};

static const flag get_flags[] = {
    {"category", FLAG_VALUE, "NAME", "Go by way of this Category: nothing outside it is found.", false, false},
};

static const flag set_flags[] = {
    {"category", FLAG_VALUE, "NAME", "Go by way of this Category: nothing outside it is found.", false, false},
    {"update-history", FLAG_BOOL, "BOOL", "Whether the values are kept in the history as well.", false, false},
};

static const flag watch_flags[] = {
    {"interval", FLAG_VALUE, "TIME", "How often to ask: 500ms, 2s, 1m. By default 1s.", false, false},
    {"rounds", FLAG_VALUE, "N", "End after asking this many times.", false, false},
};

static const flag import_flags[] = {
    {"thing", FLAG_VALUE, "ID", "The Thing into whose history the values go.", false, true},
    {"time", FLAG_VALUE, "COLUMN", "The column that holds the time: RFC 3339, with T or a blank between date and time; without zone it is UTC.", false, true},
    {"map", FLAG_VALUE, "COLUMN=PROPERTY", "A column and the property it goes to. Without any, every column called like a property.", true, false},
    {"category", FLAG_VALUE, "NAME", "Go by way of this Category: nothing outside it is found.", false, false},
    {"delimiter", FLAG_VALUE, "CHARACTER", "What stands between fields, or 'tab'. By default a comma.", false, false},
    {"empty", FLAG_VALUE, "TEXT", "Passed over like an empty cell, as NA or -999.", true, false},
    {"on-conflict", FLAG_VALUE, "skip|fail", "A value at this time exists: pass over this one (the default), or end.", false, false},
    {"on-error", FLAG_VALUE, "skip|fail", "A line cannot be read: end before sending what goes with it (the default), or pass over it.", false, false},
};

static const flag api_flags[] = {
    {"body", FLAG_VALUE, "JSON", "The body: JSON, @file, or - for standard input.", false, false},
    {"content-type", FLAG_VALUE, "TYPE", "What the body is, if not JSON; it is then sent as it is.", false, false},
    {"param", FLAG_VALUE, "NAME=VALUE", "A query parameter.", true, false},
};

const command builtins[] = {
    {.noun = "login", .words = "[HOST]", .run = login_run, .flags = FLAGS(login_flags),
     .summary = "Store a server, a client and its secret for the commands to come.",
     .text = "On a terminal, what is missing is asked for; the secret does not show. The server is "
             "asked for a token, and only if it gives one are the three stored, for your eyes only. "
             "What is stored for one server is never sent to another.",
     .examples = "iots login http://127.0.0.1:8080\n"
                 "iots login iots.example.org --client-id app::01GQ2E9M2Y45BX9EW0F2BM032Q "
                 "--secret-stdin < secret"},
    {.noun = "logout", .words = "", .run = logout_run,
     .summary = "Revoke the token in use, and forget server, client and secret."},
    {.noun = "space", .verb = "use", .words = "NAME", .run = space_use_run,
     .summary = "Choose the space that commands work in unless told otherwise.",
     .text = "--space and IOTS_SPACE still win.",
     .examples = "iots space use farm"},
    {.noun = "get", .words = "THING [PROPERTY]", .run = get_run, .flags = FLAGS(get_flags),
     .summary = "Show the values of a Thing, or one value and nothing else.",
     .examples = "iots get " THING "\niots get " THING " temperature # for $(...)"},
    {.noun = "set", .words = "THING NAME=VALUE...", .run = set_run, .flags = FLAGS(set_flags),
     .summary = "Set values of a Thing, all or none.",
     .text = "A value that is JSON is taken as such (21.5, true, null, '\"21\"'); anything else is text.",
     .examples = "iots set " THING " target=21.5 mode=auto"},
    {.noun = "watch", .words = "[THING]", .run = watch_run, .flags = FLAGS(watch_flags),
     .summary = "Show the values of a Thing, or of all Things of the space, as they change.",
     .text = "On a terminal, a table is drawn again in its place; elsewhere there is a line for each "
             "new value: time, Thing, property, value. --jsonl prints those as JSON. Ctrl-C ends it.",
     .examples = "iots watch " THING "\niots watch --interval 10s --jsonl >> values.jsonl"},
    {.noun = "import", .verb = "csv", .words = "FILE", .run = import_run, .flags = FLAGS(import_flags),
     .summary = "Read a recording into the history of a Thing.",
     .text = "FILE is CSV as in RFC 4180, its first line the names of the columns; - is standard "
             "input. Numbers stay exact; cells become what the Thing declares its properties to be; "
             "empty cells are passed over.\n\n"
             "The last line of output counts values, that is one property at one time. A file that is "
             "imported again stores nothing twice, so that an import that was cut short is picked up "
             "by the same command.",
     .examples = "iots import csv 2025.csv --thing " THING " --time when --map temp=temperature\n"
                 "zcat all.csv.gz | iots import csv - --thing " THING " --time t --delimiter ';' --on-error skip"},
    {.noun = "api", .words = "METHOD PATH", .run = api_run, .flags = FLAGS(api_flags),
     .summary = "Make any request of the server, and print the answer as it is.",
     .examples = "iots api GET /spaces/farm/things --param limit=1\n"
                 "iots api POST /spaces/farm/categories --body '{\"name\": \"Boilers\"}'"},
    {.noun = "completion", .words = "bash|zsh|fish", .run = completion_run,
     .summary = "Print what makes a shell complete the commands of iots.",
     .examples = "iots completion bash > ~/.local/share/bash-completion/completions/iots\n"
                 "iots completion zsh > ~/.zfunc/_iots # a folder of fpath\n"
                 "iots completion fish > ~/.config/fish/completions/iots.fish"},
};
// clang-format on

const size_t builtins_count = sizeof builtins / sizeof builtins[0];
