/**
 * Runs `deno` itself, in an environment in which the same source gives the same bytes.
 *
 * @module
 */

import { runCommand } from "./command.ts";
import { denoEnvironment } from "./deno_environment.ts";

/** What a `deno` command did. */
export interface DenoOutcome {
  /** Whether it exited with 0. */
  success: boolean;
  /** What it printed. */
  stdout: string;
  /** What it wrote on standard error. */
  stderr: string;
}

/** Options of {@linkcode runDeno}. */
export interface RunDenoOptions {
  /** The folder it runs in. */
  cwd: string;
  /**
   * Variables besides those that are passed on.
   *
   * @default {}
   */
  env?: Record<string, string>;
  /**
   * Milliseconds after which it is killed.
   *
   * @default no limit
   */
  timeoutMs?: number;
  /** Kills it when aborted. */
  signal?: AbortSignal;
}

/** Runs a `deno` command to its end. */
export async function runDeno(
  args: readonly string[],
  { cwd, env = {}, timeoutMs, signal }: RunDenoOptions,
): Promise<DenoOutcome> {
  const program = Deno.execPath();
  return await runCommand({
    program,
    args,
    cwd,
    env: { ...denoEnvironment(), ...env },
    timeoutMs,
    signal,
  });
}
