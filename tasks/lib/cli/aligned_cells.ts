/**
 * Aligns text in columns.
 *
 * @module
 */

import stringWidth from "string-width";

/** Wider cells make their own line longer, and no other. */
const WIDEST_CELL = 40;

/** Lines of cells, each column as wide as its widest cell. */
export function alignedCells(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.min(WIDEST_CELL, Math.max(...rows.map((row) => stringWidth(row[at]!))))
  );
  return rows.map((row) =>
    row.map((cell, at) => cell + " ".repeat(Math.max(0, widths[at]! - stringWidth(cell))))
      .join("  ").trimEnd()
  );
}
