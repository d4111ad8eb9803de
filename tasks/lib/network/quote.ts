/**
 * Whether an account may run a query on a refiner's data, and what that costs.
 *
 * @module
 */

import type { Address } from "viem";
import { type QueryReads, queryReads } from "../schema/query_reads.ts";
import { coverReads, type Need } from "./coverage.ts";
import { type Currency, readDeposit } from "./funds.ts";
import type { Network } from "./network.ts";
import { readPermissions } from "./permissions.ts";
import { type Price, priceOf } from "./price.ts";
import { readCurrencies } from "./price_currency.ts";
import { readRefinerSchema, type RefinerSchema } from "./refiner_schema.ts";

/** What is to be paid in a token, and what the account has of it. */
export interface QuotedPrice extends Price {
  /** What is known of the token. */
  currency: Currency;
  /** What the account has of it in the ComputeEngine. */
  balance: bigint;
}

/** Whether a query may be run: it can't always be told. */
export type Verdict = "yes" | "no" | "unclear";

/** What is known of a query. */
export interface Quote extends Omit<QueryReads, "reads"> {
  /** The refiner and its schema. */
  refiner: RefinerSchema;
  /** The account. */
  account: Address;
  /** What the query reads, and the permission for it. */
  needs: Need[];
  /** Whether permissions cover it. */
  permitted: Verdict;
  /** What it costs, by token; empty if nothing is to be paid. */
  prices: QuotedPrice[];
  /** Why the price isn't exact; `undefined` if it is. */
  inexact?: string;
  /** Whether the account has enough in the ComputeEngine. */
  affordable: Verdict;
}

/** What is asked. */
export interface QuoteOptions {
  /** The refiner's id. */
  refiner: bigint;
  /** The account that would run the query and pay for it. */
  account: Address;
  /** The query. */
  query: string;
  /**
   * IPFS gateways to ask before others for the refiner's schema.
   *
   * @default none
   */
  gateways?: readonly URL[];
}

/**
 * Finds out whether an account may run a query, and what it costs. Nothing is sent.
 *
 * @throws {QueryError} The query isn't one for this refiner's schema.
 * @throws {UnknownRefinerError} There is no such refiner.
 * @throws {ToolError} It can't be told.
 */
export async function quoteQuery(
  network: Network,
  { refiner: id, account, query, gateways }: QuoteOptions,
): Promise<Quote> {
  const refiner = await readRefinerSchema(network, id, { gateways });
  const { reads, foreign } = await queryReads(refiner.schema, query);
  const needs = coverReads(reads, await readPermissions(network, id, account));
  const { prices, inexact } = priceOf(needs);
  const currencies = await readCurrencies(network, prices.map(({ token }) => token));
  const quoted: QuotedPrice[] = [];
  for (const price of prices) {
    const balance = await readDeposit(network, account, price.token);
    quoted.push({ ...price, currency: currencies.get(price.token)!, balance });
  }
  const permitted = permittedBy(needs, foreign);
  return {
    refiner,
    account,
    needs,
    foreign,
    permitted,
    prices: quoted,
    inexact,
    affordable: affordableBy(quoted, permitted),
  };
}

function permittedBy(needs: readonly Need[], foreign: readonly string[]): Verdict {
  const open = needs.filter(({ permission }) => permission === undefined);
  if (open.some(({ unclear }) => unclear === undefined)) return "no";
  return open.length > 0 || foreign.length > 0 ? "unclear" : "yes";
}

function affordableBy(prices: readonly QuotedPrice[], permitted: Verdict): Verdict {
  if (prices.some(({ least, balance }) => balance < least)) return "no";
  if (permitted === "unclear") return "unclear";
  return prices.every(({ most, balance }) => balance >= most) ? "yes" : "unclear";
}
