#!/bin/sh
# jq 1.6 (Debian 12): strptime with %z reads the offset and mktime ignores it.
#
# One would guess: 21:48 at +0100 and 20:48 at +0000 are the same instant. Seen:
# strptime("...%z")|mktime gives the clock reading as if it were UTC: an hour apart.
#
# Why it matters: device logs with local time and offset, brought to epoch seconds with jq before
# an import, are stored wrong by the offset, without an error.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
command -v jq >/dev/null || { echo "jq is not installed"; exit 2; }
echo "$(jq --version), seen with jq 1.6-2.1+deb12u1"
epoch() { TZ=UTC jq -n --arg t "$1" '$t | strptime("%Y-%m-%dT%H:%M:%S%z") | mktime'; }
utc=$(epoch 2026-11-30T20:48:00+0000)
berlin=$(epoch 2026-11-30T21:48:00+0100)
echo "20:48 +0000: $utc"
echo "21:48 +0100: $berlin (the same instant)"
[ $((berlin - utc)) -eq 3600 ]
