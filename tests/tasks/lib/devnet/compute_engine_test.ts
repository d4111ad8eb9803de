/** The devnet's Compute Engine: its checks in order, with the network's own messages, and its runs. */

import assert from "node:assert/strict";
import { pause } from "../../../../src/pause.ts";
import { RunFailure } from "../../../../tasks/lib/devnet/compute_engine/runs.ts";
import { OWNER, STRANGER, TEE, TestComputeEngine } from "../../../support/compute_engine.ts";

/** Asks an engine, and returns the status and what it says. */
async function ask(
  { url }: TestComputeEngine,
  path: string,
  { method = "GET", by = OWNER, signature, input }: {
    method?: string;
    by?: typeof OWNER;
    signature?: string | null;
    input?: unknown;
  } = {},
): Promise<[number, Record<string, unknown>]> {
  const id = /\/job\/(\d+)/.exec(path)?.[1] ?? "";
  const own = signature === undefined ? await by.signMessage({ message: id }) : signature;
  const headers = new Headers(own === null ? {} : { "X-Job-ID-Signature": own });
  const body = input === undefined ? undefined : JSON.stringify({ input });
  const response = await fetch(url + path, { method, headers, body });
  return [response.status, await response.json()];
}

const INPUT = { query: "SELECT 1", query_signature: "0x00", params: [], refiner_id: 7 };

/** Posts job 12. */
const post = (engine: TestComputeEngine, more: Parameters<typeof ask>[2] = {}) =>
  ask(engine, "/job/12", { method: "POST", input: INPUT, ...more });

/** Waits for a status of job 12. */
async function untilStatus(engine: TestComputeEngine, wanted: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const [, { status }] = await ask(engine, "/job/12");
    if (status === wanted) return;
    await pause(20);
  }
  assert.fail(`the job never was ${wanted}`);
}

Deno.test("a POST is refused in the order of the engine's checks, each with its message", async () => {
  await using engine = new TestComputeEngine();
  const { job } = engine;
  const says = async (status: number, detail: string, more: Parameters<typeof ask>[2] = {}) =>
    assert.deepEqual(await post(engine, more), [status, { detail }]);
  // From the last check to the first: each fault is met before those that are there already.
  engine.imageIsSound = false;
  await says(400, "Invalid instruction image");
  engine.approved = false;
  await says(401, "On-chain DLP owner approval required for compute job instructions");
  engine.hasInstruction = false;
  await says(422, "Invalid onchain compute instruction");
  engine.dlp = undefined;
  await says(404, "Data refiner '7' for the registered job '12' is not registered on-chain.");
  const by = STRANGER;
  await says(403, "Invalid job signature for registered job owner", { by });
  job.teeUrl = "https://example.com";
  await says(403, `On-chain TEE url does not match our URL '${engine.url}'`, { by });
  job.tee = STRANGER.address;
  await says(403, `Job assigned to other TEE '${STRANGER.address}'`, { by });
  job.tee = undefined;
  await says(400, "Job '12' is not assigned to a TEE on-chain. Please resubmit the job.", { by });
  assert.deepEqual(await ask(engine, "/job/13", { method: "POST", input: INPUT }), [404, {
    detail:
      "Job '13' is not registered on-chain. Please register the job and then resubmit to the Compute Engine.",
  }]);
  await says(403, "Access denied: Signature not from authorized wallet", { signature: "0x1234" });
  const [status] = await post(engine, { signature: null });
  assert.equal(status, 422);
});

