#!/bin/sh
# downsample 1.4.0 (npm): LTTB to two points gives the first two, not first and last.
#
# One would guess: the two ends, for the algorithm always keeps the first and the last point. Seen:
# with a target of 2 (or less) the first and the second point come back; from 3 on the last one is
# kept.
#
# Why it matters: a sparkline of two points, or a target computed from a very narrow chart, shows
# the first instants of a day as if they were the whole day.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    downsample@1.4.0 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const { LTTB } = createRequire(process.cwd() + '/')('downsample');

const points = [[0, 0], [1, 1], [2, 50], [3, 1], [4, 2], [5, 3], [6, 0], [7, 9]];
const times = (target) => [...LTTB(points, target)].map(([x]) => x).join(' ');
for (const target of [2, 3]) console.log('target', target, 'of times 0 to 7:', times(target));
process.exitCode = times(2) === '0 1' && times(3) === '0 2 7' ? 0 : 1;
JS
