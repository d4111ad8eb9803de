/**
 * Mounts that can't be written to, as `docker run -v input:/mnt/input:ro` gives, full
 * ones, and odd ones.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Results } from "../../../src/results/results.ts";
import { productionEnv, TestEngine } from "../../support/engine.ts";
import {
  leaveInWal,
  makeDatabase,
  Mounts,
  sameBytes,
  SMALL_RESULTS,
} from "../../support/mounts.ts";
import { runWorker } from "../../support/run.ts";

/** Mounting needs root, which a laptop's user isn't. */
const ignore = Deno.uid() !== 0;

function mount(...args: string[]): void {
  const { success, stderr } = new Deno.Command("mount", { args }).outputSync();
  assert.ok(success, `mount ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function unmounting(folder: string): Disposable {
  return {
    [Symbol.dispose]() {
      new Deno.Command("umount", { args: [folder] }).outputSync();
    },
  };
}

/** Mounts a folder onto itself, read-only, for the length of the `using` block. */
function readOnly(folder: string): Disposable {
  mount("--bind", folder, folder);
  mount("-o", "remount,bind,ro", folder);
  return unmounting(folder);
}

/** Mounts a small filesystem, for the length of the `using` block. */
function small(folder: string, size: string): Disposable {
  mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
  return unmounting(folder);
}

/** A database of about 2 MiB. */
const TWO_MEBIBYTES = `CREATE TABLE results(body);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 8)
  INSERT INTO results SELECT randomblob(262144) FROM c;`;

async function relayedRows(mounts: Mounts): Promise<number> {
  using _mount = readOnly(mounts.input);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0, stderr);
  using relayed = Results.open(mounts.outputDatabase);
  return relayed.count();
}

Deno.test({
  name: "a database on a read-only mount is relayed",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    assert.equal(await relayedRows(mounts), 3);
  },
});

Deno.test({
  name: "a WAL database on a read-only mount is relayed with its latest rows",
  ignore,
  async fn() {
    using mounts = new Mounts();
    leaveInWal(mounts.inputDatabase);
    assert.equal(await relayedRows(mounts), 3);
  },
});

Deno.test({
  name: "a WAL database without sidecars on a read-only mount is relayed",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, `PRAGMA journal_mode = WAL; ${SMALL_RESULTS}`);
    assert.equal(await relayedRows(mounts), 3);
  },
});

Deno.test({
  name: "a query's answer can't be stored on a read-only input: exit 1 before it is sent",
  ignore,
  async fn() {
    using mounts = new Mounts();
    using _mount = readOnly(mounts.input);
    const { code, stderr } = await runWorker({
      ...mounts.env,
      QUERY: "SELECT 1",
      QUERY_SIGNATURE: "0x12",
      QUERY_ENGINE_URL: "http://127.0.0.1:9",
    });
    assert.equal(code, 1);
    assert.match(stderr, /INPUT_PATH: .* can't be written to .*mount a writable directory/);
  },
});

Deno.test({
  name: "a read-only output exits 1 and names the fix",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    using _mount = readOnly(mounts.output);
    const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
    assert.equal(code, 1);
    assert.match(stderr, /OUTPUT_PATH: .* can't be written to .*--tmpfs/);
  },
});

Deno.test({
  name: "an input without room exits 2 before the first byte of the download",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const database = join(mounts.root, "source.db");
    makeDatabase(database, TWO_MEBIBYTES);
    using _mount = small(mounts.input, "1m");
    await using engine = new TestEngine({ database });
    const env = await productionEnv(mounts, engine.url, "SELECT body FROM results");
    const { code, stderr } = await runWorker(env);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /No room for the results in .*: 2\.\d MiB to come, 1\.0 MiB free; mount a larger/,
    );
    assert.equal(engine.count("download"), 1);
    assert.deepEqual(mounts.inputNames(), []);
  },
});

Deno.test({
  name: "an input that fills up on the way exits 2 and keeps nothing",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const database = join(mounts.root, "source.db");
    makeDatabase(database, TWO_MEBIBYTES);
    using _mount = small(mounts.input, "1m");
    // Without an announced length, only the write itself can tell.
    await using engine = new TestEngine({ database, faults: [{ name: "chunked" }] });
    const env = await productionEnv(mounts, engine.url, "SELECT body FROM results");
    const { code, stderr } = await runWorker(env);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /No room left for the results in/);
    assert.equal(engine.count("download"), 1);
    assert.deepEqual(mounts.inputNames(), []);
  },
});

Deno.test({
  name: "an output without room exits 3 and stays as it was",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, TWO_MEBIBYTES);
    using _mount = small(mounts.output, "1m");
    Deno.writeTextFileSync(mounts.outputDatabase, "old");
    const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /No room for query_results\.db in .*: it needs 2\.\d MiB/);
    assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
    assert.equal(Deno.readTextFileSync(mounts.outputDatabase), "old");
  },
});

Deno.test({
  name: "input and output on different filesystems",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    using _mount = small(mounts.output, "1m");
    const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
    assert.equal(code, 0, stderr);
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
  },
});

Deno.test("an output that is a link to the input loses nothing", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const before = Deno.readFileSync(mounts.inputDatabase);
  const link = join(mounts.root, "link");
  Deno.symlinkSync(mounts.input, link);
  const { code, stderr } = await runWorker({
    DEV_MODE: "1",
    INPUT_PATH: mounts.input,
    OUTPUT_PATH: link,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
  assert.deepEqual(Deno.readFileSync(mounts.inputDatabase), before);
});

for (
  const [name, sql, rows] of [
    [
      "a million rows",
      `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
     WHERE i < 1000000) INSERT INTO results SELECT i, 'de' FROM c;`,
      1_000_000,
    ],
    ["no rows", "", 0],
  ] as const
) {
  Deno.test(`${name}, relayed and read`, async () => {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, `CREATE TABLE results(user_id, locale); ${sql}`);
    const env = { ...mounts.env, DEV_MODE: "1" };
    const relayed = await runWorker(env);
    assert.equal(relayed.code, 0, relayed.stderr);
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
    const redacted = await runWorker(env, "examples/redact_columns.ts");
    assert.equal(redacted.code, 0, redacted.stderr);
    using results = Results.open(mounts.outputDatabase);
    assert.equal(results.count(), rows);
  });
}

Deno.test("column names with quotes, line breaks and emoji", async () => {
  using mounts = new Mounts();
  const names = ['a"b', "c\nd", "e'f", "😀,;", " ", "__proto__", "constructor"];
  makeDatabase(
    mounts.inputDatabase,
    `CREATE TABLE results(user_id, ${names.map((name) => `"${name.replaceAll('"', '""')}"`)});
     INSERT INTO results VALUES (0, 1, 2, 3, 4, 5, 6, 7);`,
  );
  const { code, stderr } = await runWorker(
    { ...mounts.env, DEV_MODE: "1" },
    "examples/redact_columns.ts",
  );
  assert.equal(code, 0, stderr);
  using results = Results.open(mounts.outputDatabase);
  assert.deepEqual(results.columns.map(({ name }) => name), names);
  const [row] = [...results.rows()] as [Record<string, unknown>];
  assert.deepEqual(names.map((name) => row[name]), [1, 2, 3, 4, 5, 6, 7]);
});

/** What stands in the way of the artifact b.txt, and what is said of it. */
const OBSTACLES: Record<string, { put(place: string): void; message: RegExp }> = {
  "a directory": {
    put: (place) => Deno.mkdirSync(place),
    message: /b\.txt is a directory already; remove it/,
  },
  "a link": {
    put: (place) => Deno.symlinkSync(join(place, "../../target"), place),
    message: /b\.txt is a symbolic link/,
  },
  "a dangling link": {
    put: (place) => Deno.symlinkSync("nowhere", place),
    message: /b\.txt is a symbolic link/,
  },
};

for (const [what, { put, message }] of Object.entries(OBSTACLES)) {
  Deno.test(`${what} in an artifact's place exits 3, and the output stays as it was`, async () => {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    Deno.writeTextFileSync(join(mounts.output, "a.txt"), "old");
    put(join(mounts.output, "b.txt"));
    const { code, stderr } = await runWorker(
      { ...mounts.env, DEV_MODE: "1", QUERY_PARAMS: '["nothing"]' },
      "tests/support/jobs/sabotaging.ts",
    );
    assert.equal(code, 3, stderr);
    assert.match(stderr, message);
    assert.equal(Deno.readTextFileSync(join(mounts.output, "a.txt")), "old");
    assert.deepEqual(mounts.outputNames(), ["a.txt", "b.txt"]);
  });
}

