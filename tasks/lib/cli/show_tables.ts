/**
 * Shows the tables of a refiner's schema, and what an account may query of them.
 *
 * @module
 */

import stringWidth from "string-width";
import { print } from "../cli.ts";
import { columnOf, type ReadableColumns } from "../network/readable_columns.ts";
import type { Column, Schema, Table } from "../schema/tables.ts";
import { formatPrice } from "./format_price.ts";
import { shown } from "./show_refiner.ts";

/** Wider cells make their own line longer, and no other. */
const WIDEST_CELL = 40;

/** Prints the tables. */
export function showTables({ tables }: Schema, readable: ReadableColumns | undefined): void {
  for (const table of tables) {
    print();
    print(`${shown(table.name)}${table.kind === "view" ? " (a view)" : ""}`);
    if (table.broken !== undefined) print(`  SQLite can't read it: ${shown(table.broken)}`);
    const rows = table.columns.map((column) => [
      shown(column.name),
      shown(column.type),
      describeColumn(table, column),
      table.kind === "view" || readable === undefined
        ? ""
        : describePermission(readable, table.name, column.name),
    ]);
    for (const line of aligned(rows)) print(`  ${line}`);
  }
}

function describeColumn({ foreignKeys }: Table, { name, notNull, primaryKey, generated }: Column) {
  const key = foreignKeys.find(({ columns }) => columns.includes(name));
  return [
    ...primaryKey > 0 ? ["primary key"] : [],
    ...notNull && primaryKey === 0 ? ["not null"] : [],
    ...generated ? ["computed"] : [],
    ...key === undefined ? [] : [`references ${shown(key.table)}`],
  ].join(", ");
}

function describePermission(readable: ReadableColumns, table: string, column: string): string {
  const { permission, unclear } = columnOf(readable, table, column) ?? {};
  if (permission === undefined) return unclear === undefined ? "-" : `? ${shown(unclear)}`;
  const currency = readable.currencies.get(permission.token)!;
  const price = permission.price === 0n ? "free" : formatPrice(permission.price, currency);
  return `permission ${permission.id}: ${price}`;
}

/** Columns of text, each as wide as its widest cell. */
function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.min(WIDEST_CELL, Math.max(...rows.map((row) => stringWidth(row[at]!))))
  );
  return rows.map((row) =>
    row.map((cell, at) => cell + " ".repeat(Math.max(0, widths[at]! - stringWidth(cell))))
      .join("  ").trimEnd()
  );
}

/** The tables as JSON. */
export function tablesToJson({ tables }: Schema, readable: ReadableColumns | undefined): unknown[] {
  return tables.map(({ name, kind, columns, foreignKeys, broken }) => ({
    name,
    kind,
    columns: columns.map((column) => ({
      ...column,
      ...(readable === undefined || kind === "view"
        ? {}
        : { permission: permissionToJson(readable, name, column.name) }),
    })),
    foreignKeys,
    broken,
  }));
}

function permissionToJson(readable: ReadableColumns, table: string, column: string): unknown {
  const { permission, unclear } = columnOf(readable, table, column) ?? {};
  if (permission === undefined) return unclear === undefined ? null : { unclear };
  const { id, grantee, price, token } = permission;
  const { symbol, decimals } = readable.currencies.get(token)!;
  return {
    id: `${id}`,
    grantee: grantee ?? "everyone",
    price: `${price}`,
    token,
    symbol,
    decimals,
  };
}
