import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SqlProcess } from "../../../../tasks/lib/workbench/sql/sql_process.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../../support/mounts.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../../tasks/lib/workbench/sql/reader.ts", import.meta.url),
);
const ENDLESS =
  "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c)";

Deno.test("an SQL process", async (t) => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const process = new SqlProcess({
    program: PROGRAM,
    permissions: [`--allow-read=${mounts.input}`],
    folder: mounts.root,
  });
  const rows = (where: string, options = {}) =>
    process.call<{ count: number }>("readRows", {
      view: { path: mounts.inputDatabase, version: "1", table: "results", where },
      from: 0,
      count: 1,
    }, options);

  await t.step("answers", async () => {
    assert.equal((await rows("")).count, 3);
  });

  await t.step("is killed at its time limit, and answers what waits", async () => {
    const late = rows(ENDLESS, { seconds: 1 });
    const waiting = rows("");
    await assert.rejects(late, /^ToolError: This took longer than 1 s, so it was stopped$/);
    assert.equal((await waiting).count, 3);
  });

  await t.step("drops a call that is aborted while it waits", async () => {
    const left = new AbortController();
    const first = rows("");
    const second = rows(ENDLESS, { signal: left.signal });
    left.abort(new Error("left"));
    await assert.rejects(second, /left/);
    assert.equal((await first).count, 3);
  });

  await t.step("reads nothing but what it may", async () => {
    const file = { path: "/etc/passwd", version: "1" };
    await assert.rejects(process.call("listTables", file), /Requires read access/);
  });

  await process.close();
});
