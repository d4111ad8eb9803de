/**
 * The order in which tables are filled: those that others reference come first.
 *
 * @module
 */

import type { Table } from "../schema/tables.ts";

/**
 * Sorts tables. In a cycle of references, a table comes early that needs few others; what it references is
 * filled later.
 */
export function fillOrder(tables: readonly Table[]): Table[] {
  const left = [...tables];
  const sorted: Table[] = [];
  while (left.length > 0) {
    const needs = left.map((table) => needsOf(table, left));
    const at = needs.indexOf(Math.min(...needs));
    sorted.push(...left.splice(at, 1));
  }
  return sorted;
}

/** How much a table needs others that aren't filled: a column that may be NULL counts little. */
function needsOf({ name, columns, foreignKeys }: Table, left: readonly Table[]): number {
  const open = foreignKeys.filter(({ table }) =>
    table !== name && left.some((other) => other.name === table)
  );
  return open.reduce((sum, { columns: keys }) => {
    const required = keys.every((key) => columns.find((one) => one.name === key)?.notNull);
    return sum + (required ? 1000 : 1);
  }, 0);
}
