#!/bin/sh
# modbus-serial 8.0.25 (npm): a server callback that returns -1 makes the request fail.
#
# One would guess: the client reads 65535, the 16 bits of -1, as for any signed register. Seen:
# exception 4 (device failure); 65535 and 40000 are passed on. The callback must return
# `value & 0xffff` itself.
#
# Why it matters: a simulated sensor works until the temperature falls below zero; then the whole
# read fails, with the registers beside it, and looks like a fault of the gateway.
#
# Exit: 0 as stated, 1 it has changed, 2 it could not be run.

set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
timeout 120 npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts --silent \
    modbus-serial@8.0.25 >/dev/null || { echo "could not install"; exit 2; }

timeout 30 node --input-type=module - <<'JS'
import { createRequire } from 'node:module';
const Modbus = createRequire(process.cwd() + '/')('modbus-serial');

const values = [-1, 65535, -1 & 0xffff];
const server = new Modbus.ServerTCP({ getHoldingRegister: (address) => values[address] },
  { host: '127.0.0.1', port: 0, unitID: 1 });
await new Promise((ready) => server.on('initialized', ready));
const client = new Modbus();
await client.connectTCP('127.0.0.1', { port: server._server.address().port });
client.setID(1);
client.setTimeout(3000);
const got = [];
for (const [address, length] of [[0, 1], [1, 1], [2, 1], [0, 3]])
  got.push(await client.readHoldingRegisters(address, length)
    .then(({ data }) => data.join(' '), (e) => `exception ${e.modbusCode}`));
console.log('-1:         ', got[0]);
console.log('65535:      ', got[1]);
console.log('-1 & 0xffff:', got[2]);
console.log('all three:  ', got[3]);
process.exit(got.join() === 'exception 4,65535,65535,exception 4' ? 0 : 1);
JS