Deno.test({
  name: "another filesystem below the output is found before anything is published",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    const below = join(mounts.output, "below");
    Deno.mkdirSync(below);
    using _mount = small(below, "1m");
    const { code, stderr } = await runWorker(
      { ...mounts.env, DEV_MODE: "1", QUERY_PARAMS: '["a folder"]' },
      "tests/support/jobs/sabotaging.ts",
    );
    assert.equal(code, 3, stderr);
    assert.match(stderr, /below is on another filesystem/);
    assert.deepEqual(mounts.outputNames(), ["below"]);
  },
});

Deno.test({
  name: "a rename that fails in the middle takes back those before it",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    Deno.writeTextFileSync(join(mounts.output, "a.txt"), "old");
    const fixed = join(mounts.output, "b.txt");
    Deno.writeTextFileSync(fixed, "fixed");
    if (!new Deno.Command("chattr", { args: ["+i", fixed] }).outputSync().success) return;
    try {
      const { code, stderr } = await runWorker(
        { ...mounts.env, DEV_MODE: "1", QUERY_PARAMS: '["nothing"]' },
        "tests/support/jobs/sabotaging.ts",
      );
      assert.equal(code, 3, stderr);
      assert.equal(Deno.readTextFileSync(join(mounts.output, "a.txt")), "old");
      assert.deepEqual(mounts.outputNames(), ["a.txt", "b.txt"]);
    } finally {
      new Deno.Command("chattr", { args: ["-i", fixed] }).outputSync();
    }
  },
});

for (
  const [way, message] of Object.entries({
    "staging gone": /staging folder is gone/,
    "unfinished": /c\.txt was begun and not finished/,
    "open database": /c\.db is a database still open/,
    "never made": /c\.db/,
    "full": /No room left for c\.csv; mount a larger OUTPUT_PATH/,
    "thrown text": /The job sabotaging failed: on purpose/,
    "thrown nothing": /The job sabotaging failed: undefined/,
  })
) {
  Deno.test({
    name: `a job that breaks its own artifacts (${way}) exits 3, and the output stays as it was`,
    ignore,
    async fn() {
      using mounts = new Mounts();
      makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
      using _mount = small(mounts.output, "1m");
      const first = join(mounts.output, "a.txt");
      Deno.writeTextFileSync(first, "old");
      const { code, stderr } = await runWorker(
        { ...mounts.env, DEV_MODE: "1", QUERY_PARAMS: JSON.stringify([way]) },
        "tests/support/jobs/sabotaging.ts",
      );
      assert.equal(code, 3, stderr);
      assert.match(stderr, message);
      assert.equal(Deno.readTextFileSync(first), "old");
      assert.deepEqual(mounts.outputNames(), ["a.txt"]);
    },
  });
}
