/**
 * Submits a job on-chain, once: whatever interrupts it, what was sent is found again before anything else
 * is sent.
 *
 * @module
 */

import { type Conversation, makeChange, type Outcome, type Signing } from "../chain/change.ts";
import { type ContractCall, contractCall, encodeCall } from "../chain/call.ts";
import { formatAmount } from "../chain/transaction.ts";
import { ToolError } from "../errors.ts";
import { computeEngine, explainComputeEngine } from "../network/compute_engine.ts";
import { type Submission, submissionOf } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { UndecidedError } from "./errors.ts";
import type { Order } from "./order.ts";
import type { JobRecord, JobRecords } from "./record.ts";
import { callKey, settle, type Settled } from "./settle.ts";

/** Who sent a transaction has waited for it already. */
const AFTER_FAILURE_SECONDS = 5;

/** Stops a transaction whose nonce isn't the one that an earlier attempt may have used. */
class NonceMoved extends Error {}

/** The call that submits a job. */
export function submitCall(
  network: Network,
  { maxTime, gpu, instruction, deposit }: Order,
): ContractCall {
  return contractCall({
    ...computeEngine(network),
    functionName: "submitJob",
    args: [BigInt(maxTime), gpu, instruction],
    value: deposit,
    explain: explainComputeEngine,
  });
}

/** What a submission needs. */
export interface PayOptions {
  /** The job. */
  order: Order;
  /** Who signs and pays. */
  signing: Exclude<Signing, { kind: "unsigned" }>;
  /** Where it is written down. */
  records: JobRecords;
  /** How it is talked over. */
  talk: Conversation & { say(text: string): void };
  /** Looks for reasons against it, or throws; called before anything is sent. */
  check(): Promise<void>;
}

/** How it ended. */
export type Paid =
  | { kind: "job"; submission: Submission }
  /** Nothing was sent, and nothing was to be. */
  | { kind: "unsent"; outcome: Outcome };

/**
 * Submits a record's job, unless one of its transactions has done so.
 *
 * @throws {UndecidedError} A transaction may have been sent, and it can't be told whether it was mined.
 * @throws {ToolError} Nothing was submitted.
 */
export async function payOnce(
  network: Network,
  record: JobRecord,
  options: PayOptions,
): Promise<Paid> {
  let settled = await settleRecord(network, record, options);
  let checked = false;
  for (;;) {
    if (settled.kind === "job") return { kind: "job", submission: settled.submission };
    if (settled.kind === "over" && record.transactions.length > 0) {
      record.transactions = [];
      options.records.write(record);
    }
    // What takes time must not come between a look at the chain and the transaction.
    if (!checked) await options.check();
    checked = true;
    try {
      return await sendOnce(network, record, settled, options);
    } catch (error) {
      if (!(error instanceof NonceMoved)) throw error;
      settled = await settleRecord(network, record, options);
    }
  }
}

function settleRecord(
  network: Network,
  record: JobRecord,
  { records, signing, talk }: PayOptions,
  timeout: number = signing.timeout,
): Promise<Settled> {
  const { key } = record;
  return settle(network, record, {
    timeout,
    isOther: (hash) => records.isOther(key, hash),
    onWait: (hash) => talk.say(`Waiting for the transaction ${hash}, sent by an earlier run`),
  });
}

async function sendOnce(
  network: Network,
  record: JobRecord,
  settled: Settled,
  options: PayOptions,
): Promise<Paid> {
  const { order, records, signing, talk } = options;
  const { account } = record.key;
  const call = submitCall(network, order);
  const block = await network.ask((client) => client.getBlockNumber({ cacheTime: 0 }));
  const data = encodeCall(call);
  let sending = false;
  const conversation: Conversation = {
    warn: (text) => talk.warn(text),
    showPlan: (...plan) => talk.showPlan(...plan),
    confirm: (question) => talk.confirm(question),
    sending(hash, nonce) {
      // Two transactions with one nonce: one of them is mined at most.
      if (settled.kind === "free" && nonce !== settled.nonce) throw new NonceMoved();
      const { address: to, value } = call;
      record.transactions.push({ hash, nonce, block, call: callKey({ to, data, value }) });
      records.write(record);
      sending = true;
      talk.sending(hash, nonce);
    },
  };
  const deposited = order.deposit > 0n
    ? ` and deposit ${formatAmount(order.deposit, network)}`
    : "";
  const change = {
    call,
    question: {
      text:
        `Submit a job of instruction ${order.instruction}${deposited} on ${network.chain.name}?`,
      answer: "yes",
    },
  };
  try {
    const outcome = await records.withAccount(
      account,
      () => talk.say("Waiting for another transaction of this account"),
      () => makeChange(network, change, signing, conversation),
    );
    if (outcome.kind !== "sent") return { kind: "unsent", outcome };
    const submission = submissionOf(network, outcome.receipt);
    if (submission !== undefined) return { kind: "job", submission };
    const { transactionHash, to } = outcome.receipt;
    throw new ToolError(
      `The transaction ${transactionHash} was mined, but ${to} doesn't say that it submitted a job; is ` +
        "it a ComputeEngine?",
    );
  } catch (error) {
    if (!sending || !(error instanceof ToolError)) throw error;
    return await afterFailure(network, record, error, options);
  }
}

/** A transaction that an error says nothing certain about may have been mined all the same. */
async function afterFailure(
  network: Network,
  record: JobRecord,
  error: ToolError,
  options: PayOptions,
): Promise<Paid> {
  let settled: Settled;
  try {
    settled = await settleRecord(network, record, options, AFTER_FAILURE_SECONDS);
  } catch (unsettled) {
    if (!(unsettled instanceof ToolError)) throw unsettled;
    throw new UndecidedError(error.message);
  }
  if (settled.kind === "job") return { kind: "job", submission: settled.submission };
  if (settled.kind === "free") throw new UndecidedError(error.message);
  record.transactions = [];
  options.records.write(record);
  throw error;
}
