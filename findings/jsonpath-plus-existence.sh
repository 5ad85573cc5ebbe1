#!/bin/sh
# jsonpath-plus 10.4.0 (npm): the filter [?(@.v)] leaves out the values 0, false and null.
#
# One would guess: an existence test, as RFC 9535 (2.3.5) has it and json-p3 2.3.1 does it: every
# record that has a "v". Seen: jsonpath-plus takes the truth value of JavaScript; in the same way
# [?(@.v==0)] finds false too.
#
# Why it matters: "all records with a value" of a pack of readings loses each 0 degrees and each
# switch that is off.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    jsonpath-plus@10.4.0 json-p3@2.3.1 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { JSONPath } from 'jsonpath-plus';
import { jsonpath } from 'json-p3';

const readings = [
  { n: 'zero', v: 0 }, { n: 'five', v: 5 }, { n: 'null', v: null }, { n: 'none' },
  { n: 'off', v: false },
];
const plus = (path) => JSONPath({ path, json: readings }).join(' ');
const p3 = (path) => jsonpath.query(path, readings).values().join(' ');
for (const path of ['$[?(@.v)].n', '$[?(@.v==0)].n'])
  console.log(path.padEnd(15), 'jsonpath-plus:', plus(path).padEnd(10), 'json-p3:', p3(path));
process.exitCode = plus('$[?(@.v)].n') === 'five' && plus('$[?(@.v==0)].n') === 'zero off' &&
  p3('$[?(@.v)].n') === 'zero five null off' && p3('$[?(@.v==0)].n') === 'zero' ? 0 : 1;
JS
