/**
 * Shows the tables of a refiner's schema, and what an account may query of them.
 *
 * @module
 */

import { print } from "../cli.ts";
import { describeAmount } from "../network/amounts.ts";
import { chainText } from "../network/chain_text.ts";
import { columnOf, type ReadableColumns } from "../network/readable_columns.ts";
import type { Column, Schema, Table } from "../schema/tables.ts";
import { alignedCells } from "./aligned_cells.ts";

/** Prints the tables. */
export function showTables({ tables }: Schema, readable: ReadableColumns | undefined): void {
  for (const table of tables) {
    print();
    print(`${chainText(table.name)}${table.kind === "view" ? " (a view)" : ""}`);
    if (table.broken !== undefined) print(`  SQLite can't read it: ${chainText(table.broken)}`);
    const rows = table.columns.map((column) => [
      chainText(column.name),
      chainText(column.type),
      describeColumn(table, column),
      table.kind === "view" || readable === undefined
        ? ""
        : describePermission(readable, table.name, column.name),
    ]);
    for (const line of alignedCells(rows)) print(`  ${line}`);
  }
}

function describeColumn(
  { foreignKeys, unique }: Table,
  { name, notNull, primaryKey, generated }: Column,
): string {
  const key = foreignKeys.find(({ columns }) => columns.includes(name));
  const isUnique = unique.some((columns) => columns.length === 1 && columns[0] === name);
  return [
    ...primaryKey > 0 ? ["primary key"] : isUnique ? ["unique"] : [],
    ...notNull && primaryKey === 0 ? ["not null"] : [],
    ...generated ? ["computed"] : [],
    ...key === undefined ? [] : [`references ${chainText(key.table)}`],
  ].join(", ");
}

function describePermission(readable: ReadableColumns, table: string, column: string): string {
  const { permission, unclear } = columnOf(readable, table, column) ?? {};
  if (permission === undefined) return unclear === undefined ? "-" : `? ${chainText(unclear)}`;
  const currency = readable.currencies.get(permission.token)!;
  const price = permission.price === 0n ? "free" : describeAmount(permission.price, currency);
  return `permission ${permission.id}: ${price}`;
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
