#!/bin/sh
# eventsource-parser 3.1.1 (npm): with CR line ends an event waits for the next line.
#
# One would guess: CR alone ends a line (HTML standard, server-sent events), so the event is there
# with its empty line. Seen: the parser holds a CR at the end of what it was fed, for an LF could
# follow; the event is given when a later chunk ends a line. With LF or CR LF it is given at once.
#
# Why it matters: a server that ends lines with CR has each event one event late in such clients;
# on a quiet stream, minutes. End lines with LF.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    eventsource-parser@3.1.1 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createParser } from 'eventsource-parser';

const counts = (event, comment) => {
  let given = 0;
  const parser = createParser({ onEvent: () => { given += 1; } });
  parser.feed(event);
  const atOnce = given;
  parser.feed(comment);
  return [atOnce, given];
};
const seen = {
  CR: counts('data: 1\r\r', ': quiet\r\r'),
  LF: counts('data: 1\n\n', ': quiet\n\n'),
  CRLF: counts('data: 1\r\n\r\n', ': quiet\r\n\r\n'),
};
for (const [end, [before, after]] of Object.entries(seen))
  console.log(end.padEnd(4), 'events at once:', before, ' after a comment:', after);
process.exitCode = JSON.stringify(seen) === '{"CR":[0,1],"LF":[1,1],"CRLF":[1,1]}' ? 0 : 1;
JS
