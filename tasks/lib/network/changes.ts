/**
 * What transactions did to instructions, from the events of the ComputeInstructionRegistry.
 *
 * @module
 */

import { type Hash, isAddressEqual, parseEventLogs, type TransactionReceipt } from "viem";
import { readReceipt } from "../chain/receipt.ts";
import { ToolError } from "../errors.ts";
import { instructionRegistry } from "./instruction_registry.ts";
import type { Network } from "./network.ts";

/** What a transaction did. */
export interface InstructionChange {
  /** The instruction that was registered, approved or revoked. */
  id: bigint;
  /** What was decided about it; nothing if it was registered. */
  decision?: { dlp: bigint; approved: boolean };
}

/** Reads what a mined transaction did; `undefined` if it did nothing to an instruction. */
export function changeOf(
  network: Network,
  { logs }: TransactionReceipt,
): InstructionChange | undefined {
  const { abi, address: registry } = instructionRegistry(network);
  const ours = logs.filter(({ address }) => isAddressEqual(address, registry));
  const [event] = parseEventLogs({ abi, logs: ours });
  if (event === undefined) return undefined;
  const id = event.args.computeInstructionId;
  if (event.eventName === "ComputeInstructionAdded") return { id };
  const { dlpId: dlp, approved } = event.args;
  return { id, decision: { dlp, approved } };
}

/**
 * Reads what a transaction did.
 *
 * @throws {ToolError} It isn't mined, it failed, or it did nothing to an instruction.
 */
export async function readChange(network: Network, hash: Hash): Promise<InstructionChange> {
  const change = changeOf(network, await readReceipt(network, hash));
  if (change !== undefined) return change;
  const { address } = instructionRegistry(network);
  throw new ToolError(
    `The transaction ${hash} changed nothing in the ComputeInstructionRegistry ${address}`,
  );
}
