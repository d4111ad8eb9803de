/** The results database: what is refused, and that no row is ever lost in silence. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ResultsError, type Row, SqlError } from "../../../mod.ts";
import { Results } from "../../../src/results/results.ts";
import {
  copyLive,
  leaveInWal,
  makeDatabase,
  Mounts,
  namesIn,
  sameBytes,
  SMALL_RESULTS,
} from "../../support/mounts.ts";
import { runWorker } from "../../support/run.ts";

function withDatabase(sql: string, check: (results: Results, mounts: Mounts) => void): void {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, sql);
  using results = Results.open(mounts.inputDatabase);
  check(results, mounts);
}

function plain(rows: Iterable<Row>): Row[] {
  return [...rows].map((row) => ({ ...row }));
}

function refusal(bytes: Uint8Array | string): string {
  using mounts = new Mounts();
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  Deno.writeFileSync(mounts.inputDatabase, content);
  try {
    Results.open(mounts.inputDatabase).close();
  } catch (error) {
    assert.ok(error instanceof ResultsError);
    return error.message;
  }
  return "";
}

function smallDatabase(): Uint8Array {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  return Deno.readFileSync(mounts.inputDatabase);
}

/** 400 rows over many pages, as the tests of damage need. */
const MANY_ROWS = `CREATE TABLE results(n INTEGER, t TEXT);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 400)
  INSERT INTO results SELECT i, printf('%.200c', 'x') FROM c;`;

/** Overwrites a page in the middle of a database. */
function damage(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(4096 * 11, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(4096).fill(0xff));
}

Deno.test("an empty file is refused as empty", () => {
  assert.match(refusal(""), /is empty \(0 bytes\); expected a SQLite database/);
});

Deno.test("an HTML page is refused as one", () => {
  assert.match(refusal("\n<!doctype HTML><html>"), /is an HTML page/);
});

Deno.test("an XML error is refused as XML", () => {
  assert.match(refusal('<?xml version="1.0"?><Error>'), /is an XML document/);
});

Deno.test("JSON is refused as JSON", () => {
  assert.match(refusal('{"detail": "no"}'), /is a JSON document/);
});

Deno.test("other bytes are refused as encrypted or not a database", () => {
  assert.match(refusal(new Uint8Array(8192).fill(7)), /is encrypted or not a database/);
});

Deno.test("a truncated database is refused with both lengths", () => {
  assert.match(
    refusal(smallDatabase().slice(0, 5000)),
    /is truncated: expected 8192 bytes, got 5000/,
  );
});

Deno.test("a database cut within its header is refused as truncated", () => {
  assert.match(refusal(smallDatabase().slice(0, 50)), /is truncated: expected at least 100 bytes/);
});

Deno.test("bytes after the database's end are refused", () => {
  const longer = new Uint8Array([...smallDatabase(), 1, 2, 3]);
  assert.match(refusal(longer), /has bytes after its end: expected 8192 bytes, got 8195/);
});

Deno.test("a missing results table is refused, and the others are named", () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, "CREATE TABLE users(a); CREATE TABLE orders(a);");
  assert.throws(
    () => Results.open(mounts.inputDatabase),
    /has no table or view "results"; it has "orders", "users"/,
  );
});

Deno.test("a missing file is refused", () => {
  assert.throws(() => Results.open("/nowhere/query_results.db"), /doesn't exist/);
});

Deno.test("a view over a missing table is refused", () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, "CREATE VIEW results AS SELECT * FROM nowhere;");
  assert.throws(() => Results.open(mounts.inputDatabase), /can't be read as a database.*nowhere/);
});

Deno.test("columns have names and declared types, in order", () => {
  withDatabase("CREATE TABLE results(id INTEGER, born DATE, x);", (results) => {
    assert.deepEqual(results.columns, [
      { name: "id", type: "INTEGER" },
      { name: "born", type: "DATE" },
      { name: "x", type: "" },
    ]);
  });
});

Deno.test("rows come with every SQLite type", () => {
  withDatabase(
    "CREATE TABLE results(a, b, c, d, e); INSERT INTO results VALUES (NULL, 7, 1.5, 'ü', x'00ff');",
    (results) => {
      const expected = [{ a: null, b: 7, c: 1.5, d: "ü", e: new Uint8Array([0, 255]) }];
      assert.deepEqual(plain(results.rows()), expected);
    },
  );
});

Deno.test("every row of a large table comes, in order", () => {
  withDatabase(
    `CREATE TABLE results(n INTEGER);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000)
     INSERT INTO results(rowid, n) SELECT i * 3 - 7000, i FROM c;`,
    (results) => {
      assert.equal(results.count(), 5000);
      assert.deepEqual(
        [...results.rows()].map(({ n }) => n),
        [
          ...Array(5000).keys(),
        ].map((n) => n + 1),
      );
    },
  );
});

Deno.test("the rows at both ends of the rowid's range come", () => {
  withDatabase(
    `CREATE TABLE results(t); INSERT INTO results(rowid, t)
     VALUES (-9223372036854775808, 'first'), (9223372036854775807, 'last');`,
    (results) => {
      assert.deepEqual([...results.rows()].map(({ t }) => t), ["first", "last"]);
    },
  );
});

Deno.test("columns named like the rowid hide it, and every row still comes", () => {
  withDatabase(
    "CREATE TABLE results(rowid, _rowid_, oid); INSERT INTO results VALUES (1, 1, 1), (1, 1, 1);",
    (results) => assert.equal([...results.rows()].length, 2),
  );
});

