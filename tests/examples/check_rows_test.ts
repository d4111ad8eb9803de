import assert from "node:assert/strict";
import { testJob } from "../../testing.ts";

async function check(sql: string): Promise<{ users: string; faults: string; log: string }> {
  const run = await testJob(import.meta.resolve("../../examples/check_rows.ts"), { sql });
  assert.equal(run.error, undefined);
  assert.deepEqual(run.names, ["faults.csv", "users.jsonl"]);
  return {
    users: run.text("users.jsonl"),
    faults: run.text("faults.csv"),
    log: run.log.map(({ message }) => message).join("\n"),
  };
}

Deno.test("check_rows lets rows through as its schema has them", async () => {
  const { users, faults } = await check(`CREATE TABLE results(user_id, locale, email);
    INSERT INTO results VALUES ('u-1', 'pt-BR', 'a@example.com'), ('u-2', 'de', 'b@example.com');`);
  assert.equal(users, '{"user_id":"u-1","locale":"pt-BR"}\n{"user_id":"u-2","locale":"de"}\n');
  assert.equal(faults, "row,column,fault\r\n");
});

Deno.test("check_rows lists every fault of a row, and no value", async () => {
  const { users, faults, log } = await check(`CREATE TABLE results(user_id, locale);
    INSERT INTO results VALUES ('u-1', 'de'), ('', 'ada@example.com'), (7, NULL);`);
  assert.equal(users, '{"user_id":"u-1","locale":"de"}\n');
  assert.equal(
    faults,
    "row,column,fault\r\n2,user_id,must not be empty\r\n2,locale,must be like pt or pt-BR\r\n" +
      "3,user_id,must be text\r\n3,locale,must be text\r\n",
  );
  assert.equal(log, "Left out 2 rows with faults");
});

Deno.test("check_rows lists a column that is missing without a value of the others", async () => {
  const { users, faults } = await check(
    "CREATE TABLE results(email); INSERT INTO results VALUES ('ada@example.com');",
  );
  assert.equal(users, "");
  assert.doesNotMatch(faults, /ada/);
  assert.match(faults, /^1,user_id,/m);
});
