/**
 * Tells what is known of an instruction.
 *
 * @module
 */

import type { Hash } from "viem";
import type { Proof } from "../audit/proof.ts";
import { readChange } from "./changes.ts";
import { approvedDlps, type Instruction, isApproved, readInstruction } from "./instructions.ts";
import type { Network } from "./network.ts";
import { type InstructionProofOptions, proveInstruction } from "./prove_instruction.ts";

/** What is asked. */
export interface StatusOptions {
  /**
   * The DLP's id.
   *
   * @default any DLP, or that of the transaction
   */
  dlp?: bigint;
  /**
   * How the archive is proved.
   *
   * @default it isn't
   */
  proof?: InstructionProofOptions;
}

/** What is known of an instruction. */
export interface Status {
  /** The instruction. */
  instruction: Instruction;
  /** The DLP that was asked about, if one was. */
  dlp?: bigint;
  /** Those of the DLPs in question for which the instruction is approved. */
  approvedFor: bigint[];
  /** What the proof of its archive found, if one was asked for. */
  proof?: Proof;
}

/**
 * Reads what is known of an instruction.
 *
 * @param subject The instruction's id, or the hash of a transaction that registered, approved or revoked it.
 * @throws {ToolError} It can't be told.
 */
export async function readStatus(
  network: Network,
  subject: bigint | Hash,
  { dlp: wanted, proof: asked }: StatusOptions,
): Promise<Status> {
  const { id, decision } = typeof subject === "bigint"
    ? { id: subject, decision: undefined }
    : await readChange(network, subject);
  const instruction = await readInstruction(network, id);
  const dlp = wanted ?? decision?.dlp;
  const approvedFor = dlp === undefined
    ? await approvedDlps(network, id)
    : await isApproved(network, { id, dlp })
    ? [dlp]
    : [];
  const proof = asked && await proveInstruction(network, instruction, asked);
  return { instruction, dlp, approvedFor, proof };
}
