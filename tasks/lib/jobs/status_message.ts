/**
 * What a TEE says on-chain of a job.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";

const LONGEST_SHOWN = 500;

/** The message, safe to show, behind a colon; nothing if there is none. */
export function describeMessage(message: string): string {
  const shown = printable(message.slice(0, LONGEST_SHOWN)).trim();
  return shown === "" ? "" : `: ${shown}${message.length > LONGEST_SHOWN ? "..." : ""}`;
}
