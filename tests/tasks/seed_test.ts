import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../support/mounts.ts";
import { type Outcome, runTask } from "../support/run.ts";

/** Seeds from a script of this text, or of these bytes. */
async function seed(mounts: Mounts, script: string | Uint8Array): Promise<Outcome> {
  const from = join(mounts.root, "script.sql");
  Deno.writeFileSync(from, typeof script === "string" ? new TextEncoder().encode(script) : script);
  return await runTask("seed", ["--from", from, "--to", mounts.inputDatabase]);
}

/** The rows of a query on the seeded database. */
function rowsOf(mounts: Mounts, sql: string): Record<string, unknown>[] {
  using db = new DatabaseSync(mounts.inputDatabase, { readOnly: true });
  return db.prepare(sql).all().map((row) => ({ ...row }));
}

/** Text as UTF-16, little-endian unless asked otherwise. */
function utf16(text: string, { bigEndian = false } = {}): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), !bigEndian);
  return new Uint8Array(view.buffer);
}

const SEEDED = [".query_results.db.source.json", "query_results.db"];

Deno.test("seed makes the database and says how many rows it holds", async () => {
  using mounts = new Mounts();
  const { code, stdout } = await seed(mounts, SMALL_RESULTS);
  assert.equal(code, 0);
  assert.match(stdout, /^Made .*query_results\.db from .*script\.sql: 3 rows in results$/m);
  assert.deepEqual(mounts.inputNames(), SEEDED);
});

