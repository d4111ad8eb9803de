/** A `submit` that is interrupted, or whose RPC fails, pays nothing twice, and goes on. */

import assert from "node:assert/strict";
import { pause } from "../../src/pause.ts";
import { answerLost, type Fault, FaultyRpc, lost } from "../support/faulty_rpc.ts";
import { type JobNetwork, PRICE, testWithJobs, TWO_FILES } from "../support/job_network.ts";
import { outcomeOf } from "../support/run.ts";

/** What must be true at the end, however it came about: the artifacts, one job, one payment. */
async function expectOnce(network: JobNetwork, ...said: string[]): Promise<void> {
  assert.deepEqual(network.files(), TWO_FILES);
  const known = network.records().filter((path) => path.endsWith(".json"))
    .map((path) => Deno.readTextFileSync(path));
  assert.equal(await network.jobs(), 1n, [...said, ...known].join("\n---\n"));
  assert.deepEqual(await network.payments(), [PRICE]);
  const { builder } = network.net;
  // One deposit by the test itself, the registration of the instruction, and the job.
  assert.equal(await network.net.sentBy(builder), 3);
}

/** Submits by an RPC that fails, and then, if that didn't end well, by one that doesn't. */
async function submitThrough(network: JobNetwork, fault: Fault): Promise<string> {
  await using rpc = new FaultyRpc(network.net.url, fault);
  const first = await network.submit("--rpc", rpc.url, "--timeout", "3");
  assert.ok(rpc.faults > 0, "the fault happened");
  assert.ok([0, 2].includes(first.code), first.stderr);
  const { code, stderr } = await network.submit();
  assert.equal(code, 0, stderr);
  await expectOnce(network);
  return first.stderr;
}

testWithJobs(
  "a transaction that the RPC never gets is sent again, with the same nonce",
  async (network) => {
    const said = await submitThrough(network, lost("eth_sendRawTransaction"));
    assert.match(said, /the same command again: it finds out what happened/);
  },
);

testWithJobs(
  "a transaction that the RPC takes without an answer isn't sent again",
  async (network) => {
    await submitThrough(network, answerLost("eth_sendRawTransaction"));
  },
);

testWithJobs("a transaction whose receipt isn't available isn't sent again", async (network) => {
  await submitThrough(network, lost("eth_getTransactionReceipt"));
});

testWithJobs(
  "an RPC that is gone after the transaction is no reason to pay again",
  async (network) => {
    let sent = false;
    await submitThrough(network, async ({ method }, pass) => {
      if (sent) return new Response("gone", { status: 502 });
      if (method !== "eth_sendRawTransaction") return undefined;
      const answer = await pass();
      sent = true;
      return answer;
    });
  },
);

