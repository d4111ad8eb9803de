/**
 * Sends a transaction, once, and waits until it is mined.
 *
 * @module
 */

import {
  type Hash,
  keccak256,
  type ReplacementReason,
  type TransactionReceipt,
  WaitForTransactionReceiptTimeoutError,
} from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { pause } from "../../../src/pause.ts";
import { ToolError } from "../errors.ts";
import type { ContractCall } from "./call.ts";
import type { Connection } from "./connection.ts";
import { RevertedError, UncertainError, UnreachableError } from "./errors.ts";
import { isKnown } from "./receipt.ts";
import { type PreparedTransaction, simulate } from "./transaction.ts";

/** After the RPC failed while a transaction was waited for. */
const PAUSE_MS = 1000;

/** A transaction on its way. */
export interface SendOptions {
  /** What it does. */
  call: ContractCall;
  /** Who signs it. */
  account: PrivateKeyAccount;
  /** What is signed. */
  transaction: PreparedTransaction;
  /** How long to wait for a block to take it, in seconds. */
  timeout: number;
  /** Gets the transaction's hash and nonce before it is sent: whatever happens then, it can be looked up later. */
  sending: (hash: Hash, nonce: number) => void;
}

/**
 * Signs and sends a transaction and waits for it.
 *
 * @throws {UncertainError} It isn't known whether it was taken, or it isn't mined in time.
 * @throws {ToolError} It wasn't taken, failed, or was replaced.
 */
export async function send(
  connection: Connection,
  options: SendOptions,
): Promise<TransactionReceipt> {
  const signed = await options.account.signTransaction(options.transaction);
  const hash = keccak256(signed);
  options.sending(hash, options.transaction.nonce);
  try {
    await connection.ask((client) => client.sendRawTransaction({ serializedTransaction: signed }));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    await expectTaken(connection, hash, error);
  }
  const receipt = await wait(connection, hash, options);
  if (receipt.status === "success") return receipt;
  throw await explainFailure(connection, receipt, options);
}

/** An RPC can take a transaction and still answer with an error, or with nothing at all. */
async function expectTaken(connection: Connection, hash: Hash, error: ToolError): Promise<void> {
  let taken: boolean | undefined;
  try {
    taken = await isKnown(connection, hash);
  } catch {
    taken = undefined;
  }
  if (taken === true) return;
  if (taken === false && !(error instanceof UnreachableError)) {
    throw new ToolError(`${error.message}. The transaction was not accepted`);
  }
  throw new UncertainError(
    `${error.message}. The transaction ${hash} may have been accepted; look it up before ` +
      "you try again",
  );
}

async function wait(
  connection: Connection,
  hash: Hash,
  { account, transaction, timeout }: SendOptions,
): Promise<TransactionReceipt> {
  const { to, data: input, nonce, value } = transaction;
  const replacement = { from: account.address, nonce, to, input, value };
  const deadline = performance.now() + timeout * 1000;
  for (;;) {
    const replaced: { reason?: ReplacementReason; hash?: Hash } = {};
    try {
      const receipt = await connection.ask(async (client) => {
        try {
          return await client.waitForTransactionReceipt({
            hash,
            replacement,
            timeout: Math.max(1, deadline - performance.now()),
            onReplaced: ({ reason, transaction }) =>
              Object.assign(replaced, { reason, hash: transaction.hash }),
          });
        } catch (error) {
          if (error instanceof WaitForTransactionReceiptTimeoutError) return undefined;
          throw error;
        }
      });
      if (receipt === undefined) throw await explainTimeout(connection, hash, timeout);
      // One that only pays more does the same.
      if (replaced.reason === undefined || replaced.reason === "repriced") return receipt;
      throw new ToolError(
        `The transaction ${hash} was replaced: ${replaced.hash} of the same account took its nonce ` +
          `${nonce}, and does something else. This task changed nothing`,
      );
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (performance.now() > deadline) {
        throw new UncertainError(
          `${error.message}. The transaction ${hash} was sent; look it up before you try again`,
        );
      }
      await pause(PAUSE_MS);
    }
  }
}

async function explainTimeout(
  connection: Connection,
  hash: Hash,
  timeout: number,
): Promise<ToolError> {
  return new UncertainError(
    await isKnown(connection, hash)
      ? `The transaction ${hash} isn't mined after ${timeout} s. It may be yet, and it is not sent ` +
        "again; look it up later"
      : `The transaction ${hash} was dropped: after ${timeout} s it is neither mined nor waiting. ` +
        "Other nodes may still have it, so look it up before you try again",
  );
}

/** Why a mined transaction failed: the same call on the state that it met. */
async function explainFailure(
  connection: Connection,
  { blockNumber, transactionHash }: TransactionReceipt,
  { call, account }: SendOptions,
): Promise<ToolError> {
  const failed = `The transaction ${transactionHash} failed in block ${blockNumber}`;
  try {
    await simulate(connection, { call, account: account.address, block: blockNumber });
  } catch (error) {
    if (error instanceof RevertedError) return new ToolError(`${failed}: ${error.message}`);
  }
  return new ToolError(`${failed}; the RPC doesn't say why`);
}
