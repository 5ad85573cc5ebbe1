#!/bin/sh
# iso8601-duration 2.1.4 (npm): one month after 31 January is 3 March.
#
# One would guess: the last day of February, as luxon 3.7.2 has it. Seen: end() of P1M from 31
# January 2026 is 3 March; luxon says 28 February. In the same way toSeconds() of P1M counts from
# the day that is passed in: 28 days from 1 February, 31 from 1 March.
#
# Why it matters: retention, tokens and monthly buckets given as ISO 8601 durations end on other
# days in a client than in the server. Agree on days or seconds, or on the rule.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    iso8601-duration@2.1.4 luxon@3.7.2 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { end, parse, toSeconds } from 'iso8601-duration';
import { DateTime, Duration } from 'luxon';

const day = '2026-01-31T12:00:00Z';
const first = end(parse('P1M'), new Date(day)).toISOString().slice(0, 10);
const second = DateTime.fromISO(day, { zone: 'utc' }).plus(Duration.fromISO('P1M')).toISODate();
const days = (from) => toSeconds(parse('P1M'), new Date(from)) / 86400;
console.log('iso8601-duration:', first);
console.log('luxon:           ', second);
console.log('P1M in days:     ', days('2026-02-01T12:00:00Z'), days('2026-03-01T12:00:00Z'));
process.exitCode = first === '2026-03-03' && second === '2026-02-28' ? 0 : 1;
JS
