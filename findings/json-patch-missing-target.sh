#!/bin/sh
# fast-json-patch 3.1.1 (npm): replace and remove of a member that is not there succeed.
#
# One would guess: an error, for RFC 6902 (4.2 and 4.3) wants the target to exist. Seen: without
# the third argument of applyPatch() "replace" adds the member and "remove" does nothing, both
# without an error; only with `true` there are they refused.
#
# Why it matters: a misspelt property name passes in the client and is refused by a server that
# follows the RFC, or, with this library in the server, becomes a new member.
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

const replace = [{ op: 'replace', path: '/tarqet', value: 25 }];
const remove = [{ op: 'remove', path: '/tarqet' }];
const replaced = applyPatch({ target: 20 }, replace).newDocument;
const removed = applyPatch({ target: 20 }, remove).newDocument;
let strict = 'accepted';
try { applyPatch({ target: 20 }, replace, true); } catch (e) { strict = e.name; }
console.log('replace:        ', JSON.stringify(replaced));
console.log('remove:         ', JSON.stringify(removed));
console.log('replace, strict:', strict);
process.exitCode = replaced.tarqet === 25 && removed.target === 20 && strict !== 'accepted' ? 0 : 1;
JS
