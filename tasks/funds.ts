// deno task funds: shows what an account has in its wallet and in the ComputeEngine, and moves it.

import { Option } from "@commander-js/extra-typings";
import { type Address, zeroAddress } from "viem";
import type { Outcome } from "./lib/chain/change.ts";
import { UncertainError } from "./lib/chain/errors.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { accountAddress, accountOf } from "./lib/cli/account_option.ts";
import {
  networkOf,
  ownFlags,
  signingOf,
  withChainOptions,
  withSigningOptions,
} from "./lib/cli/chain_options.ts";
import { showOutcome, startConversation } from "./lib/cli/conversation.ts";
import { ToolError } from "./lib/errors.ts";
import { describeAmount, parseAmount } from "./lib/network/amounts.ts";
import { type Currency, type Funds, readCurrency, readFunds } from "./lib/network/funds.ts";
import { deposit, withdraw } from "./lib/network/move_funds.ts";
import type { Network } from "./lib/network/network.ts";

const EXIT = { done: 0, refused: 1, unknown: 2 } as const;

let changes = false;

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("funds", "Show an account's money in its wallet and in the ComputeEngine, and move it")
      .addOption(
        new Option(
          "--account <address>",
          "the account; by default that of PRIVATE_KEY or --key-file",
        )
          .argParser(accountAddress).conflicts(["deposit", "withdraw"]),
      )
      .option("--token <address>", "an ERC-20 token instead of VANA", accountAddress)
      .option("--deposit <amount>", "move this much from the wallet to the ComputeEngine")
      .addOption(
        new Option("--withdraw <amount>", "move this much from the ComputeEngine to the wallet")
          .conflicts("deposit"),
      )
      .addOption(
        new Option("--json", "print JSON").conflicts(["deposit", "withdraw"]),
      ),
  )).addHelpText(
    "after",
    "\nExit code 0: done, or shown; 1: refused, nothing was moved; 2: can't tell.",
  );
  const options = (await command.parseAsync()).opts();
  const network = networkOf(options);
  const moved = options.deposit ?? options.withdraw;
  changes = moved !== undefined;
  const token = options.token ?? zeroAddress;

  if (moved === undefined) {
    const account = accountOf(options);
    if (account === undefined) {
      throw new ToolError(
        "Expected an account: give --account, --key-file or PRIVATE_KEY",
      );
    }
    const currency = await readCurrency(network, token);
    const funds = await readFunds(network, account, token);
    if (options.json) print(JSON.stringify(toJson(network, account, currency, funds), null, 2));
    else show(network, account, currency, funds);
    return EXIT.done;
  }

  const signing = signingOf(options);
  const currency = await readCurrency(network, token);
  const money = { amount: parseAmount(moved, currency), currency };
  const flags = ownFlags(options, network);
  const account = signing.kind === "unsigned" ? undefined : signing.account.address;
  const ofToken = token === zeroAddress ? "" : ` --token ${token}`;
  const conversation = startConversation({
    yes: options.yes,
    lookUp: () => `deno task funds --account ${account}${ofToken} ${flags}`,
  });
  const isDeposit = options.deposit !== undefined;
  note(`${isDeposit ? "Deposit" : "Withdrawal"} of ${describeAmount(money.amount, currency)}`);
  const outcomes: Outcome[] = isDeposit
    ? await deposit(network, money, signing, conversation)
    : [await withdraw(network, money, signing, conversation)];
  const receipt = outcomes.map(showOutcome).at(-1);
  if (receipt === undefined || account === undefined) return EXIT.done;
  const { transactionHash, blockNumber } = receipt;
  print(
    `${isDeposit ? "Deposited" : "Withdrew"} ${describeAmount(money.amount, currency)} ` +
      `(transaction ${transactionHash}, block ${blockNumber})`,
  );
  show(network, account, currency, await readFunds(network, account, token));
  return EXIT.done;
}, {
  failure: (error) => changes && !(error instanceof UncertainError) ? EXIT.refused : EXIT.unknown,
});

function show({ chain }: Network, account: Address, currency: Currency, funds: Funds): void {
  print(`Account ${account} on ${chain.name} (chain ${chain.id})`);
  print(`  wallet         ${describeAmount(funds.wallet, currency)}`);
  print(`  ComputeEngine  ${describeAmount(funds.engine, currency)}`);
}

/** Amounts are strings, as they can be larger than the numbers that JSON holds exactly. */
function toJson(
  { network, chain, contracts }: Network,
  account: Address,
  { token, symbol, decimals }: Currency,
  { wallet, engine }: Funds,
): unknown {
  return {
    network,
    chainId: chain.id,
    computeEngine: contracts.ComputeEngine,
    account,
    token,
    symbol,
    decimals,
    wallet: `${wallet}`,
    engine: `${engine}`,
  };
}
