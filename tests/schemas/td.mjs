// SPDX-License-Identifier: Apache-2.0
// The Thing Descriptions that iotsd gives out fit the W3C's schema.   node td.mjs IOTSD SCHEMA FOLDER...
// FOLDERs hold Thing Descriptions; each is stored, and shown again as application/td+json.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { client, serve } from "./serve.mjs";

const [iotsd, schemaFile, ...folders] = process.argv.slice(2);
if (!existsSync(schemaFile)) {
  console.log("skipped: the folder with the W3C's schema is not here");
  process.exit(77);
}
const schema = JSON.parse(await readFile(schemaFile));
// An editors' draft names the context of the next version; what is published has this one.
const context = schema.definitions["thing-context-td-uri-temp"];
if (context?.const?.includes("wot-next")) context.const = "https://www.w3.org/2022/wot/td/v1.1";
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const isValid = ajv.compile(schema);

const folder = await mkdtemp(join(tmpdir(), "iots-td-"));
const server = await serve(iotsd, folder);
let checked = 0;
let failed = 0;
try {
  const form = new URLSearchParams({
    grant_type: "client_credentials", client_id: client.id, client_secret: client.secret });
  const token = await (await fetch(`${server.url}/oauth2/token`, { method: "POST", body: form })).json();
  const headers = { Authorization: `Bearer ${token.access_token}`, "Content-Type": "application/json" };
  for (const place of folders.filter((f) => existsSync(f))) {
    for (const name of (await readdir(place)).sort()) {
      // As JSON.parse reads it: one of the vendors' documents names a member twice.
      const text = JSON.stringify(JSON.parse(await readFile(join(place, name))));
      const made = await fetch(`${server.url}/spaces/farm/things`, { method: "POST", headers, body: text });
      const thing = await made.json();
      const shown = await fetch(thing.id, { headers: { ...headers, Accept: "application/td+json" } });
      const td = await shown.json();
      checked++;
      const isTyped = shown.headers.get("content-type") === "application/td+json";
      if (made.status !== 201 || !isTyped || !isValid(td)) {
        failed++;
        console.error(name, made.status, JSON.stringify(isValid.errors?.slice(0, 4)));
      }
    }
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${checked - failed} of ${checked} Thing Descriptions are valid`);
process.exitCode = failed || !checked ? 1 : 0;
