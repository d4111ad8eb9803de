/**
 * How much memory a program of its own takes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { outcomeOf, spawnDeno } from "./run.ts";

/** What a program of `jobs/` said of itself. */
export interface Consumption {
  /** Rows it went through. */
  rows: number;
  /** The most memory it had. */
  megabytes: number;
}

/** Runs a program of `jobs/` that prints a {@linkcode Consumption} as JSON. */
export async function runTestProgram(name: string, args: readonly string[]): Promise<Consumption> {
  const path = `tests/support/jobs/${name}.ts`;
  const { code, stdout, stderr } = await outcomeOf(
    spawnDeno(["run", "-A", "--lock=deno.lock", "--frozen", path, ...args]),
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
