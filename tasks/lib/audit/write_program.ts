/**
 * Writes a job's program where a person can read it.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";

/** The file's name: an editor then shows it as JavaScript. */
const NAME = "job.js";

/**
 * Writes a job's program, byte for byte, into a folder, which is made if it isn't there.
 *
 * @returns The file's path.
 * @throws {ToolError} The file is there already, or can't be written.
 */
export function writeProgram(bytes: Uint8Array, folder: string): string {
  const path = join(folder, NAME);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeFileSync(path, bytes, { createNew: true });
    return path;
  } catch (error) {
    throw new ToolError(
      error instanceof Deno.errors.AlreadyExists
        ? `${path} exists already; remove it, or give another folder for the program`
        : `Can't write the program to ${path}: ${messageOf(error)}`,
    );
  }
}
