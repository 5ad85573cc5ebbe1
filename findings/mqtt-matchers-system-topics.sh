#!/bin/sh
# mqtt-pattern 2.1.1 and mqtt-match 3.0.0 (npm): "#" and "+" match $SYS topics.
#
# One would guess: they do not, for MQTT 3.1.1 and 5 (4.7.2) keep topics that begin with "$" from
# filters that begin with a wildcard. Seen: both say that "#" and "+/load" match "$SYS/load".
#
# Why it matters: a program that sorts its messages with one of these sends the broker figures to
# the handler of device data as soon as it also subscribes to $SYS; in a broker or a rights check
# they show more than the standard allows.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    mqtt-pattern@2.1.1 mqtt-match@3.0.0 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const one = require('mqtt-pattern').matches;
const module2 = require('mqtt-match');
const two = module2.default ?? module2;

let seen = true;
for (const filter of ['#', '+/load']) {
  const a = one(filter, '$SYS/load'), b = two(filter, '$SYS/load');
  console.log(filter.padEnd(7), '$SYS/load: mqtt-pattern', a, ' mqtt-match', b);
  seen &&= a === true && b === true;
}
process.exitCode = seen ? 0 : 1;
JS
