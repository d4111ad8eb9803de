/** What a person sees on a terminal, through a pseudo-terminal that `script` makes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DENO_PROJECT_ARGS, workerArgs } from "../../tasks/lib/project.ts";
import { hasProgram } from "../support/artifacts.ts";
import { productionEnv, TestEngine } from "../support/engine.ts";
import { makeDatabase, Mounts } from "../support/mounts.ts";

const ignore = !hasProgram("script");

/** Runs `deno` on a terminal of 60 columns and returns what it showed. */
async function onTerminal(args: string[], env: Record<string, string>): Promise<string> {
  const line = [Deno.execPath(), ...args].map((arg) => `'${arg}'`).join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", `stty cols 60 rows 20; ${line}`, "/dev/null"],
    env: { ...env, TERM: "xterm" },
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

const dev = ["run", "-A", ...DENO_PROJECT_ARGS, "tasks/dev.ts"];

// deno-lint-ignore no-control-regex
const withoutCodes = (text: string) => text.replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, "");

Deno.test({
  name: "on a terminal, dev shows a table in a box that fits it",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(
      mounts.inputDatabase,
      `CREATE TABLE results(id, note, more);
       INSERT INTO results VALUES (1, printf('%.300c', 'x'), printf('%.300c', '宏'));`,
    );
    const shown = withoutCodes(await onTerminal(dev, mounts.env));
    const rows = shown.split(/\r?\n/).filter((line) => /[│─]/.test(line));
    assert.ok(rows.length >= 4, shown);
    for (const row of rows) assert.ok(row.length <= 60, row);
  },
});

Deno.test({
  name: "on a terminal, NO_COLOR takes colour and frames away",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const shown = await onTerminal(dev, { ...mounts.env, NO_COLOR: "1" });
    const table = shown.slice(shown.indexOf("In /"));
    assert.match(table, /u-001 +pt-BR/);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(table, /[\x1b│─]/);
  },
});

Deno.test({
  name: "on a terminal, a long download shows a bar",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const database = join(mounts.root, "large.db");
    makeDatabase(
      database,
      `CREATE TABLE t(body); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
       WHERE i < 8) INSERT INTO t SELECT randomblob(262144) FROM c;`,
    );
    await using engine = new TestEngine({ database, faults: [{ name: "slow" }] });
    const env = await productionEnv(mounts, engine.url, "SELECT body FROM t");
    const shown = await onTerminal(workerArgs("main.ts"), { ...env, LOG_LEVEL: "info" });
    assert.match(shown, /\[#+ *\] [\d.]+ [KM]iB of 2\.\d MiB, \d+%/);
    assert.match(shown, /Wrote .*query_results\.db/);
  },
});
