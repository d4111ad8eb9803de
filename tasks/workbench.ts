// deno task workbench: runs the job on every change, and shows its data, query and artifacts on a page.

import { runTask, task } from "./lib/cli.ts";
import { accountAddress } from "./lib/cli/account_option.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { addGateway, GATEWAY_HELP } from "./lib/cli/gateway_option.ts";
import { quoteInWords } from "./lib/cli/show_quote.ts";
import { showWorkbench } from "./lib/cli/show_workbench.ts";
import { ToolError } from "./lib/errors.ts";
import { quoteQuery } from "./lib/network/quote.ts";
import { contractId, wholeNumber } from "./lib/options.ts";
import type { Quotes } from "./lib/workbench/server/workbench.ts";

await runTask(async () => {
  const command = withChainOptions(withEntry(
    task(
      "workbench",
      "Run the job on every change, and show data, query and artifacts in the browser",
    ),
  ))
    .option("--port <number>", "the port; 0 picks a free one", wholeNumber({ max: 65535 }), 0)
    .option("--no-browser", "print the page's address without opening it")
    .option("--refiner <id>", "quote queries on this refiner's data", contractId)
    .option("--account <address>", "the account that would run and pay for them", accountAddress)
    .option("--gateway <url>", GATEWAY_HELP, addGateway);
  const { refiner, account, gateway: gateways, ...options } = (await command.parseAsync()).opts();
  if ((refiner === undefined) !== (account === undefined)) {
    throw new ToolError("A quote needs both --refiner and --account");
  }
  let quotes: Quotes | undefined;
  if (refiner !== undefined && account !== undefined) {
    const network = networkOf(options);
    quotes = {
      label: `refiner ${refiner} on ${options.network}, for ${account}`,
      quote: async (query) =>
        quoteInWords(await quoteQuery(network, { refiner, account, query, gateways })),
    };
  }
  await showWorkbench({ ...options, quotes });
});
