/**
 * Finds characters by which a program can look like another one to its reader.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";

/**
 * Says where a text has characters that hide or reorder what a person reads.
 *
 * @returns `undefined` if it has none.
 */
export function hiddenCharacters(bytes: Uint8Array): string | undefined {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  const hidden = lines.flatMap((line, at) => printable(line, "\t\r") === line ? [] : [at + 1]);
  const [first] = hidden;
  if (first === undefined) return undefined;
  const count = hidden.length === 1 ? "1 line" : `${hidden.length} lines`;
  return `The program has invisible or reordering characters on ${count}, the first of them ${first}: ` +
    "read it in an editor that shows them";
}
