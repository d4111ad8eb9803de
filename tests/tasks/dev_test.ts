import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeDatabase, Mounts, sameBytes, SMALL_RESULTS } from "../support/mounts.ts";
import { runTask } from "../support/run.ts";

Deno.test("dev makes the dummy database and relays it byte for byte", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runTask("dev", [], mounts.env);
  assert.equal(code, 0, stderr);
  assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
  assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
});

Deno.test("dev relays the ten users' id and locale", async () => {
  using mounts = new Mounts();
  await runTask("dev", [], mounts.env);
  using db = new DatabaseSync(mounts.outputDatabase, { readOnly: true });
  const rows = db.prepare("SELECT * FROM results").all();
  assert.equal(rows.length, 10);
  assert.deepEqual(Object.keys(rows[0]!), ["user_id", "locale"]);
});

Deno.test("dev makes missing mounts", async () => {
  using mounts = new Mounts();
  const env = { INPUT_PATH: join(mounts.root, "a/in"), OUTPUT_PATH: join(mounts.root, "b/out") };
  const { code, stderr } = await runTask("dev", [], env);
  assert.equal(code, 0, stderr);
  assert.ok(Deno.statSync(join(mounts.root, "b/out/query_results.db")).isFile);
});

Deno.test("dev keeps a database newer than the script", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /3 rows of user_id TEXT, locale TEXT/);
});

Deno.test("dev makes a database older than the script anew", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  Deno.utimeSync(mounts.inputDatabase, 1_000_000, 1_000_000);
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /10 rows of user_id TEXT, locale TEXT/);
});

Deno.test("dev shows plain rows when piped", async () => {
  using mounts = new Mounts();
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /^ +u-001 +pt-BR$/m);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /[\x1b│─]/);
});

Deno.test("dev cuts a wide row and counts the rows it leaves out", async () => {
  using mounts = new Mounts();
  makeDatabase(
    mounts.inputDatabase,
    `CREATE TABLE results(n INTEGER, t TEXT);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 25)
     INSERT INTO results SELECT i, printf('%.500c', 'x') FROM c;`,
  );
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /x…/);
  assert.match(stdout, /and 15 more rows/);
});

Deno.test("dev --entry runs another job", async () => {
  using mounts = new Mounts();
  const { code } = await runTask("dev", ["--entry", "examples/count_by_locale.ts"], mounts.env);
  assert.equal(code, 0);
  assert.deepEqual(mounts.outputNames(), ["count_by_locale.csv", "count_by_locale.json"]);
});

Deno.test("dev --entry with a missing file says so", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runTask("dev", ["--entry", "nowhere.ts"], mounts.env);
  assert.equal(code, 1);
  assert.match(stderr, /^error: --entry nowhere\.ts doesn't exist/m);
});

Deno.test("dev gives the job's exit code", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(mounts.inputDatabase, "not a database, but newer than the script");
  const { code, stderr } = await runTask("dev", [], mounts.env);
  assert.equal(code, 2);
  assert.match(stderr, /encrypted or not a database/);
});
