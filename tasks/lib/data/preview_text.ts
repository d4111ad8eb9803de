/**
 * The first lines of a text file: CSV, JSON, JSON Lines or any other.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { cutText } from "./cut_text.ts";

const LINES_SHOWN = 10;
const WIDEST_LINE = 160;
const INDENT = "    ";

/**
 * Shows a text's first lines, cut to fit; nothing if the bytes aren't text.
 *
 * @param sample The beginning of the file.
 * @param whole Whether that is all of it.
 * @param width Columns of characters.
 */
export function previewText(
  sample: Uint8Array,
  { whole, width }: { whole: boolean; width: number },
): string[] {
  const text = decode(sample, whole);
  if (text === undefined || text.includes("\0")) return [];
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const columns = Math.min(width - INDENT.length, WIDEST_LINE);
  const shown = lines.slice(0, LINES_SHOWN).map((line) =>
    `${INDENT}${cutText(printable(line.slice(0, WIDEST_LINE * 2), "\t"), columns)}`
  );
  const left = lines.length - shown.length;
  if (!whole) shown.push(`${INDENT}...`);
  else if (left > 0) shown.push(`${INDENT}... and ${left} more ${left === 1 ? "line" : "lines"}`);
  return text === "" ? [] : shown;
}

function decode(sample: Uint8Array, whole: boolean): string | undefined {
  try {
    // With `stream`, a character may be cut at the end of the sample.
    return new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: !whole });
  } catch {
    return undefined;
  }
}
