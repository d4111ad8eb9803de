/**
 * Submits many jobs that differ in the values of their query's placeholders: a query that is too large for
 * one job's time is so spread over the engine's TEEs.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import type { Network } from "../network/network.ts";
import { ToolError } from "../errors.ts";
import type { FinishedJob } from "./finish.ts";
import { type Order, parseParams } from "./order.ts";
import { expectAdmitted, keyOf, submitJob, type SubmitOptions } from "./submit.ts";
import type { SubmitTalk } from "./talk.ts";

/** So many jobs are under way at a time. */
const AT_A_TIME = 4;

/** Options of {@linkcode submitBatch}. */
export interface BatchOptions
  extends Omit<SubmitOptions, "checked" | "folderOf" | "onJob" | "kind"> {
  /** The folder in which each job's folder is, named for its line. */
  folder: string;
}

/** How a line of a batch ended. */
export interface BatchResult {
  /** The line, from 1. */
  line: number;
  /** The job's id, where it is known. */
  id?: bigint;
  /** The job, where its artifacts are here. */
  job?: FinishedJob;
  /** Why it isn't, or hasn't been yet. */
  error?: unknown;
}

/**
 * Reads a batch: each line is a JSON array with the values of the query's placeholders.
 *
 * @throws {ToolError} A line isn't that, or is the same as another one; or there is none.
 */
export function parseBatch(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  if (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) {
    throw new ToolError("The batch is empty; expected one JSON array per line");
  }
  const seen = new Map<string, number>();
  return lines.map((line, at) => {
    let params: string;
    try {
      params = parseParams(line);
    } catch (error) {
      throw new ToolError(`Line ${at + 1} of the batch: ${messageOf(error)}`);
    }
    const same = seen.get(params);
    if (same !== undefined) {
      throw new ToolError(`Lines ${same} and ${at + 1} of the batch give the same job`);
    }
    seen.set(params, at + 1);
    return params;
  });
}

/**
 * Submits the jobs of a batch, a few at a time, each as `submitJob` does: the same batch again goes on with
 * those that haven't ended.
 *
 * @returns How each line ended.
 * @throws {RefusedError} The jobs would be refused; nothing was sent.
 * @throws {ToolError} The person doesn't want it.
 */
export async function submitBatch(
  network: Network,
  order: Order,
  lines: readonly string[],
  options: BatchOptions,
): Promise<BatchResult[]> {
  const { account, records, talk } = options;
  const orders = lines.map((params, at) => ({
    ...order,
    params,
    folder: join(options.folder, `${at + 1}`),
  }));
  const open: Order[] = [];
  for (const one of orders) {
    const record = records.read(await keyOf(network, one, account.address));
    if (record?.job === undefined || (order.again && record.end !== undefined)) open.push(one);
  }
  const [first] = open;
  if (first !== undefined) {
    const jobs = BigInt(open.length);
    await expectAdmitted(network, { ...first, folder: undefined }, { account, talk, jobs });
    await talk.confirm({
      text: `Submit ${jobs} jobs of instruction ${order.instruction} on ${network.chain.name}?`,
      answer: `${jobs}`,
    });
  }
  const results: BatchResult[] = [];
  const waiting = orders.map((one, at) => ({ one, line: at + 1 }));
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.push(await submitLine(network, next.one, next.line, options));
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return results.toSorted((a, b) => a.line - b.line);
}

async function submitLine(
  network: Network,
  order: Order & { folder: string },
  line: number,
  options: BatchOptions,
): Promise<BatchResult> {
  const talk = talkOfLine(options.talk, line);
  let id: bigint | undefined;
  try {
    const ended = await submitJob(network, order, {
      ...options,
      kind: "send",
      talk,
      checked: true,
      folderOf: () => order.folder,
      onJob: (job) => void (id = job),
    });
    return ended.kind === "finished"
      ? { line, id: ended.job.id, job: ended.job }
      : { line, error: new ToolError("There was nothing to send") };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    talk.say(error.message);
    return { line, id, error };
  }
}

/** What is said of a line begins with its number; it was asked for all of them. */
function talkOfLine({ say, warn }: SubmitTalk, line: number): SubmitTalk {
  const own = (text: string) => say(`[${line}] ${text}`);
  return {
    say: own,
    warn: (text) => warn(`[${line}] ${text}`),
    showLog: (text) => own(`| ${text}`),
    withProgress: (work) => work(() => {}),
    showPlan() {},
    confirm: () => Promise.resolve(),
    sending: (hash) => own(`Sending transaction ${hash}`),
  };
}
