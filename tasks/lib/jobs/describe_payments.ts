/**
 * What was paid for a job, for people.
 *
 * @module
 */

import type { Address } from "viem";
import { ToolError } from "../errors.ts";
import { describeAmount } from "../network/amounts.ts";
import { readCurrency } from "../network/funds.ts";
import type { Payment } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";

/** Describes payments, summed by what they were made in. */
export async function describePayments(
  network: Network,
  payments: readonly Payment[] | undefined,
): Promise<string> {
  if (payments === undefined) return "an amount that this RPC doesn't know";
  const sums = new Map<Address, bigint>();
  for (const { token, amount } of payments) sums.set(token, (sums.get(token) ?? 0n) + amount);
  const parts = await Promise.all(
    [...sums].filter(([, sum]) => sum > 0n).map(([token, sum]) => describe(network, token, sum)),
  );
  return parts.length === 0 ? "nothing" : parts.join(" and ");
}

async function describe(network: Network, token: Address, amount: bigint): Promise<string> {
  try {
    return describeAmount(amount, await readCurrency(network, token));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return `${amount} of the smallest unit of the token ${token}`;
  }
}
