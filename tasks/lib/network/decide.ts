/**
 * What a DLP's owner decides about an instruction.
 *
 * @module
 */

import { note, print } from "../cli.ts";
import { ToolError } from "../errors.ts";
import { printable } from "../../../src/printable.ts";
import type { AuditOptions } from "../audit/audit.ts";
import { formatChecks } from "../audit/format_checks.ts";
import { auditInstruction } from "./audit_instruction.ts";
import { changeOf } from "./changes.ts";
import { chainFlags, type ChainOptions, connect, type Connection } from "../chain/connection.ts";
import { parseId } from "./ids.ts";
import type { SigningOptions } from "../chain/options.ts";
import { type Instruction, isApproved, readInstruction } from "./instructions.ts";
import { submit } from "../chain/change.ts";

/** What is decided. */
export interface Decision extends ChainOptions, SigningOptions {
  /** The DLP's id. */
  dlp: string;
  /** Whether the instruction may run on its data. */
  approved: boolean;
  /** How its archive is audited before it is approved; a revocation takes no audit. */
  audit?: AuditOptions;
}

/**
 * Approves or revokes an instruction. One whose archive fails its audit isn't approved, and what is so
 * already isn't sent again.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function decide(instructionId: string, decision: Decision): Promise<void> {
  const id = parseId(instructionId, "instruction's id");
  const dlp = parseId(decision.dlp, "DLP's id");
  const { approved, audit } = decision;
  const connection = await connect(decision);
  const instruction = await readInstruction(connection, id);
  showInstruction(instruction);
  const receipt = await submit(connection, {
    call: { functionName: "updateComputeInstruction", args: [id, dlp, approved] },
    question: `${
      approved ? "Approve" : "Revoke"
    } instruction ${id} for DLP ${dlp} on ${connection.chain.name}?`,
    unneeded: async () => {
      if (await isApproved(connection, { id, dlp }) !== approved) return undefined;
      return `Instruction ${id} is ${
        approved ? "approved already" : "not approved"
      } for DLP ${dlp}`;
    },
    check: audit && (() => expectAudited(connection, instruction, audit)),
  }, decision);
  if (receipt === undefined) return;
  const { decision: done } = changeOf(connection, receipt) ?? {};
  if (done?.dlp !== dlp || done.approved !== approved) {
    throw new ToolError(
      `The transaction ${receipt.transactionHash} was mined, but the registry says nothing of it; ` +
        `ask \`deno task status ${id} --dlp ${dlp} ${chainFlags(connection)}\``,
    );
  }
  print(
    `${approved ? "Approved" : "Revoked"} instruction ${id} for DLP ${dlp} ` +
      `(transaction ${receipt.transactionHash}, block ${receipt.blockNumber})`,
  );
}

function showInstruction({ id, owner, url, sha256 }: Instruction): void {
  note(`Instruction ${id}`);
  note(`  owner     ${owner}`);
  note(`  URL       ${printable(url)}`);
  note(`  SHA-256   ${sha256}`);
}

async function expectAudited(
  connection: Connection,
  instruction: Instruction,
  options: AuditOptions,
): Promise<void> {
  const audit = await auditInstruction(connection, instruction, options);
  const colour = Deno.stderr.isTerminal() && !Deno.noColor;
  const { lines, summary } = formatChecks(audit.checks, { colour });
  note(`${lines.join("\n")}\n\n${summary}`);
  if (audit.ok) return;
  throw new ToolError(
    `Instruction ${instruction.id} is not approved: what its URL serves fails the audit above`,
  );
}
