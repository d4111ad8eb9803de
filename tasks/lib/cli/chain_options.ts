/**
 * The options of tasks that ask or change the chain.
 *
 * @module
 */

import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import type { PrivateKeyAccount } from "viem/accounts";
import { messageOf } from "../../../src/errors.ts";
import type { Signing } from "../chain/change.ts";
import { readKeyFile } from "../chain/keys.ts";
import { type NetworkName, NETWORKS } from "../chain/networks.ts";
import { parsePrivateKey } from "../chain/private_key.ts";
import { readDevnet } from "../devnet/devnet_file.ts";
import { ToolError } from "../errors.ts";
import { type Contracts, parseContracts } from "../network/contracts.ts";
import { type Network, openNetwork } from "../network/network.ts";
import { wholeNumber } from "../options.ts";
import { personPath } from "../person_path.ts";

/** The test network, where a mistake costs nothing. */
const DEFAULT_NETWORK: NetworkName = "moksha";
const DEFAULT_TIMEOUT_SECONDS = 180;
const LONGEST_TIMEOUT_SECONDS = 86_400;

/** Which network is meant. A type and no interface, as commander's types ask. */
export type ChainOptions = {
  /** The network's name. */
  network: NetworkName;
  /**
   * The RPC's URL.
   *
   * @default the network's own
   */
  rpc?: string;
  /**
   * A file with addresses that replace those of the network's contracts.
   *
   * @default none
   */
  contracts?: string;
};

/** Adds the options that say which network is meant. */
export function withChainOptions<A extends unknown[], O extends OptionValues>(
  command: Command<A, O>,
): Command<A, O & ChainOptions> {
  const names = Object.keys(NETWORKS) as NetworkName[];
  return command
    .addOption(
      new Option("--network <name>", "the network; devnet is the one of `deno task devnet`")
        .choices(names).default(DEFAULT_NETWORK),
    )
    .option("--rpc <url>", "another RPC than the network's public one")
    .option(
      "--contracts <file>",
      "a JSON file with your own network's contract addresses",
    ) as unknown as Command<A, O & ChainOptions>;
}

/**
 * Prepares a way to the network that is meant. Nothing is asked yet.
 *
 * @throws {ToolError} The RPC's URL or the file with addresses isn't valid, or no devnet runs.
 */
export function networkOf({ network, rpc, contracts }: ChainOptions): Network {
  const own = contracts === undefined ? {} : readContracts(contracts);
  if (network !== "devnet") return openNetwork({ network, rpc, contracts: own });
  const devnet = readDevnet();
  return openNetwork({
    network,
    rpc: rpc ?? devnet.rpc,
    chainId: devnet.chainId,
    contracts: { ...devnet.contracts, ...own },
  });
}

function readContracts(file: string): Partial<Contracts> {
  try {
    return parseContracts(Deno.readTextFileSync(personPath(file)));
  } catch (error) {
    throw new ToolError(`Can't use --contracts ${file}: ${messageOf(error)}`);
  }
}

/**
 * The options by which another person reaches the same contracts. The RPC isn't among them, as its URL
 * may hold a credential.
 */
function sharedFlags({ network, contracts }: ChainOptions): string {
  return `--network ${network}${contracts === undefined ? "" : ` --contracts ${contracts}`}`;
}

/** The options by which the same person reaches the same contracts, without any credential. */
export function ownFlags(options: ChainOptions, { rpc }: Network): string {
  const isShown = options.rpc !== undefined && rpc.isPublic;
  return `${sharedFlags(options)}${isShown ? ` --rpc ${rpc.origin}` : ""}`;
}

/** How a transaction is signed and sent. A type and no interface, as commander's types ask. */
export type SigningOptions = {
  /**
   * A file that holds the key.
   *
   * @default the key is in `PRIVATE_KEY`
   */
  keyFile?: string;
  /** Simulate, and send nothing. */
  dryRun?: true;
  /** Print the transaction for another wallet, and send nothing. */
  unsigned?: true;
  /** Don't ask. */
  yes?: true;
  /** How long to wait for a block, in seconds. */
  timeout: number;
};

/** Adds the options of a task that sends a transaction. */
export function withSigningOptions<A extends unknown[], O extends OptionValues>(
  command: Command<A, O>,
): Command<A, O & SigningOptions> {
  return command
    .option("--key-file <file>", "a file of mode 0600 with the key, instead of PRIVATE_KEY")
    .addOption(
      new Option("--dry-run", "simulate and show the cost; send nothing").conflicts("unsigned"),
    )
    .option("--unsigned", "print {to, data, value, chainId} for another wallet; send nothing")
    .option("--yes", "don't ask before sending")
    .option(
      "--timeout <seconds>",
      "how long to wait for a block",
      wholeNumber({ min: 1, max: LONGEST_TIMEOUT_SECONDS }),
      DEFAULT_TIMEOUT_SECONDS,
    ) as unknown as Command<A, O & SigningOptions>;
}

/**
 * Reads who signs. The key comes from a file or the environment, never from an argument: those are in the
 * shell's history and in the list of processes. It is gone from the environment then, as no program that
 * this one starts may have it.
 *
 * @throws {ToolError} There is no key, it isn't one, or others can read its file. The key is never in
 * the message.
 */
export function signingOf({ keyFile, dryRun, unsigned, timeout }: SigningOptions): Signing {
  const key = Deno.env.get("PRIVATE_KEY");
  Deno.env.delete("PRIVATE_KEY");
  if (unsigned) return { kind: "unsigned" };
  return { kind: dryRun ? "simulate" : "send", account: readAccount(keyFile, key), timeout };
}

/**
 * Reads the key of a task that can do without one, as {@linkcode signingOf} does.
 *
 * @returns `undefined` if there is none.
 * @throws {ToolError} It isn't one, or others can read its file.
 */
export function signerOf(
  { keyFile }: Pick<SigningOptions, "keyFile">,
): PrivateKeyAccount | undefined {
  const key = Deno.env.get("PRIVATE_KEY");
  Deno.env.delete("PRIVATE_KEY");
  return keyFile === undefined && !key ? undefined : readAccount(keyFile, key);
}

function readAccount(file: string | undefined, key: string | undefined): PrivateKeyAccount {
  if (file !== undefined) return readKeyFile(personPath(file));
  if (key) return parsePrivateKey(key, "PRIVATE_KEY");
  throw new ToolError(
    "There is no key to sign with; expected PRIVATE_KEY in the environment, or --key-file. For a " +
      "multisig or a hardware wallet, print the transaction with --unsigned",
  );
}
