/**
 * Why no TEE took a job, in words.
 *
 * @module
 */

import { decodeErrorResult, type Hex } from "viem";
import { TEE_POOL_ABI } from "./tee_pools.ts";

/** Says what the reason of a `TeeAssignmentFailed` event means. */
export function explainUnassigned(reason: Hex): string {
  const error = decode(reason);
  switch (error?.errorName) {
    case "NoActiveTee":
      return `the pool ${error.args[0]} has no active TEE`;
    case "TeeNotActive":
      // Jobs that may take longer than all other pools allow are for a TEE that the job's owner names.
      return "its time limit leads to the dedicated pool, which only takes jobs sent to a specific TEE; " +
        "use a shorter time limit";
    case "HWRequirementNotMet":
      return "the pool has no GPU";
    case "MaxTimeoutExceeded":
      return "the pool doesn't give a job that much time";
    case "TeePoolNotFound":
      return "there is no pool for jobs of that time limit and hardware";
    default:
      return "the pool gives a reason that isn't known";
  }
}

function decode(data: Hex): ReturnType<typeof decodeErrorResult<typeof TEE_POOL_ABI>> | undefined {
  try {
    return decodeErrorResult({ abi: TEE_POOL_ABI, data });
  } catch {
    // It is bytes of a contract, which can be anything.
    return undefined;
  }
}
