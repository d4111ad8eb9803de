// deno task verify: audits an archive.

import { auditInstruction } from "./lib/network/audit_instruction.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { readInstruction } from "./lib/network/instructions.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { auditArchive } from "./lib/audit/audit.ts";
import { formatChecks } from "./lib/audit/format_checks.ts";
import { ToolError } from "./lib/errors.ts";
import { contractId, sha256Hex } from "./lib/options.ts";
import type { OnProgress } from "./lib/progress.ts";
import { withProgressBars } from "./lib/progress_bars.ts";

await runTask(async () => {
  const command = withChainOptions(
    task("verify", "Audit an archive: what is in it, and what it may do")
      .argument("[archive]", "the archive's file, or its https URL")
      .option("--sha256 <hex>", "the SHA-256 that it must have", sha256Hex)
      .option(
        "--instruction <id>",
        "take the SHA-256, and the URL if no archive is given, on-chain",
        contractId,
      )
      .option("--rebuild", "export this checkout again and compare")
      .option("--base <image>", "the base it must have, if not the Dockerfile's")
      .option("--allow-http", "accept http URLs of this machine itself")
      .option("--json", "print what was found as JSON"),
  );
  const parsed = await command.parseAsync();
  const [archive] = parsed.args;
  const { json, instruction: id, sha256, network, rpc, contracts, ...options } = parsed.opts();
  const audit = await withProgressBars(auditOf);
  if (json === true) print(JSON.stringify(audit, null, 2));
  else {
    const colour = Deno.stdout.isTerminal() && !Deno.noColor;
    const { lines, summary } = formatChecks(audit.checks, { colour });
    for (const line of lines) print(line);
    note(`\n${summary}`);
  }
  return audit.ok ? 0 : 1;

  async function auditOf(onProgress: OnProgress) {
    if (id === undefined) {
      if (archive !== undefined) {
        return await auditArchive(archive, { ...options, sha256, onProgress });
      }
      throw new ToolError("Expected the archive to audit, or --instruction with its id");
    }
    if (sha256 !== undefined) {
      throw new ToolError("Give --sha256 or --instruction, not both: the chain says the SHA-256");
    }
    const chosen = networkOf({ network, rpc, contracts });
    const instruction = await readInstruction(chosen, id);
    return await auditInstruction(chosen, instruction, {
      ...options,
      archive,
      onProgress,
    });
  }
});
