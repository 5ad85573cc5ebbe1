/* SPDX-License-Identifier: Apache-2.0 */
/* Charts of what a property was. */
#include "base/test.h"
#include "shell.h"

#define TD                                                                                        \
    "title='Boiler 7' properties='{\"t\": {\"type\": \"number\", \"unit\": \"kelvin\"}, \"on\": " \
    "{\"type\": \"boolean\"}, \"mode\": {\"type\": \"string\"}}'"

/* What fontconfig keeps until the program ends is not a leak of ours. */
#define NO_FONTS "LSAN_OPTIONS=suppressions=fonts:print_suppressions=0 "

/* A Thing with a day of values, found by its title. */
static void recording(shell *shell)
{
    CHECK_INT(run(shell, "iots things create " TD " --quiet > /dev/null"), 0);
    ix_buf csv = {0};
    ix_buf_text(&csv, "time,t,on,mode\n");
    for (int i = 0; i < 24; i++)
        ix_buf_format(&csv, "2025-03-04T%02d:00:00Z,%d,%s,auto\n", i, i == 9 ? 500 : 280 + i,
                      i % 6 < 3 ? "true" : "false");
    file_put(shell, "a.csv", ix_buf_cstr(&csv));
    file_put(shell, "fonts", "leak:libfontconfig\n");
    ix_buf_done(&csv);
    CHECK_INT(run(shell, "iots import csv a.csv --title 'Boiler 7' --time time --quiet > said"), 0);
}

#define PLOT "iots history plot --title 'Boiler 7' "

TEST("numbers are drawn with title, unit, axes and what they amount to")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    recording(shell);
    CHECK_INT(run(shell, PLOT "t --since 2025-03-04 --until 2025-03-05 --ascii --size 60x16"), 0);
    CHECK(strncmp(shell->out, "Boiler 7: t (kelvin)\n500 +", 26) == 0);
    CHECK(strstr(shell->out, "12:00"));
    CHECK(strstr(shell->out, "min 280  max 500  mean 300.2917  last 303  24 values\n"
                             "2025-03-04T00:00:00Z to 2025-03-05T00:00:00Z\n"));
    for (const char *at = shell->out; *at; at++)
        CHECK((*at & 0x80) == 0);
    shell_close(shell);
}

TEST("a chart has the size that is asked for, whatever falls into it")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    recording(shell);
    CHECK_INT(run(shell, PLOT "on --at '2025-03-04|2025-03-05' --size 50x12 --ascii"), 0);
    size_t lines = 0;
    for (ix_str rest = ix_str_of(shell->out), line; rest.len > 0; lines++) {
        rest = ix_str_cut(rest, '\n', &line);
        CHECK(line.len <= 50);
    }
    CHECK_INT(lines, 12);
    CHECK(strstr(shell->out, " true +****"));
    CHECK(strstr(shell->out, "2025-03-04T00:00:00Z to 2025-03-04T23:00:00Z\n"));
    CHECK_INT(run(shell, PLOT "t --at '2025-03-04|2025-03-05' --points 3"), 0);
    CHECK(strstr(shell->out, "min 301  max 303  mean 302  last 303  3 values\n"));
    CHECK(strstr(shell->err, "only the newest 3 values are drawn"));
    shell_close(shell);
}

TEST("Braille is drawn unless the locale has other characters")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    recording(shell);
    CHECK_INT(run(shell, "LC_ALL=de_DE.UTF-8 " PLOT "t --at '2025|2026'"), 0);
    CHECK(strstr(shell->out, "\xE2\x94\xA4"));
    CHECK(strstr(shell->out, "\xE2\xA3"));
    CHECK_INT(run(shell, "LC_ALL=C " PLOT "t --at '2025|2026'"), 0);
    CHECK(!strchr(shell->out, '\xE2'));
    CHECK_INT(run(shell, "LC_ALL= LC_CTYPE= LANG=de_DE.ISO-8859-1 " PLOT "t --at '2025|2026'"), 0);
    CHECK(!strchr(shell->out, '\xE2'));
    shell_close(shell);
}

