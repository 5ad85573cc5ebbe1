// SPDX-License-Identifier: Apache-2.0
// Starts an iotsd on a folder and a port of the kernel's choice.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";

export const client = { id: "app::schemas", secret: "only-for-tests" };

export async function serve(iotsd, folder) {
  const child = spawn(iotsd, ["--data", folder, "--listen", "127.0.0.1:0", "--mqtt-listen", "off"], {
    env: {
      ...process.env,
      IOTS_SPACE: "farm",
      IOTS_CLIENT_ID: client.id,
      IOTS_CLIENT_SECRET: client.secret,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let url;
  for await (const line of createInterface({ input: child.stderr })) {
    url ??= /serves (http:\/\/[^,\s]+)/.exec(line)?.[1];
    if (/ ready$/.test(line)) break;
  }
  if (!url) throw new Error("iotsd did not say where it serves");
  child.stderr.resume();
  return {
    url,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
