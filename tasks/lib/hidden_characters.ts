/**
 * Finds where a text can look like another one to its reader.
 *
 * @module
 */

import { printable } from "../../src/printable.ts";

/** More blanks in a row than this push what follows out of a window. */
const MOST_BLANKS = 200;
/** Characters that show nothing; the one by which an emoji has its colours is not among them. */
const INVISIBLE = /(?!(?<=\p{Emoji})\ufe0f)\p{Default_Ignorable_Code_Point}/u;
const FAR_AWAY = new RegExp(`[^\\s][^\\S\\n]{${MOST_BLANKS},}[^\\s]`);

/**
 * Says where a text has characters that hide or reorder what a person reads: invisible ones, controls, a
 * carriage return inside a line, many blanks before more text, or bytes that aren't UTF-8.
 *
 * @param name What the text is called at the beginning of a sentence.
 * @returns `undefined` if it has none.
 */
export function hiddenCharacters(bytes: Uint8Array, name: string): string | undefined {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  const hidden = lines.flatMap((line, at) => isPlain(line) ? [] : [at + 1]);
  const [first] = hidden;
  if (first === undefined) return undefined;
  const count = hidden.length === 1 ? "1 line" : `${hidden.length} lines`;
  return `${name} has invisible or reordering characters on ${count}, the first of them ${first}: ` +
    "read it in an editor that shows them";
}

function isPlain(line: string): boolean {
  const text = line.replace(/\r$/, "");
  // What isn't UTF-8 is decoded as U+FFFD.
  return printable(text, "\t") === text && !text.includes("\ufffd") &&
    !INVISIBLE.test(text) && !FAR_AWAY.test(text);
}
