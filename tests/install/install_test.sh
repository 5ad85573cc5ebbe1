#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install_test.sh BUILD SOURCE COMPILER [FLAG...]
#
# Installs the library below a new folder, builds examples/ten_lines.c against it by pkg-config, and
# against nothing else of ours, and runs it where there is no server.
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

run()
{
    LD_LIBRARY_PATH=$lib IOTS_HOST=http://127.0.0.1:1 IOTS_CLIENT_ID=app \
        IOTS_CLIENT_SECRET=secret "./$1"
}
for program in shared static; do
    if run "$program" >said; then
        echo "$program: it ended well, without a server"
        exit 1
    fi
    check grep -q '^POST /oauth2/token: Failed to refresh token: The server could not be reached' said
done

# Only the public names are shown.
if command -v nm >/dev/null 2>&1; then
    if nm -D --defined-only "$lib/libiots.so.0" | awk '{ print $3 }' |
        grep -v -e '^iots_' -e '^IOTS_0' -e '^__'; then
        echo "the shared library shows names that are not iots_"
        exit 1
    fi
    if nm -D --defined-only "$lib/libiots.so.0" | grep -q iots_async_new; then
        check test -f "$root/include/iots/async.h"
    fi
fi
