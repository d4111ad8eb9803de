/** What `submit` does when the Compute Engine does something wrong. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../src/files.ts";
import { pause } from "../../src/pause.ts";
import { RunFailure } from "../../tasks/lib/devnet/compute_engine/runs.ts";
import type { EngineFault } from "../../tasks/lib/devnet/compute_engine/faults.ts";
import { newPerson } from "../support/people.ts";
import { outcomeOf } from "../support/run.ts";
import { FaultyRpc } from "../support/faulty_rpc.ts";
import { type JobNetwork, PRICE, testWithJobs, TWO_FILES } from "../support/job_network.ts";

/** Runs a submit that must end with the artifacts after one job, one payment and so many POSTs. */
async function succeeds(network: JobNetwork, { posts = 1 } = {}): Promise<string> {
  const { code, stdout, stderr } = await network.submit();
  assert.equal(code, 0, stderr);
  assert.deepEqual(network.files(), TWO_FILES);
  assert.equal(await network.jobs(), 1n);
  assert.deepEqual(await network.payments(), [PRICE]);
  assert.equal(network.count("POST", /^\/job\/1$/), posts);
  return stdout + stderr;
}

/** Runs a submit that must end with a failed job and no artifacts, twice: the second time sends nothing. */
async function fails(network: JobNetwork, said: RegExp): Promise<string> {
  const { code, stderr } = await network.submit();
  assert.equal(code, 3, stderr);
  assert.match(stderr, said);
  assert.ok(!exists(network.output), "there are no artifacts");
  const leftovers = [...Deno.readDirSync(network.folder.path)].map(({ name }) => name);
  assert.deepEqual(leftovers, ["engine"]);
  const again = await network.submit();
  assert.equal(again.code, 3, again.stderr);
  assert.match(
    again.stderr,
    /This job was submitted before and failed: .*\. Nothing was sent/,
  );
  assert.equal(await network.jobs(), 1n);
  return stderr;
}

/** The most memory that a process takes until its end, in MiB. */
async function peakMemory(pid: number): Promise<number> {
  let peak = 0;
  for (;;) {
    try {
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
      // A process that has ended, and isn't waited for yet, has no memory.
      if (kilobytes === undefined) return peak;
      peak = Number(kilobytes) / 1024;
    } catch {
      return peak;
    }
    await pause(100);
  }
}

const faults = (...names: EngineFault[]) => ({ faults: names });

testWithJobs(
  "a POST that takes long is waited for, and isn't repeated",
  async (network) => void await succeeds(network),
  { faults: ["slow-post"], slowPostMs: 5000 },
);

testWithJobs("a POST whose answer is lost isn't repeated", async (network) => {
  assert.match(await succeeds(network), /The Compute Engine http:\S+ broke off/);
}, faults("post-lost"));

testWithJobs("a run that is shown late isn't posted again", async (network) => {
  await succeeds(network);
}, faults("post-lost", "shows-late"));

testWithJobs("a POST under way when a submit is killed isn't repeated", async (network) => {
  const submit = network.spawnSubmit();
  while (network.admitted === 0) await pause(50);
  submit.kill("SIGKILL");
  await outcomeOf(submit);
  await succeeds(network);
}, { ...faults("slow-post"), slowPostMs: 6000 });

testWithJobs("a POST that the engine has no time for is repeated", async (network) => {
  await succeeds(network, { posts: 2 });
}, faults("post-refused"));

testWithJobs("an engine that is busy is asked again", async (network) => {
  assert.match(await succeeds(network), /answered 503: Try again later/);
}, faults("busy"));

testWithJobs("statuses in capitals mean the same", async (network) => {
  assert.match(await succeeds(network), /^Job 1: success$/m);
}, faults("capitals"));

testWithJobs("artifacts by URLs of the engine's own are downloaded", async (network) => {
  await succeeds(network);
}, faults("artifact-urls"));

testWithJobs("artifacts at another origin come without the signature", async (network) => {
  assert.match(await succeeds(network), /comes over plain http from 127\.0\.0\.1:/);
  const foreign = network.seen.filter((request) => request.foreign);
  assert.equal(foreign.length, 2);
  assert.ok(foreign.every(({ signed }) => !signed));
}, faults("foreign-artifacts"));

testWithJobs("an artifact that is cut is resumed", async (network) => {
  await succeeds(network);
  assert.equal(network.count("GET", /artifacts/), 4);
}, faults("cut"));

