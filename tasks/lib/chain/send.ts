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
import { note } from "../cli.ts";
import { ToolError } from "../errors.ts";
import { isKnown } from "../network/changes.ts";
import { chainFlags, type Connection } from "./connection.ts";
import { RevertedError, UnreachableError } from "./errors.ts";
import { type PreparedTransaction, type RegistryCall, simulate } from "./transaction.ts";

/** After the RPC failed while a transaction was waited for. */
const PAUSE_MS = 1000;

/** A transaction on its way. */
export interface SendOptions {
  /** What it does. */
  call: RegistryCall;
  /** Who signs it. */
  account: PrivateKeyAccount;
  /** What is signed. */
  transaction: PreparedTransaction;
  /** How long to wait for a block to take it, in seconds. */
  timeout: number;
}

/**
 * Signs and sends a transaction and waits for it. Its hash is known, and said, before it is sent: whatever
 * happens then, `deno task status` can tell what became of it.
 *
 * @throws {ToolError} It wasn't taken, failed, was replaced or dropped, or isn't mined in time.
 */
export async function send(
  connection: Connection,
  options: SendOptions,
): Promise<TransactionReceipt> {
  const signed = await options.account.signTransaction(options.transaction);
  const hash = keccak256(signed);
  note(`Sending transaction ${hash}`);
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
    throw new ToolError(`${error.message}. The transaction was not taken`);
  }
  throw new ToolError(
    `${error.message}. The transaction may have been taken all the same: before you try again, ask ` +
      askStatus(connection, hash),
  );
}

async function wait(
  connection: Connection,
  hash: Hash,
  { account, transaction, timeout }: SendOptions,
): Promise<TransactionReceipt> {
  const { to, data: input, nonce } = transaction;
  const replacement = { from: account.address, nonce, to, input, value: 0n };
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
          `${nonce}, and does something else. Nothing was changed in the registry by this task`,
      );
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (performance.now() > deadline) {
        throw new ToolError(`${error.message}. Ask later: ${askStatus(connection, hash)}`);
      }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}

async function explainTimeout(
  connection: Connection,
  hash: Hash,
  timeout: number,
): Promise<ToolError> {
  const ask = askStatus(connection, hash);
  if (await isKnown(connection, hash)) {
    return new ToolError(
      `The transaction ${hash} isn't mined after ${timeout} s. It may be yet; it is not sent again. ` +
        `Ask later: ${ask}`,
    );
  }
  return new ToolError(
    `The transaction ${hash} was dropped: after ${timeout} s it is neither mined nor waiting. Others ` +
      `may still have it, so before you try again, ask ${ask}`,
  );
}

function askStatus(connection: Connection, hash: Hash): string {
  return `\`deno task status ${hash} ${chainFlags(connection)}\``;
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
