/**
 * Prices for people.
 *
 * @module
 */

import { formatUnits } from "viem";
import { printable } from "../../../src/printable.ts";
import type { Currency } from "../network/funds.ts";

/** Characters of a token's name that are shown. */
const LONGEST_SYMBOL = 60;

/** An amount with its currency. A token's name can be any text. */
export function formatPrice(amount: bigint, { symbol, decimals }: Currency): string {
  return `${formatUnits(amount, decimals)} ${printable(symbol.slice(0, LONGEST_SYMBOL))}`;
}
