// Compares what `findReads` says of random queries with what they do: a column that isn't said to be read may
// hold anything, and have any name. Run with a number of queries and a seed; prints what it found as JSON.

import { DatabaseSync } from "node:sqlite";
import type { QueryReads, Read } from "../../tasks/lib/schema/query_reads.ts";
import { Random, randomQuery } from "./random_query.ts";

const [count = "100", seed = "1"] = Deno.args;

const FOLDER = "../../tasks/lib/query_reads";

/** What is tested. It has a lock file of its own, so it is named only here. */
const { findReads }: {
  findReads(order: { statements: readonly string[]; query: string }): Promise<QueryReads>;
} = await import(import.meta.resolve(`${FOLDER}/find_reads.ts`));

/** Tables with columns of the same names, so that USING and NATURAL have something to join by. */
const SCHEMA = [
  "CREATE TABLE users (user_id TEXT PRIMARY KEY, email TEXT, locale TEXT, age INTEGER);",
  "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id TEXT, email TEXT, total REAL, note TEXT);",
  "CREATE TABLE profiles (user_id TEXT PRIMARY KEY, locale TEXT, bio TEXT);",
  "CREATE INDEX by_user ON orders (user_id, email);",
  "CREATE TABLE tags (id INTEGER, tag TEXT, note TEXT);",
  "CREATE VIEW adults AS SELECT user_id, locale FROM users WHERE age > 17;",
  "CREATE VIEW spent AS SELECT user_id, sum(total) AS total FROM users JOIN orders USING (user_id) GROUP BY 1;",
  "CREATE VIEW twice AS SELECT a.bio FROM profiles a NATURAL JOIN profiles b;",
  "CREATE VIEW noted AS SELECT tag, total FROM orders NATURAL JOIN tags;",
];
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  users: ["user_id", "email", "locale", "age"],
  orders: ["id", "user_id", "email", "total", "note"],
  profiles: ["user_id", "locale", "bio"],
  tags: ["id", "tag", "note"],
};
const ROWS = 6;

function makeDatabase(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  for (const statement of SCHEMA) db.exec(statement);
  for (let at = 0; at < ROWS; at++) {
    const [user, other] = [`u${at}`, `u${(at * 5) % ROWS}`];
    db.exec(`INSERT INTO users VALUES ('${user}', 'e${at % 4}', 'l${at % 2}', ${15 + at});
      INSERT INTO orders VALUES (${at}, '${other}', 'e${at % 3}', ${at * 1.5}, 'n${at % 2}');
      INSERT INTO profiles VALUES ('${user}', 'l${(at + 1) % 2}', 'b${at}');
      INSERT INTO tags VALUES (${at % 4}, 't${at % 3}', 'n${at % 2}')`);
  }
  return db;
}

/** A query's rows in any order; `undefined` if it can't be run. */
function rowsOf(db: DatabaseSync, query: string): string | undefined {
  try {
    const rows = db.prepare(query).all().map((row) => JSON.stringify(Object.values(row)));
    return rows.sort().join("\n");
  } catch {
    return undefined;
  }
}

/** What changes the rows though it isn't said to be read; `undefined` if nothing does. */
function unseen(query: string, reads: readonly Read[]): string | undefined {
  using untouched = makeDatabase();
  const expected = rowsOf(untouched, query);
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const read = reads.filter((one) => one.table === table);
    if (read.length === 0 && differs(query, expected, `DELETE FROM ${table}`)) return table;
    for (const column of columns) {
      if (read.some((one) => one.column === column)) continue;
      const changes = [
        `UPDATE ${table} SET ${column} = 1000 + rowid`,
        `UPDATE ${table} SET ${column} = NULL`,
        `ALTER TABLE ${table} RENAME COLUMN ${column} TO something_else`,
      ];
      if (changes.some((change) => differs(query, expected, change))) return `${table}.${column}`;
    }
  }
  return undefined;
}

function differs(query: string, expected: string | undefined, change: string): boolean {
  using db = makeDatabase();
  try {
    db.exec(change);
  } catch {
    // A view joins by the column, so it can't be renamed.
    return false;
  }
  return rowsOf(db, query) !== expected;
}

const random = new Random(Number(seed));
const found = { queries: 0, refused: 0, unseen: [] as { query: string; what: string }[] };
while (found.queries < Number(count)) {
  const query = randomQuery(random, COLUMNS);
  try {
    const { reads } = await findReads({ statements: SCHEMA, query });
    found.queries++;
    const what = unseen(query, reads);
    if (what !== undefined) found.unseen.push({ query, what });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "RefusedQuery") throw error;
    found.refused++;
  }
}
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(found)));
