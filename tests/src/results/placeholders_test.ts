/** A query's placeholders and their values. */

import assert from "node:assert/strict";
import { type QueryParams, SqlError, type SqlParam } from "../../../mod.ts";
import { Results } from "../../../src/results/results.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";

/** The values of one row of a query. */
function queried(sql: string, params?: QueryParams): unknown[] {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  using results = Results.open(mounts.inputDatabase);
  return [...results.query(sql, { params })].map((row) => Object.values(row)).flat();
}

for (
  const [sql, params, expected] of [
    ["SELECT ? AS a, ? AS b", [1, "x"], [1, "x"]],
    ["SELECT ?2 AS a, ?1 AS b, ?2 AS c", [1, 2], [2, 1, 2]],
    ["SELECT ?3 AS a, ?1 AS b", [1, 2, 3], [3, 1]],
    ["SELECT ?2 AS a, ? AS b", ["skipped", 2, 3], [2, 3]],
    ["SELECT :a AS a, @b AS b, $c AS c, :a AS d", { a: 1, b: 2, c: 3 }, [1, 2, 3, 1]],
    ["SELECT :a AS a, @b AS b, $c AS c", { ":a": 1, "@b": 2, $c: 3 }, [1, 2, 3]],
    ["SELECT :a AS a, $a AS b", { ":a": 1, $a: 2 }, [1, 2]],
    ["SELECT :ä AS a", { ä: 1 }, [1]],
    ["SELECT user_id FROM results WHERE locale = :locale", { locale: "de" }, ["u-1"]],
    ["SELECT '?' AS a, \"locale\" AS b FROM results -- ? :x\n LIMIT ?", [1], ["?", "de"]],
    ["SELECT 'it''s :x' AS a, [locale] AS b /* @y */ FROM results LIMIT ?", [1], ["it's :x", "de"]],
    ["SELECT 1 AS a$b, x'00' = x'00' AS `c?`", undefined, [1, 1]],
    ["SELECT 1 AS a", {}, [1]],
  ] as [string, QueryParams | undefined, unknown[]][]
) {
  Deno.test(`${sql} takes ${JSON.stringify(params)}`, () => {
    assert.deepEqual(queried(sql, params), expected);
  });
}

for (
  const [sql, params, message] of [
    ["SELECT ? AS a, ? AS b", [1], /The placeholder number 2 has no value/],
    ["SELECT ?3 AS a", [1], /The placeholder \?3 has no value/],
    ["SELECT ? AS a", undefined, /The placeholder number 1 has no value/],
    ["SELECT ? AS a", [undefined], /The placeholder number 1 has no value/],
    ["SELECT ? AS a", [1, 2, 3], /Value 2 of params has no placeholder: the query takes 1/],
    ["SELECT 1 AS a", [1], /Value 1 of params has no placeholder: the query takes 0/],
    ["SELECT :a AS a, :b AS b", { a: 1 }, /The placeholder :b has no value/],
    ["SELECT :a AS a", undefined, /The placeholder :a has no value/],
    ["SELECT :a AS a", { a: undefined }, /The placeholder :a has no value/],
    ["SELECT :a AS a", { a: 1, A: 2 }, /no placeholder for "A" of params; it has :a/],
    ["SELECT 1 AS a", { a: 1 }, /no placeholder for "a" of params; it has none/],
    ["SELECT :toString AS a", {}, /The placeholder :toString has no value/],
    ["SELECT :a AS a", [1], /give params as an object, such as \{ a: \.\.\. \}/],
    ["SELECT ? AS a", { a: 1 }, /give params as an array/],
    ["SELECT ? AS a, :b AS b", [1], /placeholders of both kinds, \? and :b/],
    ["SELECT ? AS a", "x", /params is a string; expected an array or a plain object/],
    ["SELECT ? AS a", new Uint8Array(1), /params is a Uint8Array; expected/],
    ["SELECT ? AS a", [new Date()], /Value 1 of params is a Date; give text/],
    ["SELECT :a AS a", { a: new Date() }, /The value of :a is a Date; give text/],
    ["SELECT ? AS a", [{}], /Value 1 of params is a Object, which SQLite can't store/],
    ["SELECT ? AS a", [[1]], /Value 1 of params is an array, which SQLite can't store/],
    ["SELECT ? AS a", [NaN], /Value 1 of params is NaN, which SQLite can't store/],
    ["SELECT ? AS a", [() => 1], /Value 1 of params is a function/],
    ["SELECT ? AS a", [2n ** 63n], /and SQLite's integers have 64 bits/],
    ["SELECT ? AS a", ["\ud83d"], /half of a surrogate pair/],
  ] as [string, never, RegExp][]
) {
  Deno.test(`${sql} is refused with ${message.source}`, () => {
    assert.throws(() => queried(sql, params), (error: Error) => {
      assert.ok(error instanceof SqlError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("values are bound as the types that SQLite has for them", () => {
  const types = (value: SqlParam) => queried("SELECT typeof(?1) AS a, ?1 || '' AS b", [value]);
  assert.deepEqual(types(1), ["integer", "1"]);
  assert.deepEqual(types(2n ** 62n), ["integer", "4611686018427387904"]);
  assert.deepEqual(types(1.5), ["real", "1.5"]);
  assert.deepEqual(types(true), ["integer", "1"]);
  assert.deepEqual(types(false), ["integer", "0"]);
  assert.deepEqual(types("x"), ["text", "x"]);
  assert.deepEqual(types(null), ["null", null]);
  assert.deepEqual(types(new Uint8Array([65])), ["blob", "A"]);
});

Deno.test("SQL with a NUL character is refused", () => {
  for (const sql of ["\0", "SELECT 1 AS a\0", "\0SELECT 1 AS a"]) {
    assert.throws(() => queried(sql), /The SQL holds a NUL character/);
  }
});

for (
  const sql of ["PRAGMA table_info(results)", " /* */ pragma query_only = OFF", "EXPLAIN SELECT 1"]
) {
  Deno.test(`${sql} is refused with what to do instead`, () => {
    assert.throws(
      () => queried(sql),
      (error: Error) =>
        error instanceof SqlError &&
        /not (PRAGMA; use its table-valued|EXPLAIN; run it in)/.test(error.message),
    );
  });
}
