/**
 * The way of every change to the registry: simulated, checked, shown, asked about, sent once.
 *
 * @module
 */

import type { TransactionReceipt } from "viem";
import { note, print } from "../cli.ts";
import { ask, canAsk } from "../confirm.ts";
import { ToolError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { readAccount } from "./keys.ts";
import { parseTimeout, type SigningOptions } from "./options.ts";
import { send } from "./send.ts";
import {
  formatAmount,
  nextNonce,
  type Plan,
  prepare,
  type RegistryCall,
  simulate,
  unsignedTransaction,
} from "./transaction.ts";

/** A change to be made. */
export interface Submission {
  /** The call. */
  call: RegistryCall;
  /** What is asked before it is sent. */
  question: string;
  /** Tells that there is nothing to send, and why. */
  unneeded?: () => Promise<string | undefined>;
  /** What must hold, or throw, before it is sent; it may take long. */
  check?: () => Promise<void>;
}

/**
 * Sends a change, or does what `--unsigned` or `--dry-run` ask for instead.
 *
 * @returns The receipt, or nothing if nothing was to be sent.
 * @throws {ToolError} Nothing was sent, or what became of it; see `send`.
 */
export async function submit(
  connection: Connection,
  { call, question, unneeded, check }: Submission,
  options: SigningOptions,
): Promise<TransactionReceipt | undefined> {
  const timeout = parseTimeout(options.timeout);
  if (options.unsigned) {
    const reason = await unneeded?.();
    if (reason !== undefined) note(reason);
    await check?.();
    print(JSON.stringify(unsignedTransaction(connection, call)));
    note("Nothing was sent; sign and send it with your wallet");
    return undefined;
  }
  const account = readAccount(options);
  const { address } = account;
  // Before anything is read that a waiting transaction would change.
  await nextNonce(connection, address);
  await simulate(connection, { call, account: address });
  const reason = await unneeded?.();
  if (reason !== undefined) {
    note(`${reason}: nothing to send`);
    return undefined;
  }
  let plan = await prepare(connection, { call, account: address });
  if (check !== undefined) {
    await check();
    // Fees have moved since.
    plan = await prepare(connection, { call, account: address });
  }
  show(connection, address, plan);
  if (options.dryRun) {
    note("Dry run: it would work; nothing was sent");
    return undefined;
  }
  await confirm(question, options);
  return await send(connection, { call, account, transaction: plan.transaction, timeout });
}

async function confirm(question: string, { yes = false }: { yes?: boolean }): Promise<void> {
  if (yes) return;
  if (!canAsk()) {
    throw new ToolError(
      "Nothing was sent: there is no terminal to ask on. Give --yes to send without a question, or " +
        "--dry-run to see what would be sent",
    );
  }
  if (!await ask(question, "yes")) throw new ToolError("Cancelled: nothing was sent");
}

function show(connection: Connection, account: string, { transaction, cost, balance }: Plan): void {
  const { chain, rpc, registry } = connection;
  note(`  network   ${chain.name} (chain ${chain.id}), by ${rpc.host}`);
  note(`  registry  ${registry}`);
  note(`  account   ${account}, which has ${formatAmount(balance, connection)}`);
  note(`  gas       at most ${transaction.gas}, for at most ${formatAmount(cost, connection)}`);
}