Deno.test("seed uses INPUT_PATH", async () => {
  using mounts = new Mounts();
  const { code } = await runTask("seed", [], mounts.env);
  assert.equal(code, 0);
  assert.deepEqual(mounts.inputNames(), SEEDED);
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
    `CREATE TABLE results(x); CREATE TABLE people(a);
     CREATE TEMP /* why not */ TRIGGER t AFTER INSERT ON people BEGIN
       INSERT INTO results VALUES (CASE WHEN new.a THEN 'yes;' END);
       INSERT INTO results VALUES (new.a); -- END;
     END;
     INSERT INTO people VALUES (1);`,
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(rowsOf(mounts, "SELECT x FROM results"), [{ x: "yes;" }, { x: 1 }]);
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

Deno.test("the job's database holds results only, and seed says so", async () => {
  using mounts = new Mounts();
  const { stderr } = await seed(
    mounts,
    `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (7, 'Ada');
     CREATE VIEW results AS SELECT id, name FROM people; CREATE INDEX by_name ON people(name);`,
  );
  assert.match(stderr, /Note: left out people; in production a job gets results only/);
  assert.deepEqual(rowsOf(mounts, "SELECT type, name, sql FROM sqlite_schema"), [
    { type: "table", name: "results", sql: 'CREATE TABLE results("id" INTEGER, "name" TEXT)' },
  ]);
  assert.deepEqual(rowsOf(mounts, "SELECT * FROM results"), [{ id: 7, name: "Ada" }]);
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
  assert.match(stderr, /^error: .*nowhere\.sql doesn't exist; expected an SQL script/m);
});

Deno.test("an earlier database's journal doesn't survive the new one", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(`${mounts.inputDatabase}-wal`, "stale");
  const { code } = await seed(mounts, SMALL_RESULTS);
  assert.equal(code, 0);
  assert.deepEqual(mounts.inputNames(), SEEDED);
});

Deno.test("an unknown option is an error that points to --help", async () => {
  const { code, stderr } = await runTask("seed", ["--form", "x"]);
  assert.equal(code, 1);
  assert.match(stderr, /unknown option '--form'[^]*--help/);
});

for (const bigEndian of [false, true]) {
  for (const mark of ["\uFEFF", ""]) {
    const name = `UTF-16${bigEndian ? "BE" : "LE"} ${mark === "" ? "without" : "with"} a mark`;
    Deno.test(`a script in ${name} is read`, async () => {
      using mounts = new Mounts();
      const script =
        `${mark}CREATE TABLE results(a);\r\nINSERT INTO results VALUES ('Zoë 宏');\r\n`;
      const { code, stderr } = await seed(mounts, utf16(script, { bigEndian }));
      assert.equal(code, 0, stderr);
      assert.deepEqual(rowsOf(mounts, "SELECT a FROM results"), [{ a: "Zoë 宏" }]);
    });
  }
}

Deno.test("a script in Latin-1 is refused by file and line", async () => {
  using mounts = new Mounts();
  const script = "CREATE TABLE results(a);\n-- fine\nINSERT INTO results VALUES ('caf\xe9');\n";
  const { code, stderr } = await seed(
    mounts,
    Uint8Array.from(script, (char) => char.charCodeAt(0)),
  );
  assert.equal(code, 1);
  assert.match(stderr, /script\.sql:3: the text isn't UTF-8; it may be Latin-1/);
  assert.deepEqual(mounts.inputNames(), []);
});

for (
  const [place, script] of [["alone", "\0"], ["in a string", `${SMALL_RESULTS}\nSELECT 'a\0b';`]]
) {
  Deno.test(`a NUL character ${place} is refused by file and line`, async () => {
    using mounts = new Mounts();
    const { code, stderr } = await seed(mounts, script!);
    assert.equal(code, 1);
    assert.match(stderr, /script\.sql:[13]: there is a NUL character/);
    assert.deepEqual(mounts.inputNames(), []);
  });
}

for (const script of ["", " \n;;\n", "-- nothing", "/* nothing", "\uFEFF;"]) {
  Deno.test(`a script without statements makes no results: ${JSON.stringify(script)}`, async () => {
    using mounts = new Mounts();
    const { code, stderr } = await seed(mounts, script);
    assert.equal(code, 1);
    assert.match(stderr, /makes no table "results"/);
  });
}

Deno.test("60,000 INSERTs take linear time", async () => {
  using mounts = new Mounts();
  const rows = Array.from(
    { length: 60_000 },
    (_, at) =>
      `INSERT INTO results VALUES(${at},'user-${at}@example.com','Some text; here and there');`,
  );
  const script = ["CREATE TABLE results(id, email, note);", "BEGIN;", ...rows, "COMMIT;"].join(
    "\n",
  );
  const started = performance.now();
  const { code, stdout, stderr } = await seed(mounts, script);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /60000 rows/);
  assert.ok(performance.now() - started < 6000);
});

Deno.test("tables may reference later ones, as in the sqlite3 program", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await seed(
    mounts,
    `CREATE TABLE posts(author REFERENCES people(id)); INSERT INTO posts VALUES (1);
     CREATE TABLE people(id PRIMARY KEY); INSERT INTO people VALUES (1);
     CREATE TABLE results AS SELECT * FROM posts;`,
  );
  assert.equal(code, 0, stderr);
});

for (
  const [script, message] of [
    [
      ".mode csv\n.import users.csv users\n",
      /script\.sql:1: .*\n\n {2}\.mode csv\n[^]*\.mode is a command of the sqlite3 program/,
    ],
    [`${SMALL_RESULTS}\n.import users.csv users`, /\.import is a command[^]*INSERT statements/],
    ["CREATE TABLE results AS SELECT value FROM generate_series(1, 9);", /WITH RECURSIVE series/],
    ["SELECT readfile('a.txt');", /readfile is an extension that comes with the sqlite3 program/],
  ] as const
) {
  Deno.test(`a feature of the sqlite3 program has an alternative: ${script.slice(-30)}`, async () => {
    using mounts = new Mounts();
    const { code, stderr } = await seed(mounts, script);
    assert.equal(code, 1);
    assert.match(stderr, message);
  });
}

Deno.test("an error in a very long line shows the place and not the line", async () => {
  using mounts = new Mounts();
  const values = Array.from({ length: 100_000 }, (_, at) => `(${at}, 'some text')`);
  values[50_000] = "(nope, 'here')";
  const { code, stderr } = await seed(
    mounts,
    `CREATE TABLE results(a, b);\nINSERT INTO results VALUES ${values.join(",")};`,
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /script\.sql:2: no such column: nope\n\n {2}\.\.\..*\(nope, 'here'\).*\.\.\.\n/,
  );
  assert.ok(stderr.length < 1000, String(stderr.length));
});

Deno.test("an unclosed string of megabytes is an error of a few lines", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await seed(mounts, `SELECT '${"x".repeat(2_500_000)}`);
  assert.equal(code, 1);
  assert.match(stderr, /script\.sql:1: unrecognized token/);
  assert.ok(stderr.length < 1000, String(stderr.length));
});

Deno.test("a database that seed didn't make is moved aside, with its journal", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const before = Deno.readFileSync(mounts.inputDatabase);
  Deno.writeTextFileSync(`${mounts.inputDatabase}-wal`, "its own");
  const { code, stderr } = await seed(mounts, SMALL_RESULTS);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /the earlier database wasn't made by seed; it is now .*before-seed\.db/);
  const kept = join(mounts.input, "query_results.before-seed.db");
  assert.deepEqual(Deno.readFileSync(kept), before);
  assert.equal(Deno.readTextFileSync(`${kept}-wal`), "its own");
});

Deno.test("a database that seed made is replaced", async () => {
  using mounts = new Mounts();
  await seed(mounts, SMALL_RESULTS);
  await seed(mounts, "CREATE TABLE results(a);");
  assert.deepEqual(mounts.inputNames(), SEEDED);
});

Deno.test("seed's paths are relative to the person's folder", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(join(mounts.root, "mine.sql"), SMALL_RESULTS);
  const args = ["--from", "mine.sql", "--to", "mine.db"];
  const { code, stderr } = await runTask("seed", args, { INIT_CWD: mounts.root });
  assert.equal(code, 0, stderr);
  assert.ok(Deno.statSync(join(mounts.root, "mine.db")).isFile);
});
