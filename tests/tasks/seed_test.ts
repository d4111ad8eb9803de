import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../support/mounts.ts";
import { type Outcome, runTask } from "../support/run.ts";

/** Seeds from a script of this text. */
async function seed(mounts: Mounts, script: string): Promise<Outcome> {
  const from = join(mounts.root, "script.sql");
  Deno.writeTextFileSync(from, script);
  return await runTask("seed", ["--from", from, "--to", mounts.inputDatabase]);
}

Deno.test("seed makes the database and says how many rows it holds", async () => {
  using mounts = new Mounts();
  const { code, stdout } = await seed(mounts, SMALL_RESULTS);
  assert.equal(code, 0);
  assert.match(stdout, /^Made .*query_results\.db from .*script\.sql: 3 rows in results$/m);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("seed uses INPUT_PATH", async () => {
  using mounts = new Mounts();
  const { code } = await runTask("seed", [], mounts.env);
  assert.equal(code, 0);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("an SQL error names the file, the line and the statement, and keeps the database", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const before = Deno.readFileSync(mounts.inputDatabase);
  const { code, stderr } = await seed(
    mounts,
    "CREATE TABLE a(x); -- a; comment\n\nINSERT INTO a\n  VALUES ('one;two');\nINSERT INTO b VALUES (1);\n",
  );
  assert.equal(code, 1);
  assert.match(stderr, /script\.sql:5: no such table: b\n\n {2}INSERT INTO b VALUES \(1\);/);
  assert.deepEqual(Deno.readFileSync(mounts.inputDatabase), before);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("a syntax error names its line", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await seed(mounts, "/* one\ntwo */\nCREATE TABEL a(x);");
  assert.equal(code, 1);
  assert.match(stderr, /script\.sql:3: near "TABEL": syntax error/);
});

Deno.test("a trigger's own semicolons don't end its statement", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await seed(
    mounts,
    `CREATE TABLE log(x); CREATE TABLE results(a);
     CREATE TRIGGER t AFTER INSERT ON results BEGIN
       INSERT INTO log VALUES (new.a); INSERT INTO log VALUES (new.a);
     END;
     INSERT INTO results VALUES (1);`,
  );
  assert.equal(code, 0, stderr);
  using db = new DatabaseSync(mounts.inputDatabase, { readOnly: true });
  assert.equal(db.prepare("SELECT count(*) AS n FROM log").get()?.n, 2);
});

Deno.test("a script without results shows the query to add", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await seed(mounts, "CREATE TABLE people(x);");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /makes no table "results".*\n\n {2}CREATE TABLE results AS\n {2}SELECT \* FROM people;/,
  );
  assert.deepEqual(mounts.inputNames(), []);
});

Deno.test("other tables get a note that production has results only", async () => {
  using mounts = new Mounts();
  const { stderr } = await seed(mounts, `CREATE TABLE people(x); ${SMALL_RESULTS}`);
  assert.match(stderr, /it also holds people; in production a job gets results only/);
});

Deno.test("a transaction left open is an error, not lost rows", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await seed(mounts, `BEGIN; ${SMALL_RESULTS}`);
  assert.equal(code, 1);
  assert.match(stderr, /ends inside a transaction.*add COMMIT/);
});

Deno.test("a missing script is named", async () => {
  const { code, stderr } = await runTask("seed", ["--from", "nowhere.sql"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: nowhere\.sql doesn't exist; expected an SQL script/m);
});

Deno.test("an earlier database's journal doesn't survive the new one", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(`${mounts.inputDatabase}-wal`, "stale");
  const { code } = await seed(mounts, SMALL_RESULTS);
  assert.equal(code, 0);
  assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
});

Deno.test("an unknown option is an error that points to --help", async () => {
  const { code, stderr } = await runTask("seed", ["--form", "x"]);
  assert.equal(code, 1);
  assert.match(stderr, /unknown option '--form'[^]*--help/);
});
