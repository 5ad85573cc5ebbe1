#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# words_test.sh [folder]: no word of retired.txt is used where its plainer one should be.
# Prints each place and what to write instead; exits 1 if there is one.

here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
tab=$(printf '\t')
found=$(mktemp) || exit 2
trap 'rm -f "$found"' EXIT
bad=0
rows=0
while IFS=$tab read -r pattern instead except; do
    case $pattern in '' | '#'*) continue ;; esac
    rows=$((rows + 1))
    grep -rnIE --include='*.[ch]' --include='*.def' --include='*.md' --include='*.talk' --include='*.txt' \
        --exclude-dir=seeds --exclude=retired.txt -e "$pattern" \
        src include tests tools examples docs README.md CONTRIBUTING.md >"$found"
    case $? in
    0) ;;
    1) continue ;;
    *) echo "retired.txt: '$pattern' cannot be searched for" && exit 2 ;;
    esac
    if [ -n "$except" ]; then
        grep -vE -e "$except" "$found" >"$found.left"
        mv "$found.left" "$found"
    fi
    [ -s "$found" ] || continue
    bad=1
    sed "s|^|(write: $instead) |" "$found"
done <"$here/retired.txt"
[ "$rows" -gt 0 ] || exit 2
exit "$bad"
