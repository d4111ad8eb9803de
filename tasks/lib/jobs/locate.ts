/**
 * Finds a job by its id, or by the transaction that submitted it.
 *
 * @module
 */

import type { Hash } from "viem";
import { readReceipt } from "../chain/receipt.ts";
import { ToolError } from "../errors.ts";
import { submissionOf } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { UndecidedError } from "./errors.ts";
import { type JobRecord, type JobRecords, networkKey } from "./record.ts";
import { settle } from "./settle.ts";

/** A job that was found. */
export interface LocatedJob {
  /** Its id. */
  id: bigint;
  /** What this machine knows of its submission. */
  record?: JobRecord;
  /** Why no TEE took it, if none did and the transaction says so. */
  unassigned?: string;
}

/** How a job is looked for. */
export interface LocateOptions {
  /** What is known of submissions. */
  records: JobRecords;
  /** How long to wait for a block to take its transaction, in seconds. */
  timeout: number;
  /** Shows that it is waited for. */
  say(text: string): void;
}

/**
 * Finds a job.
 *
 * @param subject Its id, or the hash of the transaction that submitted it.
 * @throws {UndecidedError} The transaction isn't mined yet, or was never sent.
 * @throws {ToolError} The transaction submitted no job.
 */
export async function locateJob(
  network: Network,
  subject: bigint | Hash,
  options: LocateOptions,
): Promise<LocatedJob> {
  const { records } = options;
  const record = records.find(await networkKey(network), subject);
  if (typeof subject === "bigint") return { id: subject, record };
  if (record === undefined) return await locateByReceipt(network, subject);
  if (record.job !== undefined) return { id: record.job, record };
  const onWait = () => options.say("Waiting for another `submit` of the same job");
  return await records.withLock(record.key, onWait, () => settleRecord(network, record, options));
}

async function locateByReceipt(network: Network, hash: Hash): Promise<LocatedJob> {
  const submission = submissionOf(network, await readReceipt(network, hash));
  if (submission !== undefined) return submission;
  throw new ToolError(
    `The transaction ${hash} submitted no job in the ComputeEngine ${network.contracts.ComputeEngine}`,
  );
}

async function settleRecord(
  network: Network,
  { key }: JobRecord,
  { records, timeout, say }: LocateOptions,
): Promise<LocatedJob> {
  // The run that was waited for may have gone on with it.
  const record = records.read(key);
  if (record === undefined) throw new ToolError("The job's record has been removed");
  if (record.job !== undefined) return { id: record.job, record };
  const settled = await settle(network, record, {
    timeout,
    isOther: (hash) => records.isOther(key, hash),
    onWait: (hash) => say(`Waiting for the transaction ${hash}`),
  });
  if (settled.kind === "job") {
    const { id, unassigned } = settled.submission;
    records.write(Object.assign(record, { job: id }));
    return { id, record, unassigned };
  }
  if (settled.kind === "free") {
    throw new UndecidedError(
      "The transaction isn't on-chain: it was never sent, or was dropped. Nothing was paid; run the " +
        "same submit again to send it",
    );
  }
  throw new ToolError(
    "The transaction failed, or another one took its place: no job was submitted, and nothing was paid",
  );
}
