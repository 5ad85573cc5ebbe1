#!/bin/sh
# mqtt-pattern 2.1.1 (npm): "+" does not match an empty level.
#
# One would guess: it does; MQTT (4.7.1.3) has "/finance" match "+/+". Seen: mqtt-pattern says no
# to "+/+" with "/finance", to "a/+" with "a/" and to "a/+/b" with "a//b"; mqtt-match 3.0.0 says
# yes to all three.
#
# Why it matters: the broker delivers such a message and the program finds no handler for it: the
# reading of a device whose name is empty, or whose topic begins with a slash, is lost in silence.
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
for (const [filter, topic] of [['+/+', '/finance'], ['a/+', 'a/'], ['a/+/b', 'a//b']]) {
  const a = one(filter, topic), b = two(filter, topic);
  console.log(filter.padEnd(6), topic.padEnd(9), 'mqtt-pattern', a, ' mqtt-match', b);
  seen &&= a === false && b === true;
}
process.exitCode = seen ? 0 : 1;
JS