Deno.test("a table without rowids and a view give all rows", () => {
  withDatabase(
    "CREATE TABLE results(k PRIMARY KEY) WITHOUT ROWID; INSERT INTO results VALUES ('b'), ('a');",
    (results) => assert.deepEqual(plain(results.rows()), [{ k: "a" }, { k: "b" }]),
  );
  withDatabase(
    "CREATE TABLE t(k); INSERT INTO t VALUES (2), (1); CREATE VIEW results AS SELECT k FROM t;",
    (results) => assert.deepEqual(plain(results.rows()), [{ k: 2 }, { k: 1 }]),
  );
});

Deno.test("no rows: columns are known, and nothing comes", () => {
  withDatabase("CREATE TABLE results(a TEXT);", (results) => {
    const rows = results.rows();
    assert.deepEqual(rows.columns, [{ name: "a", type: "TEXT" }]);
    assert.deepEqual([...rows], []);
  });
});

for (const integer of ["9007199254740992", "-9007199254740992", "-9223372036854775808"]) {
  Deno.test(`the integer ${integer} is an error as a number`, () => {
    withDatabase(
      `CREATE TABLE results(n); INSERT INTO results VALUES (1), (${integer});`,
      (results) => {
        assert.throws(
          () => [...results.rows()],
          (error: Error) =>
            error instanceof ResultsError &&
            error.message.includes(`Column "n" of row 2`) && error.message.includes(integer),
        );
      },
    );
  });

  Deno.test(`the integer ${integer} comes whole as a bigint`, () => {
    withDatabase(`CREATE TABLE results(n); INSERT INTO results VALUES (${integer});`, (results) => {
      assert.deepEqual(plain(results.rows({ integers: "bigint" })), [{ n: BigInt(integer) }]);
      const queried = results.query("SELECT n FROM results", { integers: "bigint" });
      assert.deepEqual(plain(queried), [{ n: BigInt(integer) }]);
    });
  });
}

Deno.test("a corrupt page is an error, not fewer rows", () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, MANY_ROWS);
  damage(mounts.inputDatabase);
  using results = Results.open(mounts.inputDatabase);
  assert.throws(() => [...results.rows()], /Can't read .* after row \d+: .*malformed/);
});

Deno.test("a corrupt page is an error in a query too", () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, MANY_ROWS);
  damage(mounts.inputDatabase);
  using results = Results.open(mounts.inputDatabase);
  assert.throws(
    () => [...results.query("SELECT * FROM results")],
    /The query failed after row \d+: .*malformed/,
  );
});

Deno.test("an expression that fails on a later row is an error", () => {
  withDatabase("CREATE TABLE results(j); INSERT INTO results VALUES ('{}'), ('{');", (results) => {
    assert.throws(
      () => [...results.query("SELECT json_extract(j, '$.a') AS a FROM results")],
      /The query failed after row 1: malformed JSON/,
    );
  });
});

Deno.test("query binds parameters and keeps the order it asks for", () => {
  withDatabase(
    "CREATE TABLE results(n); INSERT INTO results VALUES (1), (2), (3), (4);",
    (results) => {
      const rows = results.query("SELECT n FROM results WHERE n > ? ORDER BY n DESC;", {
        params: [1],
      });
      assert.deepEqual(plain(rows), [{ n: 4 }, { n: 3 }, { n: 2 }]);
    },
  );
});

for (
  const sql of [
    "DELETE FROM results",
    "INSERT INTO results VALUES (9) RETURNING *",
    "CREATE TABLE t(a)",
    "PRAGMA journal_mode = WAL",
  ]
) {
  Deno.test(`query refuses to write: ${sql}`, () => {
    withDatabase("CREATE TABLE results(n); INSERT INTO results VALUES (1);", (results) => {
      assert.throws(() => [...results.query(sql)], (error) => error instanceof SqlError);
      assert.equal(results.count(), 1);
    });
  });
}

Deno.test("query refuses a second statement", () => {
  withDatabase(SMALL_RESULTS, (results) => {
    assert.throws(() => results.query("SELECT 1 AS a; SELECT 2"), /one statement/);
  });
});

Deno.test("query refuses two columns of one name", () => {
  withDatabase(SMALL_RESULTS, (results) => {
    assert.throws(() => results.query("SELECT 1 AS a, 2 AS a"), /two columns the name "a"/);
  });
});

Deno.test("query refuses wrong and empty SQL", () => {
  withDatabase(SMALL_RESULTS, (results) => {
    assert.throws(() => results.query("SELEC 1"), /Can't prepare the query: near "SELEC"/);
    assert.throws(() => results.query(" -- nothing\n"), /it is empty/);
  });
});

Deno.test("a database in WAL mode keeps its latest rows when relayed", async () => {
  using mounts = new Mounts();
  leaveInWal(mounts.inputDatabase);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0, stderr);
  assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
  using relayed = Results.open(mounts.outputDatabase);
  assert.equal(relayed.count(), 3);
});

Deno.test("a database in WAL mode without a -wal file is relayed byte for byte", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, `PRAGMA journal_mode = WAL; ${SMALL_RESULTS}`);
  assert.deepEqual(namesIn(mounts.input), ["query_results.db"]);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0, stderr);
  assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
});

Deno.test("a database with a hot journal is rolled back, not relayed half-written", async () => {
  using mounts = new Mounts();
  const source = join(mounts.root, "live.db");
  makeDatabase(source, MANY_ROWS);
  using writer = new DatabaseSync(source);
  writer.exec("PRAGMA cache_size = 1; BEGIN; UPDATE results SET t = 'torn'");
  copyLive(source, mounts.inputDatabase, "-journal");
  writer.exec("ROLLBACK");
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0, stderr);
  using relayed = Results.open(mounts.outputDatabase);
  const torn = relayed.query<{ n: number }>("SELECT count(*) AS n FROM results WHERE t = 'torn'");
  assert.deepEqual([...torn].map(({ n }) => n), [0]);
});
