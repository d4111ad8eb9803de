import assert from "node:assert/strict";
import { join } from "node:path";
import { Results } from "../../mod.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../support/mounts.ts";
import { runWorker } from "../support/run.ts";

Deno.test("count_by_locale counts as JSON and as CSV", async () => {
  using mounts = new Mounts();
  makeDatabase(
    mounts.inputDatabase,
    `${SMALL_RESULTS} INSERT INTO results VALUES ('u-4', 'de');`,
  );
  const env = { ...mounts.env, DEV_MODE: "1" };
  const { code, stderr } = await runWorker(env, "examples/count_by_locale.ts");
  assert.equal(code, 0, stderr);
  const read = (name: string) => Deno.readTextFileSync(join(mounts.output, name));
  assert.deepEqual(JSON.parse(read("count_by_locale.json")), [
    { locale: "de", users: 2 },
    { locale: null, users: 1 },
    { locale: "fr-CA", users: 1 },
  ]);
  assert.equal(read("count_by_locale.csv"), "locale,users\r\nde,2\r\n,1\r\nfr-CA,1\r\n");
});

Deno.test("redact_columns hands on a results database without user_id", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const env = { ...mounts.env, DEV_MODE: "1" };
  const { code, stderr } = await runWorker(env, "examples/redact_columns.ts");
  assert.equal(code, 0, stderr);
  assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
  using results = Results.open(mounts.outputDatabase);
  assert.deepEqual(results.columns, [{ name: "locale", type: "TEXT" }]);
  assert.deepEqual([...results.rows()].map(({ locale }) => locale), ["de", "fr-CA", null]);
});
