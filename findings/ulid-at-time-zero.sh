#!/bin/sh
# ulid 3.0.2 (npm): ulid(0) is made for now, not for time 0.
#
# One would guess: the ULID of 1970-01-01T00:00:00Z, as ulidx 2.4.1 gives it. Seen: ulid takes 0
# for "no time given" and uses the clock; ulid(1) is of time 1.
#
# Why it matters: ULIDs of a time are used as bounds in range queries ("everything from 0 on"); with
# this library the lower bound 0 finds nothing that was stored before now.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    ulid@3.0.2 ulidx@2.4.1 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import * as ulid from 'ulid';
import * as ulidx from 'ulidx';

const a = ulid.decodeTime(ulid.ulid(0)), b = ulidx.decodeTime(ulidx.ulid(0));
const one = ulid.decodeTime(ulid.ulid(1));
console.log('ulid(0): ', a === 0 ? 0 : 'the present time');
console.log('ulid(1): ', one);
console.log('ulidx(0):', b);
process.exitCode = Math.abs(a - Date.now()) < 60000 && one === 1 && b === 0 ? 0 : 1;
JS
