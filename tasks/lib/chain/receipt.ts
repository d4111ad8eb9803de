/**
 * What the chain knows of a transaction.
 *
 * @module
 */

import {
  type Hash,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import { ToolError } from "../errors.ts";
import type { Connection } from "./connection.ts";

/**
 * Reads the receipt of a transaction that succeeded.
 *
 * @throws {ToolError} It isn't mined, or it failed.
 */
export async function readReceipt(
  connection: Connection,
  hash: Hash,
): Promise<TransactionReceipt> {
  const receipt = await findReceipt(connection, hash);
  if (receipt === undefined) {
    throw new ToolError(
      await isKnown(connection, hash)
        ? `The transaction ${hash} is waiting to be mined; ask again later`
        : `${connection.chain.name} doesn't know the transaction ${hash}: it was dropped or ` +
          "replaced, or never sent there",
    );
  }
  if (receipt.status === "success") return receipt;
  throw new ToolError(`The transaction ${hash} failed in block ${receipt.blockNumber}`);
}

/** The receipt of a mined transaction; `undefined` if it isn't mined. */
export async function findReceipt(
  { ask }: Connection,
  hash: Hash,
): Promise<TransactionReceipt | undefined> {
  return await ask(async (client) => {
    try {
      return await client.getTransactionReceipt({ hash });
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined;
      throw error;
    }
  });
}

/** Whether the RPC knows a transaction, mined or not. */
export async function isKnown({ ask }: Connection, hash: Hash): Promise<boolean> {
  return await ask(async (client) => {
    try {
      await client.getTransaction({ hash });
      return true;
    } catch (error) {
      if (error instanceof TransactionNotFoundError) return false;
      throw error;
    }
  });
}
