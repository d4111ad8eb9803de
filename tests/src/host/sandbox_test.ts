/** What a job's own code can't do, from its source and compiled. SECURITY.md says what it can. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";
import { canCompile, sharedBinary } from "../../support/artifacts.ts";
import { type Outcome, outcomeOf, runWorker, spawnProgram } from "../../support/run.ts";

const JOB = "tests/support/jobs/escaping.ts";

type Run = (env: Record<string, string>) => Promise<Outcome>;

const FORMS: Record<string, { run: Run; ignore: boolean }> = {
  "from source": { run: (env) => runWorker(env, JOB), ignore: false },
  "compiled": {
    run: async (env) => await outcomeOf(spawnProgram(await sharedBinary(JOB), [], env)),
    ignore: !canCompile,
  },
};

async function escape(run: Run, params: string[]): Promise<Outcome> {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const env = { ...mounts.env, DEV_MODE: "1", QUERY_PARAMS: JSON.stringify(params) };
  return await run({ ...env, HOME: "/somewhere" });
}

const NETWORK = /no network access once its input is in place; .*`network: true`/;
const OTHERS = /runs with the permissions of the set "worker" in deno\.json, and no others/;

const REFUSED: Record<string, RegExp> = {
  "fetch": NETWORK,
  "connect": NETWORK,
  "listen": NETWORK,
  "node:dgram": NETWORK,
  "websocket": NETWORK,
  "dns": NETWORK,
  "node:dns": NETWORK,
  "node:http": NETWORK,
  "node:net": NETWORK,
  "request": NETWORK,
  // A binary knows only what is in it.
  "import": new RegExp(`${OTHERS.source}|Module not found`),
  "spawn": OTHERS,
  "node:child_process": OTHERS,
  "library": OTHERS,
  "environment": OTHERS,
  "whole environment": OTHERS,
  "proc environment": OTHERS,
  "host name": OTHERS,
  "worker": NETWORK,
};

for (const [form, { run, ignore }] of Object.entries(FORMS)) {
  for (const [way, message] of Object.entries(REFUSED)) {
    Deno.test({
      name: `a job ${form} can't get out by ${way}, and is told why`,
      ignore,
      async fn() {
        const { code, stderr } = await escape(run, [way, "https://127.0.0.1:9/evil.js"]);
        assert.equal(code, 3, stderr);
        assert.match(stderr, message);
      },
    });
  }

  Deno.test({
    name: `a job ${form} can't start a worker with more rights than its own`,
    ignore,
    async fn() {
      // Deno ends the whole process at the attempt.
      const { code, stderr } = await escape(run, ["worker with rights"]);
      assert.equal(code, 70, stderr);
      assert.match(stderr, /Unstable API 'Worker\.deno\.permissions'/);
    },
  });

  Deno.test({
    name: `a Unix socket below a mount is reached by a job ${form}, as SECURITY.md says`,
    ignore: ignore || !Deno.version.deno.startsWith("2.6."),
    async fn() {
      using folder = new Mounts();
      const path = join(folder.root, "socket");
      using listener = Deno.listen({ transport: "unix", path });
      const received = listener.accept().then(async (connection) => {
        const buffer = new Uint8Array(3);
        await connection.read(buffer);
        connection.close();
        return new TextDecoder().decode(buffer);
      });
      const { code, stderr } = await escape(run, ["unix socket", path]);
      assert.equal(code, 0, stderr);
      assert.equal(await received, "out");
    },
  });
}
