#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A PostgreSQL cluster for the tests: in one folder, reached through a socket in it and by nothing else.
#
#   cluster.sh start FOLDER   makes it and returns when it answers; 77 where PostgreSQL is missing
#   cluster.sh stop FOLDER    ends it and removes the folder
#
# PostgreSQL refuses to run as root; then it runs as another user. Whoever starts the cluster need not
# live to stop it: it goes when the program that called this script has ended.
set -u

# What is started here outlives its caller: it must not hold what the caller has open, such as locks.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

folder=$2
log=$folder/log

# The newest of the installed versions.
find_programs()
{
    for programs in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
        "$(pg_config --bindir 2>/dev/null)"; do
        [ -x "$programs/initdb" ] && [ -x "$programs/postgres" ] && return 0
    done
    return 1
}

unprivileged()
{
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
    fi
}

stop()
{
    if [ -f "$folder/data/postmaster.pid" ]; then
        unprivileged "$programs/pg_ctl" stop -D "$folder/data" -m immediate -w >/dev/null 2>&1
    fi
    rm -rf "$folder"
}

# The language's order of letters, not that of their bytes, so that it shows if someone relies on it.
make()
{
    mkdir -m 700 "$folder" && unprivileged true || return 1
    if [ "$(id -u)" = 0 ]; then
        chmod 711 "$folder"
        chown "$(unprivileged id -u)" "$folder"
    fi
    (cd "$folder" && unprivileged "$programs/initdb" -D "$folder/data" -U iots -A trust -E UTF8 \
        --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US --no-sync) >"$folder.log" 2>&1 ||
        return 1
    cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 200
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 128MB
min_wal_size = 32MB
autovacuum = off
jit = off
END
    (cd "$folder" && unprivileged "$programs/pg_ctl" start -D "$folder/data" -l "$log" -w) \
        >>"$folder.log" 2>&1
}

case $1 in
start)
    if ! find_programs; then
        echo "skipped: there is no PostgreSQL here (Debian: postgresql)"
        exit 77
    fi
    stop
    if ! make; then
        cat "$folder.log" "$log" 2>/dev/null
        rm -f "$folder.log"
        stop
        exit 1
    fi
    rm -f "$folder.log"
    echo "$PPID" >"$folder/owner"
    setsid sh "$0" guard "$folder" "$PPID" </dev/null >/dev/null 2>&1 &
    ;;
guard)
    tail --pid="$3" -f /dev/null
    # By now the folder may be another caller's.
    [ "$(cat "$folder/owner" 2>/dev/null)" = "$3" ] && find_programs && stop
    ;;
stop)
    find_programs && stop
    exit 0
    ;;
esac
