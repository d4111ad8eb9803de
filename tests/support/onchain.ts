/**
 * Runs the tasks on-chain as a person would, against a local EVM.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LocalChain, Person } from "./evm.ts";
import { type Outcome, outcomeOf, spawnTask } from "./run.ts";

/** Options of {@linkcode runOnChain}. */
export interface OnChainOptions {
  /** Whose key is in `PRIVATE_KEY`. */
  as?: Person;
  /** Further environment variables. */
  env?: Record<string, string>;
}

/** Starts a task that asks a local EVM. */
export function spawnOnChain(
  { url }: LocalChain,
  [name = "", ...args]: readonly string[],
  { as, env = {} }: OnChainOptions = {},
): Deno.ChildProcess {
  const key: Record<string, string> = as === undefined ? {} : { PRIVATE_KEY: as.key };
  return spawnTask(name, [...args, "--rpc", url], { ...key, ...env });
}

/** Runs a task that asks a local EVM. Whatever it does, it never shows a key. */
export async function runOnChain(
  chain: LocalChain,
  args: readonly string[],
  options: OnChainOptions = {},
): Promise<Outcome> {
  const outcome = await outcomeOf(spawnOnChain(chain, args, options));
  for (const { key } of [chain.builder, chain.owner, ...options.as ? [options.as] : []]) {
    assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes(key.slice(2)), "a key was shown");
  }
  return outcome;
}

/** Any SHA-256, for instructions whose archive nobody reads. */
export const SOME_SHA256 = "5c".repeat(32);

/** An instruction whose archive nobody reads. */
export const SOME_INSTRUCTION = { sha256: SOME_SHA256, url: "https://example.com/job.tar.gz" };
