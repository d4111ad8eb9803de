// deno task status: tells what the chain says of an instruction, or of a DLP's instructions.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { type Hash, isHash } from "viem";
import { printable } from "../src/printable.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { networkOf, ownFlags, withChainOptions } from "./lib/cli/chain_options.ts";
import { claimLines } from "./lib/cli/show_claims.ts";
import { formatProof, proofToJson } from "./lib/cli/format_proof.ts";
import { withProofOptions } from "./lib/cli/proof_options.ts";
import { ToolError } from "./lib/errors.ts";
import { type ClaimedJob, readClaimsOf } from "./lib/network/claims_on_chain.ts";
import {
  type ApprovedInstructions,
  approvedInstructions,
  type Instruction,
} from "./lib/network/instructions.ts";
import type { Network } from "./lib/network/network.ts";
import { readStatus, type Status } from "./lib/network/status.ts";
import { contractId } from "./lib/options.ts";
import { withProgressBars } from "./lib/screen/progress_bars.ts";
import { screenOf } from "./lib/screen/screen.ts";

const EXIT = { approved: 0, notApproved: 1, unknown: 2 } as const;

await runTask(async () => {
  const command = withProofOptions(withChainOptions(
    task("status", "Show an instruction's state on-chain, or what is approved for a DLP")
      .argument(
        "[id]",
        "the instruction's id, or the hash of a transaction that changed it; without it, --dlp " +
          "lists all that is approved",
        idOrHash,
      )
      .option("--dlp <id>", "the DLP for which it must be approved; else any", contractId)
      .option("--verify", "prove the archive at its URL, which must have the SHA-256 on-chain")
      .option("--json", "print JSON"),
  )).addHelpText(
    "after",
    "\nExit code 0: approved, and with --verify proved; 1: not approved, or its archive differs; 2: can't tell.",
  );
  const parsed = await command.parseAsync();
  const [subject] = parsed.processedArgs;
  const options = parsed.opts();
  const { dlp, verify, base, allowHttp, json } = options;
  const network = networkOf(options);
  if (subject === undefined) {
    if (dlp === undefined) throw new ToolError("Expected an instruction's id, or --dlp");
    if (verify) throw new ToolError("--verify needs an instruction's id");
    const approved = await approvedInstructions(network, dlp);
    const jobs = await readClaimsOf(network, approved.instructions, { allowHttp });
    if (json) print(JSON.stringify(listToJson(network, dlp, approved, jobs), null, 2));
    else showList(network, dlp, approved, jobs);
    return approved.instructions.length > 0 ? EXIT.approved : EXIT.notApproved;
  }
  const status = await withProgressBars((onProgress) =>
    readStatus(network, subject, { dlp, proof: verify && { base, allowHttp, onProgress } })
  );
  // A proof says more than labels do.
  const [job] = verify ? [] : await readClaimsOf(network, [status.instruction], { allowHttp });
  if (json) print(JSON.stringify(toJson(network, status, job), null, 2));
  else show(network, status, job);
  const isApproved = status.approvedFor.length > 0;
  if (!isApproved) {
    const { id } = status.instruction;
    note(
      "\nNext: the DLP's owner approves it with " +
        `\`deno task approve ${id} --dlp ${status.dlp ?? "DLP_ID"} ${ownFlags(options, network)}${
          allowHttp ? " --allow-http" : ""
        }\``,
    );
  }
  const verdict = status.proof?.verdict ?? "proved";
  if (!isApproved || verdict === "differs") return EXIT.notApproved;
  return verdict === "proved" ? EXIT.approved : EXIT.unknown;
}, { failure: EXIT.unknown });

function idOrHash(text: string): bigint | Hash {
  if (isHash(text)) return text;
  try {
    return contractId(text);
  } catch {
    throw new InvalidArgumentError("expected a whole number above 0, or a transaction's hash");
  }
}

function show({ chain, contracts }: Network, status: Status, job?: ClaimedJob): void {
  const { instruction, proof } = status;
  print(`Instruction ${instruction.id} on ${chain.name} (chain ${chain.id})`);
  print(`  registry  ${contracts.ComputeInstructionRegistry}`);
  showInstruction(instruction, job);
  print(`  approved  ${describeApproval(status)}`);
  if (proof === undefined) return;
  print();
  for (const line of formatProof(proof, screenOf(Deno.stdout))) print(line);
}

function showInstruction({ owner, url, sha256 }: Instruction, job?: ClaimedJob): void {
  print(`  owner     ${owner}`);
  print(`  URL       ${printable(url)}`);
  print(`  SHA-256   ${sha256}`);
  for (const line of job === undefined ? [] : claimLines(job)) print(line);
}

function describeApproval({ dlp, approvedFor }: Status): string {
  if (approvedFor.length > 0) return `yes, for DLP ${approvedFor.join(", ")}`;
  return dlp === undefined ? "no, for no DLP" : `no, not for DLP ${dlp}`;
}

function showList(
  { chain, contracts }: Network,
  dlp: bigint,
  { instructions, lookedAt, more }: ApprovedInstructions,
  jobs: ClaimedJob[],
): void {
  const found = instructions.length === 1 ? "1 instruction" : `${instructions.length} instructions`;
  print(`DLP ${dlp} on ${chain.name} (chain ${chain.id}) approves ${found} of ${lookedAt}`);
  print(`  registry  ${contracts.ComputeInstructionRegistry}`);
  instructions.forEach((instruction, at) => {
    print(`\nInstruction ${instruction.id}`);
    showInstruction(instruction, jobs[at]);
  });
  if (instructions.length > 0) {
    note("\nLabels are claims: `deno task verify --instruction ID` proves a job's name and rights");
  }
  if (more) note(`\nOnly the newest ${lookedAt} instructions were looked at`);
}

/** Ids are strings, as they can be larger than the numbers that JSON holds exactly. */
function toJson(
  { network, chain, contracts }: Network,
  status: Status,
  job?: ClaimedJob,
): unknown {
  const { instruction, dlp, approvedFor, proof } = status;
  return {
    network,
    chainId: chain.id,
    registry: contracts.ComputeInstructionRegistry,
    ...instruction,
    id: `${instruction.id}`,
    dlp: dlp?.toString(),
    approved: approvedFor.length > 0,
    approvedFor: approvedFor.map(String),
    job,
    proof: proof && proofToJson(proof),
  };
}

function listToJson(
  { network, chain, contracts }: Network,
  dlp: bigint,
  { instructions, lookedAt, more }: ApprovedInstructions,
  jobs: ClaimedJob[],
): unknown {
  return {
    network,
    chainId: chain.id,
    registry: contracts.ComputeInstructionRegistry,
    dlp: `${dlp}`,
    approved: instructions.map((one, at) => ({ ...one, id: `${one.id}`, job: jobs[at] })),
    lookedAt,
    more,
  };
}
