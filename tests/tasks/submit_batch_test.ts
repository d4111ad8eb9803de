/** `deno task submit --batch`: many jobs that differ in the values of their query's placeholders. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pause } from "../../src/pause.ts";
import { RunFailure } from "../../tasks/lib/devnet/compute_engine/runs.ts";
import { type JobNetwork, PRICE, testWithJobs } from "../support/job_network.ts";
import { outcomeOf } from "../support/run.ts";

const QUERY = "SELECT name FROM users WHERE locale = ?";

/** Writes a batch and gives the options to submit it. */
function batch({ folder }: JobNetwork, ...lines: string[]): string[] {
  const file = folder.join("batch.jsonl");
  Deno.writeTextFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return ["--batch", file, "--query", QUERY];
}

testWithJobs("a batch runs a job a line, and shows a table", async (network) => {
  const { code, stdout, stderr } = await network.submit(
    ...batch(network, '["de"]', '["fr"]', '["it"]', '["es"]', '["pt"]', '["nl"]'),
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^line +job +end +paid$/m);
  assert.match(stdout, /^1 +\d +done +0\.01 VANA +\S+out\/1$/m);
  assert.equal(await network.jobs(), 6n);
  for (let job = 1n; job <= 6n; job++) assert.deepEqual(await network.payments(job), [PRICE]);
  const wanted = network.inputs.map(({ params }) => params[0]);
  assert.deepEqual(wanted.toSorted(), ["de", "es", "fr", "it", "nl", "pt"]);
  assert.ok(Deno.statSync(join(network.output, "6/report.csv")).isFile);
});

testWithJobs(
  "the same batch again goes on with what hasn't ended, and pays nothing twice",
  async (network) => {
    const args = batch(network, '["de"]', '["fr"]', '["it"]');
    const first = network.spawnSubmit(...args);
    while (network.inputs.length < 1) await pause(20);
    first.kill("SIGKILL");
    await outcomeOf(first);
    const { code, stderr } = await network.submit(...args);
    assert.equal(code, 0, stderr);
    assert.equal(await network.jobs(), 3n);
    for (let job = 1n; job <= 3n; job++) assert.deepEqual(await network.payments(job), [PRICE]);
    const again = await network.submit(...args);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(await network.jobs(), 3n);
  },
);

testWithJobs("a batch goes on when one of its jobs fails", async (network) => {
  const { code, stdout } = await network.submit(...batch(network, '["de"]', '["bad"]'));
  assert.equal(code, 3);
  assert.match(stdout, /^1 +\d +done/m);
  assert.match(stdout, /^2 +\d +failed +Job \d failed: no/m);
}, {
  run: ({ input }) =>
    input.params[0] === "bad" ? Promise.reject(new RunFailure("no")) : Promise.resolve(),
});

testWithJobs("a batch that the balance doesn't cover pays nothing", async (network) => {
  const lines = Array.from({ length: 11 }, (_, at) => `[${at}]`);
  const { code, stderr } = await network.submit(...batch(network, ...lines));
  assert.equal(code, 1);
  assert.match(stderr, /The 11 queries cost 0\.11 VANA; the account has 0\.1 VANA/);
  assert.equal(await network.jobs(), 0n);
});

testWithJobs("a batch with a line that isn't one is refused", async (network) => {
  for (
    const [lines, said] of [
      [['["de"]', "{}"], /Line 2 of the batch: The query's parameters aren't a JSON array/],
      [['["de"]', '[ "de" ]'], /Lines 1 and 2 of the batch give the same job/],
      [[], /The batch is empty/],
    ] as const
  ) {
    const { code, stderr } = await network.submit(...batch(network, ...lines));
    assert.equal(code, 1);
    assert.match(stderr, said);
  }
  assert.equal(await network.jobs(), 0n);
});
