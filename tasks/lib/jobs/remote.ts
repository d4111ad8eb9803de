/**
 * The way to the Compute Engine that has a job.
 *
 * @module
 */

import { type Address, isAddressEqual } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { isLoopback } from "../../../src/loopback.ts";
import type { RemoteJob } from "../compute_engine/client.ts";
import { JobText } from "../compute_engine/job_text.ts";
import { parseTeeUrl } from "../compute_engine/tee_url.ts";
import { ToolError } from "../errors.ts";
import { guardedConnect } from "../http/guarded_client.ts";
import type { Assignment } from "../network/jobs.ts";
import { type Network, reachOf } from "../network/network.ts";
import { readTee } from "../network/tees.ts";
import { JobFailedError } from "./errors.ts";

/** Who asks an engine, and how. */
export interface AskerOptions {
  /** The job's owner, who signs. */
  account: PrivateKeyAccount;
  /** Admit a TEE whose URL is plain http. */
  allowHttp: boolean;
}

/** A job, and the TEE that took it. */
export interface AssignedJob {
  /** The job's id. */
  id: bigint;
  /** Who submitted it. */
  owner: Address;
  /** Where it is. */
  assigned: Assignment;
}

/**
 * Prepares the way to a job's engine: the job's id is signed, and nothing is asked yet.
 *
 * @throws {JobFailedError} The pool doesn't know the TEE.
 * @throws {ToolError} The TEE's URL can't be used, or the key isn't that of the job's owner.
 */
export async function openRemote(
  network: Network,
  { id, owner, assigned }: AssignedJob,
  { account, allowHttp }: AskerOptions,
): Promise<RemoteJob> {
  if (!isAddressEqual(owner, account.address)) {
    throw new ToolError(
      `Job ${id} is of ${owner}, and the key is for ${account.address}; only a job's owner gets ` +
        "anything from its Compute Engine",
    );
  }
  const tee = await readTee(network, assigned);
  if (tee === undefined) {
    throw new JobFailedError(
      `Job ${id} is assigned to the TEE ${assigned.tee}, which the pool ${assigned.pool} doesn't know`,
    );
  }
  const onLoopback = isLoopback(network.rpc.url);
  const base = parseTeeUrl(tee.url, { allowHttp, onLoopback });
  // Whoever has this signature can read the artifacts: it is made only when the URL is known to be good.
  const signature = await account.signMessage({ message: `${id}` });
  const connect = guardedConnect(reachOf(network));
  return { id, access: { base, signature, connect, text: new JobText([signature]) } };
}
