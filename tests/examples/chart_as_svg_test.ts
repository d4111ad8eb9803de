import assert from "node:assert/strict";
import { testJob } from "../../testing.ts";

async function draw(sql: string): Promise<string> {
  const run = await testJob(import.meta.resolve("../../examples/chart_as_svg.ts"), {
    sql: `CREATE TABLE results(locale); ${sql}`,
  });
  assert.equal(run.error, undefined);
  assert.deepEqual(run.names, ["users_by_locale.svg"]);
  return run.text("users_by_locale.svg");
}

const widthsIn = (svg: string) =>
  [...svg.matchAll(/<rect [^>]*width="(\d+)"/g)].map((m) => Number(m[1]));

const labelsIn = (svg: string) => [...svg.matchAll(/"end">([^<]*)<\/text>/g)].map((m) => m[1]);

Deno.test("chart_as_svg draws bars in proportion, the largest first", async () => {
  const svg = await draw(
    "INSERT INTO results VALUES ('fr'), ('de'), ('de'), ('de'), ('de'), (NULL);",
  );
  assert.deepEqual(labelsIn(svg), ["de", "fr", "none"]);
  assert.deepEqual(widthsIn(svg), [400, 100, 100]);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
});

Deno.test("chart_as_svg draws markup in the data as text", async () => {
  const svg = await draw("INSERT INTO results VALUES ('<script>&amp;');");
  assert.deepEqual(labelsIn(svg), ["&lt;script&gt;&amp;amp;"]);
  assert.deepEqual(
    new Set([...svg.matchAll(/<(\w+)/g)].map(([, name]) => name)),
    new Set(["svg", "title", "text", "rect"]),
  );
});

Deno.test("chart_as_svg leaves out characters that XML can't hold", async () => {
  const svg = await draw(
    "INSERT INTO results VALUES ('a' || char(27) || 'b' || char(65535) || 'c');",
  );
  assert.deepEqual(labelsIn(svg), ["abc"]);
});

Deno.test("chart_as_svg cuts long labels and draws at most 20 bars", async () => {
  const svg = await draw(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
    INSERT INTO results SELECT replace(hex(zeroblob(20)), '00', '😀') || i FROM n;`,
  );
  assert.deepEqual(labelsIn(svg), Array(20).fill("😀".repeat(16)));
});

Deno.test("chart_as_svg draws no bars where there are no rows", async () => {
  assert.deepEqual(widthsIn(await draw("")), []);
});

Deno.test("chart_as_svg counts users without a locale apart from a locale `none`", async () => {
  const svg = await draw("INSERT INTO results VALUES ('none'), (NULL), ('none');");
  assert.deepEqual(labelsIn(svg), ["none", "none"]);
  assert.deepEqual(widthsIn(svg), [400, 200]);
});
