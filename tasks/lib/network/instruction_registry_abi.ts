/**
 * The interface of the ComputeInstructionRegistry contract, as far as it is used here.
 *
 * @module
 */

import { type Address, parseAbi } from "viem";

/** Where the contract is, on Vana's mainnet and on its Moksha testnet alike. */
export const REGISTRY_ADDRESS: Address = "0x5786B12b4c6Ba2bFAF0e77Ed30Bf6d32805563A5";

/** Its functions, events and errors; `EnforcedPause` is OpenZeppelin's. */
export const REGISTRY_ABI = parseAbi([
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
