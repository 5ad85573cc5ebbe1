# SPDX-License-Identifier: Apache-2.0
# What the scripts in this folder share; read with `.` from the root of the project.
# shellcheck shell=sh

say()
{
    printf '%s\n' "$*"
}

fail()
{
    printf '%s\n' "$*" >&2
    exit 1
}

cores()
{
    nproc 2>/dev/null || echo 2
}

# The packages of the sections named.
packages()
{
    for section in "$@"; do
        awk -v section="$section" '$1 == section { print $2 }' tools/packages
    done
}

is_installed()
{
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install()
{
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# need section...: installs what is missing of these sections, or says in one line what to install.
need()
{
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "This is not a Debian; tools/packages lists what is needed, by the names it has there." >&2
        return 0
    fi
    missing=
    for package in $(packages "$@"); do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    may_install || fail "Please install first, as root: apt-get install --no-install-recommends$missing"

    say "Installing$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends $missing >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    cat "$log" >&2
    rm -f "$log"
    fail "These could not be installed:$missing"
}

# What matters in the output of a build that failed.
show_errors()
{
    grep -E -A 5 'error|Error|undefined reference' "$1" | head -n 60
    tail -n 3 "$1"
}

# build folder target...: configures the folder if it is new, and builds.
build()
{
    folder=$1
    shift
    log=$(mktemp)
    say "Building in $folder/"
    if { [ -f "$folder/CMakeCache.txt" ] || cmake -B "$folder" >"$log" 2>&1; } &&
        cmake --build "$folder" --parallel "$(cores)" --target "$@" >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    show_errors "$log" >&2
    rm -f "$log"
    fail "The build failed."
}

# start_iotsd log argument...: starts iotsd with these arguments, its messages in the file `log`. Returns
# once it serves, with $iotsd_pid and $iotsd_url set; 1 if it ended instead. Settings come from the
# environment.
start_iotsd()
{
    start_log=$1
    shift
    : >"$start_log"
    # In a session of its own, so that a Ctrl-C reaches this script alone, which then ends iotsd in
    # its own time: iotsd takes a second signal as "at once".
    setsid "$bin/iotsd" "$@" 2>>"$start_log" &
    iotsd_pid=$!
    iotsd_url=
    while [ -z "$iotsd_url" ]; do
        iotsd_url=$(sed -n 's/.*serves \(http:[^ ,]*\).*/\1/p' "$start_log")
        [ -n "$iotsd_url" ] && return 0
        kill -0 "$iotsd_pid" 2>/dev/null || break
        sleep 0.05
    done
    iotsd_url=$(sed -n 's/.*serves \(http:[^ ,]*\).*/\1/p' "$start_log")
    [ -n "$iotsd_url" ] && return 0
    wait "$iotsd_pid"
    iotsd_pid=
    return 1
}

# stop pid...: asks each to end and waits for it; returns the last exit status that was not 0.
stop()
{
    stopped=0
    for pid in "$@"; do
        kill -TERM "$pid" 2>/dev/null
        wait "$pid"
        status=$?
        [ "$status" = 0 ] || stopped=$status
    done
    return "$stopped"
}

# Letters and digits by chance: random_text length alphabet.
random_text()
{
    LC_ALL=C tr -dc "$2" </dev/urandom | dd bs=1 count="$1" 2>/dev/null
}
