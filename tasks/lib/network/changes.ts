/**
 * What transactions did to instructions, from the events of the registry.
 *
 * @module
 */

import {
  type Hash,
  isAddressEqual,
  parseEventLogs,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import { ToolError } from "../errors.ts";
import type { Connection } from "../chain/connection.ts";
import { REGISTRY_ABI } from "./instruction_registry_abi.ts";

/** What a transaction did. */
export interface Change {
  /** The instruction that was registered, approved or revoked. */
  id: bigint;
  /** What was decided about it; nothing if it was registered. */
  decision?: { dlp: bigint; approved: boolean };
}

/** Reads what a mined transaction did; `undefined` if nothing here. */
export function changeOf(
  { registry }: Connection,
  { logs }: TransactionReceipt,
): Change | undefined {
  const ours = logs.filter(({ address }) => isAddressEqual(address, registry));
  const [event] = parseEventLogs({ abi: REGISTRY_ABI, logs: ours });
  if (event === undefined) return undefined;
  const id = event.args.computeInstructionId;
  if (event.eventName === "ComputeInstructionAdded") return { id };
  const { dlpId: dlp, approved } = event.args;
  return { id, decision: { dlp, approved } };
}

/**
 * Reads what a transaction did.
 *
 * @throws {ToolError} It isn't mined, it failed, or it did nothing here.
 */
export async function readChange(connection: Connection, hash: Hash): Promise<Change> {
  const receipt = await findReceipt(connection, hash);
  if (receipt === undefined) {
    throw new ToolError(
      await isKnown(connection, hash)
        ? `The transaction ${hash} is waiting to be mined; ask again later`
        : `${connection.chain.name} doesn't know the transaction ${hash}: it was dropped or ` +
          "replaced, or never sent there",
    );
  }
  if (receipt.status === "reverted") {
    throw new ToolError(`The transaction ${hash} failed in block ${receipt.blockNumber}`);
  }
  const change = changeOf(connection, receipt);
  if (change !== undefined) return change;
  throw new ToolError(`The transaction ${hash} changed nothing in ${connection.registry}`);
}

async function findReceipt(
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
