#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# seed.sh SOURCE: does everything exist that docs/seed.md names?
#
# Each row of its tables has three cells. In the second, `iots_x` is a word of a public header, and
# `iots_x.y` a member as well; in the third, `file`: sentence, with "; " between several, is a test of
# that file or a line of a conversation. Models are named by the tables beside their header.
set -eu
cd "$1"
words=$(mktemp)
trap 'rm -f "$words"' EXIT

cat include/iots/*.h | tr -cs 'A-Za-z0-9_' '\n' | sort -u >"$words"
if [ -d include/iots/models ]; then
    cat include/iots/models/*.def |
        sed -n 's/^IOTS_BEGIN(\([a-z0-9_]*\),.*/iots_\1_model/p' | sort -u >>"$words"
fi

awk -v words="$words" -v has_models="$(test -f include/iots/models.h && echo 1)" '
    BEGIN {
        while ((getline word < words) > 0)
            exists[word] = 1
    }
    function complain(what)
    {
        printf "docs/seed.md:%d: %s\n", FNR, what
        faults++
    }
    # The lines of a file, once: its tests, or the sentences of a conversation.
    function sentences(path,    line)
    {
        if (path in known)
            return
        known[path] = 0
        while ((getline line < path) > 0) {
            known[path] = 1
            if (line ~ /^TEST\(".*"\)$/)
                said[path, substr(line, 7, length(line) - 8)] = 1
            else if (line ~ /^# /)
                said[path, substr(line, 3)] = 1
        }
        close(path)
    }
    function check_names(cell,    name, parts)
    {
        if (cell !~ /`iots_/)
            complain("no name of ours: " cell)
        while (match(cell, /`[A-Za-z0-9_.]*`/)) {
            name = substr(cell, RSTART + 1, RLENGTH - 2)
            cell = substr(cell, RSTART + RLENGTH)
            split(name, parts, ".")
            if (!(parts[1] in exists) || (2 in parts && !(parts[2] in exists)))
                complain("there is no " name)
        }
    }
    function check_tests(cell,    tests, count, i, path, sentence)
    {
        # A sentence may have "; " in it: only what is before a file begins a new test.
        gsub(/; `/, "\n`", cell)
        count = split(cell, tests, "\n")
        if (count == 0)
            complain("no test")
        for (i = 1; i <= count; i++) {
            path = tests[i]
            if (path !~ /^`[^`]*`: /) {
                complain("no test: " path)
                continue
            }
            sentence = path
            sub(/^`[^`]*`: /, "", sentence)
            sub(/^`/, "", path)
            sub(/`.*/, "", path)
            sentences(path)
            if (!((path, sentence) in said))
                complain("no such test in " path ": " sentence)
        }
    }
    /^## / { is_of_models = $0 == "## Models" }
    /^\| / && $2 != "---" && $2 != "There" {
        if (is_of_models && !has_models)
            next
        count = split($0, cells, / *\| */)
        if (count != 5 || cells[2] == "")
            complain("a row has three cells")
        check_names(cells[3])
        check_tests(cells[4])
        rows++
    }
    END {
        printf "%d rows\n", rows
        exit faults > 0 || rows == 0
    }
' docs/seed.md
