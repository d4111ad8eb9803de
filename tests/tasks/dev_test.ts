import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeDatabase, Mounts, sameBytes, SMALL_RESULTS } from "../support/mounts.ts";
import { runTask } from "../support/run.ts";

Deno.test("dev makes the dummy database and relays it byte for byte", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runTask("dev", [], mounts.env);
  assert.equal(code, 0, stderr);
  assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
  assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
});

Deno.test("dev relays the ten users' id and locale", async () => {
  using mounts = new Mounts();
  await runTask("dev", [], mounts.env);
  using db = new DatabaseSync(mounts.outputDatabase, { readOnly: true });
  const rows = db.prepare("SELECT * FROM results").all();
  assert.equal(rows.length, 10);
  assert.deepEqual(Object.keys(rows[0]!), ["user_id", "locale"]);
});

Deno.test("dev makes missing mounts", async () => {
  using mounts = new Mounts();
  const env = { INPUT_PATH: join(mounts.root, "a/in"), OUTPUT_PATH: join(mounts.root, "b/out") };
  const { code, stderr } = await runTask("dev", [], env);
  assert.equal(code, 0, stderr);
  assert.ok(Deno.statSync(join(mounts.root, "b/out/query_results.db")).isFile);
});

Deno.test("dev says which data it uses, and keeps it while its script is the same", async () => {
  using mounts = new Mounts();
  const first = await runTask("dev", [], mounts.env);
  assert.match(first.stdout, /^Data: .*query_results\.db, made from dummy_data\.sql: 10 rows$/m);
  const second = await runTask("dev", [], mounts.env);
  assert.match(second.stdout, /^Data: .*query_results\.db, made from dummy_data\.sql$/m);
});

for (const [what, content] of [["changed", "CREATE TABLE results(a);"], ["deleted", undefined]]) {
  Deno.test(`dev notices that the script was ${what}, whatever its time`, async () => {
    using mounts = new Mounts();
    const script = join(mounts.root, "mine.sql");
    Deno.writeTextFileSync(script, SMALL_RESULTS);
    await runTask("seed", ["--from", script], mounts.env);
    if (content === undefined) Deno.removeSync(script);
    else Deno.writeTextFileSync(script, content);
    if (content !== undefined) Deno.utimeSync(script, 1_000_000, 1_000_000);
    const { stdout } = await runTask("dev", [], mounts.env);
    assert.match(
      stdout,
      content === undefined
        ? /^Data: .*, made earlier from .*mine\.sql, which doesn't exist any more$/m
        : /^Data: .*, made again from the changed .*mine\.sql: 0 rows$/m,
    );
  });
}

Deno.test("dev uses a database that seed didn't make, says so, and doesn't change it", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  Deno.utimeSync(mounts.inputDatabase, 1_000_000, 1_000_000);
  const before = Deno.readFileSync(mounts.inputDatabase);
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(
    stdout,
    /^Data: .*, which `deno task seed` didn't make\. To use dummy data instead, run/m,
  );
  assert.match(stdout, /3 rows of user_id TEXT, locale TEXT/);
  assert.deepEqual(Deno.readFileSync(mounts.inputDatabase), before);
});

Deno.test("dev notices that another database replaced the seeded one", async () => {
  using mounts = new Mounts();
  await runTask("seed", [], mounts.env);
  Deno.removeSync(mounts.inputDatabase);
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /which `deno task seed` didn't make/);
  assert.match(stdout, /3 rows of/);
});

Deno.test("dev hides the other tables of a database made by the sqlite3 program", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, Deno.readTextFileSync("dummy_data.sql"));
  const { code, stdout } = await runTask("dev", [], mounts.env);
  assert.equal(code, 0);
  assert.match(stdout, /^Data: results of .*query_results\.db \(as in production; not users\)/m);
  using db = new DatabaseSync(mounts.outputDatabase, { readOnly: true });
  const names = db.prepare("SELECT name FROM sqlite_schema").all().map(({ name }) => name);
  assert.deepEqual(names, ["results"]);
});

