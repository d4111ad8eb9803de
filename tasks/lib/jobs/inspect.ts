/**
 * What chain and engine say of a job now.
 *
 * @module
 */

import type { PrivateKeyAccount } from "viem/accounts";
import type { RunReport } from "../compute_engine/answers.ts";
import { askJob } from "../compute_engine/client.ts";
import { ToolError } from "../errors.ts";
import { type Job, type Payment, readJob } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { readTee, type Tee } from "../network/tees.ts";
import { paidFor } from "./paid.ts";
import { JobLog } from "./log.ts";
import type { LocatedJob } from "./locate.ts";
import { openRemote } from "./remote.ts";
import type { JobTalk } from "./talk.ts";

/** What is known of a job. */
export interface KnownJob {
  /** What the chain says. */
  job: Job;
  /** The TEE that took it, as its pool has it. */
  tee?: Tee;
  /** Why no TEE took it, where that is known. */
  unassigned?: string;
  /** What was paid for it; `undefined` if the RPC can't tell. */
  payments?: Payment[];
  /** What its engine says, if it was asked and has answered. */
  report?: RunReport;
  /** Why the engine gave no answer, if it was asked. */
  unanswered?: string;
  /** Where its artifacts are on this machine. */
  folder?: string;
  /** How far it is, by all of this. */
  state: "going" | "succeeded" | "failed";
}

/** How a job is looked at. */
export interface InspectOptions {
  /** The job's owner; without it the engine isn't asked. */
  account?: PrivateKeyAccount;
  /** Admit a TEE whose URL is plain http. */
  allowHttp: boolean;
  /** Show the job's log. */
  logs: boolean;
  /** How it is talked over. */
  talk: JobTalk;
}

/**
 * Reads what is known of a job.
 *
 * @throws {ToolError} There is none with that id, or the RPC can't be asked.
 */
export async function inspectJob(
  network: Network,
  { id, record, unassigned }: LocatedJob,
  options: InspectOptions,
): Promise<KnownJob> {
  const job = await readJob(network, id);
  const { assigned } = job;
  const tee = assigned && await readTee(network, assigned);
  const asked = assigned === undefined || options.account === undefined
    ? {}
    : await askEngine(network, { ...job, assigned }, { ...options, account: options.account });
  const folder = record?.end?.kind === "done" ? record.artifacts?.folder : undefined;
  const payments = await paidFor(network, id, record);
  return { job, tee, unassigned, payments, ...asked, folder, state: stateOf(job, asked.report) };
}

async function askEngine(
  network: Network,
  assigned: Parameters<typeof openRemote>[1],
  { account, allowHttp, logs, talk }: InspectOptions & { account: PrivateKeyAccount },
): Promise<Pick<KnownJob, "report" | "unanswered">> {
  try {
    const remote = await openRemote(network, assigned, { account, allowHttp });
    const report = await askJob(remote);
    if (logs) {
      using log = new JobLog(remote, (line) => talk.showLog(line));
      await log.finish();
    }
    return { report };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { unanswered: error.message };
  }
}

function stateOf({ status }: Job, report: RunReport | undefined): KnownJob["state"] {
  if (status === "failed" || status === "canceled" || report?.state === "failed") return "failed";
  return status === "completed" || report?.state === "succeeded" ? "succeeded" : "going";
}