testWithJobs("a transaction that waits is waited for, and isn't sent again", async (network) => {
  const { client } = network.net.wallet;
  await client.setAutomine(false);
  const first = await network.submit("--timeout", "1");
  assert.equal(first.code, 2, first.stderr);
  const second = await network.submit("--timeout", "1");
  assert.equal(second.code, 2, second.stderr);
  assert.match(second.stderr, /Waiting for the transaction 0x[0-9a-f]{64}/);
  assert.match(second.stderr, /isn't mined after 1 s/);
  await client.mine({ blocks: 1 });
  await client.setAutomine(true);
  const { code, stderr } = await network.submit();
  assert.equal(code, 0, stderr);
  await expectOnce(network);
});

testWithJobs("job HASH --wait goes on where a submit was stopped", async (network) => {
  const { client } = network.net.wallet;
  await client.setAutomine(false);
  const { stderr } = await network.submit("--timeout", "1");
  const [hash = ""] = /0x[0-9a-f]{64}/.exec(stderr) ?? [];
  await client.mine({ blocks: 1 });
  await client.setAutomine(true);
  const job = await network.job(hash, "--wait", "--artifacts", network.output);
  assert.equal(job.code, 0, job.stderr);
  await expectOnce(network);
});

for (const moment of ["eth_blockNumber", "eth_estimateGas", "eth_sendRawTransaction"]) {
  testWithJobs(
    `a lost transaction that comes to light at ${moment} isn't doubled`,
    async (network) => {
      const lostOnes: string[] = [];
      await using first = new FaultyRpc(network.net.url, ({ method, params = [] }) => {
        if (method !== "eth_sendRawTransaction") return undefined;
        lostOnes.push(params[0] as string);
        return new Response("Bad gateway", { status: 502 });
      });
      const { code } = await network.submit("--rpc", first.url, "--timeout", "1");
      assert.equal(code, 2);
      await using second = new FaultyRpc(network.net.url, async ({ method }) => {
        if (method !== moment) return undefined;
        const [serializedTransaction] = lostOnes.splice(0) as [`0x${string}`?];
        const { client } = network.net.wallet;
        if (serializedTransaction) await client.sendRawTransaction({ serializedTransaction });
        return undefined;
      });
      const again = await network.submit("--rpc", second.url);
      assert.deepEqual(lostOnes, []);
      assert.equal(again.code, 0, again.stderr);
      await expectOnce(network);
    },
  );
}

testWithJobs("a transaction that a wallet sent again for more is found", async (network) => {
  const { client } = network.net.wallet;
  await client.setAutomine(false);
  const first = await network.submit("--timeout", "1");
  assert.equal(first.code, 2, first.stderr);
  const [hash = ""] = /0x[0-9a-f]{64}/.exec(first.stderr) ?? [];
  await network.payMoreFor(hash as `0x${string}`);
  await client.mine({ blocks: 1 });
  await client.setAutomine(true);
  const { code, stderr } = await network.submit();
  assert.equal(code, 0, stderr);
  await expectOnce(network);
});

testWithJobs(
  "a nonce that went to something else leaves the job to be submitted",
  async (network) => {
    const { client } = network.net.wallet;
    await client.setAutomine(false);
    const first = await network.submit("--timeout", "1");
    const [hash = ""] = /0x[0-9a-f]{64}/.exec(first.stderr) ?? [];
    await network.payMoreFor(hash as `0x${string}`, { to: network.net.owner.account.address });
    await client.mine({ blocks: 1 });
    await client.setAutomine(true);
    const { code, stderr } = await network.submit();
    assert.equal(code, 0, stderr);
    assert.deepEqual(await network.payments(), [PRICE]);
    assert.equal(await network.jobs(), 1n);
  },
);

testWithJobs("a transaction that fails on-chain costs no more than its gas", async (network) => {
  const { net } = network;
  await using rpc = new FaultyRpc(net.url, async ({ method }) => {
    if (method === "eth_sendRawTransaction") await net.pause("ComputeEngine");
    return undefined;
  });
  const { code, stderr } = await network.submit("--rpc", rpc.url);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /failed in block \d+: The ComputeEngine is paused/);
  assert.equal(await network.jobs(), 0n);
});

/** How many moments a submit is killed at: the suite takes a few, `KILLS=100` as many as one likes. */
const KILLS = Number(Deno.env.get("KILLS") ?? 12);
/** After so many requests, to the chain and to the engine, a submit has ended. */
const REQUESTS = 40;

for (let kill = 1; kill <= KILLS; kill++) {
  // Spread evenly, so that each run of the suite kills at every stage.
  const at = Math.ceil(kill * REQUESTS / KILLS);
  const ms = kill * 7 % 30;
  testWithJobs(`a submit killed ${ms} ms after request ${at} is gone on with`, async (network) => {
    const submit = await killedAfter(network, at, ms);
    const again = kill % 2 === 0 ? network.submit() : goOn(network, submit);
    const { code, stderr } = await again;
    assert.equal(code, 0, stderr);
    await expectOnce(network, submit, stderr);
  });
}

/** Kills a submit so many milliseconds after its so-many-th request, and returns what it said. */
async function killedAfter(network: JobNetwork, at: number, ms: number): Promise<string> {
  let requests = 0;
  const { promise: now, resolve: kill } = Promise.withResolvers<void>();
  const count = () => {
    if (++requests >= at) kill();
  };
  network.onRequest = count;
  await using rpc = new FaultyRpc(network.net.url, () => {
    count();
    return undefined;
  });
  const submit = network.spawnSubmit("--rpc", rpc.url);
  const outcome = outcomeOf(submit);
  await Promise.race([now, outcome]);
  await pause(ms);
  try {
    submit.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  const { stderr } = await outcome;
  network.onRequest = () => {};
  return stderr;
}

/** Goes on by the transaction's hash, if one was shown; else by the same submit. */
async function goOn(network: JobNetwork, said: string): Promise<{ code: number; stderr: string }> {
  const [, hash] = /Sending transaction (0x[0-9a-f]{64})/.exec(said) ?? [];
  if (hash === undefined) return await network.submit();
  const job = await network.job(hash, "--wait", "--artifacts", network.output);
  // It was stopped between the record and the sending.
  return /never sent, or was dropped/.test(job.stderr) ? await network.submit() : job;
}
