/** What `deno task engine` shows of queries, and which data and requests it accepts. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TEST_ACCOUNT, TestEngine, testSignature } from "../support/engine.ts";
import { Mounts } from "../support/mounts.ts";
import { spawnTask } from "../support/run.ts";

/** A running `deno task engine`, and what it has shown. */
class EngineTask implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  readonly #shown: Promise<void>;
  /** Its base URL. */
  url = "";
  /** Its standard error so far. */
  log = "";

  private constructor(args: readonly string[]) {
    const { stdout, stderr } = this.#process = spawnTask("engine", ["--port", "0", ...args]);
    this.#stdout = stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#shown = (async () => {
      for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
        this.log += text;
      }
    })();
  }

  static async start(args: readonly string[]): Promise<EngineTask> {
    const engine = new EngineTask(args);
    engine.url = (await engine.#stdout.read()).value!.trim();
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#stdout.cancel();
    await this.#process.status;
    await this.#shown;
  }
}

/** Asks a query, and returns its last status and its rows. */
async function ask(
  url: string,
  query: string,
): Promise<{ status: string; detail?: string; rows: unknown[] }> {
  const headers = { "x-query-signature": await testSignature(query) };
  const body = JSON.stringify({ query, params: [] });
  const submitted = await fetch(`${url}/query`, { method: "POST", headers, body });
  const { query_id } = await submitted.json();
  for (;;) {
    const response = await fetch(`${url}/query/${query_id}`, { headers });
    const { query_status: status, query_results, detail } = await response.json();
    if (status === "failed") return { status, detail, rows: [] };
    if (status === "success") return { status, rows: await rowsAt(query_results) };
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function rowsAt(url: string): Promise<unknown[]> {
  using mounts = new Mounts();
  Deno.writeFileSync(mounts.inputDatabase, await (await fetch(url)).bytes());
  using db = new DatabaseSync(mounts.inputDatabase, { readOnly: true });
  return db.prepare("SELECT * FROM results").all().map((row) => ({ ...row }));
}

Deno.test("engine logs who signed a query that succeeded, its rows and its bytes", async () => {
  const engine = await EngineTask.start([]);
  try {
    await ask(engine.url, "SELECT name FROM users");
  } finally {
    await engine[Symbol.asyncDispose]();
  }
  assert.match(
    engine.log,
    new RegExp(
      `^Query [0-9a-f]{8} of ${TEST_ACCOUNT} succeeded in \\d+\\.\\d s: 10 rows, 8\\.0 KiB$`,
      "m",
    ),
  );
});

Deno.test("engine shows the SQL of a query that failed, with line and column", async () => {
  const engine = await EngineTask.start([]);
  let detail: string | undefined;
  try {
    ({ detail } = await ask(engine.url, "SELECT name,\n  'é', nonsense\nFROM users"));
  } finally {
    await engine[Symbol.asyncDispose]();
  }
  assert.match(detail!, /no such column: nonsense \(line 2, column 8\)$/);
  assert.match(
    engine.log,
    /^Query \w+ of 0x\w+ failed after .*no such column: nonsense \(line 2, column 8\)\n {2}SELECT name,\n {4}'é', nonsense\n {2}FROM users$/m,
  );
});

Deno.test("engine reads its script again when the content has changed, whatever its time", async () => {
  using mounts = new Mounts();
  const script = join(mounts.root, "data.sql");
  const write = (value: number) => {
    Deno.writeTextFileSync(script, `CREATE TABLE t(a); INSERT INTO t VALUES (${value});`);
    Deno.utimeSync(script, 1_000_000, 1_000_000);
  };
  write(1);
  await using engine = await EngineTask.start(["--from", script]);
  assert.deepEqual((await ask(engine.url, "SELECT a FROM t")).rows, [{ a: 1 }]);
  write(2);
  assert.deepEqual((await ask(engine.url, "SELECT a FROM t")).rows, [{ a: 2 }]);
});

Deno.test("a script that fails after a change fails the query, and not the engine", async () => {
  using mounts = new Mounts();
  const script = join(mounts.root, "data.sql");
  Deno.writeTextFileSync(script, "CREATE TABLE t(a);");
  await using engine = await EngineTask.start(["--from", script]);
  Deno.writeTextFileSync(script, "CREATE TABLE t(a);\nCREATE nonsense;");
  assert.match((await ask(engine.url, "SELECT 1 AS a")).detail!, /data\.sql:2: near "nonsense"/);
  Deno.writeTextFileSync(script, "CREATE TABLE t(a);");
  assert.equal((await ask(engine.url, "SELECT 1 AS a")).status, "success");
});

Deno.test("engine --from is relative to the person's folder", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(join(mounts.root, "mine.sql"), "CREATE TABLE mine(a);");
  const process = spawnTask("engine", ["--port", "0", "--from", "mine.sql"], {
    INIT_CWD: mounts.root,
  });
  const reader = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value!, /^Queries run on mine\.sql\./);
  process.kill("SIGTERM");
  await reader.cancel();
  await process.stdout.cancel();
  await process.status;
});

/** Asks with a Host header of its own, which `fetch` doesn't allow. */
async function statusFor(url: string, host: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = `GET /query/none HTTP/1.1\r\n${host === "" ? "" : `Host: ${host}\r\n`}\r\n`;
  await connection.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(512);
  const read = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, read ?? 0)).slice(9, 12);
}

for (
  const [host, status] of [
    ["evil.example", "403"],
    ["evil.example:8787", "403"],
    ["127.0.0.1.evil.example", "403"],
    ["user@localhost@evil.example", "403"],
    ["", "403"],
    ["127.0.0.1:1", "404"],
    ["localhost:8787", "404"],
  ] as const
) {
  Deno.test(`a request with the Host "${host}" is ${status}`, async () => {
    await using engine = new TestEngine();
    assert.equal(await statusFor(engine.url, host), status);
  });
}

const MANY = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c";

for (
  const [what, sql] of [
    ["failed", `${MANY} WHERE i < 20000) SELECT i, json(iif(i < 15000, '1', 'x')) AS j FROM c`],
    ["was stopped", `${MANY}) SELECT i FROM c`],
  ] as const
) {
  Deno.test(`nothing is left of the answer of a query that ${what}`, async () => {
    const folder = Deno.makeTempDirSync({ prefix: "engine-answers-" });
    let written = 0;
    {
      await using engine = new TestEngine({
        folder,
        queryTimeoutSeconds: 2,
        onQueryEnd: (_, { bytes }) => written = bytes,
      });
      assert.equal((await ask(engine.url, sql)).status, "failed");
      assert.ok(written > 0, "the query wrote rows before it failed");
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    }
    Deno.removeSync(folder, { recursive: true });
  });
}
