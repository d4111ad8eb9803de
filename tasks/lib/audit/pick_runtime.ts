/**
 * Picks the runtime on which a binary is made again.
 *
 * @module
 */

import { isPinned } from "../binary/denort.ts";
import { givenRuntime } from "../binary/runtime.ts";
import { hashFile } from "../hash.ts";

/** A runtime that is trusted. */
export interface TrustedRuntime {
  /** Its file; absent for the one that Deno downloads. */
  path?: string;
  /** What it is, in words. */
  name: string;
  /** Whether it is that of `deno task denort`. */
  isTest: boolean;
  /** The SHA-256 of the runtime in the archive, in hexadecimal. */
  theirs: string;
}

/**
 * Picks the runtime that the archive may be on: the one that `deno task denort` pins if it is, else the one
 * that `deno compile` would use here.
 *
 * @param binary The archive's binary. It may be cut down to its runtime.
 * @param runtimeBytes The length of its runtime.
 * @throws {ToolError} `DENORT_BIN` names no file.
 */
export function pickRuntime(binary: string, runtimeBytes: number): TrustedRuntime {
  const theirs = hashFile(binary, runtimeBytes);
  if (isPinned(theirs)) {
    // These bytes have the pinned SHA-256, so they needn't be fetched to be trusted.
    Deno.truncateSync(binary, runtimeBytes);
    return { path: binary, name: "the one that `deno task denort` pins", isTest: true, theirs };
  }
  const given = givenRuntime();
  const name = given === undefined ? "Deno's own download" : "the one that DENORT_BIN names";
  return { path: given, name, isTest: false, theirs };
}
