#!/bin/sh
# @influxdata/influxdb-client 1.35.0 (npm): intField() cuts fractions and rounds long integers.
#
# One would guess: 1.9 is refused, as NaN is, and an integer given as text keeps its digits. Seen:
# intField("x", 1.9) writes x=1i, and intField("x", "9007199254740993") writes
# x=9007199254740992i, both without an error.
#
# Why it matters: counters and energy totals beyond 2^53, and readings that were declared integer
# by mistake, are stored wrong and answered with success; no server can notice it.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    @influxdata/influxdb-client@1.35.0 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const { Point } = createRequire(process.cwd() + '/')('@influxdata/influxdb-client');

const line = (value) => new Point('m').intField('x', value).timestamp('1').toLineProtocol();
const cut = line(1.9), rounded = line('9007199254740993');
console.log('1.9:               ', cut);
console.log('"9007199254740993":', rounded);
process.exitCode = cut === 'm x=1i 1' && rounded === 'm x=9007199254740992i 1' ? 0 : 1;
JS
