/**
 * What a DLP's owner decides about an instruction.
 *
 * @module
 */

import type { AuditOptions } from "../audit/audit.ts";
import { contractCall } from "../chain/call.ts";
import { makeChange, type Outcome, type Signing } from "../chain/change.ts";
import { ToolError } from "../errors.ts";
import { auditInstruction } from "./audit_instruction.ts";
import { changeOf } from "./changes.ts";
import type { InstructionConversation } from "./conversation.ts";
import { explainRefusal, instructionRegistry } from "./instruction_registry.ts";
import { isApproved, readInstruction } from "./instructions.ts";
import type { Network } from "./network.ts";

/** What is decided. */
export interface Decision {
  /** The instruction's id. */
  id: bigint;
  /** The DLP's id. */
  dlp: bigint;
  /** Whether the instruction may run on its data. */
  approved: boolean;
  /** How its archive is audited before it is approved; a revocation needs no audit. */
  audit?: AuditOptions;
}

/**
 * Approves or revokes an instruction. One whose archive fails its audit isn't approved, and a decision
 * that is on-chain already isn't sent again.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function decide(
  network: Network,
  { id, dlp, approved, audit }: Decision,
  signing: Signing,
  conversation: InstructionConversation,
): Promise<Outcome> {
  const instruction = await readInstruction(network, id);
  conversation.showInstruction(instruction);
  const outcome = await makeChange(
    network,
    {
      call: contractCall({
        ...instructionRegistry(network),
        functionName: "updateComputeInstruction",
        args: [id, dlp, approved],
        explain: (refusal) =>
          refusal.errorName === "NotDlpOwner"
            ? `The account ${refusal.account} isn't the owner of DLP ${dlp}; only its owner may approve ` +
              "or revoke an instruction for it"
            : explainRefusal(refusal),
      }),
      question: {
        text: `${approved ? "Approve" : "Revoke"} instruction ${id} for DLP ${dlp} on ` +
          `${network.chain.name}?`,
        answer: `${id}`,
      },
      async unneeded() {
        if (await isApproved(network, { id, dlp }) !== approved) return undefined;
        return `Instruction ${id} is ${
          approved ? "approved already" : "not approved"
        } for DLP ${dlp}`;
      },
      check: audit && (async () => {
        const found = await conversation.withProgress((onProgress) =>
          auditInstruction(network, instruction, { ...audit, onProgress })
        );
        conversation.showAudit(found);
        if (found.ok) return;
        throw new ToolError(
          `Instruction ${id} is not approved: what its URL serves fails the audit above`,
        );
      }),
    },
    signing,
    conversation,
  );
  if (outcome.kind === "sent") {
    const { receipt } = outcome;
    const done = changeOf(network, receipt)?.decision;
    if (done?.dlp !== dlp || done.approved !== approved) {
      throw new ToolError(
        `The transaction ${receipt.transactionHash} was mined, but ${receipt.to} doesn't say that it ` +
          `decided this; look up the status of instruction ${id} for DLP ${dlp}`,
      );
    }
  }
  return outcome;
}
