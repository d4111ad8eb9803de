/**
 * The contract ComputeInstructionRegistry, as far as it is used here.
 *
 * @module
 */

import { type Address, parseAbi } from "viem";
import type { Refusal } from "../chain/call.ts";
import type { Network } from "./network.ts";

/** Its functions, events and errors; `EnforcedPause` is OpenZeppelin's. */
export const INSTRUCTION_REGISTRY_ABI = parseAbi([
  "function addComputeInstruction(bytes32 hash, string url) returns (uint256 computeInstructionId)",
  "function updateComputeInstruction(uint256 instructionId, uint256 dlpId, bool approved)",
  "function isApproved(uint256 instructionId, uint256 dlpId) view returns (bool)",
  "function instructions(uint256 instructionId) view returns ((bytes32 hash, address owner, string url))",
  "function isValidInstructionId(uint256 instructionId) view returns (bool)",
  "function instructionsCount() view returns (uint256)",
  "event ComputeInstructionAdded(uint256 indexed computeInstructionId, address indexed owner, string computeInstructionUrl, bytes32 computeInstructionHash)",
  "event ComputeInstructionUpdated(uint256 indexed computeInstructionId, uint256 indexed dlpId, bool approved)",
  "error NotDlpOwner()",
  "error ComputeInstructionNotFound(uint256 instructionId)",
  "error EnforcedPause()",
]);

/** The contract of a network: address and interface. */
export function instructionRegistry(
  { contracts }: Network,
): { address: Address; abi: typeof INSTRUCTION_REGISTRY_ABI } {
  return { address: contracts.ComputeInstructionRegistry, abi: INSTRUCTION_REGISTRY_ABI };
}

/** Says in words why the contract refuses a call; `undefined` for errors that aren't its own. */
export function explainRefusal({ errorName, args }: Refusal): string | undefined {
  switch (errorName) {
    case "ComputeInstructionNotFound":
      return `There is no instruction ${args[0]}`;
    case "EnforcedPause":
      return "The ComputeInstructionRegistry is paused: its operators have stopped all changes for now. " +
        "Try again later";
    default:
      return undefined;
  }
}