Deno.test("dev marks what the run wrote, shows it first, and lists older files by size", async () => {
  using mounts = new Mounts();
  const old = join(mounts.output, "a_former.csv");
  Deno.writeTextFileSync(old, "secret,of,yesterday\n");
  const { stdout } = await runTask("dev", ["--entry", "examples/count_by_locale.ts"], mounts.env);
  const shown = stdout.slice(stdout.indexOf("In "));
  assert.match(
    shown,
    /^In .*, written by this run:\n {2}count_by_locale\.csv {2}\d+ bytes\n {4}\w+,\w+\n[^]*count_by_locale\.json[^]*\nFrom earlier runs:\n {2}a_former\.csv {2}20 bytes\n$/,
  );
  assert.ok(!shown.includes("yesterday"));
});

Deno.test("dev shows pictures and other binary files by name and size", async () => {
  using mounts = new Mounts();
  const entry = join(mounts.root, "job.ts");
  Deno.writeTextFileSync(
    entry,
    `export default { name: "picture", async process({ artifacts }) {
       Deno.writeFileSync(artifacts.pathFor("data.bin"), Uint8Array.of(1, 0, 65));
       Deno.writeFileSync(artifacts.pathFor("dot.png"), Uint8Array.of(0x89, 0x50, 0, 0xff));
       await artifacts.writeText("note.txt", "a\\x1b[31m\\u202eb");
     } };`,
  );
  const { stdout, stderr } = await runTask("dev", ["--entry", entry], mounts.env);
  assert.match(
    stdout,
    /\n {2}data\.bin {2}3 bytes\n {2}dot\.png {2}4 bytes\n {2}note\.txt {2}\d+ bytes\n {4}a\\u\{1b\}\[31m\\u\{202e\}b\n/,
    stderr,
  );
});

Deno.test("dev shows plain rows when piped", async () => {
  using mounts = new Mounts();
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /^ +u-001 +pt-BR$/m);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /[\x1b│─]/);
});

Deno.test("dev cuts a wide row and counts the rows it leaves out", async () => {
  using mounts = new Mounts();
  makeDatabase(
    mounts.inputDatabase,
    `CREATE TABLE results(n INTEGER, t TEXT);
     WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 25)
     INSERT INTO results SELECT i, printf('%.500c', 'x') FROM c;`,
  );
  const { stdout } = await runTask("dev", [], mounts.env);
  assert.match(stdout, /x…/);
  assert.match(stdout, /and 15 more rows/);
});

Deno.test("dev --entry runs another job", async () => {
  using mounts = new Mounts();
  const { code } = await runTask("dev", ["--entry", "examples/count_by_locale.ts"], mounts.env);
  assert.equal(code, 0);
  assert.deepEqual(mounts.outputNames(), ["count_by_locale.csv", "count_by_locale.json"]);
});

Deno.test("dev --entry with a missing file says so", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runTask("dev", ["--entry", "nowhere.ts"], mounts.env);
  assert.equal(code, 1);
  assert.match(stderr, /^error: --entry .*nowhere\.ts doesn't exist/m);
});

Deno.test("dev gives the job's exit code", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(mounts.inputDatabase, "not a database, but newer than the script");
  const { code, stderr } = await runTask("dev", [], mounts.env);
  assert.equal(code, 2);
  assert.match(stderr, /encrypted or not a database/);
});

for (
  const [args, next] of [
    [[], /\nNext: .*`deno task engine`.*: deno task export\n$/],
    [["--entry", "examples/count_by_locale.ts"], /deno task export --entry examples\/count_by/],
  ] as const
) {
  Deno.test(`dev ${args.join(" ")} ends with the next step`, async () => {
    using mounts = new Mounts();
    const { stderr } = await runTask("dev", args, mounts.env);
    assert.match(stderr, next);
  });
}
