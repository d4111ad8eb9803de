/**
 * The columns and first rows of a SQLite database.
 *
 * @module
 */

import Table from "cli-table3";
import stringWidth from "string-width";
import { messageOf } from "../../../src/errors.ts";
import { printable } from "../../../src/printable.ts";
import { Results } from "../../../src/results/results.ts";
import type { SqlValue } from "../../../src/results/rows.ts";
import type { Screen } from "../screen/screen.ts";
import { cutText } from "./cut_text.ts";
import { contentOf } from "./only_results.ts";

const ROWS_SHOWN = 10;
const WIDEST_COLUMN = 60;
const NARROWEST_COLUMN = 6;
const MAGIC = "SQLite format 3\0";

/** Whether a file that begins with these bytes is a SQLite database. */
export function isDatabase(sample: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(sample.subarray(0, MAGIC.length)) === MAGIC;
}

/** Shows the table `results`, or else the names of the tables. */
export function previewDatabase(path: string, screen: Screen): string[] {
  try {
    const { hasResults, others } = contentOf(path);
    if (!hasResults) {
      const names = others.map((name) => printable(name));
      return [`  ${names.length === 0 ? "no tables" : `tables: ${names.join(", ")}`}`];
    }
    using results = Results.open(path);
    return previewResults(results, screen);
  } catch (error) {
    return [`  (can't be read: ${printable(messageOf(error))})`];
  }
}

function previewResults(results: Results, screen: Screen): string[] {
  const columns = results.columns.map(({ name, type }) => printable(`${name} ${type}`.trim()));
  const count = results.count();
  const names = results.columns.map(({ name }) => name);
  const rows: string[][] = [];
  for (const row of results.rows({ integers: "bigint" })) {
    if (rows.length === ROWS_SHOWN) break;
    rows.push(names.map((name) => showValue(row[name]!)));
  }
  return [
    `  ${count} ${count === 1 ? "row" : "rows"} of ${columns.join(", ")}`,
    ...(rows.length > 0 ? [formatTable(names.map((name) => printable(name)), rows, screen)] : []),
    ...(count > ROWS_SHOWN ? [`  ... and ${count - ROWS_SHOWN} more rows`] : []),
  ];
}

/** A table that fits the screen: wide columns are cut, and those without room are left out. */
function formatTable(names: string[], rows: string[][], { rich, width }: Screen): string {
  const overhead = rich ? 3 : 2;
  const widths = names.map((name, at) =>
    Math.min(
      WIDEST_COLUMN,
      Math.max(stringWidth(name), ...rows.map((row) => stringWidth(row[at]!))),
    )
  );
  const total = () => widths.reduce((sum, width) => sum + width + overhead, 3);
  while (total() > width && widths.some((width) => width > NARROWEST_COLUMN)) {
    widths[widths.indexOf(Math.max(...widths))]!--;
  }
  while (total() > width && widths.length > 1) widths.pop();
  const shown = widths.length;
  const table = new Table({
    head: names.slice(0, shown),
    colWidths: widths.map((width) => width + 2),
    style: { head: rich ? ["bold"] : [], border: [], compact: true },
    ...(rich ? {} : { chars: NO_FRAMES }),
  });
  table.push(...rows.map((row) => row.slice(0, shown)));
  const text = table.toString().split("\n").map((line) => `  ${line.trimEnd()}`).join("\n");
  const hidden = names.length - shown;
  if (hidden === 0) return text;
  return `${text}\n  ... and ${hidden} more ${hidden === 1 ? "column" : "columns"}`;
}

const NO_FRAMES = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((name) => [name, ""]),
);

function showValue(value: SqlValue): string {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return `<${value.byteLength} bytes>`;
  // What is cut off need not be measured.
  return cutText(printable(String(value).slice(0, WIDEST_COLUMN * 2)), WIDEST_COLUMN);
}
