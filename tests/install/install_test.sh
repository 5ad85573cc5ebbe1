#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install_test.sh BUILD SOURCE COMPILER [FLAG...]
#
# Installs the library below a new folder, builds examples/ten_lines.c and examples/typed_thing.c
# against it by pkg-config, the former also by find_package, and against nothing else of ours, and runs
# ten_lines where there is no server. Then looks at what else is there.
set -eu

build=$1
source=$2
compiler=$3
shift 3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check()
{
    if ! "$@"; then
        printf 'failed: %s\n' "$*" >&2
        exit 1
    fi
}

DESTDIR=$folder/dest cmake --install "$build" --prefix /opt/iots >"$folder/log" ||
    { cat "$folder/log"; exit 1; }

root=$folder/dest/opt/iots
pc=$(find "$root" -name iots.pc)
check test -n "$pc"
check grep -qx 'prefix=/opt/iots' "$pc"
check test -f "$root/include/iots/iots.h"
check test -f "$root/include/iots/codes.h"

# The folder stands for the root of a system in which /opt/iots is.
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
flags()
{
    PKG_CONFIG_SYSROOT_DIR=$folder/dest pkg-config "$@" iots
}
lib=$folder/dest$(pkg-config --variable=libdir iots)
check test -L "$lib/libiots.so.0"
cp "$source/examples/ten_lines.c" "$folder"
cd "$folder"

# shellcheck disable=SC2046
"$compiler" -std=c17 -Wall -Wextra -Wpedantic -Werror "$@" ten_lines.c $(flags --cflags --libs) \
    -o shared

# Statically as far as it is ours: what the library needs it says in its private requirements.
# shellcheck disable=SC2046
"$compiler" -std=c17 "$@" ten_lines.c $(flags --cflags) "$lib/libiots.a" \
    $(pkg-config --libs $(pkg-config --print-requires-private iots | sed 's/[ <>=].*//')) \
    -pthread -lm -o static

# The models, where the library has them.
if test -f "$root/include/iots/models.h"; then
    # shellcheck disable=SC2046
    "$compiler" -std=c17 -Wall -Wextra -Wpedantic -Werror "$@" "$source/examples/typed_thing.c" \
        $(flags --cflags --libs) -o typed
fi

cmake -S "$source/tests/install/consumer" -B consumer -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_C_FLAGS="$*" -DCMAKE_PREFIX_PATH="$root" -DPROGRAM="$folder/ten_lines.c" >log 2>&1 &&
    cmake --build consumer >>log 2>&1 || { cat log; exit 1; }
mv consumer/by_shared consumer/by_static .

run()
{
    LD_LIBRARY_PATH=$lib IOTS_HOST=http://127.0.0.1:1 IOTS_CLIENT_ID=app \
        IOTS_CLIENT_SECRET=secret "./$1"
}
for program in shared static by_shared by_static; do
    if run "$program" >said; then
        echo "$program: it ended well, without a server"
        exit 1
    fi
    check grep -q '^POST /oauth2/token: Failed to refresh token: The server could not be reached' said
done

"$build/tools/reference/reference" names "$root"/include/iots/*.h | sort >documented

# What only the command line says is not in there: a summary of ops.def, the sentence of a document.
for sentence in 'Create a Category.' 'A space of its own.'; do
    [ ! -x "$root/bin/iots" ] || check grep -q "$sentence" "$root/bin/iots"
    if grep -q "$sentence" "$lib/libiots.so.0"; then
        echo "the shared library carries the sentence '$sentence'"
        exit 1
    fi
done

# Exactly the public names are shown, each with its version.
if command -v nm >/dev/null 2>&1; then
    nm -D --defined-only --with-symbol-versions "$lib/libiots.so.0" |
        awk '{ print $3 }' | grep -v -e '^IOTS_0' -e '^__' | sort >shown
    if grep -v '^iots_.*@@IOTS_[0-9]*$' shown; then
        echo "the shared library shows names that are not iots_, or have no version"
        exit 1
    fi
    sed 's/@@.*//' shown >names
    if comm -13 names documented | grep .; then
        echo "these are documented, but not in the shared library"
        exit 1
    fi
    for header in "$root"/include/iots/*.h; do
        "$compiler" -E -P -I"$root/include" -x c "$header"
    done | grep -o 'iots_[a-z0-9_]*(' | tr -d '(' | sort -u >declared
    if comm -23 names declared | grep .; then
        echo "the shared library shows these, but no header declares them"
        exit 1
    fi
fi

# The reference: a page for each function, without a mistake that troff would tell.
man=$root/share/man
check test -f "$(find "$root/share/doc" -name iots.h.html)"
while read -r name; do
    check test -f "$man/man3/$name.3"
done <documented
if command -v groff >/dev/null 2>&1; then
    cd "$man"
    for page in man3/*.3; do
        groff -man -Tutf8 -ww -z "$page"
    done >"$folder/said" 2>&1
    if grep . "$folder/said"; then
        echo "groff has something to say about the manual pages"
        exit 1
    fi
    if nm -D --defined-only "$lib/libiots.so.0" | grep -q iots_async_new; then
        check test -f "$root/include/iots/async.h"
    fi
fi
