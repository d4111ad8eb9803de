/**
 * How a change to an instruction is talked over with the person who makes it.
 *
 * @module
 */

import type { Proof } from "../audit/proof.ts";
import type { Conversation } from "../chain/change.ts";
import type { OnProgress } from "../screen/progress.ts";
import type { Instruction } from "./instructions.ts";

/** A conversation about a change to an instruction. */
export interface InstructionConversation extends Conversation {
  /** Shows the instruction that is decided about. */
  showInstruction(instruction: Instruction): void;
  /** Does some work, and shows how far it has come. */
  withProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T>;
  /** Shows what the proof found, before anything is decided by it. */
  showProof(proof: Proof): void;
}
