/**
 * Options that the tasks on-chain share.
 *
 * @module
 */

import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import { ToolError } from "../errors.ts";
import type { ChainOptions } from "./connection.ts";
import { DEFAULT_NETWORK, NETWORKS } from "./networks.ts";

/** Adds the options that say which registry is meant. */
export function withChainOptions<A extends unknown[], O extends OptionValues>(
  command: Command<A, O>,
): Command<A, O & ChainOptions> {
  const names = Object.keys(NETWORKS).join(" or ");
  return command
    .option("--network <name>", `the network: ${names}`, DEFAULT_NETWORK)
    .option("--rpc <url>", "another RPC than the network's public one")
    .option("--registry <address>", "another registry than the network's") as Command<
      A,
      O & ChainOptions
    >;
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
  dryRun?: boolean;
  /** Print the transaction for another wallet, and send nothing. */
  unsigned?: boolean;
  /** Don't ask. */
  yes?: boolean;
  /** How long to wait for a block, in seconds. */
  timeout: string;
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
    .option("--timeout <seconds>", "how long to wait for a block", "180") as Command<
      A,
      O & SigningOptions
    >;
}

/**
 * Reads `--timeout`.
 *
 * @returns Seconds.
 * @throws {ToolError} It is no length of time.
 */
export function parseTimeout(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds;
  throw new ToolError(`--timeout ${JSON.stringify(text)} is not a number of seconds above 0`);
}
