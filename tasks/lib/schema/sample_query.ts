/**
 * A query to begin with.
 *
 * @module
 */

import { sqlName } from "./sql_name.ts";
import type { ForeignKey, Table } from "./tables.ts";

/** Options of {@linkcode sampleQuery}. */
export interface SampleOptions {
  /** Whether a column may be read. */
  mayRead: (table: string, column: string) => boolean;
  /** Whether a table has rows. */
  hasRows: (table: string) => boolean;
}

/**
 * Writes a query over the columns of a table that may be read, and of the tables it references, if those may
 * be joined.
 *
 * @returns The query without a semicolon; `undefined` if no column may be read.
 */
export function sampleQuery(
  tables: readonly Table[],
  { mayRead, hasRows }: SampleOptions,
): string | undefined {
  const readable = tables.filter(({ kind }) => kind === "table").map((table) => ({
    table,
    columns: table.columns.map(({ name }) => name).filter((name) => mayRead(table.name, name)),
    joins: table.foreignKeys.filter((key) => canJoin(table, key, tables, mayRead)),
  }));
  const worth = ({ table, columns, joins }: typeof readable[number]) =>
    columns.length === 0
      ? 0
      : columns.length + 100 * joins.length + (hasRows(table.name) ? 10_000 : 0);
  const best = readable.toSorted((a, b) => worth(b) - worth(a))[0];
  if (best === undefined || best.columns.length === 0) return undefined;
  const { table, columns } = best;
  const joins = best.joins.filter((join, at) =>
    best.joins.findIndex((one) => one.table === join.table) === at
  );
  const selected = [
    { table: table.name, columns },
    ...joins.map((join) => ({
      table: join.table,
      columns: readable.find((one) => one.table.name === join.table)!.columns
        .filter((name) => !join.parents.includes(name)),
    })),
  ];
  return compose(table.name, selected, joins);
}

/** Whether a table may be joined with one that it references. */
function canJoin(
  { name, columns }: Table,
  { table, columns: keys, parents }: ForeignKey,
  tables: readonly Table[],
  mayRead: SampleOptions["mayRead"],
): boolean {
  return table !== name && tables.some((one) => one.name === table) &&
    parents.length === keys.length &&
    keys.every((key) => columns.some((one) => one.name === key) && mayRead(name, key)) &&
    parents.every((parent) => mayRead(table, parent));
}

function compose(
  from: string,
  selected: readonly { table: string; columns: string[] }[],
  joins: readonly ForeignKey[],
): string {
  const taken = new Set<string>();
  const outputs = selected.flatMap(({ table, columns }) =>
    columns.map((column) => {
      const alias = freeName(taken, column, table);
      const source = `${sqlName(table)}.${sqlName(column)}`;
      return alias === column ? source : `${source} AS ${sqlName(alias)}`;
    })
  );
  const joined = joins.map(({ table, columns, parents }) => {
    const conditions = columns.map((column, at) =>
      `${sqlName(table)}.${sqlName(parents[at]!)} = ${sqlName(from)}.${sqlName(column)}`
    );
    return `\nLEFT JOIN ${sqlName(table)} ON ${conditions.join(" AND ")}`;
  });
  return `SELECT\n  ${outputs.join(",\n  ")}\nFROM ${sqlName(from)}${joined.join("")}`;
}

/** Two output columns can't have one name: later ones get their table's in front. */
function freeName(taken: Set<string>, column: string, table: string): string {
  let name = column;
  for (let number = 1; taken.has(name.toLowerCase()); number++) {
    name = `${table}_${column}${number === 1 ? "" : `_${number}`}`;
  }
  taken.add(name.toLowerCase());
  return name;
}
