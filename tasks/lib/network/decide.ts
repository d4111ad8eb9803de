/**
 * What a DLP's owner decides about an instruction.
 *
 * @module
 */

import { contractCall } from "../chain/call.ts";
import { makeChange, type Outcome, type Signing } from "../chain/change.ts";
import { ToolError } from "../errors.ts";
import { changeOf } from "./changes.ts";
import type { InstructionConversation } from "./conversation.ts";
import { expectProved, orNotProved } from "./expect_proved.ts";
import { explainRefusal, instructionRegistry } from "./instruction_registry.ts";
import { isApproved, readInstruction } from "./instructions.ts";
import type { Network } from "./network.ts";
import { type InstructionProofOptions, proveInstruction } from "./prove_instruction.ts";

/** What is decided. */
export interface Decision {
  /** The instruction's id. */
  id: bigint;
  /** The DLP's id. */
  dlp: bigint;
  /** Whether the instruction may run on its data. */
  approved: boolean;
  /** How its archive is proved before it is approved; a revocation needs no proof. */
  proof?: InstructionProofOptions & {
    /**
     * Approve an archive of which nothing can be told.
     *
     * @default false
     */
    unproved?: boolean;
  };
}

/**
 * Approves or revokes an instruction. One whose archive differs from what this checkout makes isn't approved,
 * and a decision that is on-chain already isn't sent again, though an approval is proved again.
 *
 * @throws {NotProvedError} The archive isn't proved; nothing was sent.
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function decide(
  network: Network,
  { id, dlp, approved, proof: asked }: Decision,
  signing: Signing,
  conversation: InstructionConversation,
): Promise<Outcome> {
  const instruction = await readInstruction(network, id);
  conversation.showInstruction(instruction);
  async function prove(otherwise: string): Promise<void> {
    const { unproved = false, ...options } = asked ?? {};
    const proving = conversation.withProgress((onProgress) =>
      proveInstruction(network, instruction, { ...options, onProgress })
    );
    const proof = await orNotProved(proving, `Instruction ${id} ${otherwise}`);
    conversation.showProof(proof);
    expectProved(proof, { otherwise: `Instruction ${id} ${otherwise}`, unproved });
  }

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
        // It may have been approved unproved, and its URL may serve other bytes by now.
        if (asked !== undefined) await prove("is approved already; revoke it if in doubt");
        return `Instruction ${id} is ${
          approved ? "approved already" : "not approved"
        } for DLP ${dlp}`;
      },
      check: asked && (() => prove("is not approved")),
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
