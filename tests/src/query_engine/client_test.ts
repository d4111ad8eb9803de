/** The Query Engine's client, as a library. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Results } from "../../../src/results/results.ts";
import { QueryEngineClient, QueryEngineError, type QueryRequest } from "../../../query_engine.ts";
import { TEST_QUERY, TestEngine, testSignature } from "../../support/engine.ts";
import { Mounts } from "../../support/mounts.ts";

async function testRequest(): Promise<QueryRequest> {
  return { query: TEST_QUERY, signature: await testSignature(), params: ["a"] };
}

Deno.test("fetchResults brings a results database into a directory", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  const client = new QueryEngineClient({ url: engine.url });
  const { path, bytes } = await client.fetchResults(await testRequest(), mounts.input);
  assert.equal(path, mounts.inputDatabase);
  assert.equal(Deno.statSync(path).size, bytes);
  using results = Results.open(path);
  assert.equal(results.count(), 10);
});

Deno.test("a cut download is resumed where it ended", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine({ faults: [{ name: "cut" }] });
  const client = new QueryEngineClient({ url: engine.url });
  await client.fetchResults(await testRequest(), mounts.input);
  assert.equal(engine.shown("cut", "download"), 1);
  const downloads = engine.requests.filter(({ stage }) => stage === "download");
  const ranges = downloads.map(({ range }) => range);
  assert.deepEqual(ranges, [null, "bytes=4096-"]);
  using results = Results.open(mounts.inputDatabase);
  assert.equal(results.count(), 10);
});

Deno.test("a file that changed meanwhile is not joined from two", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine({ faults: [{ name: "changed" }] });
  const client = new QueryEngineClient({ url: engine.url });
  await client.fetchResults(await testRequest(), mounts.input);
  assert.equal(engine.shown("changed", "download"), 1);
  // The engine changes the byte at 63, before the cut: only a fresh start has it.
  assert.equal(Deno.readFileSync(mounts.inputDatabase)[63], 7);
});

Deno.test("a compressed download is written as the file itself", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine({ faults: [{ name: "gzip" }] });
  const client = new QueryEngineClient({ url: engine.url });
  await client.fetchResults(await testRequest(), mounts.input);
  assert.equal(engine.shown("gzip", "download"), 1);
  using results = Results.open(mounts.inputDatabase);
  assert.equal(results.count(), 10);
});

Deno.test("the steps work one by one", async () => {
  await using engine = new TestEngine();
  const client = new QueryEngineClient({ url: engine.url });
  const request = await testRequest();
  const id = await client.submit(request);
  const url = await client.waitForResults(id, request);
  assert.ok(url.href.startsWith(`${engine.url}/results/${id}.db?token=`));
});

Deno.test("a redirect to a trusted origin is followed, with the signature", async () => {
  await using engine = new TestEngine({
    faults: [{ name: "redirect-other-origin", stage: "poll" }],
  });
  const probe = new QueryEngineClient({ url: engine.url });
  const request = await testRequest();
  const refused = await probe.waitForResults(await probe.submit(request), request).catch((e) => e);
  const other = /another origin, (http:\/\/[\d.:]+)/.exec(refused.message)![1]!;
  const client = new QueryEngineClient({ url: engine.url, trustedOrigins: [other] });
  await client.waitForResults(await client.submit(request), request);
  assert.ok(engine.requests.some(({ foreign, signed }) => foreign && signed));
});

Deno.test("the signature doesn't follow the results to another origin", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine({ faults: [{ name: "other-origin" }] });
  const client = new QueryEngineClient({ url: engine.url });
  await client.fetchResults(await testRequest(), mounts.input);
  const foreign = engine.requests.filter(({ foreign }) => foreign);
  assert.deepEqual(foreign.map(({ stage, signed }) => ({ stage, signed })), [
    { stage: "download", signed: false },
  ]);
});

Deno.test("polls come soon, then less often", async () => {
  const polls: number[] = [];
  await using engine = new TestEngine({
    delaySeconds: 5,
    onRequest: ({ stage }) => stage === "poll" && polls.push(performance.now()),
  });
  const client = new QueryEngineClient({ url: engine.url });
  const request = await testRequest();
  await client.waitForResults(await client.submit(request), request);
  const gaps = polls.slice(1).map((at, before) => at - polls[before]!);
  const [first = 0, last = 0] = [gaps[0], gaps.at(-1)];
  assert.ok(last > 2 * first, `the pauses were ${gaps.map(Math.round)} ms`);
  assert.ok(gaps.length >= 5 && gaps.length <= 13, `${gaps.length} polls in 5 s`);
});

Deno.test("a signal stops a call at once with its reason", async () => {
  await using engine = new TestEngine({ faults: [{ name: "pending" }] });
  const client = new QueryEngineClient({ url: engine.url });
  const request = await testRequest();
  const id = await client.submit(request);
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 300);
  const started = performance.now();
  await assert.rejects(
    client.waitForResults(id, request, { signal: stop.signal }),
    (error) => error === reason,
  );
  // The query has 150 s.
  assert.ok(performance.now() - started < 5000);
});

Deno.test("a directory in the database's place is refused before anything is sent", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  Deno.mkdirSync(mounts.inputDatabase);
  const client = new QueryEngineClient({ url: engine.url });
  await assert.rejects(client.fetchResults(await testRequest(), mounts.input), /is a directory/);
  assert.equal(engine.requests.length, 0);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("a URL that isn't http is refused", () => {
  assert.throws(() => new QueryEngineClient({ url: "ftp://engine" }), QueryEngineError);
});

Deno.test("an earlier database stays when a query fails", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine({ faults: [{ name: "failed" }] });
  Deno.writeTextFileSync(mounts.inputDatabase, "earlier");
  const client = new QueryEngineClient({ url: engine.url });
  await assert.rejects(client.fetchResults(await testRequest(), mounts.input), QueryEngineError);
  assert.equal(Deno.readTextFileSync(join(mounts.input, "query_results.db")), "earlier");
});
