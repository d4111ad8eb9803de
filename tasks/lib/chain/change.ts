/**
 * The way of every change to a contract: simulated, checked, shown, asked about, sent once.
 *
 * @module
 */

import type { Hash, TransactionReceipt } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { ContractCall } from "./call.ts";
import type { Connection } from "./connection.ts";
import { expectContract } from "./read.ts";
import { send } from "./send.ts";
import {
  expectFunds,
  nextNonce,
  type Plan,
  prepare,
  simulate,
  type UnsignedTransaction,
  unsignedTransaction,
} from "./transaction.ts";

/** What is asked before something is sent. */
export interface Question {
  /** The question. */
  text: string;
  /** What the person must type; anything else is a no. */
  answer: string;
}

/** A change to be made. */
export interface Change {
  /** The call. */
  call: ContractCall;
  /** What is asked before it is sent. */
  question: Question;
  /** Says why there is nothing to send, if there isn't. */
  unneeded?: () => Promise<string | undefined>;
  /** What must hold, or throw, before it is sent; it may take long. */
  check?: () => Promise<void>;
}

/** Who signs a change, and how far it goes. */
export type Signing =
  | {
    kind: "send" | "simulate";
    /** Who signs and pays. */
    account: PrivateKeyAccount;
    /** How long to wait for a block to take the transaction, in seconds. */
    timeout: number;
  }
  /** Another wallet signs and sends it. */
  | { kind: "unsigned" };

/** How a change is talked over with the person who makes it. */
export interface Conversation {
  /** Shows something that the person should know and that stops nothing. */
  warn(text: string): void;
  /** Shows what will be sent, and what it costs at most. */
  showPlan(connection: Connection, account: string, plan: Plan): void;
  /**
   * Asks whether to send it.
   *
   * @throws {ToolError} The person doesn't want it, or can't be asked.
   */
  confirm(question: Question): Promise<void>;
  /** Gets the transaction's hash and nonce before it is sent; what throws here stops it. */
  sending(hash: Hash, nonce: number): void;
}

/** How a change ended. */
export type Outcome =
  /** It was sent and mined, and succeeded. */
  | { kind: "sent"; receipt: TransactionReceipt }
  /** There was nothing to send. */
  | { kind: "unneeded"; reason: string }
  /** It would work; nothing was sent. */
  | { kind: "simulated" }
  /** Another wallet can send it; nothing was sent. */
  | { kind: "unsigned"; transaction: UnsignedTransaction };

/**
 * Makes a change. Nothing is sent that wasn't simulated, checked, shown and confirmed, in this order, and
 * nothing is sent twice.
 *
 * @throws {ToolError} Nothing was sent; or it says what happened to it, see `send`.
 */
export async function makeChange(
  connection: Connection,
  { call, question, unneeded, check }: Change,
  signing: Signing,
  conversation: Conversation,
): Promise<Outcome> {
  await expectContract(connection, call.address);
  if (signing.kind === "unsigned") {
    const reason = await unneeded?.();
    if (reason !== undefined) return { kind: "unneeded", reason };
    await check?.();
    return { kind: "unsigned", transaction: unsignedTransaction(connection, call) };
  }
  const { account: { address: account }, timeout } = signing;
  // Before anything is read that a waiting transaction would change.
  const { certain } = await nextNonce(connection, account);
  if (!certain) {
    conversation.warn(
      "This RPC doesn't say whether an earlier transaction of the account is still pending; if one " +
        "does, this one takes its place",
    );
  }
  // An RPC's own words for a simulation that can't be paid are hard to read.
  if (call.value > 0n) await expectFunds(connection, account, call.value);
  await simulate(connection, { call, account });
  const reason = await unneeded?.();
  if (reason !== undefined) return { kind: "unneeded", reason };
  let plan = await prepare(connection, { call, account });
  if (check !== undefined) {
    await check();
    // Fees have moved since.
    plan = await prepare(connection, { call, account });
  }
  conversation.showPlan(connection, account, plan);
  if (signing.kind === "simulate") return { kind: "simulated" };
  await conversation.confirm(question);
  const receipt = await send(connection, {
    call,
    account: signing.account,
    transaction: plan.transaction,
    timeout,
    sending: (hash, nonce) => conversation.sending(hash, nonce),
  });
  return { kind: "sent", receipt };
}
