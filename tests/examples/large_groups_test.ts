import assert from "node:assert/strict";
import { testJob } from "../../testing.ts";

/** A row for each of a group's people: a locale in SQL, and the first and last person's number. */
function people(locale: string, first: number, last: number): string {
  return `WITH RECURSIVE n(i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM n WHERE i < ${last})
    INSERT INTO results SELECT 'u-' || i, ${locale} FROM n;`;
}

async function groupsOf(...rows: string[]): Promise<unknown> {
  const run = await testJob(import.meta.resolve("../../examples/large_groups.ts"), {
    sql: `CREATE TABLE results(user_id TEXT, locale TEXT); ${rows.join("\n")}`,
  });
  assert.equal(run.error, undefined);
  assert.deepEqual(run.names, ["large_groups.json"]);
  assert.deepEqual(run.log, []);
  return run.json("large_groups.json");
}

Deno.test("large_groups shows no group of fewer than five people", async () => {
  const shown = await groupsOf(
    people("'de'", 1, 5),
    people("'fr'", 11, 14),
    people("'it'", 21, 23),
  );
  assert.deepEqual(shown, { least: 5, groups: [{ locale: "de", people: 5 }], others: 5 });
});

Deno.test("large_groups counts people, not their rows", async () => {
  const shown = await groupsOf(people("'de'", 1, 4), people("'de'", 1, 4), people("'fr'", 4, 4));
  assert.deepEqual(shown, { least: 5, groups: [], others: 0 });
});

Deno.test("large_groups counts nobody in rows without a user_id", async () => {
  const without = "INSERT INTO results VALUES (NULL, 'de'), (NULL, 'fr');";
  const shown = await groupsOf(people("'de'", 1, 4), without);
  assert.deepEqual(shown, { least: 5, groups: [], others: 0 });
});

Deno.test("large_groups treats people without a locale as a group", async () => {
  const large = await groupsOf(people("NULL", 1, 6));
  assert.deepEqual(large, { least: 5, groups: [{ locale: null, people: 5 }], others: 0 });
  const small = await groupsOf(people("NULL", 1, 4), people("'de'", 11, 12));
  assert.deepEqual(small, { least: 5, groups: [], others: 5 });
});

Deno.test("large_groups shows the same with and without one person", async () => {
  const rows = [people("'de'", 1, 8), people("'fr'", 11, 14), people("'it'", 21, 23)];
  const all = await groupsOf(...rows);
  assert.deepEqual(all, { least: 5, groups: [{ locale: "de", people: 5 }], others: 5 });
  assert.deepEqual(await groupsOf(...rows, "DELETE FROM results WHERE user_id = 'u-8';"), all);
  assert.deepEqual(await groupsOf(...rows, "DELETE FROM results WHERE user_id = 'u-11';"), all);
});

Deno.test("large_groups orders groups by name, not by size", async () => {
  const shown = await groupsOf(
    people("'de'", 1, 6),
    people("'fr'", 11, 19),
    people("'it'", 21, 27),
  );
  const groups = (shown as { groups: { locale: string }[] }).groups;
  assert.deepEqual(groups.map(({ locale }) => locale), ["de", "fr", "it"]);
});
