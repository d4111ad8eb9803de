/**
 * What a query costs.
 *
 * @module
 */

import type { Address } from "viem";
import type { Need } from "./coverage.ts";
import type { Permission } from "./permissions.ts";

/** What is to be paid in one token. */
export interface Price {
  /** The token's contract, or the zero address for the chain's own money. */
  token: Address;
  /** The least, in the token's smallest unit. */
  least: bigint;
  /** The most. */
  most: bigint;
}

/** What a query costs, as far as it is known. */
export interface Prices {
  /** By token; those in which nothing is to be paid are left out. */
  prices: Price[];
  /** Why the price isn't exact; `undefined` if it is. */
  inexact?: string;
}

const OPEN = "some of the columns can't be matched to a permission";

/**
 * The price of what is covered. It is exact where nothing is to be paid and where one permission covers all;
 * how the Query Engine adds up the prices of several isn't public. Then the least is the highest of them, and
 * the most what each column costs if it is paid for by itself.
 */
export function priceOf(needs: readonly Need[]): Prices {
  const covered = needs.flatMap((need) => need.permission === undefined ? [] : [need.permission]);
  const certain = needs.flatMap(({ doubt, permission }) =>
    doubt === undefined && permission !== undefined ? [permission] : []
  );
  const possible = needs.flatMap(({ permission, rivals }) =>
    permission === undefined ? rivals : [permission, ...rivals]
  );
  const isOpen = needs.some(({ permission, rivals }) => !permission && rivals.length === 0);
  if (possible.every(({ price }) => price === 0n)) {
    return isOpen ? { prices: [], inexact: OPEN } : { prices: [] };
  }
  const [only] = covered;
  if (only !== undefined && !isOpen && possible.every(({ id }) => id === only.id)) {
    const [price] = [{ token: only.token, least: only.price, most: only.price }];
    return certain.length > 0 ? { prices: [price] } : {
      prices: [{ ...price, least: 0n }],
      inexact: "it isn't known whether the column needs a permission",
    };
  }
  const tokens = new Set(possible.map(({ token }) => token));
  const prices = [...tokens].map((token) => ({
    token,
    least: certain.length === needs.length && tokens.size === 1 ? highest(leastOf(needs)) : 0n,
    most: sum(
      needs.map(({ permission, rivals }) =>
        highest([...permission ? [permission] : [], ...rivals].filter((one) => one.token === token))
      ),
    ),
  })).filter(({ most }) => most > 0n);
  return {
    prices,
    inexact: "several permissions cover it, and how their prices are combined isn't public",
  };
}

/** For each thing that is read, the cheapest permission that may be the one that counts. */
function leastOf(needs: readonly Need[]): Permission[] {
  return needs.flatMap(({ permission, rivals }) => {
    const possible = [...permission ? [permission] : [], ...rivals];
    return possible.length === 0 ? [] : [possible.reduce((a, b) => a.price <= b.price ? a : b)];
  });
}

function highest(permissions: readonly Permission[]): bigint {
  return permissions.reduce((most, { price }) => price > most ? price : most, 0n);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
