/**
 * The values of a grid, cut to what it can show.
 *
 * @module
 */

import type { SqlValue } from "../../../../src/results/rows.ts";
import { prepareArrays, quoteName } from "../../../../src/results/select.ts";
import type { Cell, GridRows, WholeCell } from "../wire.ts";
import { openView, type ViewOrder } from "./grid_view.ts";

/** Characters of a text that a grid shows, and bytes of a BLOB. */
const TEXT_SHOWN = 200;
const BYTES_SHOWN = 16;

/** Bytes of a value that are shown when it is shown whole. */
const WHOLE_BYTES = 1024 * 1024;

/** Some rows of a view, by their numbers from 0 on. */
export function readRows(
  { view, from, count }: { view: ViewOrder; from: number; count: number },
): GridRows {
  const { db, columns, first, page, count: total } = openView(view);
  const values = columns.map(({ name }) => {
    const column = `t.${quoteName(name)}`;
    return `CASE typeof(${column}) WHEN 'text' THEN substr(${column}, 1, ${TEXT_SHOWN}) ` +
      `WHEN 'blob' THEN substr(${column}, 1, ${BYTES_SHOWN}) ELSE ${column} END, ` +
      `CASE WHEN typeof(${column}) IN ('text', 'blob') THEN octet_length(${column}) END`;
  });
  const rows = prepareArrays(db, `SELECT ${values.join(", ")} FROM ${page}`)
    .all(first + BigInt(from), count) as unknown as SqlValue[][];
  return {
    columns,
    count: total,
    rows: rows.map((row) => columns.map((_, at) => cellOf(row[2 * at]!, row[2 * at + 1]!))),
  };
}

/** One value of a view, whole up to a mebibyte. */
export function readCell(
  { view, row, column }: { view: ViewOrder; row: number; column: string },
): WholeCell {
  const { db, first, page } = openView(view);
  const name = `t.${quoteName(column)}`;
  const [type, value, bytes] = prepareArrays(
    db,
    `SELECT typeof(${name}), CASE WHEN typeof(${name}) IN ('text', 'blob') ` +
      `THEN substr(CAST(${name} AS BLOB), 1, ${WHOLE_BYTES}) ELSE CAST(${name} AS TEXT) END, ` +
      `octet_length(${name}) FROM ${page}`,
  ).get(first + BigInt(row), 1) as unknown as [string, SqlValue, bigint | null];
  const kind = type as WholeCell["kind"];
  const length = Number(bytes ?? 0);
  const text = value instanceof Uint8Array
    ? kind === "blob" ? value.toHex() : new TextDecoder().decode(value)
    : String(value ?? "NULL");
  return { kind, text, bytes: length, whole: length <= WHOLE_BYTES };
}

function cellOf(value: SqlValue, bytes: SqlValue): Cell {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : { integer: String(value) };
  }
  if (value instanceof Uint8Array) return { hex: value.toHex(), bytes: Number(bytes) };
  if (typeof value === "number") return Number.isFinite(value) ? value : { integer: String(value) };
  if (typeof value !== "string") return value;
  // Every character is at most four bytes, and text may go on behind a NUL character.
  const shown = new TextEncoder().encode(value).length;
  return shown < Number(bytes) ? { text: value, bytes: Number(bytes) } : value;
}
