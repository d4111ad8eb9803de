/** `deno task job`: what chain and engine say of a job, and what its owner does with it. */

import assert from "node:assert/strict";
import { exists } from "../../src/files.ts";
import { outcomeOf, spawnTask } from "../support/run.ts";
import { PRICE, testWithJobs, TWO_FILES } from "../support/job_network.ts";

testWithJobs("job shows what chain and engine say", async (network) => {
  await network.submit();
  const { code, stdout } = await network.job("1");
  assert.equal(code, 0);
  for (
    const line of [
      /^Job 1 on Vana Moksha Testnet \(chain 14800\)$/m,
      new RegExp(`^ {2}owner {8}${network.net.builder.account.address}$`, "m"),
      /^ {2}instruction {2}1$/m,
      /^ {2}status {7}completed$/m,
      new RegExp(`^ {2}TEE {10}${network.net.tee.account.address}$`, "m"),
      /^ {2}engine {7}success$/m,
      /^ {2}artifact {5}report\.csv$/m,
      /^ {2}paid {9}0\.01 VANA$/m,
      /^ {2}artifacts {4}.*out$/m,
    ]
  ) assert.match(stdout, line);
});

testWithJobs("job --json is for programs", async (network) => {
  await network.submit();
  const { stdout } = await network.job("1", "--json");
  const { id, status, engine, paid, state } = JSON.parse(stdout);
  assert.deepEqual([id, status, engine.status, state], ["1", "completed", "success", "succeeded"]);
  assert.equal(paid[0].amount, `${PRICE}`);
});

testWithJobs("job without a key shows the chain's part, and asks no engine", async (network) => {
  await network.submit();
  network.seen.length = 0;
  const { code, stdout } = await outcomeOf(spawnTask("job", [...network.net.flags, "1"]));
  assert.equal(code, 0);
  assert.match(stdout, /status +completed/);
  assert.deepEqual(network.seen, []);
});

testWithJobs("job --artifacts gets them once more, to another folder", async (network) => {
  await network.submit();
  Deno.removeSync(network.output, { recursive: true });
  const { code, stderr } = await network.job("1", "--artifacts", network.output, "--logs");
  assert.equal(code, 0, stderr);
  assert.deepEqual(network.files(), TWO_FILES);
  assert.match(stderr, /^ {2}\| writing$/m);
  assert.match(stderr, /^ {2}\| \tindented \\u\{1b\}$/m);
  const taken = await network.job("1", "--artifacts", network.folder.path);
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, /already exists and isn't replaced/);
});

testWithJobs(
  "job --artifacts doesn't wait for a job's end, and --cancel ends it",
  async (network) => {
    const submit = network.spawnSubmit();
    while (network.inputs.length === 0) await new Promise((done) => setTimeout(done, 50));
    const { code, stderr } = await network.job("1", "--artifacts", network.output);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Job 1 hasn't ended yet: running/);
    const shown = await network.job("1");
    assert.equal(shown.code, 2);
    assert.match(shown.stdout, /engine +running/);
    const canceled = await network.job("1", "--cancel", "--yes");
    assert.equal(canceled.code, 0, canceled.stderr);
    assert.match(canceled.stderr, /Job 1 is canceled/);
    const submitted = await outcomeOf(submit);
    assert.equal(submitted.code, 3, submitted.stderr);
    assert.match(submitted.stderr, /Job 1 failed with the status canceled \(on-chain: canceled\)/);
    assert.ok(!exists(network.output));
    const again = await network.job("1", "--cancel", "--yes");
    assert.equal(again.code, 1, again.stderr);
    assert.match(again.stderr, /The job has ended already/);
    assert.equal((await network.job("1")).code, 3);
  },
  { run: () => new Promise(() => {}) },
);

testWithJobs("another job's folder isn't taken for a job's artifacts", async (network) => {
  await network.submit();
  const other = ["--params", '["de"]', "--output", `${network.output}-2`];
  await network.submit(...other);
  for (const name of ["", ".SHA256SUMS"]) {
    Deno.removeSync(`${network.output}-2${name}`, { recursive: true });
    Deno.renameSync(`${network.output}${name}`, `${network.output}-2${name}`);
  }
  const { code, stderr } = await network.submit(...other);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /out-2 already exists and isn't replaced/);
});

testWithJobs("job says what it can't find", async (network) => {
  const unknown = await network.job("9");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /There is no job 9 in the ComputeEngine/);
  const hash = await network.job(`0x${"ab".repeat(32)}`);
  assert.equal(hash.code, 2);
  assert.match(hash.stderr, /doesn't know the transaction 0xabab/);
  const noKey = spawnTask("job", [...network.net.flags, "1", "--wait"]);
  assert.match(
    (await outcomeOf(noKey)).stderr,
    /There is no key; expected the job owner's/,
  );
  assert.match((await network.job("x")).stderr, /a whole number above 0, or a transaction's hash/);
});

testWithJobs("a job that was submitted elsewhere waits for its query there", async (network) => {
  await network.net.submitJob({ instruction: network.instruction });
  const { code, stderr } = await network.job("1", "--wait");
  assert.equal(code, 2, stderr);
  assert.match(stderr, /Job 1 is waiting for its query, which this machine doesn't have/);
});

testWithJobs("a stranger's key gets nothing of a job", async (network) => {
  await network.submit();
  const env = { PRIVATE_KEY: network.net.owner.key };
  const { code, stderr } = await outcomeOf(
    spawnTask("job", [...network.net.flags, "1", "--artifacts", `${network.output}-2`], env),
  );
  assert.equal(code, 2, stderr);
  assert.match(stderr, /Job 1 is of 0x\S+, and the key is for 0x/);
  assert.ok(!exists(`${network.output}-2`));
});
