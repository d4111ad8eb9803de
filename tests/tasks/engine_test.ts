/** The local Query Engine, on the wire and from the command line. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EngineOptions } from "../../tasks/lib/engine/engine.ts";
import {
  productionEnv,
  TEST_ACCOUNT,
  TEST_KEY,
  TestEngine,
  testSignature,
} from "../support/engine.ts";
import { makeDatabase, Mounts } from "../support/mounts.ts";
import { outcomeOf, runTask, runWorker, spawnTask } from "../support/run.ts";

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function submit(url: string, query: string, params: unknown[] = []): Promise<Answer> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-query-signature": await testSignature(query),
    },
    body: JSON.stringify({ query, params, refiner_id: 1, job_id: "1" }),
  });
  return { status: response.status, body: await response.json() };
}

/** Submits a query and polls until it has ended. */
async function ask(url: string, query: string, params: unknown[] = []): Promise<Answer> {
  const { body } = await submit(url, query, params);
  for (;;) {
    const response = await fetch(`${url}/query/${body.query_id}`, {
      headers: { "x-query-signature": "0x" },
    });
    const answer = await response.json();
    if (answer.query_status !== "processing") return { status: response.status, body: answer };
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function withEngine(
  options: Partial<EngineOptions>,
  check: (url: string) => Promise<void>,
): Promise<void> {
  await using engine = new TestEngine(options);
  await check(engine.url);
}

/** The answer's database. */
async function answerOf(url: string, query: string, params: unknown[], mounts: Mounts) {
  const { body } = await ask(url, query, params);
  assert.equal(body.query_status, "success", String(body.detail));
  const response = await fetch(String(body.query_results));
  Deno.writeFileSync(mounts.inputDatabase, await response.bytes());
  return new DatabaseSync(mounts.inputDatabase, { readOnly: true });
}

Deno.test("an answer is a database whose only table is results, with declared types", async () => {
  using mounts = new Mounts();
  const source = join(mounts.root, "source.db");
  makeDatabase(
    source,
    `CREATE TABLE t(id INTEGER PRIMARY KEY, born DATE, score REAL, body BLOB);
     INSERT INTO t VALUES (9007199254740993, '2025-01-01', 1.0, x'00ff'), (2, NULL, NULL, NULL);`,
  );
  await withEngine({ database: source }, async (url) => {
    using db = await answerOf(url, "SELECT *, id + ? AS more FROM t", [1], mounts);
    const tables = db.prepare("SELECT sql FROM sqlite_schema").all();
    assert.deepEqual(tables.map(({ sql }) => sql), [
      'CREATE TABLE results("id" INTEGER, "born" DATE, "score" REAL, "body" BLOB, "more" )',
    ]);
    const select = db.prepare(
      "SELECT id, born, typeof(score) AS score, hex(body) AS body, more FROM results",
    );
    select.setReadBigInts(true);
    assert.deepEqual(select.all().map((row) => ({ ...row })), [
      { id: 2n, born: null, score: "null", body: "", more: 3n },
      {
        id: 9007199254740993n,
        born: "2025-01-01",
        score: "real",
        body: "00FF",
        more: 9007199254740994n,
      },
    ]);
  });
});

Deno.test("parameters bind by type", async () => {
  using mounts = new Mounts();
  await withEngine({}, async (url) => {
    const sql = "SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, ? AS d, typeof(?) AS e";
    using db = await answerOf(url, sql, ["x", 1, 1.5, true, null], mounts);
    assert.deepEqual({ ...db.prepare("SELECT * FROM results").get() }, {
      a: "text",
      b: "integer",
      c: "real",
      d: 1,
      e: "null",
    });
  });
});

Deno.test("bad SQL fails with SQLite's message", async () => {
  await withEngine({}, async (url) => {
    const { body } = await ask(url, "SELECT nonsense FROM users");
    assert.equal(body.query_status, "failed");
    assert.match(String(body.detail), /no such column: nonsense/);
  });
});

for (const sql of ["DELETE FROM users", "DROP TABLE users", "ATTACH ':memory:' AS other"]) {
  Deno.test(`a query that isn't a read fails: ${sql}`, async () => {
    await withEngine({}, async (url) => {
      assert.equal((await ask(url, sql)).body.query_status, "failed");
      const { body } = await ask(url, "SELECT count(*) AS n FROM users");
      assert.equal(body.query_status, "success");
    });
  });
}

Deno.test("an endless query is stopped", async () => {
  await withEngine({ queryTimeoutSeconds: 1 }, async (url) => {
    const { body } = await ask(
      url,
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c",
    );
    assert.equal(body.query_status, "failed");
    assert.match(String(body.detail), /stopped after 1 s/);
  });
});

Deno.test("the dummy results aren't among the tables", async () => {
  const engine = spawnTask("engine", ["--port", "0"]);
  const reader = engine.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = (await reader.read()).value!.trim();
  const { body } = await ask(url, "SELECT * FROM results");
  assert.match(String(body.detail), /no such table: results/);
  engine.kill("SIGTERM");
  await reader.cancel();
  await engine.stderr.cancel();
  assert.equal((await engine.status).code, 0);
});

Deno.test("a signature of another text is refused when only one account may ask", async () => {
  await withEngine({ signers: [TEST_ACCOUNT] }, async (url) => {
    assert.equal((await submit(url, "SELECT 1 AS a")).status, 200);
    const response = await fetch(`${url}/query`, {
      method: "POST",
      headers: { "x-query-signature": await testSignature("SELECT 2 AS a") },
      body: JSON.stringify({ query: "SELECT 1 AS a", params: [] }),
    });
    assert.equal(response.status, 401);
    assert.match((await response.json()).detail, /of another text/);
  });
});

Deno.test("a missing or malformed signature is 401", async () => {
  await withEngine({}, async (url) => {
    for (const headers of [{}, { "x-query-signature": "0x12" }] as Record<string, string>[]) {
      const body = JSON.stringify({ query: "SELECT 1", params: [] });
      const response = await fetch(`${url}/query`, { method: "POST", headers, body });
      assert.equal(response.status, 401);
      await response.body?.cancel();
    }
  });
});

Deno.test("a body of another shape is 422 with a list of what is wrong", async () => {
  await withEngine({}, async (url) => {
    const response = await fetch(`${url}/query`, { method: "POST", body: '{"sql": "SELECT 1"}' });
    assert.equal(response.status, 422);
    const { detail } = await response.json();
    assert.deepEqual(detail[0].loc, ["body", "query"]);
  });
});

Deno.test("an unknown id is 404", async () => {
  await withEngine({}, async (url) => {
    const response = await fetch(`${url}/query/nobody`);
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });
});

Deno.test("results offer ranges and an ETag", async () => {
  await withEngine({}, async (url) => {
    const { body } = await ask(url, "SELECT * FROM users");
    const whole = await fetch(String(body.query_results));
    const bytes = await whole.bytes();
    const etag = whole.headers.get("etag")!;
    const part = await fetch(String(body.query_results), {
      headers: { range: "bytes=100-", "if-range": etag },
    });
    assert.equal(part.status, 206);
    assert.deepEqual(await part.bytes(), bytes.slice(100));
    const other = await fetch(String(body.query_results), {
      headers: { range: "bytes=100-", "if-range": '"another"' },
    });
    assert.equal(other.status, 200);
    assert.equal((await other.bytes()).length, bytes.length);
  });
});

Deno.test("--delay keeps a query pending", async () => {
  await withEngine({ delaySeconds: 0.5 }, async (url) => {
    const started = performance.now();
    await ask(url, "SELECT 1 AS a");
    assert.ok(performance.now() - started >= 500);
  });
});

Deno.test("the engine's first line is its URL, and a worker can use it", async () => {
  using mounts = new Mounts();
  const engine = spawnTask("engine", ["--port", "0", "--signer", TEST_ACCOUNT]);
  const reader = engine.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = (await reader.read()).value!.trim();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const query = "SELECT name FROM users";
  const signed = await runTask("sign", [query], { PRIVATE_KEY: TEST_KEY });
  const { code, stderr } = await runWorker({
    ...await productionEnv(mounts, url, query),
    QUERY_SIGNATURE: signed.stdout.trim(),
  });
  assert.equal(code, 0, stderr);
  engine.kill("SIGINT");
  await reader.cancel();
  await engine.stderr.cancel();
  assert.equal((await engine.status).code, 0);
});

Deno.test("--as-text gives every value as text, and NULL as None", async () => {
  using mounts = new Mounts();
  const database = join(mounts.root, "mine.db");
  makeDatabase(database, "CREATE TABLE mine(a, b, c); INSERT INTO mine VALUES (42, 2.0, NULL);");
  const engine = spawnTask("engine", ["--port", "0", "--db", database, "--as-text"]);
  const reader = engine.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = (await reader.read()).value!.trim();
  using db = await answerOf(url, "SELECT * FROM mine", [], mounts);
  const row = db.prepare("SELECT * FROM results").get();
  assert.deepEqual({ ...row }, { a: "42", b: "2.0", c: "None" });
  engine.kill("SIGINT");
  await reader.cancel();
  await engine.stderr.cancel();
  await engine.status;
});

Deno.test("--db serves a SQLite file", async () => {
  using mounts = new Mounts();
  const database = join(mounts.root, "mine.db");
  makeDatabase(database, "CREATE TABLE mine(a); INSERT INTO mine VALUES (42);");
  const engine = spawnTask("engine", ["--port", "0", "--db", database]);
  const reader = engine.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = (await reader.read()).value!.trim();
  using db = await answerOf(url, "SELECT a FROM mine", [], mounts);
  assert.equal(db.prepare("SELECT a FROM results").get()?.a, 42);
  engine.kill("SIGINT");
  await reader.cancel();
  await engine.stderr.cancel();
  await engine.status;
});

for (
  const [args, message] of [
    [["--fault", "nonsense"], /no such fault/],
    [["--fault", "expired@submit"], /it meets download only/],
    [["--signer", "0x12"], /0x and 40 hexadecimal digits/],
    [["--port", "99999"], /a whole number from 0 to 65535/],
    [["--db", "nowhere.db"], /nowhere\.db doesn't exist/],
    [["--db", "x", "--from", "y"], /'--db <file>' cannot be used with option '--from <file>'/],
  ] as const
) {
  Deno.test(`engine ${args.join(" ")} is refused`, async () => {
    const { code, stderr } = await outcomeOf(spawnTask("engine", args));
    assert.equal(code, 1);
    assert.match(stderr, message);
  });
}

Deno.test("a taken port is an error that names a way out", async () => {
  await using engine = new TestEngine();
  const { port } = new URL(engine.url);
  const { code, stderr } = await outcomeOf(spawnTask("engine", ["--port", port]));
  assert.equal(code, 1);
  assert.match(stderr, /is taken; choose another, or 0/);
});

Deno.test("--help lists the faults", async () => {
  const { code, stdout } = await outcomeOf(spawnTask("engine", ["--help"]));
  assert.equal(code, 0);
  for (const name of ["busy", "5xx", "reset", "truncated", "stalled", "expired", "other-origin"]) {
    assert.match(stdout, new RegExp(`^ +${name} `, "m"));
  }
});
