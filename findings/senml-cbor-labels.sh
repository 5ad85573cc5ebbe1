#!/bin/sh
# cbor-x 1.6.9 (npm): the integer labels of SenML in CBOR become text.
#
# One would guess: a Map with the keys 0 and 2, as cbor 10.0.12 gives, so that a record can be
# changed and written again. Seen: an object with the keys "0" and "2"; written again, the labels
# are text strings "0" and "2", which are not the labels of RFC 8428 (section 6). With the setting
# `mapsAsObjects: false` the integers stay.
#
# Why it matters: a gateway that reads, adds a name and sends on makes packs in which a SenML
# server finds neither name nor value.
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

const pack = Buffer.from('81a2006474656d7002f94d60', 'hex'); // [{0: "temp", 2: 21.5}]
const record = x.decode(pack)[0];
const again = Buffer.from(x.encode(record)).toString('hex');
const kept = new x.Encoder({ mapsAsObjects: false }).decode(pack)[0];
const other = c.decodeFirstSync(pack)[0];
console.log('cbor-x:        ', record);
console.log('written again: ', again);
console.log('mapsAsObjects: false:', kept);
console.log('cbor:          ', other);
process.exitCode = !(record instanceof Map) && record['2'] === 21.5 && again.includes('6130') &&
  kept instanceof Map && kept.get(2) === 21.5 && other instanceof Map ? 0 : 1;
JS
