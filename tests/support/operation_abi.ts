/**
 * What the people of the network do with its contracts, and builders don't.
 *
 * @module
 */

import { parseAbi } from "viem";

/** Functions of all contracts. */
export const OPERATION_ABI = parseAbi([
  "function setDlp(uint256 dlpId, address owner, string name)",
  "function addSchema(string name, string dialect, string definitionUrl) returns (uint256)",
  "function schemasCount() view returns (uint256)",
  "function refinersCount() view returns (uint256)",
  "function addRefiner(uint256 dlpId, string name, string schemaUrl, string instructionUrl) returns (uint256)",
  "function addRefiner(uint256 dlpId, string name, string schemaUrl, string instructionUrl, string publicKey) returns (uint256)",
  "function addRefinerWithSchemaId(uint256 dlpId, string name, uint256 schemaId, string instructionUrl) returns (uint256)",
  "function updateSchemaId(uint256 refinerId, uint256 schemaId)",
  "function addPaymentToken(address token)",
  "function requestPaymentInVana(uint256 amount, uint256 jobId, uint256 refinerId)",
  "function requestPaymentInToken(address token, uint256 amount, uint256 jobId, uint256 refinerId)",
  "function balanceOf(uint256 dlpId, address token) view returns (uint256)",
  "function claimDlpPayment(uint256 dlpId, address token)",
  "function addTee(address tee, bytes params)",
  "function removeTee(address tee)",
  "function updateJobStatus(uint256 jobId, uint8 status, string statusMessage)",
  "function submitJobWithTee(uint80 maxTimeout, bool gpuRequired, uint256 computeInstructionId, address teeAddress) payable",
  "function resubmitJobWithTee(uint256 jobId, address teeAddress)",
  "function mint(address to, uint256 value)",
  "function pause()",
]);
