/**
 * Follows a job in its Compute Engine until it has ended.
 *
 * @module
 */

import { pause } from "../../../src/pause.ts";
import type { RunReport } from "../compute_engine/answers.ts";
import { askJob, type RemoteJob } from "../compute_engine/client.ts";
import {
  ArtifactsError,
  EngineRefusalError,
  EngineUnreachableError,
} from "../compute_engine/errors.ts";
import { UnreachableError } from "../chain/errors.ts";
import { type Job, readJob } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { JobFailedError, UndecidedError } from "./errors.ts";
import { JobLog } from "./log.ts";
import { paidFor } from "./paid.ts";
import { describeMessage } from "./status_message.ts";
import { isNewlyPosted, postOnce, type PostOptions } from "./post.ts";
import type { JobRecord } from "./record.ts";
import type { JobTalk } from "./talk.ts";

const FIRST_POLL_MS = 500;
const LONGEST_POLL_MS = 10_000;
/** Each pause is longer than the last one by this factor. */
const POLL_GROWTH = 1.2;
/** How often the chain is asked for the job's status. */
const CHAIN_MS = 30_000;
/** An engine that gives no answer for this long isn't waited for. */
const PATIENCE_MS = 5 * 60_000;
/** An engine's RPC can be behind the chain for so long. */
const LAG_MS = 60_000;
/** A job may wait for others this long, beside its own time. */
const QUEUE_MS = 15 * 60_000;

/** How a job is followed. */
export interface FollowOptions extends Pick<PostOptions, "account" | "records"> {
  /** How it is talked over. */
  talk: JobTalk;
  /** Show the job's log. */
  logs: boolean;
  /** Wait for its end; else it must have ended. */
  wait: boolean;
}

/** A job that is followed. */
export interface FollowedJob {
  /** The way to it. */
  remote: RemoteJob;
  /** What this machine knows of its submission. */
  record?: JobRecord;
  /** The time that it may take, in seconds. */
  maxTimeout: bigint;
}

/**
 * Hands a job in if that wasn't done, and follows it, with a line a change.
 *
 * @returns What the engine says of a job that succeeded.
 * @throws {JobRefusedError} The engine refuses it.
 * @throws {JobFailedError} It failed.
 * @throws {UndecidedError} It hasn't ended yet, or the engine doesn't answer.
 */
export async function followJob(
  network: Network,
  followed: FollowedJob,
  options: FollowOptions,
): Promise<RunReport> {
  const { remote, maxTimeout } = followed;
  const { talk, logs, wait: waits } = options;
  const { id } = remote;
  using log = new JobLog(remote, (line) => talk.showLog(line));
  const started = performance.now();
  const deadline = started + Number(maxTimeout) * 1000 + QUEUE_MS;
  let [answered, chainAsked] = [started, started];
  let shown: string | undefined;
  for (let wait = FIRST_POLL_MS;; wait = Math.min(wait * POLL_GROWTH, LONGEST_POLL_MS)) {
    const report = await ask(remote);
    const status = typeof report === "string" ? report : report.status;
    if (status !== shown && status !== "absent") talk.say(`Job ${id}: ${status}`);
    if (status !== shown) wait = FIRST_POLL_MS;
    shown = status;
    const now = performance.now();
    if (!waits) expectEnded(id, report);
    if (typeof report !== "string") {
      answered = now;
      if (logs && report.state !== "absent") log.start();
      if (logs && isEnd(report)) await log.finish();
      if (report.state === "succeeded") return report;
      if (report.state === "failed") {
        throw new JobFailedError(await explainFailure(network, id, report));
      }
      if (report.state === "absent") {
        await handIn(network, followed, { ...options, mayLag: now - started < LAG_MS });
      }
    }
    if (now - chainAsked > CHAIN_MS) {
      expectGoing(await readPatiently(network, id));
      chainAsked = now;
    }
    if (now - answered > PATIENCE_MS) {
      throw new UndecidedError(`${status}. The job may still be running`);
    }
    if (now > deadline) {
      throw new UndecidedError(`Job ${id} hasn't ended after ${maxTimeout} s and more: ${status}`);
    }
    await pause(wait);
  }
}

/** Hands in a job that the engine has no run of, if the chain says that it waits for one. */
async function handIn(
  network: Network,
  { remote, record }: FollowedJob,
  { account, records, talk, mayLag }: FollowOptions & { mayLag: boolean },
): Promise<void> {
  const { id } = remote;
  if (record !== undefined && isNewlyPosted(record)) return;
  const job = await readPatiently(network, id);
  if (job === undefined) return;
  expectWaiting(job);
  await postOnce(remote, record, {
    account,
    records,
    mayLag,
    say: (text) => talk.say(text),
    hasBegun: async () =>
      job.status === "running" || (await paidFor(network, id, record) ?? []).length > 0,
  });
}

/** What the chain says; `undefined` while the RPC gives no answer, which is no reason to give a job up. */
async function readPatiently(network: Network, id: bigint): Promise<Job | undefined> {
  try {
    return await readJob(network, id);
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

/** What the engine says; in words, if it gives no answer. */
async function ask(remote: RemoteJob): Promise<RunReport | string> {
  try {
    return await askJob(remote);
  } catch (error) {
    if (error instanceof EngineUnreachableError) return error.message;
    if (error instanceof EngineRefusalError) throw new UndecidedError(error.message);
    if (error instanceof ArtifactsError) throw new JobFailedError(error.message);
    throw error;
  }
}

function isEnd({ state }: RunReport): boolean {
  return state === "succeeded" || state === "failed";
}

function expectEnded(id: bigint, report: RunReport | string): void {
  if (typeof report === "string") throw new UndecidedError(report);
  if (isEnd(report)) return;
  throw new UndecidedError(`Job ${id} hasn't ended yet: ${report.status}`);
}

async function explainFailure(
  network: Network,
  id: bigint,
  { status, reason }: RunReport,
): Promise<string> {
  const engine = status === "failed" ? "" : ` with the status ${status}`;
  const chain = await readJob(network, id).catch(() => undefined);
  return `Job ${id} failed${engine}${reason}${chain === undefined ? "" : describeChain(chain)}`;
}

/** What the chain says of a job that failed, unless it is no more than that. */
export function describeChain({ status, statusMessage }: Job): string {
  const said = describeMessage(statusMessage);
  return said === "" && status !== "canceled" ? "" : ` (on-chain: ${status}${said})`;
}

/** A job that the engine has no run of must be one that can still get one. */
function expectWaiting(job: Job): void {
  expectGoing(job);
  if (job.status !== "completed") return;
  throw new JobFailedError(
    `Job ${job.id} is completed on-chain, but its Compute Engine no longer has the run: its ` +
      "artifacts are gone",
  );
}

function expectGoing(job: Job | undefined): void {
  if (job === undefined || (job.status !== "failed" && job.status !== "canceled")) return;
  throw new JobFailedError(
    `Job ${job.id} is ${job.status} on-chain${describeMessage(job.statusMessage)}`,
  );
}
