#!/bin/sh
# sparkplug-payload 1.0.3 (npm): seq and timestamp are given as objects, not as numbers.
#
# One would guess: a payload that was encoded from numbers decodes to numbers. Seen: `seq`,
# `timestamp` and every Int64 and UInt64 metric come back as Long objects (low, high, unsigned),
# also when they fit; `seq === 0` is false, and as JSON they are {"low":..,"high":..}.
#
# Why it matters: a bridge from Sparkplug B that passes decoded payloads on as JSON sends objects
# where a server expects a number; it must call toNumber() or toString() on each.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    sparkplug-payload@1.0.3 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const { decodePayload, encodePayload } =
  createRequire(process.cwd() + '/')('sparkplug-payload').get('spBv1.0');

const got = decodePayload(encodePayload({
  timestamp: 1764500000000,
  seq: 0,
  metrics: [
    { name: 'count', type: 'UInt64', value: 5 },
    { name: 'level', type: 'Int32', value: -1 },
  ],
}));
console.log(JSON.stringify(got));
console.log('seq === 0:', got.seq === 0, ' seq.toNumber():', got.seq.toNumber?.());
process.exitCode = typeof got.seq === 'object' && typeof got.timestamp === 'object' &&
  typeof got.metrics[0].value === 'object' && got.metrics[1].value === -1 ? 0 : 1;
JS
