import assert from "node:assert/strict";
import { join } from "node:path";
import {
  findJobQuery,
  replaceScript,
  withJobQuery,
} from "../../../../tasks/lib/workbench/server/job_query.ts";
import { Mounts } from "../../../support/mounts.ts";

const SCRIPT =
  "CREATE TABLE t(a); -- results AS\nCREATE TABLE results AS\nSELECT a FROM t;\n-- end\n";

for (
  const [script, query] of [
    [SCRIPT, "SELECT a FROM t"],
    ["create view if not exists \"results\" as select ';' from t", "select ';' from t"],
    ["CREATE TEMP TABLE [Results] AS VALUES (1);", "VALUES (1)"],
    ["CREATE TABLE results(a);", undefined],
    ["SELECT 'CREATE TABLE results AS SELECT 1'", undefined],
    ["CREATE TABLE results AS SELECT 1; CREATE TABLE other AS SELECT 2;", "SELECT 1"],
  ] as const
) {
  Deno.test(`the job's query is found in ${JSON.stringify(script)}`, () => {
    assert.equal(findJobQuery(script), query);
  });
}

Deno.test("a query takes the place of the job's, and nothing else changes", () => {
  assert.equal(
    withJobQuery(SCRIPT, "-- note\nSELECT 2 ;"),
    SCRIPT.replace("SELECT a FROM t", "SELECT 2"),
  );
});

Deno.test("a script without a query gets one at its end", () => {
  assert.equal(
    withJobQuery("SELECT 1;\n\n", "SELECT 2"),
    "SELECT 1;\n\nCREATE TABLE results AS\nSELECT 2;\n",
  );
});

Deno.test("a comment on the query's last line doesn't swallow the semicolon", () => {
  const script = withJobQuery(SCRIPT, "SELECT 1 -- one");
  assert.match(script, /AS\nSELECT 1 -- one\n;\n-- end\n$/);
  assert.equal(findJobQuery(script), "SELECT 1 -- one");
});

Deno.test("the script keeps its line ends", () => {
  const script = withJobQuery(SCRIPT.replaceAll("\n", "\r\n"), "SELECT 1,\n2");
  assert.ok(!/(?<!\r)\n/.test(script));
});

Deno.test("a dollar sign in a query is text", () => {
  assert.match(withJobQuery(SCRIPT, "SELECT '$&$1'"), /SELECT '\$&\$1';/);
});

Deno.test("a script is replaced behind a link, with its mode", () => {
  using mounts = new Mounts();
  const [file, link] = [join(mounts.root, "real.sql"), join(mounts.input, "link.sql")];
  Deno.writeTextFileSync(file, "old!", { mode: 0o640 });
  Deno.symlinkSync(file, link);
  using before = Deno.openSync(file);
  replaceScript(link, "new");
  assert.equal(Deno.readTextFileSync(file), "new");
  // Who reads it meanwhile goes on with the old file, whole.
  const read = before.readSync(new Uint8Array(9));
  assert.equal(read, "old!".length);
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o640);
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.deepEqual([...Deno.readDirSync(mounts.root)].map(({ name }) => name).sort(), [
    "input",
    "output",
    "real.sql",
  ]);
});
