import assert from "node:assert/strict";
import { QueryError, queryReads } from "../../../../tasks/lib/schema/query_reads.ts";
import { readSchema } from "../../../../tasks/lib/schema/read_schema.ts";
import { outcomeOf, spawnDeno } from "../../../support/run.ts";

const SCHEMA = await readSchema(`
  CREATE TABLE users (user_id TEXT PRIMARY KEY, email TEXT, locale TEXT,
    shout TEXT AS (upper(email)), twice TEXT AS (shout || locale) STORED);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id TEXT, email TEXT, total REAL);
  CREATE TABLE profiles (user_id TEXT PRIMARY KEY, locale TEXT, bio TEXT);
  CREATE TABLE pairs (a TEXT, b TEXT, c TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID;
  CREATE VIEW names AS SELECT email, locale FROM users;
  CREATE VIEW spent AS SELECT email, total FROM users JOIN orders USING (user_id, email);
  CREATE VIEW ids AS SELECT user_id FROM profiles;
  CREATE VIEW twice AS SELECT a.bio FROM profiles a NATURAL JOIN profiles b;
  CREATE VIEW broken AS SELECT missing FROM users;`);

/** What a query reads, as `table.column`; `?` marks what may not be needed. */
async function readsOf(query: string): Promise<string[]> {
  const { reads, foreign } = await queryReads(SCHEMA, query);
  const names = reads.map(({ table, column, doubt }) =>
    `${table}${column === undefined ? "" : `.${column}`}${doubt === undefined ? "" : "?"}`
  );
  return [...names, ...foreign.map((name) => `!${name}`)].sort();
}

const CASES: readonly (readonly [string, string[]])[] = [
  ["SELECT email FROM users", ["users.email"]],
  ["SELECT a.EMAIL FROM Users AS a", ["users.email"]],
  ["SELECT * FROM profiles", ["profiles.bio", "profiles.locale", "profiles.user_id"]],
  ["SELECT bio FROM profiles WHERE locale = 'de' ORDER BY user_id", [
    "profiles.bio",
    "profiles.locale",
    "profiles.user_id",
  ]],
  ["SELECT bio FROM users u JOIN profiles p ON p.user_id = u.user_id", [
    "profiles.bio",
    "profiles.user_id",
    "users.user_id",
  ]],
  ["SELECT bio FROM users JOIN profiles USING (user_id)", [
    "profiles.bio",
    "profiles.user_id",
    "users.user_id",
  ]],
  ["SELECT users.email FROM users LEFT JOIN profiles USING (user_id)", [
    "profiles.user_id",
    "users.email",
    "users.user_id",
  ]],
  ["SELECT 1 FROM users NATURAL JOIN profiles", [
    "profiles.locale",
    "profiles.user_id",
    "users.locale",
    "users.user_id",
  ]],
  ["SELECT email FROM users NATURAL LEFT JOIN profiles", [
    "profiles.locale?",
    "profiles.user_id",
    "users.email",
    "users.locale?",
    "users.user_id",
  ]],
  ["SELECT a.bio FROM profiles a NATURAL LEFT JOIN profiles b", [
    "profiles.bio",
    "profiles.locale?",
    "profiles.user_id?",
  ]],
  ["SELECT a.bio FROM profiles a NATURAL JOIN profiles b", [
    "profiles.bio",
    "profiles.locale",
    "profiles.user_id",
  ]],
  ["SELECT 1 FROM users, orders", ["orders", "users"]],
  [
    "SELECT a.label FROM (SELECT 1 AS id, 'x' AS label) a, profiles b NATURAL FULL JOIN orders c " +
    "WHERE a.label IS NOT NULL",
    ["orders.id", "orders.user_id?", "profiles", "profiles.user_id?"],
  ],
  ["SELECT count(*) FROM orders", ["orders"]],
  ["SELECT rowid FROM orders", ["orders.id"]],
  ["SELECT rowid FROM profiles", ["profiles"]],
  ["SELECT 1 FROM orders WHERE EXISTS (SELECT bio FROM profiles)", ["orders", "profiles.bio"]],
  ["SELECT id FROM orders WHERE user_id IN (SELECT user_id FROM users)", [
    "orders.id",
    "orders.user_id",
    "users.user_id",
  ]],
  ["WITH a AS (SELECT email AS e FROM users) SELECT e FROM a", ["users.email"]],
  ["WITH a AS (SELECT bio FROM profiles) SELECT email FROM users", [
    "profiles.bio?",
    "profiles?",
    "users.email",
  ]],
  ["WITH users AS (SELECT 1 AS email) SELECT email FROM users", ["users.email?", "users?"]],
  ["SELECT email FROM names", ["users.email", "users.locale"]],
  ["SELECT total FROM spent", [
    "orders.email",
    "orders.total",
    "orders.user_id",
    "users.email",
    "users.user_id",
  ]],
  ["SELECT x.c FROM pairs x NATURAL JOIN pairs y", ["pairs.a", "pairs.b", "pairs.c"]],
  ["SELECT x.total FROM orders x NATURAL JOIN orders y", [
    "orders.email",
    "orders.id",
    "orders.total",
    "orders.user_id",
  ]],
  ["SELECT a FROM pairs", ["pairs.a"]],
  ["SELECT 1 FROM profiles NATURAL JOIN ids", ["profiles.user_id"]],
  ["SELECT bio FROM twice", ["profiles.bio", "profiles.locale", "profiles.user_id"]],
  ["SELECT id FROM orders", ["orders.id"]],
  ["SELECT shout FROM users", ["users.email?", "users.shout"]],
  ["SELECT twice FROM users", ["users.email?", "users.locale?", "users.shout?", "users.twice"]],
  ["SELECT sum(total) OVER (PARTITION BY user_id) FROM orders", ["orders.total", "orders.user_id"]],
  ["SELECT bio FROM profiles UNION SELECT email FROM orders", ["orders.email", "profiles.bio"]],
  ["SELECT value FROM users, json_each(users.locale)", ["users.locale"]],
  ['SELECT "missing" FROM profiles', ["profiles"]],
  ["SELECT 1", []],
  ["VALUES (1);", []],
  ["SELECT name FROM sqlite_schema", ["!sqlite_master"]],
  ["SELECT name FROM pragma_table_info('users')", ["!pragma_table_info"]],
];

for (const [query, expected] of CASES) {
  Deno.test(`what is read by ${query}`, async () => {
    assert.deepEqual(await readsOf(query), expected);
  });
}

for (
  const query of ["SELECT * FROM broken", "PRAGMA user_version", "EXPLAIN SELECT 1", "SELECT 1\0"]
) {
  Deno.test(`no query for the schema: ${JSON.stringify(query)}`, async () => {
    await assert.rejects(queryReads(SCHEMA, query), QueryError);
  });
}

Deno.test("a random query gives the same rows whatever is in the columns it isn't said to read", async () => {
  const project = ["--config=tasks/lib/own_lock.json", "--lock=tasks/lib/query_reads/deno.lock"];
  const args = ["run", "-A", ...project, "--frozen", "tests/support/reads_fuzz.ts", "150", "11"];
  const { code, stdout, stderr } = await outcomeOf(spawnDeno(args));
  assert.equal(code, 0, stderr);
  const { queries, unseen } = JSON.parse(stdout);
  assert.equal(queries, 150);
  assert.deepEqual(unseen, []);
});
