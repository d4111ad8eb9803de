/**
 * Runs killed at random moments: the output is absent, the old one or the whole new one, leftovers
 * don't pile up, and a rerun succeeds.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { killChild } from "../../../tasks/lib/process/command.ts";
import { productionEnv, TestEngine } from "../../support/engine.ts";
import { makeDatabase, Mounts } from "../../support/mounts.ts";
import { spawnRelay } from "../../support/relay.ts";
import { outcomeOf } from "../../support/run.ts";

/** A failure names it: put it here to see it again. */
const SEED = 20_251;

/** Sequences of kills, side by side; each is followed by a run to its end. */
const SEQUENCES = 4;

const hash = (path: string) => createHash("sha256").update(Deno.readFileSync(path)).digest("hex");

/** The exit code of a process that SIGKILL ended (128 + 9). */
const KILLED = 137;

/** About 4 MiB: large enough to be killed in the middle of a copy. */
const LARGE = `CREATE TABLE results(body);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 64)
  INSERT INTO results SELECT printf('%.65000c', 'x') || i FROM c;`;

interface Setting {
  kills: number;
  /** What a whole run is started with. */
  envFor(mounts: Mounts): Promise<Record<string, string>>;
}

/** Runs to the end and returns how long that took and what it made. */
async function runWhole(env: Record<string, string>, mounts: Mounts) {
  const started = performance.now();
  const { code, stderr } = await outcomeOf(spawnRelay(env));
  assert.equal(code, 0, stderr);
  return { took: performance.now() - started, made: hash(mounts.outputDatabase) };
}

async function killAtRandom({ kills, envFor }: Setting): Promise<void> {
  using reference = new Mounts();
  const { took, made } = await runWhole(await envFor(reference), reference);
  let met = 0;
  await Promise.all(Array.from({ length: SEQUENCES }, async (_, sequence) => {
    using mounts = new Mounts();
    const env = await envFor(mounts);
    Deno.writeTextFileSync(mounts.outputDatabase, "the old output");
    const allowed = [hash(mounts.outputDatabase), made];
    const moments = fc.sample(fc.double({ min: 0, max: 1.3, noNaN: true }), {
      seed: SEED + sequence,
      numRuns: kills / SEQUENCES,
    });
    for (const [at, moment] of moments.entries()) {
      const context = `seed ${SEED}, sequence ${sequence}, kill ${at}`;
      const worker = spawnRelay(env);
      const timer = setTimeout(() => killChild(worker, "SIGKILL"), moment * took);
      const { code } = await outcomeOf(worker);
      clearTimeout(timer);
      if (code === KILLED) met++;
      assert.ok(allowed.includes(hash(mounts.outputDatabase)), context);
      const staged = mounts.outputNames().filter((name) => name.startsWith(".relay-staging-"));
      assert.ok(staged.length <= 1, `${context}: ${staged}`);
      assert.equal(mounts.outputNames().length, 1 + staged.length, context);
      const parts = mounts.inputNames().filter((name) => name.includes(".part-"));
      assert.ok(parts.length <= 1, `${context}: ${parts}`);
    }
    assert.equal((await runWhole(env, mounts)).made, made);
    assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
    assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
  }));
  assert.ok(met > kills / 2, `only ${met} of ${kills} kills met a running process`);
}

Deno.test("200 dev runs killed at random leave the old output or the whole new one", async () => {
  await killAtRandom({
    kills: 200,
    envFor(mounts) {
      makeDatabase(mounts.inputDatabase, LARGE);
      return Promise.resolve({ ...mounts.env, DEV_MODE: "1" });
    },
  });
});

Deno.test("100 production runs killed at random leave the old output or the whole new one", async () => {
  using source = new Mounts();
  const database = join(source.root, "source.db");
  makeDatabase(database, LARGE);
  await using engine = new TestEngine({ database });
  await killAtRandom({
    kills: 100,
    envFor: async (mounts) => ({
      ...await productionEnv(mounts, engine.url, "SELECT body FROM results"),
      QUERY_TIMEOUT_SECONDS: "30",
    }),
  });
});
