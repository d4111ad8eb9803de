/**
 * The relay as it is shipped: the compiled binary. Where this machine can't compile, its source.
 *
 * @module
 */

import { canCompile, sharedBinary } from "./artifacts.ts";
import { spawnProgram, spawnWorker } from "./run.ts";

const binary = canCompile ? await sharedBinary() : undefined;

/** Starts the relay. */
export function spawnRelay(env: Record<string, string>): Deno.ChildProcess {
  return binary === undefined ? spawnWorker(env) : spawnProgram(binary, [], env);
}
