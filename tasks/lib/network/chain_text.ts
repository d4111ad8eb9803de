/**
 * Texts from the chain, where anyone can have written anything.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";

const LONGEST = 200;

/** Makes a text of the chain safe to show on one line, and cuts what is longer than `most` characters. */
export function chainText(text: string, most: number = LONGEST): string {
  // Characters, and not code units, so that none is cut in half. One is at most two units long.
  const chars = [...text.slice(0, 2 * most + 1)];
  return printable(chars.length > most ? `${chars.slice(0, most).join("")}…` : text);
}
