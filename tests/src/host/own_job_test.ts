/** A job of one's own, from its source and compiled: how it fails, how it is stopped, what it is told. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { canCompile, sharedBinary } from "../../support/artifacts.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";
import { type Outcome, outcomeOf, spawnProgram, spawnWorker } from "../../support/run.ts";

const STRAYING = "tests/support/jobs/straying.ts";

type Spawn = (env: Record<string, string>, entry: string) => Promise<Deno.ChildProcess>;

const FORMS: Record<string, { spawn: Spawn; ignore: boolean }> = {
  "from source": {
    spawn: (env, entry) => Promise.resolve(spawnWorker(env, entry)),
    ignore: false,
  },
  "compiled": {
    spawn: async (env, entry) => spawnProgram(await sharedBinary(entry), [], env),
    ignore: !canCompile,
  },
};

for (const [form, { spawn, ignore }] of Object.entries(FORMS)) {
  const run = async (
    mounts: Mounts,
    entry: string,
    env: Record<string, string> = {},
  ): Promise<Outcome> => {
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    return await outcomeOf(await spawn({ ...mounts.env, DEV_MODE: "1", ...env }, entry));
  };

  Deno.test({
    name: `a job ${form} that throws exits 3, and the output stays as it was`,
    ignore,
    async fn() {
      using mounts = new Mounts();
      Deno.writeTextFileSync(join(mounts.output, "first.txt"), "old");
      const { code, stderr } = await run(mounts, "tests/support/jobs/failing.ts");
      assert.equal(code, 3);
      assert.match(stderr, /The job failing failed: on purpose/);
      assert.deepEqual(mounts.outputNames(), ["first.txt"]);
      assert.equal(Deno.readTextFileSync(join(mounts.output, "first.txt")), "old");
    },
  });

  Deno.test({
    name: `an error of a job ${form} names the file and line of its source, and no path`,
    ignore,
    async fn() {
      using mounts = new Mounts();
      const { stderr } = await run(mounts, "tests/support/jobs/failing.ts", { LOG_LEVEL: "debug" });
      assert.match(stderr, /on purpose \(at tests\/support\/jobs\/failing\.ts:8:11\)/);
      assert.doesNotMatch(stderr.replaceAll(mounts.root, ""), /file:|\/tmp\/|^\s+at /m);
    },
  });

  for (
    const [way, message] of Object.entries({
      "rejection": /The job straying failed: strayed \(at .*straying\.ts/,
      "timer": /The job straying failed: strayed \(at .*straying\.ts/,
      "Deno.exit": /The job called .*\(0\); return from process\(\) instead/,
      "process.exit": /The job called .*\(0\); return from process\(\) instead/,
      "self.close": /The job straying failed: it ended its isolate/,
    })
  ) {
    Deno.test({
      name: `a job ${form} that ends by ${way} has failed and publishes nothing`,
      ignore,
      async fn() {
        using mounts = new Mounts();
        const { code, stderr } = await run(mounts, STRAYING, { QUERY_PARAMS: `["${way}"]` });
        assert.equal(code, 3, stderr);
        assert.match(stderr, message);
        assert.deepEqual(mounts.outputNames(), []);
      },
    });
  }

  for (const way of ["an endless loop", "endless SQL"]) {
    Deno.test({
      name: `SIGTERM ends a job ${form} in ${way} within a second`,
      ignore,
      async fn() {
        using mounts = new Mounts();
        makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
        const env = { ...mounts.env, DEV_MODE: "1", QUERY_PARAMS: `["${way}"]` };
        const worker = await spawn(env, STRAYING);
        const reader = worker.stderr.getReader();
        let log = "";
        while (!log.includes("Straying")) {
          log += new TextDecoder().decode((await reader.read()).value);
        }
        const started = performance.now();
        worker.kill("SIGTERM");
        const { code } = await worker.status;
        assert.ok(performance.now() - started < 1000);
        assert.equal(code, 143);
        assert.deepEqual(mounts.outputNames(), []);
        await reader.cancel();
        await worker.stdout.cancel();
      },
    });
  }

  Deno.test({
    name: `a job ${form} sees an empty environment instead of an error`,
    ignore,
    async fn() {
      using mounts = new Mounts();
      const { code, stderr } = await run(mounts, STRAYING, { QUERY_PARAMS: '["its environment"]' });
      assert.equal(code, 0, stderr);
    },
  });

  Deno.test({
    name: `a job ${form} that declares the network has it, and the log says so at every level`,
    ignore,
    async fn() {
      using mounts = new Mounts();
      await using server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        () => new Response("hello"),
      );
      const { code, stderr } = await run(mounts, "tests/support/jobs/networked.ts", {
        QUERY_PARAMS: `["http://127.0.0.1:${server.addr.port}"]`,
        LOG_LEVEL: "error",
      });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /The job networked may connect to: all/);
      assert.equal(Deno.readTextFileSync(join(mounts.output, "answer.txt")), "hello");
    },
  });
}

Deno.test("a second run on an output in use exits 1 and disturbs nothing", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const env = { ...mounts.env, DEV_MODE: "1" };
  const first = spawnWorker({ ...env, QUERY_PARAMS: '["an endless loop"]' }, STRAYING);
  const reader = first.stderr.getReader();
  let log = "";
  while (!log.includes("Straying")) {
    log += new TextDecoder().decode((await reader.read()).value);
  }
  const staged = mounts.outputNames();
  const { code, stderr } = await outcomeOf(spawnWorker(env));
  assert.equal(code, 1, stderr);
  assert.match(stderr, /another run is using .*output/);
  assert.deepEqual(mounts.outputNames(), staged);
  first.kill("SIGKILL");
  await first.status;
  await reader.cancel();
  await first.stdout.cancel();
  const { code: after } = await outcomeOf(spawnWorker(env));
  assert.equal(after, 0);
  assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
});
