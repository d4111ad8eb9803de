/**
 * Names in SQL text.
 *
 * @module
 */

import { isSame } from "../schema/load_schema.ts";
import type { Token } from "../schema/tokens.ts";

/** Whether a name is anywhere in SQL, in any case and with or without quotes. */
export function mentions(tokens: readonly Token[], name: string): boolean {
  return tokens.some(({ kind, value }) => kind !== "symbol" && isSame(value, name));
}
