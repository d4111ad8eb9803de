/**
 * Amounts of money, as people read and write them.
 *
 * @module
 */

import { formatUnits, parseUnits, zeroAddress } from "viem";
import { ToolError } from "../errors.ts";
import { chainText } from "./chain_text.ts";
import type { Currency } from "./funds.ts";

/** A token's symbol is any text; this is enough for an honest one. */
const LONGEST_SYMBOL = 20;
const LARGEST_UINT256 = 2n ** 256n - 1n;

/**
 * Writes an amount with its currency. A token's address is shown too, as it can have the symbol of another
 * token, even that of the chain's own money.
 */
export function describeAmount(amount: bigint, currency: Currency): string {
  const { token, symbol, decimals } = currency;
  const shown = chainText(symbol, LONGEST_SYMBOL);
  return `${formatUnits(amount, decimals)} ${shown}${token === zeroAddress ? "" : ` (${token})`}`;
}

/**
 * Reads an amount, like `0.5`.
 *
 * @returns The amount in the currency's smallest unit.
 * @throws {ToolError} It isn't one, or is less than the smallest unit.
 */
export function parseAmount(text: string, { symbol, decimals }: Currency): bigint {
  const [, whole, fraction = ""] = /^(\d{1,78})(?:\.(\d{1,255}))?$/.exec(text) ?? [];
  if (whole === undefined) {
    throw new ToolError(`${JSON.stringify(text)} isn't an amount; expected one like 0.5`);
  }
  if (fraction.length > decimals) {
    throw new ToolError(
      `${text} has ${fraction.length} decimals, but ${chainText(symbol, LONGEST_SYMBOL)} has ` +
        `only ${decimals}`,
    );
  }
  const amount = parseUnits(text, decimals);
  if (amount <= LARGEST_UINT256) return amount;
  throw new ToolError(`${text} is more than any contract can hold`);
}
