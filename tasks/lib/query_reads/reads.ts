/**
 * What was found of a query.
 *
 * @module
 */

import { isSame } from "../schema/load_schema.ts";
import type { Read } from "../schema/query_reads.ts";
import type { Reported } from "./prepared_query.ts";
import type { SchemaTable } from "./schema_table.ts";

/** The tables and columns that are read, by the schema's own names. */
export class Reads {
  readonly #tables: readonly SchemaTable[];
  readonly #found = new Map<string, Set<string>>();

  /** Nothing is found yet. */
  constructor(tables: readonly SchemaTable[]) {
    this.#tables = tables;
  }

  /** Adds what SQLite reports; `false` if the schema has no such table. */
  add({ table: name, column }: Reported): boolean {
    const table = this.#tables.find((one) => isSame(one.name, name));
    if (table === undefined) return false;
    // `rowid`, for example, is no column.
    const own = table.columns.find((one) => isSame(one, column)) ?? "";
    this.#found.set(table.name, (this.#found.get(table.name) ?? new Set()).add(own));
    return true;
  }

  /** Whether a column is read. */
  has({ name }: SchemaTable, column: string): boolean {
    return this.#found.get(name)?.has(column) ?? false;
  }

  /** Whether anything of a table is read. */
  hasTable(name: string): boolean {
    return this.#found.has(name);
  }

  /** All of it, in the schema's order. */
  all(): Read[] {
    return this.#tables.flatMap(({ name, columns }) => {
      const found = this.#found.get(name);
      if (found === undefined) return [];
      const named = columns.filter((column) => found.has(column));
      return named.length > 0
        ? named.map((column) => ({ table: name, column }))
        : [{ table: name }];
    });
  }
}
