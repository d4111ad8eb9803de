/** A look at a results database that must not evaluate any of its SQL. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ResultsError } from "../../../mod.ts";
import { inspectResults } from "../../../src/results/inspect.ts";
import { makeDatabase, Mounts } from "../../support/mounts.ts";

/** Makes a database, and inspects it in bounded time and memory. */
function inspected(sql: string): ReturnType<typeof inspectResults> {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, sql);
  const before = Deno.memoryUsage().rss;
  const start = performance.now();
  try {
    return inspectResults(mounts.inputDatabase, "query_results.db");
  } finally {
    assert.ok(performance.now() - start < 10_000, "it takes too long");
    assert.ok(Deno.memoryUsage().rss - before < 200e6, "it takes too much memory");
  }
}

const ENDLESS = "WITH RECURSIVE c(x) AS (SELECT zeroblob(100000000) UNION SELECT x || x FROM c)";

Deno.test("a table gives its columns and declared types", () => {
  assert.deepEqual(inspected("CREATE TABLE Results(id INTEGER PRIMARY KEY, born DATE, x);"), {
    kind: "table",
    columns: [
      { name: "id", type: "INTEGER" },
      { name: "born", type: "DATE" },
      { name: "x", type: "" },
    ],
  });
});

Deno.test("a view gives its columns and is known as a view", () => {
  assert.deepEqual(
    inspected("CREATE TABLE t(a TEXT); CREATE VIEW results AS SELECT a, 1 AS b FROM t"),
    {
      kind: "view",
      columns: [{ name: "a", type: "TEXT" }, { name: "b", type: "" }],
    },
  );
});

Deno.test("an endless view isn't evaluated", () => {
  assert.equal(inspected(`CREATE VIEW results AS ${ENDLESS} SELECT x FROM c`).kind, "view");
});

Deno.test("another endless view beside the table isn't evaluated", () => {
  const sql = `CREATE TABLE results(a); CREATE VIEW other AS ${ENDLESS} SELECT max(x) FROM c`;
  assert.equal(inspected(sql).kind, "table");
});

Deno.test("views that multiply each other end", () => {
  let sql = "CREATE VIEW v0 AS SELECT 1 AS a;";
  for (let depth = 1; depth < 40; depth++) {
    sql += `CREATE VIEW v${depth} AS SELECT x.a FROM v${depth - 1} x, v${depth - 1} y;`;
  }
  assert.throws(() => inspected(`${sql} CREATE VIEW results AS SELECT a FROM v39`), ResultsError);
  assert.equal(inspected(`${sql} CREATE TABLE results(a)`).kind, "table");
});

for (
  const [what, sql, message] of [
    [
      "a virtual table",
      "CREATE VIRTUAL TABLE results USING fts5(a)",
      /"results" in query_results\.db is a virtual table; expected an ordinary table/,
    ],
    [
      "a trigger on the table",
      "CREATE TABLE results(a); CREATE TRIGGER t AFTER INSERT ON results BEGIN SELECT 1; END",
      /has a trigger/,
    ],
    [
      "a trigger on the view",
      "CREATE VIEW results AS SELECT 1 AS a; " +
      "CREATE TRIGGER t INSTEAD OF INSERT ON Results BEGIN SELECT 1; END",
      /has a trigger/,
    ],
    [
      "a generated column",
      "CREATE TABLE results(a, b AS (zeroblob(900000000)))",
      /has the generated column "b"/,
    ],
    [
      "a stored generated column",
      "CREATE TABLE results(a, b AS (a + 1) STORED)",
      /has the generated column "b"/,
    ],
    ["no results", "CREATE TABLE users(a)", /has no table or view "results"; it has "users"/],
    ["no table", "PRAGMA user_version = 1", /it has none at all/],
  ] as const
) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(() => inspected(sql), (error: Error) => {
      assert.ok(error instanceof ResultsError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("defaults, checks and indexes on expressions aren't evaluated", () => {
  const sql = `CREATE TABLE results(
      a DEFAULT (zeroblob(900000000)),
      b CHECK (length(hex(zeroblob(400000000))) > 0 OR b > 0)
    );
    CREATE INDEX i ON results(abs(a)) WHERE b <> lower(hex(zeroblob(3)));`;
  assert.deepEqual(inspected(sql).columns.map(({ name }) => name), ["a", "b"]);
});

Deno.test("a schema whose rows say something other than their statements is refused", () => {
  for (
    const change of [
      "UPDATE sqlite_schema SET type = 'table' WHERE name = 'results'",
      "UPDATE sqlite_schema SET sql = 'CREATE VIEW results AS SELECT 1' WHERE name = 't'",
      "UPDATE sqlite_schema SET name = 'results' WHERE name = 't'",
    ]
  ) {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, `CREATE TABLE t(a); CREATE VIEW results AS SELECT 1 AS a`);
    {
      using db = new DatabaseSync(mounts.inputDatabase);
      db.exec(`PRAGMA writable_schema = ON; ${change}`);
    }
    assert.throws(() => inspectResults(mounts.inputDatabase), ResultsError);
  }
});

Deno.test("a file that is no database is refused", () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(mounts.inputDatabase, "<html>");
  assert.throws(() => inspectResults(mounts.inputDatabase, "it"), /it is an HTML page/);
});
