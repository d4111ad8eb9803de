/**
 * How an account's money gets into the ComputeEngine, and out of it.
 *
 * @module
 */

import { zeroAddress } from "viem";
import { contractCall } from "../chain/call.ts";
import {
  type Change,
  type Conversation,
  makeChange,
  type Outcome,
  type Signing,
} from "../chain/change.ts";
import { readContract } from "../chain/read.ts";
import { ToolError } from "../errors.ts";
import { describeAmount } from "./amounts.ts";
import { computeEngine, explainComputeEngine } from "./compute_engine.ts";
import { type Currency, readFunds, TOKEN_ABI } from "./funds.ts";
import type { Network } from "./network.ts";

/** Money that is to be moved. */
export interface Money {
  /** How much, in the currency's smallest unit. */
  amount: bigint;
  /** What it is. */
  currency: Currency;
}

/**
 * Deposits money in the ComputeEngine. A token's contract must first let the ComputeEngine take it, which is
 * a change of its own.
 *
 * @returns How the changes ended, the deposit's last; where nothing is sent, the first may be all.
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function deposit(
  network: Network,
  money: Money,
  signing: Signing,
  conversation: Conversation,
): Promise<Outcome[]> {
  const { amount, currency } = money;
  expectAmount(amount);
  const outcomes: Outcome[] = [];
  const isToken = currency.token !== zeroAddress;
  if (isToken) {
    await expectFunds(network, money, signing, "wallet");
    const allowed = approval(network, money, signing);
    const outcome = await makeChange(network, allowed, signing, conversation);
    outcomes.push(outcome);
    if (outcome.kind === "simulated") {
      conversation.warn(
        "The deposit itself can be simulated only once the ComputeEngine may take the token",
      );
      return outcomes;
    }
  }
  const outcome = await makeChange(
    network,
    {
      call: contractCall({
        ...computeEngine(network),
        functionName: "deposit",
        args: [currency.token, amount],
        value: isToken ? 0n : amount,
        explain: explainComputeEngine,
      }),
      question: {
        text: `Deposit ${describeAmount(amount, currency)} in the ComputeEngine on ` +
          `${network.chain.name}?`,
        answer: "yes",
      },
    },
    signing,
    conversation,
  );
  return [...outcomes, outcome];
}

/** Lets the ComputeEngine take just the amount. */
function approval(network: Network, { amount, currency }: Money, signing: Signing): Change {
  const { address: spender } = computeEngine(network);
  const token = { abi: TOKEN_ABI, address: currency.token } as const;
  return {
    call: contractCall({
      ...token,
      functionName: "approve",
      args: [spender, amount],
      explain: () => undefined,
    }),
    question: {
      text: `Let the ComputeEngine ${spender} take ${describeAmount(amount, currency)} from the ` +
        `account on ${network.chain.name}?`,
      answer: "yes",
    },
    async unneeded() {
      if (signing.kind === "unsigned") return undefined;
      const called = { ...token, functionName: "allowance" } as const;
      const allowed = await readContract(network, called, [signing.account.address, spender]);
      return allowed < amount ? undefined : "The ComputeEngine may take that much already";
    },
  };
}

/**
 * Withdraws money from the ComputeEngine.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function withdraw(
  network: Network,
  money: Money,
  signing: Signing,
  conversation: Conversation,
): Promise<Outcome> {
  const { amount, currency } = money;
  expectAmount(amount);
  await expectFunds(network, money, signing, "engine");
  return await makeChange(
    network,
    {
      call: contractCall({
        ...computeEngine(network),
        functionName: "withdraw",
        args: [currency.token, amount],
        explain: explainComputeEngine,
      }),
      question: {
        text: `Withdraw ${describeAmount(amount, currency)} from the ComputeEngine on ` +
          `${network.chain.name}?`,
        answer: "yes",
      },
    },
    signing,
    conversation,
  );
}

function expectAmount(amount: bigint): void {
  if (amount === 0n) throw new ToolError("The amount is 0; expected more");
}

/** Of another wallet's account nothing is known. */
async function expectFunds(
  network: Network,
  { amount, currency }: Money,
  signing: Signing,
  where: "wallet" | "engine",
): Promise<void> {
  if (signing.kind === "unsigned") return;
  const { address } = signing.account;
  const { [where]: has } = await readFunds(network, address, currency.token);
  if (has >= amount) return;
  throw new ToolError(
    `The account ${address} has ${describeAmount(has, currency)}` +
      `${where === "engine" ? " in the ComputeEngine" : ""} on ${network.chain.name}, less than ` +
      describeAmount(amount, currency),
  );
}
