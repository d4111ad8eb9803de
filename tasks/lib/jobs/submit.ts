/**
 * The way of a job from its order to its artifacts.
 *
 * @module
 */

import type { Address } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Outcome } from "../chain/change.ts";
import { ToolError } from "../errors.ts";
import type { Network } from "../network/network.ts";
import { checkOrder } from "./checks.ts";
import { JobFailedError } from "./errors.ts";
import type { Problem } from "./findings.ts";
import { type FinishedJob, finishJob } from "./finish.ts";
import { checkQuery, type Order } from "./order.ts";
import { payOnce } from "./pay.ts";
import { type JobKey, type JobRecord, type JobRecords, networkKey } from "./record.ts";
import type { SubmitTalk } from "./talk.ts";

/** A job would be refused; nothing was sent. */
export class RefusedError extends ToolError {
  /** All the reasons. */
  readonly problems: readonly Problem[];

  /** Makes the error. */
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ text }) => text).join("\n"));
    this.problems = problems;
  }
}

/** Who submits a job, and how far that goes. */
export interface SubmitOptions {
  /** Who signs and pays. */
  account: PrivateKeyAccount;
  /** Whether it is sent, or only simulated. */
  kind: "send" | "simulate";
  /** How long to wait for a block to take the transaction, in seconds. */
  timeout: number;
  /** Whether it was checked already that it isn't refused. */
  checked: boolean;
  /** What is known of earlier submissions. */
  records: JobRecords;
  /** How it is talked over. */
  talk: SubmitTalk;
  /** The folder of a job's artifacts, if the order names none. */
  folderOf(id: bigint): string;
  /** Called when the job's id is known. */
  onJob(id: bigint): void;
}

/** How it ended. */
export type Submitted =
  | { kind: "finished"; job: FinishedJob }
  | { kind: "unsent"; outcome: Outcome };

/**
 * Submits a job and brings it to its end; or goes on with the same submission where an earlier run of it
 * was interrupted.
 *
 * @throws {RefusedError} It would be refused.
 * @throws {JobFailedError} It failed, now or earlier.
 * @throws {UndecidedError} It can't be told yet how it ends.
 * @throws {ToolError} Nothing was sent; or, once its id is known, the artifacts can't be downloaded now.
 */
export async function submitJob(
  network: Network,
  order: Order,
  options: SubmitOptions,
): Promise<Submitted> {
  checkQuery(order.query);
  const { account, records, talk } = options;
  const key = await keyOf(network, order, account.address);
  const onWait = () => talk.say("Waiting for another `submit` of the same job");
  return await records.withLock(key, onWait, () => submitLocked(network, order, key, options));
}

/** What makes an order the same as another one. */
export async function keyOf(
  network: Network,
  { instruction, refiner, query, params }: Order,
  account: Address,
): Promise<JobKey> {
  return { network: await networkKey(network), account, instruction, refiner, query, params };
}

async function submitLocked(
  network: Network,
  order: Order,
  key: JobKey,
  options: SubmitOptions,
): Promise<Submitted> {
  const { account, records, talk, kind, timeout, folderOf, onJob } = options;
  const record = startRecord(records.read(key), key, order);
  if (record.job !== undefined) {
    talk.say(
      record.end === undefined
        ? `Resuming job ${record.job}, which was submitted earlier`
        : `Job ${record.job} already ran with the same input: nothing is sent or paid`,
    );
  }
  let unassigned: string | undefined;
  if (record.job === undefined) {
    const paid = await payOnce(network, record, {
      order,
      signing: { kind, account, timeout },
      records,
      talk,
      check: async () => {
        if (!options.checked) await expectAdmitted(network, order, { ...options, jobs: 1n });
      },
    });
    if (paid.kind === "unsent") return paid;
    record.job = paid.submission.id;
    unassigned = paid.submission.unassigned;
    records.write(record);
    talk.say(`Submitted job ${record.job}`);
  }
  const id = record.job;
  onJob(id);
  const folder = order.folder ?? record.folder ?? folderOf(id);
  records.write(Object.assign(record, { folder }));
  const job = await finishJob(network, { id, record, unassigned }, {
    ...options,
    ...order,
    folder,
    wait: true,
  });
  return { kind: "finished", job };
}

/** The record of the same submission, or a new one. */
function startRecord(earlier: JobRecord | undefined, key: JobKey, { again }: Order): JobRecord {
  const fresh: JobRecord = { key, transactions: [], posts: 0 };
  if (earlier === undefined) return fresh;
  if (earlier.end === undefined) return earlier;
  if (again) return fresh;
  if (earlier.end.kind === "done") return earlier;
  throw new JobFailedError(
    `This job was submitted before and failed: ${earlier.end.reason}. Nothing was sent`,
  );
}

/**
 * Makes sure that jobs wouldn't be refused.
 *
 * @throws {RefusedError} They would be.
 */
export async function expectAdmitted(
  network: Network,
  order: Order,
  { account: { address: account }, talk, jobs }: Pick<SubmitOptions, "account" | "talk"> & {
    /** How many of them are to be paid. */
    jobs: bigint;
  },
): Promise<void> {
  const { problems, warnings } = await talk.withProgress((onProgress) =>
    checkOrder(network, order, { account, jobs, onProgress })
  );
  for (const warning of warnings) talk.warn(warning);
  if (problems.length > 0) throw new RefusedError(problems);
}
