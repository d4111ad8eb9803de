/**
 * Keeps the signature off the lines of `/proc/self/environ` that a job could read.
 *
 * The kernel shows a process's first environment for as long as it lives, one variable behind the other
 * with a NUL between (proc(5)), and a job can make Deno show it one line of any file, if that is short
 * enough.
 *
 * @module
 */

import { ParameterError } from "../errors.ts";

/** The longest line that Deno 2.6 shows with an error, in characters. */
const LONGEST_LINE = 150;

/** What is on the line beside the signature: a NUL, the name, and the NUL at its end. */
const BESIDE = "\0QUERY_SIGNATURE=\0".length;

/** Variables that may hold line breaks, all of which a signature may follow. */
const NAMES = ["QUERY", "QUERY_PARAMS", "INPUT_PATH", "OUTPUT_PATH"];

/**
 * Refuses an environment in which the signature may stand on a short line.
 *
 * @param read Reads a variable.
 * @throws {ParameterError} A variable ends in a line break, or in a line too short.
 */
export function refuseReadableSignature(read: (name: string) => string | undefined): void {
  const signature = read("QUERY_SIGNATURE");
  if (signature === undefined) return;
  for (const name of NAMES) {
    const value = read(name) ?? "";
    const tail = value.length - 1 - value.lastIndexOf("\n");
    if (!value.includes("\n") || tail + BESIDE + signature.length > LONGEST_LINE) continue;
    throw new ParameterError(
      `${name}: ends in a line break, after which a job could read QUERY_SIGNATURE; expected none ` +
        "there. Remove it, and sign the query again if it is the query's",
    );
  }
}