Deno.test("a job is run, and its owner alone sees it", async () => {
  await using engine = new TestComputeEngine();
  const [status, { run_id, ...posted }] = await post(engine);
  assert.equal(status, 200);
  assert.deepEqual([posted.job_id, posted.status], [12, "pending"]);
  await untilStatus(engine, "success");
  assert.deepEqual(engine.told, ["running", "completed"]);
  const [, said] = await ask(engine, `/job/12?run_id=${run_id}`);
  assert.deepEqual(said.artifacts, [{ id: "1", name: "by_day/1.json" }, {
    id: "2",
    name: "report.csv",
  }]);
  assert.equal((said.compute as { address: string }).address, TEE);
  assert.deepEqual(await ask(engine, "/job/12", { by: STRANGER }), [403, {
    detail: "Only the job owner can view the results",
  }]);
  assert.deepEqual(await ask(engine, "/job/12/artifacts/1", { by: STRANGER }), [403, {
    detail: "Only the job owner can download job artifacts",
  }]);
  assert.deepEqual(await ask(engine, "/job/12/artifacts/9"), [404, {
    detail: "Artifact not found",
  }]);
});

Deno.test("a job without a run has the engine's three ways to say so", async () => {
  await using engine = new TestComputeEngine();
  assert.deepEqual(await ask(engine, "/job/12"), [404, { detail: "No job runs found" }]);
  assert.deepEqual(await ask(engine, "/job/12?run_id=x"), [404, { detail: "Job  run not found" }]);
  assert.deepEqual(await ask(engine, "/job/13"), [404, { detail: "Job not found" }]);
});

Deno.test("a run that takes longer than its job may fails", async () => {
  await using engine = new TestComputeEngine({ run: () => new Promise(() => {}) });
  engine.job.maxTimeout = 1;
  await post(engine);
  await untilStatus(engine, "failed");
  assert.deepEqual(engine.told, ["running", "failed: The job took longer than 1 s"]);
});

Deno.test("a job that is canceled on-chain ends", async () => {
  await using engine = new TestComputeEngine({ run: () => new Promise(() => {}) });
  await post(engine);
  await untilStatus(engine, "running");
  engine.job.canceled = true;
  await untilStatus(engine, "canceled");
});

Deno.test("DELETE cancels a run, once", async () => {
  await using engine = new TestComputeEngine({ run: () => new Promise(() => {}) });
  await post(engine);
  await untilStatus(engine, "running");
  const [status, said] = await ask(engine, "/job/12", { method: "DELETE" });
  assert.deepEqual([status, said.status], [202, "cancellation_requested"]);
  await untilStatus(engine, "canceled");
  assert.deepEqual(await ask(engine, "/job/12", { method: "DELETE" }), [409, {
    detail: "Job cannot be cancelled: status is canceled",
  }]);
});

Deno.test("a query that fails is a status of its own", async () => {
  const run = () => Promise.reject(new RunFailure("no such table: t", "query_failed"));
  await using engine = new TestComputeEngine({ run });
  await post(engine);
  await untilStatus(engine, "query_failed");
});

Deno.test("the fault query-failed ends every run with query_failed", async () => {
  await using engine = new TestComputeEngine({ faults: ["query-failed"] });
  await post(engine);
  await untilStatus(engine, "query_failed");
  assert.deepEqual(engine.told, ["running", "failed: The query failed on purpose"]);
});

Deno.test("the fault never-ends keeps every run running, up to its time limit", async () => {
  await using engine = new TestComputeEngine({ faults: ["never-ends"] });
  engine.job.maxTimeout = 1;
  await post(engine);
  await untilStatus(engine, "failed");
  assert.deepEqual(engine.told, ["running", "failed: The job took longer than 1 s"]);
});

Deno.test("jobs beyond those that run at a time are queued", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using engine = new TestComputeEngine({ run: () => promise, atATime: 1 });
  await post(engine);
  await post(engine);
  await untilStatus(engine, "queued");
  resolve();
  await untilStatus(engine, "success");
});

Deno.test("a page in a browser can't reach the engine by a name of its own", async () => {
  await using engine = new TestComputeEngine();
  const { port } = new URL(engine.url);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await connection.write(new TextEncoder().encode(
    "GET /job/stats/concurrency HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  ));
  assert.match(await new Response(connection.readable).text(), /^HTTP\/1\.1 421 /);
});
