/**
 * Finds out what happened to the transactions that may have submitted a job.
 *
 * @module
 */

import type { Address, Hash, Hex, TransactionReceipt } from "viem";
import { pause } from "../../../src/pause.ts";
import { findReceipt, isKnown } from "../chain/receipt.ts";
import { ToolError } from "../errors.ts";
import { computeEngine } from "../network/compute_engine.ts";
import { type Submission, submissionOf } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { UndecidedError } from "./errors.ts";
import type { JobRecord, SentTransaction } from "./record.ts";

/** Between two looks at the chain. */
const PAUSE_MS = 1000;
/** Nodes behind one RPC can differ for a moment: so often a receipt is looked for that should be there. */
const LOOKS = 5;

/** How long it may take, and what is said meanwhile. */
export interface SettleOptions {
  /** How long to wait for a block to take a transaction, in seconds. */
  timeout: number;
  /** Whether a transaction is known to submit another job. */
  isOther(hash: Hash): boolean;
  /** Called if a transaction is waited for. */
  onWait(hash: Hash): void;
}

/** What happened to the transactions: a job; or nothing, and another may be sent. */
export type Settled =
  | { kind: "job"; submission: Submission }
  /** The nonce is used, for something else or by a transaction that failed: it may be sent anew. */
  | { kind: "over" }
  /** The nonce is free: another transaction with the same nonce may be sent, and no other. */
  | { kind: "free"; nonce: number };

/**
 * Finds out what happened to a record's transactions.
 *
 * @throws {UndecidedError} It can't be told yet.
 * @throws {UnreachableError} The RPC can't be asked.
 */
export async function settle(
  network: Network,
  { key: { account }, transactions }: JobRecord,
  { timeout, isOther, onWait }: SettleOptions,
): Promise<Settled> {
  const newest = transactions.at(-1);
  if (newest === undefined) return { kind: "over" };
  const deadline = performance.now() + timeout * 1000;
  let said = false;
  for (let looks = 1;; looks++) {
    const found = await findMined(network, transactions);
    if (found !== undefined) return found;
    const count = { address: account, blockTag: "latest" } as const;
    const mined = await network.ask((client) => client.getTransactionCount(count));
    if (mined > newest.nonce) {
      if (looks < LOOKS) {
        await pause(PAUSE_MS);
        continue;
      }
      return await findReplacement(network, newest, { account, isOther });
    }
    const waiting = await Promise.all(transactions.map(({ hash }) => isKnown(network, hash)));
    if (!waiting.includes(true)) {
      if (mined === newest.nonce) return { kind: "free", nonce: mined };
      throw new UndecidedError(
        `The RPC ${network.rpc.origin} is behind: it doesn't know transactions of ${account} that were ` +
          "mined. Nothing was sent; try again later",
      );
    }
    if (!said) onWait(newest.hash);
    said = true;
    if (performance.now() > deadline) {
      throw new UndecidedError(
        `The transaction ${newest.hash} isn't mined${
          timeout > 0 ? ` after ${timeout} s` : " yet"
        }. It ` +
          "may be later, and it is not sent again",
      );
    }
    await pause(PAUSE_MS);
  }
}

async function findMined(
  network: Network,
  transactions: readonly SentTransaction[],
): Promise<Settled | undefined> {
  for (const { hash } of transactions) {
    const receipt = await findReceipt(network, hash);
    if (receipt === undefined) continue;
    return receipt.status === "success" ? jobOf(network, receipt) : { kind: "over" };
  }
  return undefined;
}

function jobOf(network: Network, receipt: TransactionReceipt): Settled {
  const submission = submissionOf(network, receipt);
  if (submission !== undefined) return { kind: "job", submission };
  throw new ToolError(
    `The transaction ${receipt.transactionHash} was mined, but ${receipt.to} doesn't say that it ` +
      "submitted a job; is it a ComputeEngine?",
  );
}

/** What a transaction does, as text. */
export function callKey(
  { to, data, value }: { to: Address | null; data: Hex; value: bigint },
): string {
  return `${to} ${data} ${value}`.toLowerCase();
}

/** A wallet can send a transaction again with a higher fee: then another hash has the nonce. */
async function findReplacement(
  network: Network,
  { nonce, block, hash, call }: SentTransaction,
  { account, isOther }: { account: Address; isOther(hash: Hash): boolean },
): Promise<Settled> {
  let events;
  try {
    events = await network.ask((client) =>
      client.getContractEvents({
        ...computeEngine(network),
        eventName: "JobRegistered",
        args: { ownerAddress: account },
        fromBlock: block,
        strict: true,
      })
    );
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UndecidedError(
      `Another transaction of ${account} took the nonce ${nonce} of ${hash}, and the RPC doesn't say ` +
        `whether it submitted the job (${error.message}). Nothing was sent`,
    );
  }
  for (const { transactionHash } of events) {
    const sent = await network.ask((client) => client.getTransaction({ hash: transactionHash }));
    if (sent.nonce !== nonce || isOther(transactionHash)) continue;
    if (callKey({ to: sent.to, data: sent.input, value: sent.value }) !== call) continue;
    const receipt = await findReceipt(network, transactionHash);
    if (receipt !== undefined) return jobOf(network, receipt);
  }
  return { kind: "over" };
}
