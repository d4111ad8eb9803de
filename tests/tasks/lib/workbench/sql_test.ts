import assert from "node:assert/strict";
import { join } from "node:path";
import { chartPoints } from "../../../../tasks/lib/workbench/sql/chart_points.ts";
import { profileColumn } from "../../../../tasks/lib/workbench/sql/column_profile.ts";
import { readCell, readRows } from "../../../../tasks/lib/workbench/sql/grid_cells.ts";
import { importTable } from "../../../../tasks/lib/workbench/sql/import_table.ts";
import { makeDatabase, Mounts } from "../../../support/mounts.ts";

/** A view of a database that this SQL makes. */
function viewOf(mounts: Mounts, sql: string, table = "t") {
  const path = join(mounts.root, `${crypto.randomUUID()}.db`);
  makeDatabase(path, sql);
  return { path, version: "1", table, where: "" };
}

const SERIES = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000)";

for (
  const [kind, sql] of Object.entries({
    "a plain table": `CREATE TABLE t AS ${SERIES} SELECT i AS n FROM c;`,
    "a table with gaps":
      `CREATE TABLE t(n); INSERT INTO t(rowid, n) ${SERIES} SELECT i * 3, i FROM c;`,
    "a table with a column rowid": `CREATE TABLE t AS ${SERIES} SELECT i AS n, -i AS rowid FROM c;`,
    "a table without rowids":
      `CREATE TABLE t(n INTEGER PRIMARY KEY) WITHOUT ROWID; INSERT INTO t ${SERIES} SELECT i FROM c;`,
    "a view": `CREATE VIEW t AS ${SERIES} SELECT i AS n FROM c;`,
  })
) {
  Deno.test(`the rows of ${kind} come by their numbers`, () => {
    using mounts = new Mounts();
    const view = viewOf(mounts, sql);
    const numbers = (order?: { column: string; descending: boolean }, where = "") =>
      readRows({ view: { ...view, where, order }, from: 500, count: 3 }).rows.map(([n]) => n);
    assert.equal(readRows({ view, from: 0, count: 1 }).count, 1000);
    assert.deepEqual(numbers(), [501, 502, 503]);
    assert.deepEqual(numbers({ column: "n", descending: true }), [500, 499, 498]);
    assert.deepEqual(numbers(undefined, "n > 100"), [601, 602, 603]);
    assert.deepEqual(readRows({ view, from: 998, count: 9 }).rows.map(([n]) => n), [999, 1000]);
  });
}

Deno.test("values come as they are, or cut with their length", () => {
  using mounts = new Mounts();
  const view = viewOf(
    mounts,
    `CREATE TABLE t(a); INSERT INTO t VALUES (NULL), (1), (9007199254740993), (0.5), (9e999), ('ü'),
     (printf('%.300c', 'x')), (x'00ff'), ('a' || char(0) || 'b'), (zeroblob(2000000))`,
  );
  assert.deepEqual(readRows({ view, from: 0, count: 20 }).rows.map(([a]) => a), [
    null,
    1,
    { integer: "9007199254740993" },
    0.5,
    { integer: "Infinity" },
    "ü",
    { text: "x".repeat(200), bytes: 300 },
    { hex: "00ff", bytes: 2 },
    { text: "a", bytes: 3 },
    { hex: "00".repeat(16), bytes: 2000000 },
  ]);
  assert.deepEqual(readCell({ view, row: 8, column: "a" }), {
    kind: "text",
    text: "a\0b",
    bytes: 3,
    whole: true,
  });
  const { whole, text } = readCell({ view, row: 9, column: "a" });
  assert.equal(whole, false);
  assert.equal(text.length, 2 * 1024 * 1024);
});

Deno.test("a column's profile has its gaps, its range and its shares", () => {
  using mounts = new Mounts();
  const view = viewOf(
    mounts,
    `CREATE TABLE t AS ${SERIES} SELECT i AS n, iif(i % 4 = 0, NULL, 'v' || (i % 4)) AS v,
     date('2025-01-01', '+' || i || ' days') AS d, NULL AS e FROM c`,
  );
  const profile = (column: string) => profileColumn({ view, column });
  const number = profile("n");
  assert.deepEqual([
    number.kind,
    number.min,
    number.max,
    number.mean,
    number.nulls,
    number.distinct,
  ], ["number", "1", "1000", 500.5, 0, 1000]);
  assert.equal(number.shares.reduce((sum, { count }) => sum + count, 0), 1000);
  const text = profile("v");
  assert.deepEqual([text.kind, text.nulls, text.distinct], ["text", 250, 3]);
  assert.deepEqual(text.shares, ["v1", "v2", "v3"].map((label) => ({ label, count: 250 })));
  const date = profile("d");
  assert.deepEqual([date.kind, date.min, date.max], ["date", "2025-01-02", "2027-09-28"]);
  assert.equal(profile("e").kind, "empty");
});

Deno.test("a chart is made of all rows", () => {
  using mounts = new Mounts();
  const view = viewOf(
    mounts,
    `CREATE TABLE t AS ${SERIES} SELECT i AS n, 'g' || (i % 40) AS g, i % 2 AS half FROM c`,
  );
  const chart = (order: Omit<Parameters<typeof chartPoints>[0], "view">) =>
    chartPoints({ view, ...order });
  const bars = chart({ kind: "bar", x: "half", y: "n", aggregate: "sum" });
  assert.deepEqual(bars.points, [{ x: "0", y: 250500 }, { x: "1", y: 250000 }]);
  const many = chart({ kind: "bar", x: "g", aggregate: "count" });
  assert.equal(many.points.length, 30);
  assert.equal(many.note, "The 30 largest of 40 values");
  const bins = chart({ kind: "histogram", x: "n", aggregate: "count" });
  assert.equal(bins.points.reduce((sum, { y }) => sum + y, 0), 1000);
  assert.deepEqual([bins.points[0]!.x, bins.points.at(-1)!.x2], [1, 1000]);
  const line = chart({ kind: "line", x: "half", y: "n", aggregate: "mean" });
  assert.deepEqual(line.points, [{ x: 0, y: 501 }, { x: 1, y: 500 }]);
  assert.equal(
    chart({ kind: "scatter", x: "n", y: "half", aggregate: "count" }).points.length,
    1000,
  );
});

for (
  const { kind, text, rows } of [
    { kind: "csv", text: 'a,b\r\n1,"x,\ny"\r\n007,\r\n', rows: [[1, "x,\ny"], ["007", ""]] },
    { kind: "csv", text: "\ufeffa,a,A\n1.5,-0,1e3\n", rows: [[1.5, "-0", "1e3"]] },
    {
      kind: "json",
      text: '[{"a":1,"b":[1]},{"b":true,"c":null}]',
      rows: [[1, "[1]", null], [null, "true", null]],
    },
    { kind: "json-lines", text: '{"a":"x"}\n\n{"a":2}\n', rows: [["x"], [2]] },
  ] as const
) {
  Deno.test(`a ${kind} file gives its rows: ${JSON.stringify(text)}`, () => {
    using mounts = new Mounts();
    const [path, to] = [join(mounts.root, "file"), join(mounts.root, "rows.db")];
    Deno.writeTextFileSync(path, text);
    importTable({ path, kind, to });
    const view = { path: to, version: "1", table: "rows", where: "" };
    assert.deepEqual(readRows({ view, from: 0, count: 9 }).rows, rows);
  });
}
