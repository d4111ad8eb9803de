// deno task status: tells what the chain says of an instruction.

import { note, print, runTask, task } from "./lib/cli.ts";
import { connect, type Connection } from "./lib/chain/connection.ts";
import { withChainOptions } from "./lib/chain/options.ts";
import { readStatus, type Status } from "./lib/network/status.ts";
import { printable } from "../src/printable.ts";
import { formatChecks } from "./lib/audit/format_checks.ts";

const EXIT = { approved: 0, notApproved: 1, unknown: 2 } as const;

await runTask(async () => {
  const command = withChainOptions(
    task("status", "Tell what the chain says of an instruction")
      .argument("<id>", "the instruction's id, or the hash of a transaction that changed it")
      .option("--dlp <n>", "the DLP for which it must be approved; without it, any will do")
      .option("--verify", "audit the archive at its URL against the SHA-256 on-chain")
      .option("--base <image>", "the base it must have, if not the Dockerfile's")
      .option("--allow-http", "admit http URLs of this machine itself")
      .option("--json", "print what is known as JSON"),
  ).addHelpText(
    "after",
    "\nExit code 0: approved, and its archive holds if it was audited; 1: not; 2: can't tell.",
  );
  const parsed = await command.parseAsync();
  const { verify, base, allowHttp, json, ...options } = parsed.opts();
  const connection = await connect(options);
  const status = await readStatus(connection, parsed.args[0]!, {
    ...options,
    audit: verify && { base, allowHttp },
  });
  if (json) print(JSON.stringify(toJson(connection, status), null, 2));
  else show(connection, status);
  const holds = status.approvedFor.length > 0 && status.audit?.ok !== false;
  return holds ? EXIT.approved : EXIT.notApproved;
}, { failure: EXIT.unknown });

function show({ chain, registry }: Connection, status: Status): void {
  const { instruction: { id, owner, url, sha256 }, audit } = status;
  print(`Instruction ${id} on ${chain.name} (chain ${chain.id})`);
  print(`  registry  ${registry}`);
  print(`  owner     ${owner}`);
  print(`  URL       ${printable(url)}`);
  print(`  SHA-256   ${sha256}`);
  print(`  approved  ${describeApproval(status)}`);
  if (audit === undefined) return;
  print();
  const colour = Deno.stdout.isTerminal() && !Deno.noColor;
  const { lines, summary } = formatChecks(audit.checks, { colour });
  for (const line of lines) print(line);
  note(`\n${summary}`);
}

function describeApproval({ dlp, approvedFor }: Status): string {
  if (approvedFor.length > 0) return `yes, for DLP ${approvedFor.join(", ")}`;
  return dlp === undefined ? "no, for no DLP" : `no, not for DLP ${dlp}`;
}

/** Ids are strings: they can be larger than JSON's numbers are exact. */
function toJson({ network, chain, registry }: Connection, status: Status): unknown {
  const { instruction, dlp, approvedFor, audit } = status;
  return {
    network,
    chainId: chain.id,
    registry,
    ...instruction,
    id: `${instruction.id}`,
    dlp: dlp?.toString(),
    approved: approvedFor.length > 0,
    approvedFor: approvedFor.map(String),
    audit,
  };
}
