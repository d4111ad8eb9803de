/** What must hold for any data, tried on generated data. A failure prints its seed and smallest case. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { ArtifactError, ResultsError, type SqlValue } from "../../mod.ts";
import { Results } from "../../src/results/results.ts";
import { makeDatabase, Mounts, sameBytes, SMALL_RESULTS } from "../support/mounts.ts";
import { limited } from "../support/pool.ts";
import { spawnRelay } from "../support/relay.ts";
import { outcomeOf } from "../support/run.ts";
import { withStaging } from "../support/staging.ts";

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const TEXT = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", ""));
const NAME = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((name) => !name.includes("\0"));

/** A value of any SQLite type. SQLite has no NaN and no negative zero. */
const VALUE: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constant(null),
  INT64,
  fc.double({ noNaN: true }).map((number) => number === 0 ? 0 : number),
  TEXT,
  fc.constant("\uFFFD"),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
);

/** Column names that differ in more than case, and rows of as many values. */
const TABLE = fc.uniqueArray(NAME, {
  minLength: 1,
  maxLength: 5,
  selector: (name) => name.toLowerCase(),
}).chain((names) =>
  fc.record({
    names: fc.constant(names),
    rows: fc.array(fc.tuple(...names.map(() => VALUE)), { maxLength: 60 }),
  })
);

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

function write(path: string, names: readonly string[], rows: readonly SqlValue[][]): void {
  using db = new DatabaseSync(path);
  db.exec(`CREATE TABLE results(${names.map(quote).join(", ")}); BEGIN`);
  const insert = db.prepare(`INSERT INTO results VALUES (${names.map(() => "?").join(", ")})`);
  for (const row of rows) insert.run(...row as never[]);
  db.exec("COMMIT");
}

/** Rows by column name, as plain pairs. */
function pairs(names: readonly string[], rows: Iterable<object>): unknown[] {
  return [...rows].map((row) =>
    names.map((name) => [name, (row as Record<string, SqlValue>)[name]])
  );
}

Deno.test("any rows come back equal, from the table and from a query", () => {
  fc.assert(
    fc.property(TABLE, ({ names, rows }) => {
      using mounts = new Mounts();
      write(mounts.inputDatabase, names, rows);
      using results = Results.open(mounts.inputDatabase);
      const expected = rows.map((row) => names.map((name, at) => [name, row[at]]));
      const integers = "bigint";
      assert.deepEqual(pairs(names, results.rows({ integers })), expected);
      assert.deepEqual(
        pairs(names, results.query("SELECT * FROM results", { integers })),
        expected,
      );
      assert.equal(results.count(), rows.length);
    }),
    { numRuns: 150 },
  );
});

const TEXTS = fc.array(fc.uint8Array({ maxLength: 12 }), { minLength: 1, maxLength: 40 });

/** A column of any declared type may hold text. */
const TYPE = fc.constantFrom("TEXT", "INTEGER", "BLOB");

