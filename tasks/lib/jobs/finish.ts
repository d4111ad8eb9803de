/**
 * Brings a job that was submitted to its end: its artifacts on this disk.
 *
 * @module
 */

import { basename } from "node:path";
import { exists, isFile } from "../../../src/files.ts";
import { checksumsOf, downloadArtifacts } from "../compute_engine/artifacts.ts";
import { ArtifactsError } from "../compute_engine/errors.ts";
import { hashBytes, hashFile } from "../hash.ts";
import { type Payment, readJob } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { JobFailedError, JobRefusedError, UnassignedError } from "./errors.ts";
import { followJob, type FollowOptions } from "./follow.ts";
import { paidFor } from "./paid.ts";
import type { LocatedJob } from "./locate.ts";
import type { JobRecord } from "./record.ts";
import { type AskerOptions, openRemote } from "./remote.ts";

/** How a job is brought to its end. */
export interface FinishOptions extends FollowOptions, AskerOptions {
  /** The folder that the artifacts come to; it must not exist yet. */
  folder: string;
  /** Wait for its end; else it must have ended. */
  wait: boolean;
}

/** A job whose artifacts are here. */
export interface FinishedJob {
  /** Its id. */
  id: bigint;
  /** Where its artifacts are. */
  folder: string;
  /** What was paid for it; `undefined` if the RPC can't tell. */
  payments?: Payment[];
}

/**
 * Does what {@linkcode finishJob} does: at once for a job that must have ended, else when no other process
 * works on the job's submission any more.
 *
 * @throws What that throws.
 */
export async function finishAlone(
  network: Network,
  { record, ...located }: LocatedJob,
  options: FinishOptions,
): Promise<FinishedJob> {
  // A job that has ended already is only read: nothing is written down that another run may write.
  if (record === undefined || !options.wait) return await finishJob(network, located, options);
  const { records, talk } = options;
  const onWait = () => talk.say("Waiting for another `submit` of the same job");
  return await records.withLock(record.key, onWait, async () => {
    // The run that was waited for may have gone on with it.
    const newest = records.read(record.key) ?? record;
    return await finishJob(network, { ...located, record: newest }, options);
  });
}

/**
 * Follows a job to its end, and downloads its artifacts.
 *
 * @throws {JobFailedError} It failed, or its artifacts aren't available.
 * @throws {UnassignedError} No TEE has taken it.
 * @throws {UndecidedError} It hasn't ended yet.
 * @throws {ToolError} The artifacts can't be downloaded now.
 */
export async function finishJob(
  network: Network,
  { id, record, unassigned }: LocatedJob,
  options: FinishOptions,
): Promise<FinishedJob> {
  const { folder, records, talk } = options;
  if (record !== undefined && hasWhole(record, folder)) {
    return await done(network, id, folder, record);
  }
  const job = await readJob(network, id);
  try {
    if (job.status === "canceled") throw new JobFailedError(`Job ${id} was canceled`);
    const { assigned } = job;
    if (assigned === undefined) throw new UnassignedError(describeUnassigned(id, unassigned));
    const remote = await openRemote(network, { ...job, assigned }, options);
    const { maxTimeout } = job;
    const { artifacts } = await followJob(network, { remote, record, maxTimeout }, options);
    await talk.withProgress((onProgress) =>
      downloadArtifacts(remote, artifacts, {
        folder,
        onReady(checksums) {
          if (record === undefined) return;
          record.artifacts = { folder, checksums: hashBytes(checksums) };
          records.write(record);
        },
        onProgress,
        warn: (text) => talk.warn(text),
      })
    );
  } catch (error) {
    const failed = error instanceof ArtifactsError ? new JobFailedError(error.message) : error;
    const isFinal = failed instanceof JobFailedError && !(failed instanceof JobRefusedError);
    if (isFinal && record !== undefined) {
      records.write(Object.assign(record, { end: { kind: "failed", reason: failed.message } }));
    }
    throw failed;
  }
  const finished = await done(network, id, folder, record);
  if (record !== undefined) records.write(Object.assign(record, { end: { kind: "done" } }));
  return finished;
}

async function done(
  network: Network,
  id: bigint,
  folder: string,
  record: JobRecord | undefined,
): Promise<FinishedJob> {
  return { id, folder, payments: await paidFor(network, id, record) };
}

/** Says that no TEE has a job, and why. */
function describeUnassigned(id: bigint, reason: string | undefined): string {
  return `No TEE has taken job ${id}${reason === undefined ? "" : `: ${reason}`}`;
}

/** Whether a folder holds a job's artifacts, all of them: a run that was stopped may have finished it. */
function hasWhole({ artifacts }: JobRecord, folder: string): boolean {
  const sums = checksumsOf(folder);
  if (artifacts?.folder !== folder || !exists(folder) || !isFile(sums)) return false;
  // Those of another job may have taken the folder's place.
  if (hashFile(sums) !== artifacts.checksums) return false;
  const lines = Deno.readTextFileSync(sums).split("\n").filter((line) => line !== "");
  return lines.every((line) => {
    const [, hash, name = ""] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    const path = `${folder}${name.slice(basename(folder).length)}`;
    return isFile(path) && hashFile(path) === hash;
  });
}
