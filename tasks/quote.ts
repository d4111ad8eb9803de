// deno task quote: tells whether an account may run a query, and what that costs.

import { note, print, runTask, task } from "./lib/cli.ts";
import { accountAddress, accountOf } from "./lib/cli/account_option.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { formatPrice } from "./lib/cli/format_price.ts";
import { addGateway, GATEWAY_HELP } from "./lib/cli/gateway_option.ts";
import { readQueryText } from "./lib/cli/query_option.ts";
import { refinerToJson, shown, showRefiner } from "./lib/cli/show_refiner.ts";
import { ToolError } from "./lib/errors.ts";
import type { Need } from "./lib/network/coverage.ts";
import type { Network } from "./lib/network/network.ts";
import { type Quote, type QuotedPrice, quoteQuery, type Verdict } from "./lib/network/quote.ts";
import { UnknownRefinerError } from "./lib/network/refiners.ts";
import { contractId } from "./lib/options.ts";
import { QueryError } from "./lib/schema/query_reads.ts";

const EXIT = { yes: 0, no: 1, unknown: 2 } as const;

await runTask(async () => {
  const command = withChainOptions(
    task("quote", "Tell whether an account may run a query on a refiner's data, and what it costs")
      .requiredOption("--refiner <id>", "the refiner's id", contractId)
      .option("--account <address>", "who runs the query and pays for it", accountAddress)
      .option("--key-file <file>", "a file with the key of that account; else PRIVATE_KEY")
      .option("--query <sql>", "the query; by default it is read from standard input")
      .option("--file <file>", "a file that holds the query")
      .option("--gateway <url>", GATEWAY_HELP, addGateway)
      .option("--json", "print what is known as JSON"),
  ).addHelpText(
    "after",
    "\nExit code 0: permitted, and the account's balance suffices; 1: not; 2: can't tell.",
  );
  const parsed = await command.parseAsync();
  const options = parsed.opts();
  const account = accountOf(options);
  if (account === undefined) {
    throw new ToolError("Whose query it is isn't known; give --account, --key-file or PRIVATE_KEY");
  }
  const query = await readQueryText(options);
  const network = networkOf(options);
  const { refiner, gateway: gateways } = options;
  const quote = await quoteQuery(network, { refiner, account, query, gateways });
  if (options.json) print(JSON.stringify(toJson(network, quote), null, 2));
  else show(network, quote);
  return exitCode(quote);
}, {
  failure: (error) =>
    error instanceof QueryError || error instanceof UnknownRefinerError ? EXIT.no : EXIT.unknown,
});

function exitCode({ permitted, affordable }: Quote): number {
  if (permitted === "no" || affordable === "no") return EXIT.no;
  return permitted === "yes" && affordable === "yes" ? EXIT.yes : EXIT.unknown;
}

function show(network: Network, quote: Quote): void {
  showRefiner(network, quote.refiner);
  print(`  account     ${quote.account}`);
  print("\nReads");
  for (const need of quote.needs) print(`  ${describeName(need)}  ${describeNeed(need)}`);
  for (const name of quote.foreign) print(`  ${shown(name)}  isn't part of the schema`);
  if (quote.needs.length + quote.foreign.length === 0) print("  no table");
  print(`\nPermitted   ${PERMITTED[quote.permitted]}`);
  if (quote.permitted === "no") return;
  if (quote.prices.length === 0) print("Price       nothing to pay");
  for (const price of quote.prices) {
    print(`Price       ${describePrice(price)}`);
    print(`Balance     ${formatPrice(price.balance, price.currency)} in the ComputeEngine`);
  }
  if (quote.inexact !== undefined) note(`The price isn't exact: ${quote.inexact}`);
  print(`Affordable  ${AFFORDABLE[quote.affordable]}`);
  if (quote.prices.length > 0) note("The price is taken as that of one query, as in Vana's docs");
}

const PERMITTED: Readonly<Record<Verdict, string>> = {
  yes: "yes",
  no: "no: there is no permission for what is marked with -",
  unclear: "can't tell: see what is marked with ?",
};
const AFFORDABLE: Readonly<Record<Verdict, string>> = {
  yes: "yes",
  no: "no: deposit more with `deno task funds --deposit AMOUNT`",
  unclear: "can't tell: the balance is between the least and the most",
};

function describeName({ table, column }: Need): string {
  return column === undefined ? `${shown(table)} (its rows)` : `${shown(table)}.${shown(column)}`;
}

function describeNeed({ permission, unclear }: Need): string {
  if (permission === undefined) return unclear === undefined ? "-" : `? ${shown(unclear)}`;
  const { id, grantee, table, column } = permission;
  const covered = table === "" ? "all tables" : column === "" ? `all of ${shown(table)}` : "it";
  return `permission ${id} of ${grantee ?? "everyone"} for ${covered}`;
}

function describePrice({ least, most, currency }: QuotedPrice): string {
  return least === most
    ? formatPrice(most, currency)
    : `from ${formatPrice(least, currency)} to ${formatPrice(most, currency)}`;
}

/** Ids and amounts are strings, as they can be larger than the numbers that JSON holds exactly. */
function toJson(network: Network, quote: Quote): unknown {
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