TEST("what cannot be drawn is reported, and what to do instead")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    recording(shell);
    // clang-format off
    const struct { const char *line; int status; const char *said; } cases[] = {
        {PLOT "mode --at 2025-03-05", 2, "'mode' is not a number at 2025-03-04T23:00:00Z"},
        {PLOT "t", 3, "'t' has no values at 2"},
        {PLOT "nope --at '2025|'", 3, "404 Item not found"},
        {PLOT "t --since 5x", 2, "--since 5x: expected a time such as"},
        {PLOT "t --since 2025 --until 2024", 2, "--since lies behind --until"},
        {PLOT "t --since 1h --at 2025", 2, "--at excludes"},
        {PLOT "t --at nonsense", 8, "invalid at"},
        {PLOT "t --at '2025|' --size 10x10", 2, "--size 10x10: expected from 30x8 to 1000x1000"},
        {PLOT "t --at '2025|' --png a.png --size 10x10", 2, "expected from 200x200 to 8000x8000"},
        {PLOT "t --json", 2, "a chart is for people"},
        {PLOT "", 2, "expected the name of a property"},
        {"iots history plot x", 2, "expected a Thing and the name of a property"},
        {PLOT "t --points 0", 2, "--points 0: expected an integer"},
    };
    // clang-format on
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int status = run(shell, "%s", cases[i].line);
        if (status != cases[i].status || !strstr(shell->err, cases[i].said))
            print_error("%s\n%d %s", cases[i].line, status, shell->err);
        CHECK_INT(status, cases[i].status);
        CHECK(strstr(shell->err, cases[i].said));
    }
    shell_close(shell);
}

TEST("a moment can be reported by how long ago it was")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    CHECK_INT(run(shell, "iots things create " TD " --quiet > /dev/null && iots set --title "
                         "'Boiler 7' t=5 --quiet > /dev/null"),
              0);
    const char *const since[] = {"90s", "1.5m", "24h", "7d", "2w", "1y"};
    for (size_t i = 0; i < sizeof since / sizeof since[0]; i++) {
        CHECK_INT(run(shell, PLOT "t --since %s", since[i]), 0);
        CHECK(strstr(shell->out, "last 5  1 value\n"));
    }
    shell_close(shell);
}

TEST("a picture is written to a file or to standard output")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    recording(shell);
    const int status = run(shell, NO_FONTS PLOT "t --at '2025|2026' --png a.png --size 400x300");
    if (status == 2 && strstr(shell->err, "built without cairo")) {
        shell_close(shell);
        SKIP("built without cairo");
    }
    CHECK_INT(status, 0);
    CHECK_TEXT(shell->out, "");
    CHECK_INT(run(shell, NO_FONTS PLOT "t --at '2025|2026' --png - --size 400x300 | cmp - a.png"),
              0);
    CHECK_INT(run(shell, "head -c 4 a.png | tail -c 3"), 0);
    CHECK_TEXT(shell->out, "PNG");
    CHECK_INT(run(shell, NO_FONTS PLOT "t --at '2025|2026' --png nowhere/a.png"), 1);
    CHECK(strstr(shell->err, "nowhere/a.png: No such file or directory"));
    shell_close(shell);
}

TEST("on a terminal a chart is as wide as that, has colour, and can be drawn again in its place")
{
    shell *shell = shell_open(cx, AS_CLIENT);
    recording(shell);
    const char *line = PLOT "t --at '2025|2026'";
    CHECK_INT(run_at_terminal(shell, 44, NULL, line), 0);
    CHECK(strstr(shell->out, "\033[36m"));
    CHECK_INT(run_at_terminal(shell, 44, NULL, ix_format(cx, "NO_COLOR=1 LC_ALL=C %s", line)), 0);
    CHECK(!strchr(shell->out, '\033'));
    size_t widest = 0, lines = 0;
    for (ix_str rest = ix_str_of(shell->out), row; rest.len > 0; lines++) {
        rest = ix_str_cut(rest, '\n', &row);
        const bool is_footing = row.len > 4 && (memcmp(row.at, "min ", 4) == 0 || row.at[0] == '2');
        widest = !is_footing && row.len > widest ? row.len : widest;
    }
    CHECK_INT(widest, 44 + 1); /* CR */
    CHECK_INT(lines, 24 - 3);

    const step steps[] = {{"A\r\033[J", "\003"}, {NULL, NULL}};
    CHECK_INT(run_at_terminal(shell, 80, steps, ix_format(cx, "exec %s --watch 50ms", line)), 130);
    CHECK_INT(run_at_terminal(shell, 80, NULL, ix_format(cx, "%s --png -", line)), 2);
    shell_close(shell);
}
