import { parquetReadObjects } from "hyparquet";
import assert from "node:assert/strict";
import { type JobRun, testJob } from "../../testing.ts";

async function toParquet(sql: string): Promise<JobRun> {
  return await testJob(import.meta.resolve("../../examples/rows_as_parquet.ts"), { sql });
}

async function rowsOf(run: JobRun): Promise<Record<string, unknown>[]> {
  assert.equal(run.error, undefined);
  assert.deepEqual(run.names, ["rows.parquet"]);
  const file = Deno.readFileSync(run.path("rows.parquet")).buffer;
  return await parquetReadObjects({ file, utf8: false });
}

Deno.test("rows_as_parquet writes each column with the type of its values", async () => {
  const run = await toParquet(`
    CREATE TABLE results(text, whole, "a ""real""", bytes, empty);
    INSERT INTO results VALUES ('Zoë', 9223372036854775807, 1, x'00ff', NULL), (NULL, NULL, 0.5, NULL, NULL);`);
  assert.deepEqual(await rowsOf(run), [
    {
      text: "Zoë",
      whole: 9223372036854775807n,
      'a "real"': 1,
      bytes: Uint8Array.of(0, 255),
      empty: null,
    },
    { text: null, whole: null, 'a "real"': 0.5, bytes: null, empty: null },
  ]);
});

Deno.test("rows_as_parquet writes all rows of several groups", async () => {
  const run = await toParquet(`CREATE TABLE results(i INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
    INSERT INTO results SELECT i FROM n;`);
  const rows = await rowsOf(run);
  assert.deepEqual(rows.map(({ i }) => i), Array.from({ length: 25_000 }, (_, i) => BigInt(i + 1)));
});

Deno.test("rows_as_parquet writes a file without rows", async () => {
  assert.deepEqual(await rowsOf(await toParquet("CREATE TABLE results(a, b);")), []);
});

Deno.test("rows_as_parquet names a column that mixes text and numbers", async () => {
  const { error, names } = await toParquet(
    "CREATE TABLE results(a, mixed); INSERT INTO results VALUES (1, 1), (1, 'x');",
  );
  assert.match(error!.message, /Column mixed has values of the types integer,text/);
  assert.deepEqual(names, []);
});
