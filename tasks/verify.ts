// deno task verify: audits an archive.

import { styleText } from "node:util";
import { note, print, runTask, task } from "./lib/cli.ts";
import { type Check, verify } from "./lib/image/verify.ts";

const MARKS = { ok: "ok", warn: "warn", fail: "FAIL" } as const;
const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

await runTask(async () => {
  const command = task("verify", "Audit an archive: what is in it, and what it may do")
    .argument("<archive>", "the archive's file, or its https URL")
    .option("--sha256 <hex>", "the SHA-256 that it must have")
    .option("--rebuild", "export this checkout again and compare")
    .option("--base <image>", "the base it must have, if not the Dockerfile's")
    .option("--allow-http", "admit http URLs of this machine itself")
    .option("--json", "print what was found as JSON");
  const parsed = await command.parseAsync();
  const { json, ...options } = parsed.opts();
  const audit = await verify(parsed.args[0]!, options);
  if (json === true) print(JSON.stringify(audit, null, 2));
  else show(audit.checks);
  return audit.ok ? 0 : 1;
});

function show(checks: Check[]): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const colour = Deno.stdout.isTerminal() && !Deno.noColor;
  for (const { name, status, seen } of checks) {
    const mark = MARKS[status].padEnd(4);
    print(`${colour ? styleText(COLOURS[status], mark) : mark}  ${name.padEnd(width)}  ${seen}`);
  }
  const count = (wanted: Check["status"]) =>
    checks.filter((check) => check.status === wanted).length;
  const failed = count("fail");
  note(
    failed > 0
      ? `\n${failed} of ${checks.length} checks failed: don't trust this archive`
      : `\n${checks.length} checks hold, ${count("warn")} with a warning`,
  );
}
