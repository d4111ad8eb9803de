/**
 * Shows whether a query may be run, and what it costs.
 *
 * @module
 */

import { zeroAddress } from "viem";
import { note, print } from "../cli.ts";
import { describeAmount } from "../network/amounts.ts";
import { chainText } from "../network/chain_text.ts";
import type { Need } from "../network/coverage.ts";
import type { Network } from "../network/network.ts";
import type { Quote, QuotedPrice, Verdict } from "../network/quote.ts";
import { alignedCells } from "./aligned_cells.ts";
import { refinerToJson, showRefiner } from "./show_refiner.ts";

/** What is known of a query, in words. */
export interface QuoteInWords {
  /** What it reads, and what permits that at what price. */
  reads: { name: string; permission: string }[];
  /** Whether permissions cover it. */
  permitted: string;
  /** What it costs, and what the account has, in each token. */
  prices: { price: string; balance: string }[];
  /** Why the price isn't exact; `undefined` if it is. */
  inexact?: string;
  /** Whether the account has enough. */
  affordable: string;
}

/** Puts what is known of a query into words. */
export function quoteInWords(
  { needs, foreign, permitted, prices, inexact, affordable }: Quote,
): QuoteInWords {
  return {
    reads: [
      ...needs.map((need) => ({
        name: describeName(need),
        permission: describeNeed(need, prices),
      })),
      ...foreign.map((name) => ({ name: chainText(name), permission: "isn't part of the schema" })),
    ],
    permitted: PERMITTED[permitted],
    prices: prices.map((price) => ({
      price: describePrice(price),
      balance: `${describeAmount(price.balance, price.currency)} in the ComputeEngine`,
    })),
    inexact,
    affordable: AFFORDABLE[affordable],
  };
}

/** Prints what is known of a query. */
export function showQuote(network: Network, quote: Quote): void {
  showRefiner(network, quote.refiner);
  print(`  account     ${quote.account}`);
  print("\nReads");
  const lines = quote.needs.map((need) => [describeName(need), describeNeed(need, quote.prices)]);
  for (const line of alignedCells(lines)) print(`  ${line}`);
  for (const name of quote.foreign) print(`  ${chainText(name)}  isn't part of the schema`);
  if (quote.needs.length + quote.foreign.length === 0) print("  no table");
  print(`\nPermitted   ${PERMITTED[quote.permitted]}`);
  if (quote.permitted === "no") return;
  if (quote.prices.length === 0) {
    print(`Price       ${quote.inexact === undefined ? "nothing to pay" : "can't tell"}`);
  }
  for (const price of quote.prices) {
    print(`Price       ${describePrice(price)}`);
    print(`Balance     ${describeAmount(price.balance, price.currency)} in the ComputeEngine`);
  }
  for (const { token } of quote.prices.filter(({ token }) => token !== zeroAddress)) {
    note(
      `The list of tokens that the QueryEngine accepts isn't readable: ask its operators about ${token}`,
    );
  }
  if (quote.inexact !== undefined) note(`The price isn't exact: ${quote.inexact}`);
  print(`Affordable  ${AFFORDABLE[quote.affordable]}`);
  if (quote.prices.length > 0) note("The price is assumed to be per query, as in Vana's docs");
}

const PERMITTED: Readonly<Record<Verdict, string>> = {
  yes: "yes",
  no: "no: there is no permission for the columns marked with -",
  unclear: "can't tell: see what is marked with ?",
};
const AFFORDABLE: Readonly<Record<Verdict, string>> = {
  yes: "yes",
  no: "no: deposit more with `deno task funds --deposit AMOUNT`",
  unclear: "can't tell: the price isn't exact",
};

function describeName({ table, column }: Need): string {
  return column === undefined
    ? `${chainText(table)} (its rows)`
    : `${chainText(table)}.${chainText(column)}`;
}

function describeNeed({ permission, unclear }: Need, prices: readonly QuotedPrice[]): string {
  if (permission === undefined) return unclear === undefined ? "-" : `? ${chainText(unclear)}`;
  const { id, table, column, price, token } = permission;
  const covered = table === ""
    ? " for all tables"
    : column === ""
    ? ` for all of ${chainText(table)}`
    : "";
  const currency = prices.find((one) => one.token === token)?.currency;
  const cost = currency === undefined || price === 0n ? "free" : describeAmount(price, currency);
  return `permission ${id}${covered}: ${cost}`;
}

function describePrice({ least, most, currency }: QuotedPrice): string {
  return least === most
    ? describeAmount(most, currency)
    : `from ${describeAmount(least, currency)} to ${describeAmount(most, currency)}`;
}

/** Ids and amounts are strings, as they can be larger than the numbers that JSON holds exactly. */
export function quoteToJson(network: Network, quote: Quote): unknown {
  const { account, needs, foreign, permitted, prices, inexact, affordable } = quote;
  return {
    ...refinerToJson(network, quote.refiner),
    account,
    reads: needs.map(({ table, column, permission, unclear }) => ({
      table,
      column: column ?? null,
      permission: permission &&
        { id: `${permission.id}`, price: `${permission.price}`, token: permission.token },
      unclear,
    })),
    foreign,
    permitted,
    prices: prices.map(({ token, least, most, balance, currency: { symbol, decimals } }) => ({
      token,
      symbol,
      decimals,
      least: `${least}`,
      most: `${most}`,
      balance: `${balance}`,
    })),
    inexact,
    affordable,
  };
}