testWithJobs("the engine's text can't move the cursor", async (network) => {
  const said = await fails(network, /Job 1 failed: no\\u\{1b\}\[2J/);
  assert.match(said, /^Job 1: running\\u\{1b\}\[2j\\u\{202e\}$/m);
  assert.ok(!said.includes("\x1b") && !said.includes("\u202e"));
}, {
  faults: ["escapes"],
  async run() {
    // It must be seen running.
    await pause(1500);
    throw new RunFailure("no");
  },
});

testWithJobs("artifacts that are always cut can be downloaded later", async (network) => {
  const { code, stderr } = await network.submit();
  assert.equal(code, 2, stderr);
  assert.match(stderr, /The download of by_day\/1\.json failed: 5 attempts in a row/);
  assert.ok(!exists(network.output));
  assert.match(stderr, /deno task job 1 --wait/);
}, faults("cut-always"));

testWithJobs("artifacts that are expired are lost", async (network) => {
  await fails(network, /answered 403: Artifact is expired/);
}, faults("expired"));

testWithJobs("artifacts with hostile names are refused, all of them", async (network) => {
  await fails(network, /Nothing was downloaded\. The artifact name .*\.\.\/by_day/);
}, faults("hostile-names"));

testWithJobs("a query that fails is the job's failure", async (network) => {
  await fails(
    network,
    /Job 1 failed with the status query_failed: no such column \(on-chain: failed/,
  );
}, { run: () => Promise.reject(new RunFailure("no such column", "query_failed")) });

testWithJobs("a run that fails may show as HTTP 500", async (network) => {
  await fails(network, /Job 1 failed: Job failed: out of memory/);
}, { ...faults("run-500"), run: () => Promise.reject(new RunFailure("out of memory")) });

testWithJobs("a job that no TEE took is said with its reason, and resubmitted", async (network) => {
  const { net } = network;
  await using rpc = new FaultyRpc(net.url, async ({ method }) => {
    if (method === "eth_sendRawTransaction") await net.removeTee();
    return undefined;
  });
  const { code, stderr } = await network.submit("--rpc", rpc.url);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /No TEE has taken job 1: the pool 0x\S+ has no active TEE/);
  assert.match(stderr, /deno task job 1 --resubmit --wait/);
  const none = await network.job("1", "--resubmit", "--yes");
  assert.equal(none.code, 1, none.stderr);
  assert.match(none.stderr, /No TEE takes the job now/);
  await net.addTee({ url: network.engine.url });
  const taken = await network.job("1", "--resubmit", "--wait", "--yes");
  assert.equal(taken.code, 0, taken.stderr);
  assert.deepEqual(await network.payments(), [PRICE]);
});

testWithJobs("a job that the engine refuses can be handed in again later", async (network) => {
  const { net, instruction } = network;
  await using rpc = new FaultyRpc(net.url, async ({ method }) => {
    if (method === "eth_sendRawTransaction") await net.disapprove(instruction);
    return undefined;
  });
  const { code, stderr } = await network.submit("--rpc", rpc.url);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /Job 1 isn't run: .* answered 401: On-chain DLP owner approval required/);
  await net.approve(instruction);
  await succeeds(network, { posts: 2 });
});

testWithJobs("a TEE whose URL leads to another TEE's engine refuses the job", async (network) => {
  const { net } = network;
  await net.removeTee();
  await net.addTee({ url: network.engine.url, tee: newPerson() });
  const { code, stderr } = await network.submit();
  assert.equal(code, 3, stderr);
  assert.match(stderr, /Job 1 isn't run: .* answered 403: Job assigned to other TEE '0x/);
  assert.deepEqual(await network.payments(), []);
});

testWithJobs("a run that the engine has lost isn't paid for again", async (network) => {
  const submit = network.spawnSubmit();
  while (network.inputs.length === 0) await pause(50);
  submit.kill("SIGKILL");
  await outcomeOf(submit);
  const [record = ""] = network.records().filter((path) => path.endsWith(".json"));
  const known = JSON.parse(Deno.readTextFileSync(record));
  const posted = new Date(Date.now() - 120_000).toISOString();
  Deno.writeTextFileSync(record, JSON.stringify({ ...known, posted }));
  const { code, stderr } = await network.submit();
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /shows no run of job 1, but one has begun on-chain\. It isn't handed in again/,
  );
  assert.equal(network.count("POST", /^\/job\/1$/), 1);
  assert.deepEqual(await network.payments(), [PRICE]);
}, { ...faults("forgets"), run: () => new Promise(() => {}) });

testWithJobs("a job without artifacts ends well, with an empty folder", async (network) => {
  const { code, stderr } = await network.submit();
  assert.equal(code, 0, stderr);
  assert.deepEqual(network.files(), {});
}, { run: () => Promise.resolve() });

testWithJobs("an artifact of 4 GB is downloaded in little memory", async (network) => {
  const submit = network.spawnSubmit();
  const peak = peakMemory(submit.pid);
  const { code, stderr } = await outcomeOf(submit);
  assert.equal(code, 0, stderr);
  assert.ok(await peak < 400, `${await peak} MiB`);
  const { size } = Deno.statSync(join(network.output, "large.bin"));
  assert.equal(size, 2 ** 32 + 1);
}, {
  run({ output }) {
    using file = Deno.openSync(join(output, "large.bin"), { create: true, write: true });
    file.truncateSync(2 ** 32 + 1);
    return Promise.resolve();
  },
});
