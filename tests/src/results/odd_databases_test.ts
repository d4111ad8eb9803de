/** Databases of unusual but valid kinds, large rows, and SQL that takes too much. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ResultsError, type Row } from "../../../mod.ts";
import { Results } from "../../../src/results/results.ts";
import { makeDatabase, Mounts } from "../../support/mounts.ts";
import { runTestProgram } from "../../support/memory.ts";
import { withStaging } from "../../support/staging.ts";

function withDatabase(sql: string, check: (results: Results, mounts: Mounts) => void): void {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, sql);
  using results = Results.open(mounts.inputDatabase);
  check(results, mounts);
}

function plain(rows: Iterable<Row>): Row[] {
  return [...rows].map((row) => ({ ...row }));
}

Deno.test("rows can be read again, two at once, and after an early end", () => {
  withDatabase(
    `CREATE TABLE results(n);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)
     INSERT INTO results SELECT i FROM c;`,
    (results) => {
      for (const rows of [results.rows(), results.query("SELECT n FROM results")]) {
        const all = plain(rows);
        assert.equal(all.length, 100);
        for (const _row of rows) break;
        assert.deepEqual(plain(rows), all);
        const [one, other] = [rows[Symbol.iterator](), rows[Symbol.iterator]()];
        for (const { n } of all) {
          assert.equal(one.next().value!.n, n);
          assert.equal(other.next().value!.n, n);
        }
        assert.ok(one.next().done && other.next().done);
      }
    },
  );
});

Deno.test("a table of 1100 columns gives its rows and answers queries", () => {
  const names = Array.from({ length: 1100 }, (_, at) => `column_${at}`);
  withDatabase(
    `CREATE TABLE results(${names.map((name) => `${name} TEXT`).join(", ")});
     INSERT INTO results VALUES (${names.map((name) => `'${name}'`).join(", ")});`,
    (results) => {
      const expected = [Object.fromEntries(names.map((name) => [name, name]))];
      assert.deepEqual(plain(results.rows()), expected);
      assert.deepEqual(plain(results.rows({ integers: "bigint" })), expected);
      assert.deepEqual(plain(results.query("SELECT * FROM results")), expected);
    },
  );
});

for (const encoding of ["UTF-16le", "UTF-16be"]) {
  Deno.test(`text of a database in ${encoding} comes whole, or is refused`, () => {
    const schema = `PRAGMA encoding = '${encoding}'; CREATE TABLE results(t);`;
    withDatabase(
      `${schema} INSERT INTO results VALUES ('ä'), ('😀'), (''), (char(65533)), ('x'), (1), (x'00');`,
      (results) => {
        const expected = ["ä", "😀", "", "\uFFFD", "x", 1, new Uint8Array([0])];
        assert.deepEqual(plain(results.rows()).map(({ t }) => t), expected);
        assert.deepEqual(plain(results.query("SELECT t FROM results")).map(({ t }) => t), expected);
      },
    );
    withDatabase(
      `${schema} INSERT INTO results VALUES ('a'), ('a' || char(0) || 'b');`,
      (results) => {
        assert.throws(() => plain(results.rows()), /Row 2 holds text with a NUL character/);
      },
    );
    for (
      const half of ["d800", "00d8", "d8000041", "00d84100", "dc000041", "00dc4100", "d800d800"]
    ) {
      withDatabase(
        `${schema} INSERT INTO results VALUES (CAST(x'${half}' AS TEXT));`,
        (results) => {
          const bytes = plain(results.query("SELECT CAST(t AS BLOB) AS t FROM results"))[0]!.t;
          const text = new TextDecoder(encoding, { fatal: true });
          let expected: string | undefined;
          try {
            expected = text.decode(bytes as Uint8Array);
          } catch {
            assert.throws(() => plain(results.rows()), /Row 1 holds text that isn't valid/);
            return;
          }
          assert.deepEqual(plain(results.rows()), [{ t: expected }]);
        },
      );
    }
  });
}

Deno.test("a collation that isn't known here stops neither rows nor queries", () => {
  using mounts = new Mounts();
  makeDatabase(
    mounts.inputDatabase,
    `CREATE TABLE results(n INTEGER, t TEXT COLLATE NOCASE);
     INSERT INTO results VALUES (1, 'b'), (2, 'a'), (3, 'B');
     PRAGMA writable_schema = ON;
     UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'LOCALIZED');`,
  );
  using results = Results.open(mounts.inputDatabase);
  assert.deepEqual(plain(results.rows()).map(({ t }) => t), ["b", "a", "B"]);
  const sorted = results.query("SELECT t FROM results ORDER BY t");
  assert.deepEqual(plain(sorted).map(({ t }) => t), ["B", "a", "b"]);
  const some = results.query("SELECT r.n FROM results AS r WHERE t = ?", { params: ["a"] });
  assert.deepEqual(plain(some), [{ n: 2 }]);
});

Deno.test("tables and columns may have any name", () => {
  withDatabase(
    `CREATE TABLE q(c0, relay_rows); INSERT INTO q VALUES (1, 2);
     CREATE TABLE relay_rows(c0); INSERT INTO relay_rows VALUES (3);
     CREATE TABLE results(c0, q, relay_rows); INSERT INTO results VALUES (4, 5, 6);`,
    (results) => {
      assert.deepEqual(plain(results.rows()), [{ c0: 4, q: 5, relay_rows: 6 }]);
      assert.deepEqual(
        plain(
          results.query("SELECT q.c0 AS a, Relay_Rows.c0 AS b, r.q FROM q, relay_rows, results r"),
        ),
        [{ a: 1, b: 3, q: 5 }],
      );
    },
  );
});

Deno.test("the last possible rowid at the end of a full batch isn't passed", () => {
  withDatabase(
    `CREATE TABLE results(n);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 16)
     INSERT INTO results(rowid, n) SELECT 9223372036854775807 - 16 + i, i FROM c;`,
    (results) => assert.equal(plain(results.rows()).length, 16),
  );
});

Deno.test("pages of zeros behind the end are no damage, other bytes are", () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, "CREATE TABLE results(n); INSERT INTO results VALUES (1);");
  const { size } = Deno.statSync(mounts.inputDatabase);
  Deno.truncateSync(mounts.inputDatabase, size + 100 * 4096);
  using results = Results.open(mounts.inputDatabase);
  assert.equal(results.count(), 1);
  Deno.truncateSync(mounts.inputDatabase, size + 4096 + 1);
  assert.throws(() => Results.open(mounts.inputDatabase), /has bytes after its end/);
  Deno.truncateSync(mounts.inputDatabase, size + 100 * 4096);
  using file = Deno.openSync(mounts.inputDatabase, { write: true });
  file.seekSync(-1, Deno.SeekMode.End);
  file.writeSync(new Uint8Array([1]));
  assert.throws(() => Results.open(mounts.inputDatabase), /has bytes after its end/);
});

// Tables are read another way once they have proved to be long.
for (const small of [1000, 10_000]) {
  Deno.test(`large rows behind ${small} small ones take the memory of a few`, async () => {
    using mounts = new Mounts();
    makeDatabase(
      mounts.inputDatabase,
      `CREATE TABLE results(n INTEGER, t TEXT);
       WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${small})
       INSERT INTO results SELECT i, 'small' FROM c;
       WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300)
       INSERT INTO results SELECT i, printf('%.2000000c', 'x') FROM c;`,
    );
    const { rows, megabytes } = await runTestProgram("read_and_write_rows", [mounts.inputDatabase]);
    assert.equal(rows, small + 300);
    assert.ok(megabytes < 400, `${megabytes} MB`);
  });
}

Deno.test("a large row after ten thousand small ones is read as it is", async () => {
  using mounts = new Mounts();
  makeDatabase(
    mounts.inputDatabase,
    `CREATE TABLE results(n INTEGER, t TEXT);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 10000)
     INSERT INTO results SELECT i, 'small' FROM c;
     INSERT INTO results VALUES (10001, printf('%.20000000c', 'x'))`,
  );
  using results = Results.open(mounts.inputDatabase);
  let last: Row = {};
  for (const row of results.rows()) last = row;
  assert.equal(last.n, 10001);
  assert.equal((last.t as string).length, 20_000_000);
  await withStaging(({ artifacts }) => artifacts.writeCsv("a.csv", results.rows()));
});

for (
  const [what, select] of [
    [
      "a recursive view that makes zeroblobs",
      "WITH RECURSIVE c(i, x) AS (SELECT 1, zeroblob(1000000) " +
      "UNION SELECT i + 1, zeroblob(1000000) FROM c) SELECT i, x FROM c ORDER BY i DESC",
    ],
    ["one value that is too large", "SELECT hex(zeroblob(400000000)) AS x"],
  ] as const
) {
  Deno.test(`${what} is an error that names the limit, as a view and as a query`, () => {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, `CREATE VIEW results AS ${select}`);
    const limit = /out of memory: SQL may take at most 512\.0 MiB/;
    assert.throws(() => Results.open(mounts.inputDatabase), (error: Error) => {
      return error instanceof ResultsError && limit.test(error.message);
    });
    withDatabase("CREATE TABLE results(n)", (results) => {
      assert.throws(() => plain(results.query(select)), limit);
    });
  });
}

Deno.test("text longer than a string can be is an error", () => {
  using mounts = new Mounts();
  {
    using db = new DatabaseSync(mounts.inputDatabase);
    db.exec("PRAGMA journal_mode = OFF; CREATE TABLE results(n, t);");
    db.exec("INSERT INTO results VALUES (1, zeroblob(540000000))");
  }
  // A record's types are varints in its header: 2 * bytes + 12 is a BLOB, one more is text.
  patch(mounts.inputDatabase, 540_000_000);
  assert.throws(() => {
    using results = Results.open(mounts.inputDatabase);
    plain(results.rows());
  }, /out of memory: SQL may take at most 512\.0 MiB/);
});

/** Makes the one BLOB of so many bytes in a database text. */
function patch(path: string, bytes: number): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const head = new Uint8Array(16384);
  file.readSync(head);
  const varint = (value: number) => {
    const digits: number[] = [];
    for (; value > 0; value = Math.floor(value / 128)) digits.unshift(value % 128);
    return digits.map((digit, at) => at < digits.length - 1 ? digit | 0x80 : digit);
  };
  const [blob, text] = [varint(2 * bytes + 12), varint(2 * bytes + 13)];
  const at = head.findIndex((_, at) => blob.every((byte, offset) => head[at + offset] === byte));
  assert.ok(at > 0);
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(text));
}
