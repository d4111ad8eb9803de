/**
 * Hands a job to its Compute Engine, once if that can be.
 *
 * @module
 */

import type { PrivateKeyAccount } from "viem/accounts";
import { postJob, type RemoteJob } from "../compute_engine/client.ts";
import { EngineRefusalError, EngineUnreachableError } from "../compute_engine/errors.ts";
import { JobRefusedError, UndecidedError } from "./errors.ts";
import type { JobRecord, JobRecords } from "./record.ts";

/**
 * An engine can take a job and still not answer, and a second run may be charged again: so long it gets to
 * show the run.
 */
const GRACE_MS = 60_000;
/** So often a job is handed in at most whose run the engine doesn't show. */
const MOST_POSTS = 3;
/** What an engine says whose own RPC doesn't know yet what was mined just now. */
const LAGS = /is not registered on-chain|is not assigned to a TEE/;

/** What is handed in, and by whom. */
export interface PostOptions {
  /** The job's owner. */
  account: PrivateKeyAccount;
  /** Where it is written down. */
  records: JobRecords;
  /** Whether the engine's RPC may be behind the chain. */
  mayLag: boolean;
  /** Whether the chain says that a run has begun, or that it was paid for. */
  hasBegun(): Promise<boolean>;
  /** Shows a change. */
  say(text: string): void;
}

/** Whether an engine was given a job just now, so that it may not show the run yet. */
export function isNewlyPosted({ posted }: JobRecord): boolean {
  // The clock may have been set back.
  return posted !== undefined && Math.abs(Date.now() - posted.getTime()) < GRACE_MS;
}

/**
 * Hands a job to an engine that has no run of it.
 *
 * @throws {JobRefusedError} The engine refuses it.
 * @throws {UndecidedError} This machine doesn't know its query, or a run of it may be under way.
 */
export async function postOnce(
  remote: RemoteJob,
  record: JobRecord | undefined,
  { account, records, mayLag, hasBegun, say }: PostOptions,
): Promise<void> {
  const { id } = remote;
  if (record === undefined) {
    throw new UndecidedError(
      `Job ${id} is waiting for its query, which this machine doesn't have; submit it from the machine that ` +
        "paid for it",
    );
  }
  if (record.posts > 0 && await hasBegun()) {
    throw new UndecidedError(
      `The Compute Engine ${remote.access.base.origin} shows no run of job ${id}, but one has begun ` +
        "on-chain. It isn't handed in again, as the query might be paid for twice",
    );
  }
  const { query, params, refiner } = record.key;
  const signature = await account.signMessage({ message: query });
  if (record.posts >= MOST_POSTS) {
    throw new UndecidedError(
      `Job ${id} was handed to ${remote.access.base.origin} ${record.posts} times, and it shows no run of it`,
    );
  }
  record.posted = new Date();
  record.posts++;
  records.write(record);
  say(`Handing job ${id} to the Compute Engine ${remote.access.base.origin}`);
  try {
    await postJob(remote, { query, signature, params, refiner });
  } catch (error) {
    if (error instanceof EngineRefusalError) {
      forget(record, records);
      if (mayLag && LAGS.test(error.message)) return;
      throw new JobRefusedError(`Job ${id} isn't run: ${error.message}`);
    }
    if (!(error instanceof EngineUnreachableError)) throw error;
    say(error.message);
    if (error.unbegun) forget(record, records);
  }
}

/** Nothing was handed in: it may be done again at once. */
function forget(record: JobRecord, records: JobRecords): void {
  record.posted = undefined;
  record.posts--;
  records.write(record);
}
