/** What is read of jobs, and of what they paid. */

import assert from "node:assert/strict";
import { parseEther } from "viem";
import { computeEngine } from "../../../../tasks/lib/network/compute_engine.ts";
import {
  readJob,
  readPaid,
  readPayments,
  type Submission,
  submissionOf,
} from "../../../../tasks/lib/network/jobs.ts";
import { type TestNetwork, testOnNetwork } from "../../../support/test_network.ts";

const TEE_URL = "https://tee.example.com";

/** Submits a job, and reads its receipt. */
async function submit(
  net: TestNetwork,
  { maxTimeout = 300n, gpu = false } = {},
): Promise<Submission | undefined> {
  const receipt = await net.wallet.write(net.builder.account, {
    ...computeEngine(net.network),
    functionName: "submitJob",
    args: [maxTimeout, gpu, await net.addInstruction()],
  });
  return submissionOf(net.network, receipt);
}

testOnNetwork("a job that a TEE took names the TEE and its pool", async (net) => {
  await net.addTee({ url: TEE_URL });
  const submission = await submit(net);
  const assigned = { pool: net.deployment.pools.ephemeral, tee: net.tee.account.address };
  assert.deepEqual(submission, {
    id: 1n,
    owner: net.builder.account.address,
    assigned,
    unassigned: undefined,
  });
  const { added, ...job } = await readJob(net.network, 1n);
  assert.ok(Math.abs(added.getTime() - Date.now()) < 60_000, `${added}`);
  assert.deepEqual(job, {
    id: 1n,
    owner: net.builder.account.address,
    instruction: 1n,
    maxTimeout: 300n,
    gpu: false,
    status: "submitted",
    statusMessage: "",
    assigned,
  });
});

for (
  const [needs, reason] of [
    [{}, /^the pool 0x\w{40} has no active TEE$/],
    [{ gpu: true }, /^there is no pool for jobs of that time limit and hardware$/],
    [{ maxTimeout: 7201n }, /^its time limit leads to the dedicated pool/],
  ] as const
) {
  testOnNetwork(`a job with ${Object.keys(needs)} that no TEE took says why`, async (net) => {
    if ("maxTimeout" in needs) await net.addTee({ url: TEE_URL, pool: "dedicated" });
    const submission = await submit(net, needs);
    assert.match(submission?.unassigned ?? "", reason);
    assert.equal(submission?.assigned, undefined);
    const { status, assigned } = await readJob(net.network, 1n);
    assert.deepEqual({ status, assigned }, { status: "registered", assigned: undefined });
  });
}

testOnNetwork("a transaction that submits no job is none", async (net) => {
  const receipt = await net.wallet.write(net.builder.account, {
    ...computeEngine(net.network),
    functionName: "deposit",
    args: ["0x0000000000000000000000000000000000000000", 5n],
    value: 5n,
  });
  assert.equal(submissionOf(net.network, receipt), undefined);
});

testOnNetwork("an unknown job is named", async (net) => {
  await assert.rejects(readJob(net.network, 3n), /There is no job 3 .*, which has 0; expected/);
});

testOnNetwork("a job's status is read by its name, with what its TEE says", async (net) => {
  await net.addTee({ url: TEE_URL });
  await submit(net);
  for (const [number, name] of [[3, "running"], [5, "failed"]] as const) {
    await net.setJobStatus(1n, number, `it is ${name}`);
    const { status, statusMessage } = await readJob(net.network, 1n);
    assert.deepEqual({ status, statusMessage }, { status: name, statusMessage: `it is ${name}` });
  }
});

testOnNetwork("a job's payments are read by DLP, and all of them", async (net) => {
  await net.addTee({ url: TEE_URL });
  const refiner = await net.addRefiner();
  const token = await net.addToken();
  await net.acceptToken(token);
  await net.deposit(net.builder, parseEther("1"));
  await net.deposit(net.builder, 5_000_000n, token);
  await submit(net);
  await net.requestPayment({ job: 1n, refiner, amount: 7n });
  await net.requestPayment({ job: 1n, refiner, amount: 8n });
  await net.requestPayment({ job: 1n, refiner, amount: 9n, token });
  assert.equal(await readPaid(net.network, { job: 1n, dlp: net.dlp }), 15n);
  assert.equal(await readPaid(net.network, { job: 1n, dlp: net.dlp, token }), 9n);
  assert.equal(await readPaid(net.network, { job: 1n, dlp: 8n }), 0n);
  const amounts = (await readPayments(net.network, 1n)).map(({ amount }) => amount);
  assert.deepEqual(amounts, [7n, 8n, 9n]);
});
