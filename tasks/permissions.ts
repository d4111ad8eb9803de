// deno task permissions: lists the permissions on a refiner's data; its owner grants and revokes them.

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Address, zeroAddress } from "viem";
import { UncertainError } from "./lib/chain/errors.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { accountAddress } from "./lib/cli/account_option.ts";
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
import { chainText } from "./lib/network/chain_text.ts";
import {
  describeScope,
  grantPermission,
  revokePermission,
} from "./lib/network/change_permissions.ts";
import { type Currency, readCurrency } from "./lib/network/funds.ts";
import type { Network } from "./lib/network/network.ts";
import { type AllPermissions, allPermissions, type Permission } from "./lib/network/permissions.ts";
import { readRefiner, type Refiner } from "./lib/network/refiners.ts";
import { contractId } from "./lib/options.ts";

const EXIT = { done: 0, refused: 1, unknown: 2 } as const;

let changes = false;

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task(
      "permissions",
      "List the permissions on a refiner's data; as its owner, grant and revoke them",
    )
      .argument("<refiner>", "the refiner's id", contractId)
      .addOption(
        new Option("--grant <who>", "let an account, or everyone, query").argParser(accountOrAll),
      )
      .option("--table <name>", "the table (default: all tables)")
      .option("--column <name>", "the column (default: all of the table's)")
      .option("--price <amount>", "the price of a query, like 0.01; 0 is free")
      .option("--token <address>", "the ERC-20 token of the price, instead of VANA", accountAddress)
      .addOption(
        new Option("--revoke <id>", "revoke a permission").argParser(contractId)
          .conflicts(["grant", "table", "column", "price", "token"]),
      )
      .addOption(
        new Option("--json", "print JSON").conflicts(["grant", "revoke"]),
      ),
  )).addHelpText(
    "after",
    "\nExit code 0: done, or shown; 1: refused, nothing was changed; 2: can't tell.",
  );
  const parsed = await command.parseAsync();
  const [refiner] = parsed.processedArgs;
  const options = parsed.opts();
  const { grant: who, revoke, table, column, price, token } = options;
  const network = networkOf(options);
  changes = who !== undefined || revoke !== undefined;
  if (who === undefined && [table, column, price, token].some((value) => value !== undefined)) {
    throw new ToolError("--table, --column, --price and --token need --grant");
  }

  const flags = ownFlags(options, network);
  const lookUp = () => `deno task permissions ${refiner} ${flags}`;
  if (who !== undefined) {
    if (price === undefined) throw new ToolError("--grant needs --price; 0 makes it free");
    const signing = signingOf(options);
    const currency = await readCurrency(network, token ?? zeroAddress);
    const grant = {
      refiner,
      grantee: who === "everyone" ? undefined : who,
      table: table ?? "",
      column: column ?? "",
      price: parseAmount(price, currency),
      currency,
    };
    note(
      `Grant to ${who}: ${describeScope(grant)} of refiner ${refiner}, for ` +
        describeAmount(grant.price, currency),
    );
    const conversation = startConversation({ yes: options.yes, lookUp });
    const receipt = showOutcome(await grantPermission(network, grant, signing, conversation));
    if (receipt === undefined) return EXIT.done;
    print(`Granted (transaction ${receipt.transactionHash}, block ${receipt.blockNumber})`);
    note(`Next: to see all permissions, \`${lookUp()}\``);
    return EXIT.done;
  }

  if (revoke !== undefined) {
    const signing = signingOf(options);
    const conversation = startConversation({ yes: options.yes, lookUp });
    const revoked = { refiner, id: revoke };
    const receipt = showOutcome(await revokePermission(network, revoked, signing, conversation));
    if (receipt === undefined) return EXIT.done;
    const { transactionHash, blockNumber } = receipt;
    print(
      `Revoked permission ${revoke} (transaction ${transactionHash}, block ${blockNumber})`,
    );
    return EXIT.done;
  }

  const owned = await readRefiner(network, refiner);
  const all = await allPermissions(network, refiner);
  if (options.json) print(JSON.stringify(toJson(network, owned, all), null, 2));
  else await show(network, owned, all);
  return EXIT.done;
}, {
  failure: (error) => changes && !(error instanceof UncertainError) ? EXIT.refused : EXIT.unknown,
});

function accountOrAll(text: string): Address | "everyone" {
  if (text === "everyone") return text;
  const address = accountAddress(text);
  if (address !== zeroAddress) return address;
  throw new InvalidArgumentError("expected an account, or everyone");
}

async function show(
  network: Network,
  { id, name, owner, dlp }: Refiner,
  { permissions, lookedAt, more }: AllPermissions,
): Promise<void> {
  const { chain } = network;
  print(`Refiner ${id} on ${chain.name} (chain ${chain.id})`);
  print(`  name   ${chainText(name)}`);
  print(`  DLP    ${dlp}`);
  print(`  owner  ${owner}`);
  for (const permission of permissions) {
    const { grantee, approved } = permission;
    print(`\nPermission ${permission.id}${approved ? "" : ", revoked"}`);
    print(`  who    ${grantee ?? "everyone"}`);
    print(`  what   ${describeScope(permission)}`);
    print(`  price  ${await describePrice(network, permission)}`);
  }
  if (permissions.length === 0) print("\nThere are no permissions, so no account may query it");
  if (more) note(`\nOnly the newest ${lookedAt} permissions of all refiners were looked at`);
}

/** A price in something that isn't a token is no reason not to show the permission. */
async function describePrice(
  network: Network,
  { price, token }: Permission,
): Promise<string> {
  if (price === 0n) return "nothing";
  let currency: Currency;
  try {
    currency = await readCurrency(network, token);
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UncertainError) throw error;
    return `${price} of the smallest unit of ${token}, which isn't a token`;
  }
  return describeAmount(price, currency);
}

/** Ids and amounts are strings, as they can be larger than the numbers that JSON holds exactly. */
function toJson(
  { network, chain, contracts }: Network,
  { id, dlp, owner, name }: Refiner,
  { permissions, lookedAt, more }: AllPermissions,
): unknown {
  return {
    network,
    chainId: chain.id,
    queryEngine: contracts.QueryEngine,
    refiner: { id: `${id}`, dlp: `${dlp}`, owner, name },
    permissions: permissions.map(({ id, grantee, table, column, price, token, approved }) => ({
      id: `${id}`,
      grantee: grantee ?? null,
      table,
      column,
      price: `${price}`,
      token,
      approved,
    })),
    lookedAt,
    more,
  };
}
