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
PKG_CONFIG_SYSROOT_DIR=$folder/dest
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
pkg_config()
{
    # The system's own libraries are not below the folder; only what names /opt/iots is.
    PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 pkg-config "$@" iots | tr ' ' '\n' |
        sed "s|$folder/dest/usr|/usr|"
}
lib=$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=libdir iots)
cp "$source/examples/ten_lines.c" "$folder"
cd "$folder"

# shellcheck disable=SC2046
"$compiler" -std=c17 -Wall -Wextra -Wpedantic -Werror "$@" ten_lines.c $(pkg_config --cflags --libs) -o shared
check test -L "dest$lib/libiots.so.0"

# shellcheck disable=SC2046
"$compiler" -std=c17 "$@" ten_lines.c "dest$lib/libiots.a" \
    $(pkg_config --cflags) $(pkg_config --static --libs-only-l | grep -vx -e -liots) \
    $(pkg_config --static --libs-only-other) -o static

run()
{
    LD_LIBRARY_PATH=$folder/dest$lib IOTS_HOST=http://127.0.0.1:1 IOTS_CLIENT_ID=app \
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
    if nm -D --defined-only "dest$lib/libiots.so.0" | awk '{ print $3 }' | grep -v -e '^iots_' -e '^IOTS_0' -e '^__'; then
        echo "the shared library shows names that are not iots_"
        exit 1
    fi
fi
