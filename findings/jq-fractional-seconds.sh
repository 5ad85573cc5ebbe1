#!/bin/sh
# jq 1.6 (Debian 12): fromdate refuses times with fractions of a second or an offset.
#
# One would guess: fromdate reads RFC 3339. Seen: it reads only YYYY-MM-DDThh:mm:ssZ; a time with
# ".250Z" or "+01:00" is an error, and the run ends there.
#
# Why it matters: readings carry milliseconds, so `jq "[.[].time|fromdate]"` over an export fails
# at the first one; cut them with sub("\\.[0-9]+Z$"; "Z") first, or export epoch numbers.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
command -v jq >/dev/null || { echo "jq is not installed"; exit 2; }
echo "$(jq --version), seen with jq 1.6-2.1+deb12u1"
tell() { jq -n --arg t "$1" '$t | fromdate' 2>/dev/null || echo refused; }
plain=$(tell 2026-11-30T20:48:00Z)
fraction=$(tell 2026-11-30T20:48:00.250Z)
offset=$(tell 2026-11-30T21:48:00+01:00)
cut=$(jq -n '"2026-11-30T20:48:00.250Z" | sub("\\.[0-9]+Z$"; "Z") | fromdate')
echo "whole seconds: $plain"
echo "fraction:      $fraction"
echo "offset:        $offset"
echo "fraction cut:  $cut"
[ "$plain $fraction $offset $cut" = "1796071680 refused refused 1796071680" ]
