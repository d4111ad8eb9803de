/**
 * Runs the tasks on-chain as a person would, against a local EVM.
 *
 * @module
 */

import assert from "node:assert/strict";
import { canRunEvm, LocalChain } from "./evm.ts";
import type { Person } from "./people.ts";
import { type Outcome, outcomeOf, spawnTask } from "./run.ts";

/** Options of {@linkcode runOnChain}. */
export interface OnChainOptions {
  /** Whose key is in `PRIVATE_KEY`. */
  as?: Person;
  /** Further environment variables. */
  env?: Record<string, string>;
}

/** What tasks can be run on: a local EVM with or without the whole network. */
export interface Runnable {
  /** The RPC's URL. */
  readonly url: string;
  /**
   * The options by which a task finds it.
   *
   * @default the RPC's
   */
  readonly flags?: readonly string[];
  /** Submits jobs. */
  readonly builder: Person;
  /** Owns the DLP. */
  readonly owner: Person;
}

/** Starts a task that asks a local EVM. */
export function spawnOnChain(
  { url, flags = ["--rpc", url] }: Runnable,
  [name = "", ...args]: readonly string[],
  { as, env = {} }: OnChainOptions = {},
): Deno.ChildProcess {
  const key: Record<string, string> = as === undefined ? {} : { PRIVATE_KEY: as.key };
  // Of two RPCs the last one counts: a test may name its own.
  return spawnTask(name, [...flags, ...args], { ...key, ...env });
}

/** Runs a task that asks a local EVM. Whatever it does, it never shows a key. */
export async function runOnChain(
  chain: Runnable,
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

/** What is done with a local EVM of its own. */
export type OnChainTest = (chain: LocalChain) => Promise<void>;

/** A test on a local EVM of its own, whose registry is empty. */
export function testOnChain(name: string, fn: OnChainTest, ignore: boolean = !canRunEvm): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      await using chain = await LocalChain.start();
      await fn(chain);
    },
  });
}

/** A test on a local EVM where instruction 1 is approved for DLP 7. */
export function testApproved(name: string, fn: OnChainTest, ignore?: boolean): void {
  testOnChain(name, async (chain) => {
    await chain.approve(await chain.add(SOME_INSTRUCTION));
    await fn(chain);
  }, ignore);
}
