/**
 * Runs `deno` itself, in an environment in which the same source gives the same bytes.
 *
 * @module
 */

import { type Command, runCommand } from "./command.ts";
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
  /** Kills it when aborted. */
  signal?: AbortSignal;
}

/** Runs a `deno` command to its end. */
export async function runDeno(
  args: readonly string[],
  options: RunDenoOptions,
): Promise<DenoOutcome> {
  return await runCommand(denoCommand(args, options));
}

/** How a `deno` command is started. */
export function denoCommand(
  args: readonly string[],
  { cwd, env = {}, signal }: RunDenoOptions,
): Command {
  return { program: Deno.execPath(), args, cwd, env: { ...denoEnvironment(), ...env }, signal };
}
