/** The life of one job, seen from outside: modes, mounts, exit codes, signals, logs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { productionEnv, TEST_PARAMS, TEST_QUERY, TestEngine } from "../../support/engine.ts";
import { makeDatabase, Mounts, namesIn, sameBytes, SMALL_RESULTS } from "../../support/mounts.ts";
import { outcomeOf, runWorker, spawnWorker } from "../../support/run.ts";

Deno.test("dev mode relays the local database byte for byte, mode 0644", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  Deno.chmodSync(mounts.inputDatabase, 0o600);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "Yes" });
  assert.equal(code, 0, stderr);
  assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
  assert.equal(Deno.statSync(mounts.outputDatabase).mode! & 0o777, 0o644);
});

Deno.test("DEV_MODE=on is dev mode, too", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "on" });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Dev mode/);
});

Deno.test("dev mode asks nobody, though a query is set", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { code } = await runWorker({ ...await productionEnv(mounts, engine.url), DEV_MODE: "1" });
  assert.equal(code, 0);
  assert.equal(engine.requests.length, 0);
});

Deno.test("without a query, a database already in the input is relayed", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { code, stderr } = await runWorker(mounts.env);
  assert.equal(code, 0, stderr);
  assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
});

Deno.test("production runs the query and relays its answer", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  const { code, stderr } = await runWorker(await productionEnv(mounts, engine.url));
  assert.equal(code, 0, stderr);
  assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
  using db = new DatabaseSync(mounts.outputDatabase, { readOnly: true });
  assert.equal(db.prepare("SELECT * FROM results").all().length, 10);
});

Deno.test("a query ready after one second takes little longer than that", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine({ delaySeconds: 1 });
  const started = performance.now();
  const { code } = await runWorker(await productionEnv(mounts, engine.url));
  const took = performance.now() - started;
  assert.equal(code, 0);
  assert.ok(took < 3000, `${took} ms`);
});

Deno.test("no input exits 1 and names all three ways to get it", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runWorker(mounts.env);
  assert.equal(code, 1);
  assert.match(stderr, /DEV_MODE=1.*QUERY and QUERY_SIGNATURE.*query_results\.db into INPUT_PATH/);
});

Deno.test("dev mode without a database exits 2 and says how to make one", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 2);
  assert.match(stderr, /query_results\.db doesn't exist.*deno task seed/);
});

Deno.test("all wrong parameters are reported in one run", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runWorker({
    ...mounts.env,
    QUERY: "SELECT 1",
    QUERY_PARAMS: '{"a": 1}',
    COMPUTE_JOB_ID: "0",
    DATA_REFINER_ID: "12.5",
    QUERY_ENGINE_URL: "ftp://engine",
    QUERY_TIMEOUT_SECONDS: "soon",
    LOG_LEVEL: "loud",
  });
  assert.equal(code, 1);
  assert.match(stderr, /QUERY_SIGNATURE: not set/);
  assert.match(stderr, /QUERY_PARAMS: expected a JSON array, .*got an object/);
  assert.match(stderr, /COMPUTE_JOB_ID: expected a positive integer, got 0/);
  assert.match(stderr, /DATA_REFINER_ID: expected a positive integer, got "12\.5"/);
  assert.match(stderr, /QUERY_ENGINE_URL: expected an http or https URL/);
  assert.match(stderr, /QUERY_TIMEOUT_SECONDS: expected a number of seconds/);
  assert.match(stderr, /LOG_LEVEL: expected one of debug, info, warning, error/);
});

Deno.test("a signature without a query exits 1", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runWorker({ ...mounts.env, QUERY_SIGNATURE: "0x12" });
  assert.equal(code, 1);
  assert.match(stderr, /QUERY: not set, though QUERY_SIGNATURE is/);
});

Deno.test("empty variables count as unset", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const empty = { QUERY: "", QUERY_SIGNATURE: "", QUERY_PARAMS: "", COMPUTE_JOB_ID: "" };
  const { code, stderr } = await runWorker({ ...mounts.env, ...empty });
  assert.equal(code, 0, stderr);
});

Deno.test("unset ids are warned of and left out of the request", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  const env = await productionEnv(mounts, engine.url);
  delete env.COMPUTE_JOB_ID;
  delete env.DATA_REFINER_ID;
  const { code, stderr } = await runWorker(env);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /COMPUTE_JOB_ID is not set/);
  assert.match(stderr, /DATA_REFINER_ID is not set/);
});

Deno.test("the request has the protocol's body and header", async () => {
  using mounts = new Mounts();
  const seen = Promise.withResolvers<{ headers: Headers; body: unknown }>();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      seen.resolve({ headers: request.headers, body: await request.json() });
      return new Response("{}", { status: 400 });
    },
  );
  const env = await productionEnv(mounts, `http://127.0.0.1:${server.addr.port}/engine/`);
  await runWorker(env);
  const { headers, body } = await seen.promise;
  assert.deepEqual(body, {
    query: TEST_QUERY,
    params: JSON.parse(TEST_PARAMS),
    refiner_id: 12,
    job_id: "7",
  });
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("x-query-signature"), env.QUERY_SIGNATURE);
});

Deno.test("an invalid local database exits 2", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(mounts.inputDatabase, "<!DOCTYPE html><p>Sign in");
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 2);
  assert.match(stderr, /is an HTML page; expected a SQLite database/);
});

Deno.test("an input that isn't a directory exits 1 and names the fix", async () => {
  using mounts = new Mounts();
  const path = join(mounts.root, "file");
  Deno.writeTextFileSync(path, "");
  const { code, stderr } = await runWorker({ ...mounts.env, INPUT_PATH: path });
  assert.equal(code, 1);
  assert.match(stderr, /INPUT_PATH: .*\/file is not a directory; mount .*--tmpfs/);
});

Deno.test("an output that isn't a directory exits 1 and names the fix", async () => {
  using mounts = new Mounts();
  const path = join(mounts.root, "file");
  Deno.writeTextFileSync(path, "keep");
  const { code, stderr } = await runWorker({ ...mounts.env, OUTPUT_PATH: path });
  assert.equal(code, 1);
  assert.match(stderr, /OUTPUT_PATH: .*\/file is not a directory; mount .*--tmpfs/);
  assert.equal(Deno.readTextFileSync(path), "keep");
});

Deno.test("an output below a file exits 1", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(join(mounts.root, "file"), "");
  const { code, stderr } = await runWorker({
    ...mounts.env,
    OUTPUT_PATH: join(mounts.root, "file/output"),
  });
  assert.equal(code, 1);
  assert.match(stderr, /OUTPUT_PATH: /);
});

Deno.test("input and output in one folder lose nothing", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const before = Deno.readFileSync(mounts.inputDatabase);
  const { code, stderr } = await runWorker({
    DEV_MODE: "1",
    INPUT_PATH: mounts.input,
    OUTPUT_PATH: mounts.input,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(Deno.readFileSync(mounts.inputDatabase), before);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("input and output that are one file lose nothing", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const before = Deno.readFileSync(mounts.inputDatabase);
  Deno.linkSync(mounts.inputDatabase, mounts.outputDatabase);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0, stderr);
  assert.deepEqual(Deno.readFileSync(mounts.inputDatabase), before);
  assert.deepEqual(Deno.readFileSync(mounts.outputDatabase), before);
});

Deno.test("a symbolic link in the output's place is refused, and its target kept", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const target = join(mounts.root, "target");
  Deno.writeTextFileSync(target, "precious");
  Deno.symlinkSync(target, mounts.outputDatabase);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 3);
  assert.match(stderr, /is a symbolic link.*remove it/);
  assert.equal(Deno.readTextFileSync(target), "precious");
});

Deno.test("what a killed run staged is cleared by the next", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  Deno.mkdirSync(join(mounts.output, ".relay-staging-dead/files"), { recursive: true });
  await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
});

Deno.test("what a killed download left is cleared by the next run, in dev mode too", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  Deno.writeTextFileSync(join(mounts.input, ".query_results.db.part-dead"), "half");
  const { code } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("a new download isn't joined with an old database's journal", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  for (const suffix of ["-wal", "-shm", "-journal"]) {
    Deno.writeTextFileSync(mounts.inputDatabase + suffix, "stale");
  }
  const { code, stderr } = await runWorker(await productionEnv(mounts, engine.url));
  assert.equal(code, 0, stderr);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

for (
  const [signal, code, stage, env] of [
    ["SIGTERM", 143, "submit", {}],
    ["SIGTERM", 143, "poll", {}],
    ["SIGTERM", 143, "download", {}],
    ["SIGINT", 130, "submit", {}],
    ["SIGINT", 130, "poll", {}],
    ["SIGINT", 130, "download", {}],
  ] as const
) {
  Deno.test(`${signal} while waiting for ${stage} exits ${code} within a second`, async () => {
    using mounts = new Mounts();
    makeDatabase(mounts.outputDatabase, SMALL_RESULTS);
    const before = Deno.readFileSync(mounts.outputDatabase);
    const reached = Promise.withResolvers<void>();
    await using engine = new TestEngine({
      faults: [{ name: "silent", stage }],
      onRequest: (request) => request.stage === stage && reached.resolve(),
    });
    const worker = spawnWorker({ ...await productionEnv(mounts, engine.url), ...env });
    await reached.promise;
    const started = performance.now();
    worker.kill(signal);
    const outcome = await outcomeOf(worker);
    assert.ok(performance.now() - started < 1000);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.deepEqual(mounts.inputNames(), []);
    assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
    assert.deepEqual(Deno.readFileSync(mounts.outputDatabase), before);
  });
}

for (const job of ["endless", "obliging"]) {
  Deno.test(`SIGTERM stops the ${job} job, and the output stays as it was`, async () => {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    const worker = spawnWorker({ ...mounts.env, DEV_MODE: "1" }, `tests/support/jobs/${job}.ts`);
    const staged = () => namesIn(mounts.output).length > 0;
    while (!staged()) await new Promise((done) => setTimeout(done, 20));
    await new Promise((done) => setTimeout(done, 200));
    const started = performance.now();
    worker.kill("SIGTERM");
    const { code } = await outcomeOf(worker);
    assert.ok(performance.now() - started < 1000);
    assert.equal(code, 143);
    assert.deepEqual(mounts.outputNames(), []);
  });
}

Deno.test("LOG_FORMAT=json writes JSON lines only", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1", LOG_FORMAT: "json" });
  const lines = stderr.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ level }) => level), ["INFO", "INFO"]);
  assert.equal(lines[1].properties.bytes, Deno.statSync(mounts.outputDatabase).size);
});

Deno.test("LOG_LEVEL=error is silent on success", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { stderr, stdout } = await runWorker({ ...mounts.env, DEV_MODE: "1", LOG_LEVEL: "error" });
  assert.equal(stderr, "");
  assert.equal(stdout, "");
});

Deno.test("plain http to another machine is warned of", async () => {
  using mounts = new Mounts();
  const { stderr } = await runWorker({
    ...await productionEnv(mounts, "http://engine.invalid"),
    QUERY_TIMEOUT_SECONDS: "0.5",
  });
  assert.match(stderr, /http:\/\/engine\.invalid\/ is plain http/);
});

Deno.test("an engine that is down exits 2 and says so", async () => {
  using mounts = new Mounts();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, stderr } = await runWorker({
    ...await productionEnv(mounts, `http://127.0.0.1:${port}`),
    QUERY_TIMEOUT_SECONDS: "2",
  });
  assert.equal(code, 2);
  assert.match(stderr, /did not succeed within 2 s: .*Connection refused.*QUERY_TIMEOUT_SECONDS/);
});

Deno.test("the engine's own words lose the query they quote", async () => {
  using mounts = new Mounts();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { query, params } = await request.json();
      const detail = `bad query: ${query} with ${params[0]} by ${
        request.headers.get("x-query-signature")
      }`;
      return Response.json({ detail }, { status: 400 });
    },
  );
  const env = await productionEnv(mounts, `http://127.0.0.1:${server.addr.port}`);
  const { code, stderr } = await runWorker(env);
  assert.equal(code, 2);
  assert.match(stderr, /bad query: \[redacted\] with \[redacted\] by 0x\[redacted\]/);
});

Deno.test("a 300 MB relay stays under 160 MiB of memory", async () => {
  using mounts = new Mounts();
  const database = join(mounts.root, "large.db");
  makeDatabase(
    database,
    `CREATE TABLE users(body BLOB);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300)
     INSERT INTO users SELECT randomblob(1048576) FROM c;`,
  );
  await using engine = new TestEngine({ database });
  const env = await productionEnv(mounts, engine.url, "SELECT body FROM users");
  const worker = spawnWorker({ ...env, QUERY_TIMEOUT_SECONDS: "60" });
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${worker.pid}/status`);
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }, 10);
  const { code, stderr } = await outcomeOf(worker);
  clearInterval(watch);
  assert.equal(code, 0, stderr);
  assert.ok(Deno.statSync(mounts.outputDatabase).size > 300 * 1048576);
  assert.ok(peak > 0 && peak < 160 * 1024, `${peak} KiB`);
});

Deno.test("a job's log stays JSON when a parameter is a word of the log's own", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { stderr } = await runWorker({
    ...mounts.env,
    DEV_MODE: "1",
    LOG_FORMAT: "json",
    QUERY_PARAMS: '["level", "message"]',
  });
  for (const line of stderr.trim().split("\n")) assert.equal(JSON.parse(line).level, "INFO");
});

Deno.test("a long download is reported as log lines with bytes, percent, rate and time left", async () => {
  using mounts = new Mounts();
  const database = join(mounts.root, "large.db");
  makeDatabase(
    database,
    `CREATE TABLE t(body); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
     WHERE i < 56) INSERT INTO t SELECT randomblob(262144) FROM c;`,
  );
  await using engine = new TestEngine({ database, faults: [{ name: "slow" }] });
  const env = await productionEnv(mounts, engine.url, "SELECT body FROM t");
  const { code, stderr } = await runWorker({ ...env, LOG_LEVEL: "info" });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Downloading: [\d.]+ MiB of 14\.\d MiB, \d+%, [\d.]+ MiB\/s, \d+ s left/);
});
