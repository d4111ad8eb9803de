// deno task quote: tells whether an account may run a query, and what that costs.

import { print, runTask, task } from "./lib/cli.ts";
import { accountAddress, accountOf } from "./lib/cli/account_option.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { addGateway, GATEWAY_HELP } from "./lib/cli/gateway_option.ts";
import { readQueryText } from "./lib/cli/query_option.ts";
import { quoteToJson, showQuote } from "./lib/cli/show_quote.ts";
import { ToolError } from "./lib/errors.ts";
import { type Quote, quoteQuery } from "./lib/network/quote.ts";
import { UnknownRefinerError } from "./lib/network/refiners.ts";
import { contractId } from "./lib/options.ts";
import { QueryError } from "./lib/schema/query_reads.ts";

const EXIT = { yes: 0, no: 1, unknown: 2 } as const;

await runTask(async () => {
  const command = withChainOptions(
    task("quote", "Say whether an account may run a query on a refiner's data, and what it costs")
      .requiredOption("--refiner <id>", "the refiner's id", contractId)
      .option(
        "--account <address>",
        "the account that runs the query and pays for it",
        accountAddress,
      )
      .option("--key-file <file>", "a file with that account's key; by default PRIVATE_KEY")
      .option("--query <sql>", "the query; by default it is read from standard input")
      .option("--file <file>", "a file that holds the query")
      .option("--gateway <url>", GATEWAY_HELP, addGateway)
      .option("--json", "print JSON"),
  ).addHelpText(
    "after",
    "\nExit code 0: permitted, and the account's balance suffices; 1: not; 2: can't tell.",
  );
  const parsed = await command.parseAsync();
  const options = parsed.opts();
  const account = accountOf(options);
  if (account === undefined) {
    throw new ToolError("A quote needs an account; give --account, --key-file or PRIVATE_KEY");
  }
  const query = await readQueryText(options);
  const network = networkOf(options);
  const { refiner, gateway: gateways } = options;
  const quote = await quoteQuery(network, { refiner, account, query, gateways });
  if (options.json) print(JSON.stringify(quoteToJson(network, quote), null, 2));
  else showQuote(network, quote);
  return exitCode(quote);
}, {
  failure: (error) =>
    error instanceof QueryError || error instanceof UnknownRefinerError ? EXIT.no : EXIT.unknown,
});

function exitCode({ permitted, affordable }: Quote): number {
  if (permitted === "no" || affordable === "no") return EXIT.no;
  return permitted === "yes" && affordable === "yes" ? EXIT.yes : EXIT.unknown;
}
