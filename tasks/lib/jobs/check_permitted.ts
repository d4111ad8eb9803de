/**
 * Whether a query's permissions and the account's money would let it run.
 *
 * @module
 */

import { type Address, zeroAddress } from "viem";
import { UnreachableError } from "../chain/errors.ts";
import { ToolError } from "../errors.ts";
import { describeAmount } from "../network/amounts.ts";
import { chainText } from "../network/chain_text.ts";
import type { Need } from "../network/coverage.ts";
import type { Network } from "../network/network.ts";
import { type Quote, quoteQuery } from "../network/quote.ts";
import { UnknownRefinerError } from "../network/refiners.ts";
import { QueryError } from "../schema/query_reads.ts";
import type { Findings } from "./findings.ts";
import type { Order } from "./order.ts";

/**
 * Looks for the reasons for which the Query Engine would refuse an order's query.
 *
 * @throws {UnreachableError} The chain can't be asked.
 */
export async function checkPermitted(
  network: Network,
  order: Order,
  { account, jobs }: { account: Address; jobs: bigint },
): Promise<Findings> {
  try {
    const quote = await quoteQuery(network, { ...order, account });
    return join(checkPermissions(quote, order), checkPrices(quote, order, jobs));
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UnreachableError) throw error;
    // It is found by itself.
    if (error instanceof UnknownRefinerError) return { problems: [], warnings: [] };
    if (error instanceof QueryError) {
      return { problems: [{ kind: "query", text: error.message }], warnings: [] };
    }
    const text = `Can't tell whether the query is permitted: ${error.message}`;
    return unclear([text], order);
  }
}

/** What can't be told is no problem for a person who doesn't mind. */
function unclear(texts: readonly string[], { unchecked }: Order): Findings {
  return unchecked
    ? { problems: [], warnings: [...texts] }
    : { problems: texts.map((text) => ({ kind: "unclear", text })), warnings: [] };
}

function checkPermissions({ needs, foreign }: Quote, order: Order): Findings {
  const open = needs.filter(({ permission }) => permission === undefined);
  const missing = open.filter((need) => need.unclear === undefined).map(describe);
  const doubtful = open.flatMap((need) =>
    need.unclear === undefined
      ? []
      : [`It isn't clear whether ${describe(need)} may be read: ${need.unclear}`]
  );
  const unknown = foreign.map((name) =>
    `The query reads ${chainText(name)}, which isn't in the schema`
  );
  const text = `No permission covers ${missing.join(", ")}`;
  const problems: Findings["problems"] = missing.length > 0 ? [{ kind: "permission", text }] : [];
  return join({ problems, warnings: [] }, unclear([...doubtful, ...unknown], order));
}

function describe({ table, column }: Need): string {
  return column === undefined
    ? `the rows of ${chainText(table)}`
    : `${chainText(table)}.${chainText(column)}`;
}

function checkPrices({ prices, inexact }: Quote, { deposit }: Order, jobs: bigint): Findings {
  const found: Findings = { problems: [], warnings: [] };
  const what = jobs === 1n ? "The query costs" : `The ${jobs} queries cost`;
  for (const { token, balance, currency, ...one } of prices) {
    const [least, most] = [one.least * jobs, one.most * jobs];
    const has = balance + (token === zeroAddress ? deposit : 0n);
    const shown = (amount: bigint) => describeAmount(amount, currency);
    const plus = token === zeroAddress && deposit > 0n ? " with the deposit" : "";
    const funds = `the account has ${shown(has)}${plus} in the ComputeEngine`;
    if (has < least) {
      found.problems.push({
        kind: "price",
        text: `${what} ${least < most ? "at least " : ""}${shown(least)}; ${funds}`,
      });
    } else if (has < most) {
      found.warnings.push(
        `${what} at most ${shown(most)}, and ${funds}${inexact ? ` (${inexact})` : ""}`,
      );
    }
  }
  return found;
}

function join(...all: readonly Findings[]): Findings {
  return {
    problems: all.flatMap(({ problems }) => problems),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}
