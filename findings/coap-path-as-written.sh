#!/bin/sh
# coap 1.5.0 (npm): the path of a URL is not decoded, and empty segments are left out.
#
# One would guess: RFC 7252 (6.4): each segment of the URI is percent-decoded into its Uri-Path
# option, and an empty segment is an empty option. Seen: coap://host/t%20u sends t%20u as
# it stands, and /a//b sends the two options a and b.
#
# Why it matters: a Thing whose name needs escaping has another address for this client than for
# clients that follow the RFC; the server finds nothing (4.04). Keep CoAP paths to letters that need no escaping.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    coap@1.5.0 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
import { createSocket } from 'node:dgram';
const require = createRequire(process.cwd() + '/');
const coap = require('coap'), { generate, parse } = require('coap-packet');

const paths = [];
const server = createSocket('udp4');
server.on('message', (bytes, from) => {
  const { options, messageId, token } = parse(bytes);
  paths.push(options.filter((o) => o.name === 'Uri-Path').map((o) => o.value.toString()));
  server.send(generate({ ack: true, code: '2.05', messageId, token }), from.port, from.address);
});
await new Promise((ready) => server.bind(0, '127.0.0.1', ready));
const root = `coap://127.0.0.1:${server.address().port}`;
for (const path of ['/t%20u', '/a//b'])
  await new Promise((done) => coap.request(root + path).on('response', done).end());
console.log('/t%20u sends', JSON.stringify(paths[0]));
console.log('/a//b  sends', JSON.stringify(paths[1]));
process.exit(JSON.stringify(paths) === '[["t%20u"],["a","b"]]' ? 0 : 1);
JS
