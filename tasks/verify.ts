// deno task verify: audits an archive.

import { print, runTask, task } from "./lib/cli.ts";
import { showChecks } from "./lib/image/show_checks.ts";
import { verify } from "./lib/image/verify.ts";

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
  else showChecks(audit.checks, "stdout");
  return audit.ok ? 0 : 1;
});
