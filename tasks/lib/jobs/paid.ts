/**
 * What was paid for a job.
 *
 * @module
 */

import { zeroAddress } from "viem";
import { ToolError } from "../errors.ts";
import { type Payment, readPaid, readPayments } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { readRefiner } from "../network/refiners.ts";
import type { JobRecord } from "./record.ts";

/**
 * Reads what was paid for a job: by the contract's sums for the chain's own money where the RPC gives no
 * events.
 *
 * @returns `undefined` if the RPC can't tell.
 */
export async function paidFor(
  network: Network,
  job: bigint,
  record: JobRecord | undefined,
): Promise<Payment[] | undefined> {
  try {
    return await readPayments(network, job);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (record === undefined) return undefined;
  }
  try {
    const { dlp } = await readRefiner(network, record.key.refiner);
    return [{ token: zeroAddress, amount: await readPaid(network, { job, dlp }) }];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  }
}
