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
  /** What it wrote on standard error. */
  stderr: string;
}

/** Runs a `deno` command to its end, in `cwd`. */
export async function runDeno(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<DenoOutcome> {
  const program = Deno.execPath();
  return await runCommand({ program, args, cwd, env: { ...denoEnvironment(), ...env } });
}
