#!/bin/sh
# rfc6902 5.4.0 (npm): operations behind a failed test are carried out.
#
# One would guess: RFC 6902 section 5 ends the patch at the first operation that fails, so a
# leading "test" guards what follows. Seen: applyPatch() carries out every operation and reports
# the failure only in the array it returns; the guarded value is changed all the same.
#
# Why it matters: a client that guards a write with "test" and uses this library for its own copy
# then shows a value that the server, which refused the patch, never had.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    rfc6902@5.4.0 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { applyPatch } from 'rfc6902';

const thing = { mode: 'manual', target: 20 };
const results = applyPatch(thing, [
  { op: 'test', path: '/mode', value: 'auto' },
  { op: 'replace', path: '/target', value: 25 },
]);
console.log('results:', results.map((r) => (r ? r.name : 'done')).join(', '));
console.log('target: ', thing.target, '(20 before)');
process.exitCode = results[0]?.name === 'TestError' && thing.target === 25 ? 0 : 1;
JS
