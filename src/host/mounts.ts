/**
 * The two mounts: directories that exist, can be used, and have room.
 *
 * @module
 */

import { messageOf, ParameterError } from "../errors.ts";

/** What is wrong with a mount, and what to do, in one sentence for both mounts. */
function unusable(path: string, variable: string, problem: string): ParameterError {
  return new ParameterError(
    `${variable}: ${path} ${problem}; mount a writable directory there (docker run ` +
      `-v /your/directory:${path}, or --tmpfs ${path}), or set ${variable} to another one`,
  );
}

/**
 * Makes a mount's directory if it is missing.
 *
 * @param path The directory, absolute.
 * @param variable The environment variable that names it, for messages.
 * @throws {ParameterError} It isn't a directory, or can't be made.
 */
export function prepareDirectory(path: string, variable: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
    if (Deno.statSync(path).isDirectory) return;
  } catch (error) {
    if (
      !(error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory)
    ) {
      throw unusable(path, variable, `can't be made (${messageOf(error)})`);
    }
  }
  throw unusable(path, variable, "is not a directory");
}

/**
 * Runs what writes into a mount for the first time, and explains its failure.
 *
 * @throws {ParameterError} The mount can't be written to.
 */
export function tryToWrite<T>(path: string, variable: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw unusable(path, variable, `can't be written to (${messageOf(error)})`);
  }
}
