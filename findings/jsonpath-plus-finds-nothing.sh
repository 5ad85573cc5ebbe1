#!/bin/sh
# jsonpath-plus 10.4.0 (npm): three common RFC 9535 queries find nothing, without an error.
#
# One would guess: $[-1] is the last element, and a filter needs no parentheses; or else an error
# for what is not supported. Seen: $[-1], $[?@.v] and $[?@.v==5] all give an empty list; $[-1:] and
# $[?(@.v==5)] work. json-p3 2.3.1 answers all of them.
#
# Why it matters: a query that a server accepts as RFC 9535 is empty in a client, and "nothing
# there" cannot be distinguished from "not understood". Write filters with parentheses and -1 as a slice.
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

const readings = [{ n: 'a', v: 1 }, { n: 'b', v: 5 }];
const plus = (path) => JSONPath({ path, json: readings }).length;
const p3 = (path) => jsonpath.query(path, readings).values().length;
let seen = true;
for (const path of ['$[-1]', '$[?@.v]', '$[?@.v==5]', '$[-1:]', '$[?(@.v==5)]']) {
  console.log(path.padEnd(13), 'found: jsonpath-plus', plus(path), ' json-p3', p3(path));
  const expected = path.includes('(') || path.includes(':') ? 1 : 0;
  seen &&= plus(path) === expected && p3(path) > 0;
}
process.exitCode = seen ? 0 : 1;
JS
