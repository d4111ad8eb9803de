import { parse } from "csv-parse/sync";
import assert from "node:assert/strict";
import { type JobRun, testJob } from "../../testing.ts";

const PEOPLE = `
  CREATE TABLE results(user_id, locale, name, email, address, phone);
  INSERT INTO results VALUES
    ('u-1', 'de', 'Ada Adler', 'ada@example.com', '1 Any Street', '555-0101'),
    ('u-1', 'fr', 'Ada Adler', 'ada@example.com', '2 New Street', '555-0101'),
    ('u-2', 'de', NULL, 'ben@example.com', NULL, '555-0102'),
    (NULL, NULL, 'Cy', NULL, NULL, NULL);`;

async function mask(sql: string): Promise<JobRun> {
  return await testJob(import.meta.resolve("../../examples/mask_people.ts"), { sql });
}

async function maskedRows(): Promise<Record<string, string>[]> {
  const run = await mask(PEOPLE);
  assert.equal(run.error, undefined);
  assert.deepEqual(run.names, ["masked.csv"]);
  return parse(run.text("masked.csv"), { columns: true });
}

Deno.test("mask_people lets no name, address, email or id leave", async () => {
  const run = await mask(PEOPLE);
  const output = run.text("masked.csv") + JSON.stringify(run.log);
  for (const word of ["u-1", "u-2", "Ada", "Cy", "example.com", "Street", "555"]) {
    assert.ok(!output.includes(word), word);
  }
});

Deno.test("mask_people leaves out columns that aren't listed", async () => {
  const [first] = await maskedRows();
  assert.deepEqual(Object.keys(first!), ["user_id", "locale", "name", "email", "address"]);
});

Deno.test("mask_people gives equal values equal pseudonyms, and others different ones", async () => {
  const [ada, again, ben, cy] = await maskedRows();
  assert.match(ada!.user_id!, /^[0-9a-f]{24}$/);
  assert.equal(again!.user_id, ada!.user_id);
  assert.equal(again!.email, ada!.email);
  assert.notEqual(ben!.user_id, ada!.user_id);
  assert.equal(cy!.user_id, "");
});

Deno.test("mask_people hides names and addresses but not whether there is one", async () => {
  const rows = await maskedRows();
  assert.deepEqual(rows.map(({ name }) => name), ["***", "***", "", "***"]);
  assert.deepEqual(rows.map(({ address }) => address), ["***", "***", "", ""]);
});

Deno.test("mask_people uses other pseudonyms in each run", async () => {
  const [first] = await maskedRows();
  const [second] = await maskedRows();
  assert.notEqual(first!.user_id, second!.user_id);
});

Deno.test("mask_people fails where no column is listed", async () => {
  const { error, names } = await mask(
    "CREATE TABLE results(phone); INSERT INTO results VALUES (1);",
  );
  assert.match(error!.message, /No column of the results is listed in RULES/);
  assert.deepEqual(names, []);
});