Deno.test("any bytes as text come back equal, or are refused with a way out", () => {
  fc.assert(
    fc.property(TEXTS, TYPE, (texts, type) => {
      using mounts = new Mounts();
      const hex = (bytes: Uint8Array) =>
        [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      makeDatabase(
        mounts.inputDatabase,
        `CREATE TABLE results(t ${type}); INSERT INTO results VALUES ${
          texts.map((bytes) => `(CAST(x'${hex(bytes)}' AS TEXT))`).join(", ")
        };`,
      );
      using results = Results.open(mounts.inputDatabase);
      const exact = texts.every((bytes) => {
        try {
          const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
          return !text.includes("\0");
        } catch {
          return false;
        }
      });
      for (
        const read of [
          () => results.rows(),
          () => results.rows({ integers: "bigint" }),
          () => results.query("SELECT t FROM results"),
        ]
      ) {
        if (!exact) {
          assert.throws(
            () => [...read()],
            (error: Error) =>
              error instanceof ResultsError && error.message.includes("CAST(column AS BLOB)"),
          );
          continue;
        }
        const got = [...read()].map(({ t }) => new TextEncoder().encode(t as string));
        assert.deepEqual(got.map(hex), texts.map(hex));
      }
    }),
    { numRuns: 300 },
  );
});

const toHex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

Deno.test("any rows as CSV are what another library reads back", async () => {
  await fc.assert(
    fc.asyncProperty(TABLE, fc.boolean(), async ({ names, rows }, asObjects) => {
      using mounts = new Mounts();
      write(mounts.inputDatabase, names, rows);
      using results = Results.open(mounts.inputDatabase);
      await withStaging(async ({ artifacts, text }) => {
        const read = results.rows({ integers: "bigint" });
        await artifacts.writeCsv("all.csv", asObjects ? [...read] : read, { columns: names });
        const written = (value: SqlValue) =>
          value === null ? "" : value instanceof Uint8Array ? toHex(value) : String(value);
        assert.deepEqual(
          parse(text("all.csv"), { relax_column_count: false, record_delimiter: "\r\n" }),
          [names, ...rows.map((row) => row.map(written))],
        );
      });
    }),
    { numRuns: 100 },
  );
});

Deno.test("any rows as JSON are the same from the database, as objects and as lines", async () => {
  await fc.assert(
    fc.asyncProperty(TABLE, async ({ names, rows }) => {
      using mounts = new Mounts();
      write(mounts.inputDatabase, names, rows);
      using results = Results.open(mounts.inputDatabase);
      const read = results.rows({ integers: "bigint" });
      const infinite = rows.flat().some((value) => value === Infinity || value === -Infinity);
      await withStaging(async ({ artifacts, text }) => {
        const all = [
          artifacts.writeJson("rows.json", read),
          artifacts.writeJson("objects.json", [...read]),
          artifacts.writeJsonLines("lines.jsonl", read),
        ];
        if (infinite) {
          for (const one of all) await assert.rejects(one, /is -?Infinity/);
          return;
        }
        await Promise.all(all);
        const converted = (value: SqlValue) =>
          typeof value === "bigint"
            ? String(value)
            : value instanceof Uint8Array
            ? toHex(value)
            : value;
        const expected = rows.map((row) =>
          Object.fromEntries(names.map((n, at) => [n, converted(row[at]!)]))
        );
        assert.deepEqual(JSON.parse(text("rows.json")), expected);
        assert.equal(text("objects.json"), text("rows.json"));
        assert.deepEqual(
          text("lines.jsonl").split("\n").slice(0, -1).map((line) => JSON.parse(line)),
          expected,
        );
      });
    }),
    { numRuns: 100 },
  );
});

Deno.test("any value is JSON that reads back the same", async () => {
  const value = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
  await fc.assert(
    fc.asyncProperty(value, async (value) => {
      await withStaging(async ({ artifacts, text }) => {
        await artifacts.writeJson("a.json", value);
        assert.deepEqual(JSON.parse(text("a.json")), value);
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("any artifact name is refused or lands inside the staging folder", async () => {
  const part = fc.oneof(
    fc.constantFrom("..", ".", "", "a", "b", "~", "-", "..."),
    fc.string(),
    NAME,
  );
  const name = fc.oneof(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
    fc.string({ unit: "binary", maxLength: 300 }),
  );
  await fc.assert(
    fc.asyncProperty(name, async (name) => {
      await withStaging(async ({ artifacts, finish, directory, names }) => {
        try {
          await artifacts.writeText(name, "x");
        } catch (error) {
          assert.ok(error instanceof ArtifactError, String(error));
          assert.deepEqual(names(), []);
          return;
        }
        finish();
        assert.deepEqual(names(), [name]);
        assert.ok(Deno.realPathSync(join(directory, name)).startsWith(`${directory}/`));
      });
    }),
    { numRuns: 300 },
  );
});

Deno.test("any bytes as a database are relayed exactly or refused with a message", async () => {
  using whole = new Mounts();
  makeDatabase(whole.inputDatabase, SMALL_RESULTS);
  const valid = Deno.readFileSync(whole.inputDatabase);
  const damaged = fc.array(
    fc.record({
      // The header decides the most, so it is hit the most.
      at: fc.oneof(fc.nat(120), fc.nat(valid.length - 1)),
      byte: fc.oneof(fc.constantFrom(0, 1, 2, 255), fc.nat(255)),
    }),
    { minLength: 1, maxLength: 6 },
  ).map((changes) => {
    const bytes = valid.slice();
    for (const { at, byte } of changes) bytes[at] = byte;
    return bytes;
  });
  const cases = fc.sample(
    fc.oneof(
      { weight: 5, arbitrary: damaged },
      { weight: 1, arbitrary: fc.nat(valid.length).map((length) => valid.slice(0, length)) },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
      },
    ),
    { seed: 7, numRuns: 120 },
  );
  const run = limited(4);
  await Promise.all(cases.map((bytes, at) =>
    run(async () => {
      using mounts = new Mounts();
      Deno.writeFileSync(mounts.inputDatabase, bytes);
      const worker = spawnRelay({ ...mounts.env, DEV_MODE: "1" });
      const { code, stderr } = await outcomeOf(worker);
      if (code === 0) {
        assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase), `case ${at}`);
      } else {
        assert.equal(code, 2, `case ${at}: ${stderr}`);
        assert.match(stderr, /ERROR {3}.*query_results\.db/, `case ${at}`);
        assert.deepEqual(mounts.outputNames(), [], `case ${at}`);
      }
      assert.deepEqual(Deno.readFileSync(mounts.inputDatabase), bytes, `case ${at}`);
    })
  ));
});
