import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { testJob } from "../../testing.ts";
import { SMALL_RESULTS } from "../support/mounts.ts";

Deno.test("count_by_locale counts as JSON and as CSV", async () => {
  const run = await testJob(import.meta.resolve("../../examples/count_by_locale.ts"), {
    sql: `${SMALL_RESULTS} INSERT INTO results VALUES ('u-4', 'de');`,
  });
  assert.equal(run.error, undefined);
  assert.deepEqual(run.json("count_by_locale.json"), [
    { locale: "de", users: 2 },
    { locale: null, users: 1 },
    { locale: "fr-CA", users: 1 },
  ]);
  assert.equal(run.text("count_by_locale.csv"), "locale,users\r\nde,2\r\n,1\r\nfr-CA,1\r\n");
});

Deno.test("redact_columns relays a results database without user_id", async () => {
  const run = await testJob(import.meta.resolve("../../examples/redact_columns.ts"), {
    sql: SMALL_RESULTS,
  });
  assert.equal(run.error, undefined);
  assert.deepEqual(run.names, ["query_results.db"]);
  using db = new DatabaseSync(run.path("query_results.db"), { readOnly: true });
  assert.deepEqual(
    db.prepare("SELECT * FROM results").all().map((row) => ({ ...row })),
    [{ locale: "de" }, { locale: "fr-CA" }, { locale: null }],
  );
});

Deno.test("rows_as_json writes every row as JSON", async () => {
  const run = await testJob(import.meta.resolve("../../examples/rows_as_json.ts"), {
    sql: SMALL_RESULTS,
  });
  assert.equal(run.error, undefined);
  assert.deepEqual(run.json("rows.json"), [
    { user_id: "u-1", locale: "de" },
    { user_id: "u-2", locale: "fr-CA" },
    { user_id: "u-3", locale: null },
  ]);
});

Deno.test("rows_as_json fails where JSON's readers would round an integer", async () => {
  const run = await testJob(import.meta.resolve("../../examples/rows_as_json.ts"), {
    sql: "CREATE TABLE results(n); INSERT INTO results VALUES (9007199254740993);",
  });
  assert.match(run.error!.message, /9007199254740993/);
  assert.deepEqual(run.names, []);
});
