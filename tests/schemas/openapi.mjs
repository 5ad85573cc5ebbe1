// SPDX-License-Identifier: Apache-2.0
// GET /openapi.json of a running iotsd is valid OpenAPI 3.1.   node openapi.mjs IOTSD
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { serve } from "./serve.mjs";

const folder = await mkdtemp(join(tmpdir(), "iots-openapi-"));
const server = await serve(process.argv[2], folder);
try {
  const document = await (await fetch(`${server.url}/openapi.json`)).json();
  const result = await new Validator().validate(document);
  if (!result.valid) {
    console.error(JSON.stringify(result.errors, null, 2).slice(0, 4000));
    process.exitCode = 1;
  } else {
    const paths = Object.keys(document.paths).length;
    console.log(`valid OpenAPI ${document.openapi}, ${paths} paths`);
    if (paths < 20) process.exitCode = 1;
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
