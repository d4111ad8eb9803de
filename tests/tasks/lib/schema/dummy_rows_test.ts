import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { dummyRows, type TableRows } from "../../../../tasks/lib/schema/dummy_rows.ts";
import { readSchema } from "../../../../tasks/lib/schema/read_schema.ts";
import { SCHEMAS } from "../../../support/definitions.ts";

/** Makes rows and puts them into a database. */
async function fill(
  ddl: string,
  { rows = 20, seed = 1 } = {},
): Promise<{ db: DatabaseSync; made: TableRows[] }> {
  const { statements } = await readSchema(ddl);
  const made = await dummyRows({ ddl, rows, seed });
  const db = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false });
  for (const sql of [...statements, ...made.map(({ sql }) => sql)]) db.exec(sql || ";");
  return { db, made };
}

/** The values of a column. */
function valuesOf(db: DatabaseSync, table: string, column: string): unknown[] {
  return db.prepare(`SELECT "${column}" AS v FROM "${table}"`).all().map(({ v }) => v);
}

for (const [what, ddl] of Object.entries(SCHEMAS)) {
  Deno.test(`a schema ${what} is filled, and SQLite finds nothing wrong`, async () => {
    const { db, made } = await fill(ddl);
    using _ = db;
    assert.deepEqual(db.prepare("PRAGMA foreign_key_check").all(), []);
    assert.deepEqual({ ...db.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
    for (const { table, rows, why } of made) {
      assert.deepEqual([table, rows, why], [table, 20, undefined]);
      assert.equal(Number(db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()!.n), 20);
    }
  });
}

const PEOPLE = SCHEMAS["as SQLAlchemy writes it, in the order of the alphabet"]!;
const CHECKED = SCHEMAS["with checks"]!;

Deno.test("the same seed gives the same rows, and another one others", async () => {
  const [first, again, other] = await Promise.all(
    [1, 1, 2].map((seed) => dummyRows({ ddl: PEOPLE, rows: 20, seed })),
  );
  assert.deepEqual(again, first);
  assert.notDeepEqual(other, first);
});

Deno.test("tables come after those that they reference", async () => {
  const made = await dummyRows({ ddl: PEOPLE, rows: 2, seed: 1 });
  assert.deepEqual(made.map(({ table }) => table), ["people", "logins"]);
});

Deno.test("values suit the columns' names", async () => {
  const { db } = await fill(PEOPLE);
  using _ = db;
  const emails = valuesOf(db, "people", "email").map(String);
  assert.ok(emails.every((text) => /^[^@\s]+@example\.(com|org|net)$/.test(text)), emails.join());
  const times = valuesOf(db, "people", "created_at").map(String);
  assert.ok(times.every((text) => /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/.test(text)));
  const locales = valuesOf(db, "people", "locale").slice(0, 15).map(String);
  assert.ok(locales.every((text) => /^[a-z]{2}-[A-Z]{2}$/.test(text)), locales.join());
  const percents = valuesOf(db, "people", "percent_used").slice(0, 15).map(Number);
  assert.ok(percents.every((number) => number >= 0 && number <= 100), percents.join());
});

Deno.test("a few rows are odd on purpose: empty, long, emoji, negative", async () => {
  const { db } = await fill(PEOPLE);
  using _ = db;
  const names = valuesOf(db, "people", "full_name").map(String);
  assert.ok(names.includes(""));
  assert.ok(names.some((text) => text.length >= 400));
  assert.ok(names.some((text) => /\p{Emoji_Presentation}/u.test(text)));
  assert.ok(valuesOf(db, "people", "percent_used").some((number) => Number(number) < 0));
  const ordinary = names.filter((text) => /^[\w.'’ -]{3,60}$/.test(text));
  assert.ok(ordinary.length >= 15, names.join("\n"));
});

Deno.test("columns that may be NULL are NULL in some row, and others in none", async () => {
  const { db } = await fill(SCHEMAS["by hand, with brackets and defaults"]!);
  using _ = db;
  for (const column of ["mood", "consent", "symptoms", "pain_level"]) {
    assert.ok(valuesOf(db, "entries", column).includes(null), column);
  }
  assert.ok(!valuesOf(db, "entries", "user_hash").includes(null));
});

Deno.test("declared types are heeded that SQLite itself doesn't know", async () => {
  const { db } = await fill(`CREATE TABLE a(id INTEGER PRIMARY KEY, flag BOOLEAN NOT NULL,
    items JSON NOT NULL, short VARCHAR(5) NOT NULL, amount NUMERIC(4, 1) NOT NULL,
    day DATE NOT NULL, raw BLOB NOT NULL)`);
  using _ = db;
  assert.ok(valuesOf(db, "a", "flag").every((value) => value === 0 || value === 1));
  assert.ok(valuesOf(db, "a", "items").every((value) => Array.isArray(JSON.parse(String(value)))));
  assert.ok(valuesOf(db, "a", "short").every((value) => [...String(value)].length <= 5));
  assert.ok(valuesOf(db, "a", "amount").every((value) => /^-?\d{1,3}(\.\d)?$/.test(String(value))));
  assert.ok(valuesOf(db, "a", "day").every((value) => /^\d{4}-\d\d-\d\d$/.test(String(value))));
  assert.ok(valuesOf(db, "a", "raw").every((value) => value instanceof Uint8Array));
});

Deno.test("integers are stored as such, and each of a primary key's values is another", async () => {
  const { db } = await fill(CHECKED);
  using _ = db;
  const types = db.prepare("SELECT DISTINCT typeof(id) AS t, typeof(low) AS u FROM recordings");
  assert.deepEqual(types.all().map((row) => ({ ...row })), [{ t: "integer", u: "integer" }]);
  assert.equal(new Set(valuesOf(db, "recordings", "id")).size, 20);
});

Deno.test("a table that no row fits stays empty and says why, and so does one that needs it", async () => {
  const { db, made } = await fill(`
    CREATE TABLE never (id INTEGER PRIMARY KEY, x INTEGER NOT NULL, CONSTRAINT absurd CHECK (x <> x));
    CREATE TABLE needs (id INTEGER PRIMARY KEY, never_id INTEGER NOT NULL REFERENCES never (id));
    CREATE TABLE may (id INTEGER PRIMARY KEY, never_id INTEGER REFERENCES never (id));`);
  db.close();
  assert.deepEqual(made.map(({ table, rows, why }) => [table, rows, why]), [
    ["never", 0, "CHECK constraint failed: absurd"],
    ["needs", 0, "never_id must reference never, which has no rows"],
    ["may", 20, undefined],
  ]);
});

Deno.test("in a cycle, what would reference rows that couldn't be made isn't made either", async () => {
  const { db, made } = await fill(`
    CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL REFERENCES b (id));
    CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id), CHECK (id <> id));`);
  using _ = db;
  assert.deepEqual(made.map(({ rows }) => rows), [0, 0]);
  assert.ok(made.every(({ why }) => why !== undefined));
});

Deno.test("a reference to a table that the schema lacks is left out or leaves the table empty", async () => {
  const { db, made } = await fill(
    `CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT REFERENCES gone (id));
    CREATE TABLE b (id INTEGER PRIMARY KEY, x TEXT NOT NULL REFERENCES gone (id));`,
  );
  using _ = db;
  assert.ok(valuesOf(db, "a", "x").every((value) => value === null));
  assert.equal(made[1]!.rows, 0);
  assert.match(made[1]!.why!, /must reference gone, which the schema doesn't have/);
});

Deno.test("where a column has few values that are unique, there are fewer rows", async () => {
  const { db, made } = await fill("CREATE TABLE a (flag BOOLEAN NOT NULL UNIQUE)");
  using _ = db;
  assert.deepEqual(valuesOf(db, "a", "flag").sort(), [0, 1]);
  assert.match(made[0]!.why!, /UNIQUE constraint failed: a\.flag/);
});

Deno.test("unusual checks are met by search", async () => {
  const { db, made } = await fill(`CREATE TABLE a (
    x INTEGER NOT NULL CHECK (typeof(x) = 'integer' AND x % 7 = 3),
    y TEXT NOT NULL CHECK (y IN ('a', 'b') OR length(y) = 3),
    z INTEGER NOT NULL CHECK (0 < z AND z < 4),
    day TEXT NOT NULL CHECK (date(day) IS NOT NULL))`);
  db.close();
  assert.deepEqual(made.map(({ rows }) => rows), [20]);
});

/** A schema of random tables that reference each other in any way. */
function randomSchema(seed: number): string {
  let state = seed * 7919;
  const below = (bound: number) =>
    (state = (state * 1103515245 + 12345) & 0x7fffffff, state >> 8) % bound;
  const oneOf = <T>(values: readonly T[]) => values[below(values.length)]!;
  const types = [
    "INTEGER",
    "VARCHAR",
    "VARCHAR(12)",
    "JSON",
    "DATETIME",
    "BLOB",
    "NUMERIC(6,2)",
    "",
  ];
  const tables = Array.from({ length: 1 + below(5) }, () => ({
    key: oneOf([["id"], ["id", "part"], ["code"]]),
    type: oneOf(["INTEGER", "VARCHAR", "VARCHAR(8)"]),
  }));
  return tables.map(({ key, type }, at) => {
    const columns = key.map((name) => `${name} ${type} NOT NULL`);
    const constraints = [`PRIMARY KEY (${key.join(", ")})`];
    for (let number = below(5); number > 0; number--) {
      columns.push(`c${number} ${oneOf(types)}${oneOf(["", " NOT NULL"])}`);
    }
    for (let number = below(3); number > 0; number--) {
      const parent = below(tables.length);
      const names = tables[parent]!.key.map((_, place) => `f${number}_${place}`);
      const notNull = oneOf(["", " NOT NULL"]);
      columns.push(...names.map((name) => `${name} ${tables[parent]!.type}${notNull}`));
      constraints.push(
        `FOREIGN KEY (${names.join(", ")}) REFERENCES t${parent} (${
          tables[parent]!.key.join(", ")
        })`,
      );
      if (below(5) === 0) constraints.push(`UNIQUE (${names.join(", ")})`);
    }
    return `CREATE TABLE t${at} (${[...columns, ...constraints].join(", ")});`;
  }).join("\n");
}

Deno.test("random schemas are filled, whatever references what", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const ddl = randomSchema(seed);
    const { db, made } = await fill(ddl, { seed });
    using _ = db;
    assert.deepEqual(db.prepare("PRAGMA foreign_key_check").all(), [], ddl);
    assert.deepEqual(made.filter(({ rows }) => rows !== 20), [], ddl);
  }
});
