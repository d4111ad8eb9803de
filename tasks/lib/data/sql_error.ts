/**
 * Shows where a piece of SQL fails.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { lineAt } from "./script_text.ts";

const LINES_SHOWN = 8;
/** Characters of a line, or of SQLite's message, that are shown. */
const LONGEST_SHOWN = 160;

/**
 * Splits what `exec()` of `node:sqlite` says into the reason and the place: its message may end in the
 * whole SQL and an offset in its UTF-8 bytes.
 *
 * @returns The reason, and the index of the character at which the SQL fails, if SQLite says it.
 */
export function splitSqlError(message: string, sql: string): { reason: string; index?: number } {
  const found = / at offset (\d+)$/.exec(message);
  const tail = ` in ${sql}${found?.[0]}`;
  if (found === null || !message.endsWith(tail)) return { reason: message };
  const before = new TextEncoder().encode(sql).subarray(0, Number(found[1]));
  return {
    reason: message.slice(0, -tail.length),
    index: new TextDecoder().decode(before).length,
  };
}

/** The line and column of a character, both counted from 1. */
export function placeIn(sql: string, index: number): { line: number; column: number } {
  return { line: lineAt(sql, index), column: index - lineStart(sql, index) + 1 };
}

/** The lines of a statement up to the place that an error is at, and a few behind it, cut to fit. */
export function excerpt(text: string, index: number): string {
  const lines = text.trimEnd().split("\n");
  const at = lineAt(text, index) - 1;
  const column = index - lineStart(text, index);
  const first = Math.max(0, at - LINES_SHOWN + 3);
  const shown = lines.slice(first, first + LINES_SHOWN).map((line, number) =>
    `  ${printable(cut(line, first + number === at ? column : 0), "\t")}`
  );
  if (first > 0) shown.unshift("  ...");
  if (first + LINES_SHOWN < lines.length) shown.push("  ...");
  return shown.join("\n");
}

/** A part of a long line around a column. */
export function cut(line: string, column: number): string {
  line = line.trimEnd();
  if (line.length <= LONGEST_SHOWN) return line;
  const start = Math.max(0, Math.min(column, line.length) - LONGEST_SHOWN / 2);
  const end = start + LONGEST_SHOWN;
  return `${start > 0 ? "..." : ""}${line.slice(start, end)}${end < line.length ? "..." : ""}`;
}

function lineStart(text: string, index: number): number {
  return index === 0 ? 0 : text.lastIndexOf("\n", index - 1) + 1;
}
