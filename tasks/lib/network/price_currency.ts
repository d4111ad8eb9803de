/**
 * The currencies that permissions are paid in.
 *
 * @module
 */

import type { Address } from "viem";
import { UnreachableError } from "../chain/errors.ts";
import { ToolError } from "../errors.ts";
import { type Currency, readCurrency } from "./funds.ts";
import type { Network } from "./network.ts";

/**
 * Reads what is known of currencies. A permission may name any address as its token; amounts of one that is
 * none are in its smallest unit.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readCurrencies(
  network: Network,
  tokens: readonly Address[],
): Promise<Map<Address, Currency>> {
  const currencies = new Map<Address, Currency>();
  for (const token of new Set(tokens)) {
    currencies.set(token, await readCurrencyOrUnits(network, token));
  }
  return currencies;
}

async function readCurrencyOrUnits(network: Network, token: Address): Promise<Currency> {
  try {
    return await readCurrency(network, token);
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UnreachableError) throw error;
    return { token, symbol: "units of no token", decimals: 0 };
  }
}
