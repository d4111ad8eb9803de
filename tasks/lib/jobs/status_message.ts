/**
 * What a TEE says on-chain of a job.
 *
 * @module
 */

import { chainText } from "../network/chain_text.ts";

const LONGEST_SHOWN = 500;

/** The message, safe to show, behind a colon; nothing if there is none. */
export function describeMessage(message: string): string {
  const shown = chainText(message, LONGEST_SHOWN).trim();
  return shown === "" ? "" : `: ${shown}`;
}
