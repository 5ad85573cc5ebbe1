#!/bin/sh
# fast-json-patch 3.1.1 (npm): a patch that fails leaves its first half in the document.
#
# One would guess: all or nothing, as RFC 5789 asks of PATCH and RFC 6902 section 5 repeats. Seen:
# applyPatch() throws at the failing "test", and the operations before it stay carried out in the
# document that was passed in (the default is to change it in place).
#
# Why it matters: a server or a cache that catches the error and goes on has a state nobody asked
# for. Patch a copy (fourth argument `false`) and keep it only when nothing was thrown.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    fast-json-patch@3.1.1 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const { applyPatch } = createRequire(process.cwd() + '/')('fast-json-patch');

const patch = [
  { op: 'replace', path: '/target', value: 25 },
  { op: 'test', path: '/mode', value: 'auto' },
];
const run = (thing, ...more) => {
  try { applyPatch(thing, patch, ...more); return 'no error'; } catch (e) { return e.name; }
};
const inPlace = { mode: 'manual', target: 20 };
const copied = { mode: 'manual', target: 20 };
const error = run(inPlace);
run(copied, true, false);
console.log('error:                ', error);
console.log('target, in place:     ', inPlace.target, '(20 before)');
console.log('target, patched a copy:', copied.target);
process.exitCode = error !== 'no error' && inPlace.target === 25 && copied.target === 20 ? 0 : 1;
JS
