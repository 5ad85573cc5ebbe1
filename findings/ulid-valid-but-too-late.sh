#!/bin/sh
# ulid 3.0.2 and ulidx 2.4.1 (npm): isValid() is true where decodeTime() throws.
#
# One would guess: a ULID beyond 7ZZZ... (more than 128 bits) is not valid. Seen: isValid() looks at
# length and letters only and says true to 8ZZZ...; decodeTime() of the same text then throws.
#
# Why it matters: an id that passed the check at the door ends the request with an exception
# further in. Check the first letter (0 to 7) too.
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

const text = '8' + 'Z'.repeat(25);
let seen = true;
for (const [name, lib] of Object.entries({ ulid, ulidx })) {
  let decoded;
  try { decoded = lib.decodeTime(text); } catch (e) { decoded = 'throws'; }
  console.log(name.padEnd(6), 'isValid', lib.isValid(text), ' decodeTime', decoded);
  seen &&= lib.isValid(text) === true && decoded === 'throws';
}
process.exitCode = seen ? 0 : 1;
JS
