#!/bin/sh
# cbor-x 1.6.9 (npm): a time in milliseconds is written as a float and read as a BigInt.
#
# One would guess: an integer beyond 32 bits is written as a CBOR integer and one
# that fits a number is read as a number, as cbor 10.0.12 does both. Seen: cbor-x encodes
# 1764500000000 as a 64-bit float (fb...), and reads the 64-bit integer of the same value as
# BigInt, which JSON.stringify() then refuses.
#
# Why it matters: a server that wants integers for times must accept whole floats from such clients,
# and a client must convert times that a C device wrote in eight bytes.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    cbor-x@1.6.9 cbor@10.0.12 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const x = require('cbor-x'), c = require('cbor');

const time = 1764500000000;
const hexX = Buffer.from(x.encode(time)).toString('hex'), hexC = c.encode(time).toString('hex');
const integer = Buffer.from('1b0000019ad4654d00', 'hex');
const readX = x.decode(integer), readC = c.decodeFirstSync(integer);
let json = 'works';
try { JSON.stringify({ t: readX }); } catch (e) { json = e.name; }
console.log('written: cbor-x', hexX, ' cbor', hexC);
console.log('read:    cbor-x', typeof readX, ' cbor', typeof readC);
console.log('JSON.stringify of what cbor-x read:', json);
process.exitCode = hexX.startsWith('fb') && hexC.startsWith('1b') &&
  typeof readX === 'bigint' && readC === time && json === 'TypeError' ? 0 : 1;
JS
