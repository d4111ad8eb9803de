/**
 * The ids of instructions and DLPs as people type them.
 *
 * @module
 */

import { maxUint256 } from "viem";
import { ToolError } from "../errors.ts";

/**
 * Reads an id.
 *
 * @param what What the id is of, for the message.
 * @throws {ToolError} It is no decimal number that the contract could hold.
 */
export function parseId(text: string, what: string): bigint {
  const id = /^\d{1,78}$/.test(text) ? BigInt(text) : undefined;
  if (id !== undefined && id <= maxUint256) return id;
  throw new ToolError(`${JSON.stringify(text)} is no ${what}; expected a whole number, such as 12`);
}
