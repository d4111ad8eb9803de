/**
 * Reads the schema of a refiner.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { KilledError, runConfined } from "../process/confined.ts";
import type { Schema } from "./tables.ts";
import { UnusableError } from "./unusable.ts";

const PROCESS = fileURLToPath(new URL("./schema_process.ts", import.meta.url));
const LIMITS = { seconds: 20, megabytes: 256 };

/**
 * Loads a schema into SQLite, in memory and in a process of its own.
 *
 * @throws {UnusableError} It isn't a schema that SQLite takes, or it takes too long or too much memory.
 */
export async function readSchema(ddl: string): Promise<Schema> {
  return await orUnusable(runConfined(PROCESS, { ddl }, LIMITS)) as Schema;
}

/**
 * Waits for a process that was given a schema.
 *
 * @throws {UnusableError} The schema can't be used, or it made the process reach a limit.
 */
export async function orUnusable(answer: Promise<unknown>): Promise<unknown> {
  let given: unknown;
  try {
    given = await answer;
  } catch (error) {
    if (error instanceof KilledError) {
      throw new UnusableError(`The schema can't be loaded: ${error.message}`);
    }
    throw error;
  }
  const { unusable } = given as { unusable?: string };
  if (unusable !== undefined) throw new UnusableError(unusable);
  return given;
}
