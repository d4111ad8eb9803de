/**
 * Figures and values as a person reads them.
 *
 * @module
 */

import { formatBytes } from "../../../../src/format_bytes.ts";
import { printable } from "../../../../src/printable.ts";
import type { Cell } from "../wire.ts";

/** A number with separators: `1,000,000`. */
export function grouped(number: number): string {
  return number.toLocaleString("en");
}

/** A count and its noun: `1 row`, `10 rows`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A duration: `0.031 s`, `4.2 s`. */
export function formatSeconds(seconds: number): string {
  return `${seconds < 1 ? seconds.toFixed(3) : seconds.toFixed(1)} s`;
}

/** A value as a grid shows it, on one line. */
export function showCell(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (cell === null) return "NULL";
  if (typeof cell === "number") return String(cell);
  if (typeof cell === "string") return printable(cell);
  if ("integer" in cell) return cell.integer;
  if ("text" in cell) return `${printable(cell.text)}… (${formatBytes(cell.bytes)})`;
  return `x'${cell.hex}${cell.hex.length / 2 < cell.bytes ? "…" : ""}' (${
    formatBytes(cell.bytes)
  })`;
}

/** How a value is set: numbers to the right, what isn't a text in another colour. */
export function kindOfCell(cell: Cell | undefined): "none" | "number" | "text" | "blob" {
  if (cell === null || cell === undefined) return "none";
  if (typeof cell === "number") return "number";
  if (typeof cell === "string" || "text" in cell) return "text";
  return "integer" in cell ? "number" : "blob";
}
