/**
 * The contracts of TEE pools and of their factory, as far as they are used here.
 *
 * @module
 */

import { parseAbi } from "viem";

/** The factory's functions. It knows which pool takes which jobs. */
export const TEE_POOL_FACTORY_ABI = parseAbi([
  "function getTeePoolAddress(uint80 maxTimeout, bool gpuRequired) view returns (address)",
  "function ephemeralTimeout() view returns (uint80)",
  "function persistentTimeout() view returns (uint80)",
]);

/** A pool's functions, and the errors by which it says why it doesn't take a job. */
export const TEE_POOL_ABI = parseAbi([
  "struct TeeInfo { address teeAddress; string url; uint8 status; uint256 jobsCount; string publicKey; }",
  "function tees(address teeAddress) view returns (TeeInfo)",
  "function activeTeeList() view returns (address[])",
  "error NoActiveTee(address teePoolAddress)",
  "error TeeNotActive(address teeAddress)",
  "error HWRequirementNotMet()",
  "error MaxTimeoutExceeded()",
  // The ComputeEngine's own, where there is no pool to ask.
  "error TeePoolNotFound()",
]);
