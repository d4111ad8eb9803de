/**
 * Shows what a job wrote: files and sizes, and a results database's columns and first rows.
 *
 * @module
 */

import { join } from "node:path";
import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import stringWidth from "string-width";
import { messageOf } from "../../../src/errors.ts";
import { formatBytes } from "../../../src/format_bytes.ts";
import { Results } from "../../../src/results/results.ts";
import type { SqlValue } from "../../../src/results/rows.ts";
import { print } from "../cli.ts";

const ROWS_SHOWN = 10;
const WIDEST_COLUMN = 60;
const NARROWEST_COLUMN = 6;

/** Where and how to print. */
interface Screen {
  /** Boxes and colour, or plain text. */
  terminal: boolean;
  /** Columns of characters; none when the output is piped. */
  width: number;
}

/** Prints what is in an output directory. */
export function showOutput(directory: string): void {
  const terminal = Deno.stdout.isTerminal();
  const screen = { terminal, width: terminal ? Deno.consoleSize().columns : Infinity };
  const files = [...listFiles(directory)].sort();
  if (files.length === 0) return print(`${directory} is empty`);
  print(`In ${directory}:`);
  for (const name of files) {
    const path = join(directory, name);
    print(`  ${bold(clean(name), screen)}  ${formatBytes(Deno.statSync(path).size)}`);
    if (name.endsWith(".db")) showDatabase(path, screen);
  }
}

function* listFiles(directory: string, prefix = ""): Generator<string> {
  for (const entry of Deno.readDirSync(join(directory, prefix))) {
    if (entry.name === ".gitkeep") continue;
    const name = prefix + entry.name;
    if (entry.isDirectory) yield* listFiles(directory, `${name}/`);
    else yield name;
  }
}

function showDatabase(path: string, screen: Screen): void {
  let results: Results;
  try {
    results = Results.open(path);
  } catch (error) {
    return print(`  (not a results database: ${messageOf(error)})`);
  }
  try {
    const columns = results.columns.map(({ name, type }) => clean(`${name} ${type}`.trim()));
    const count = results.count();
    print(`  ${count} ${count === 1 ? "row" : "rows"} of ${columns.join(", ")}`);
    const names = results.columns.map(({ name }) => name);
    const rows: string[][] = [];
    for (const row of results.rows({ integers: "bigint" })) {
      if (rows.length === ROWS_SHOWN) break;
      rows.push(names.map((name) => showValue(row[name]!)));
    }
    if (rows.length > 0) print(formatTable(names.map(clean), rows, screen));
    if (count > ROWS_SHOWN) print(`  ... and ${count - ROWS_SHOWN} more rows`);
  } catch (error) {
    print(`  (can't be read: ${messageOf(error)})`);
  } finally {
    results.close();
  }
}

/** A table that fits the screen: wide columns are cut, and those without room are left out. */
function formatTable(names: string[], rows: string[][], { terminal, width }: Screen): string {
  const overhead = terminal ? 3 : 2;
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
    style: { head: terminal && useColour() ? ["bold"] : [], border: [], compact: true },
    ...(terminal ? {} : { chars: NO_BOXES }),
  });
  table.push(...rows.map((row) => row.slice(0, shown)));
  const text = table.toString().split("\n").map((line) => `  ${line.trimEnd()}`).join("\n");
  const hidden = names.length - shown;
  return hidden === 0 ? text : `${text}\n  ... and ${hidden} more columns`;
}

const NO_BOXES = Object.fromEntries(
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
  return clean(String(value));
}

/** Rows hold other people's text: no terminal codes, one line each. */
function clean(text: string): string {
  // deno-lint-ignore no-control-regex
  return stripVTControlCharacters(text).replaceAll(/[\x00-\x1f\x7f-\x9f]/g, " ");
}

function bold(text: string, { terminal }: Screen): string {
  return terminal && useColour() ? styleText("bold", text) : text;
}

function useColour(): boolean {
  return !Deno.noColor;
}
