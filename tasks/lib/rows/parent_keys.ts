/**
 * The keys that foreign keys may hold.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { faker } from "@faker-js/faker/locale/en";
import { quoteName } from "../../../src/results/select.ts";
import type { ForeignKey, Table } from "../schema/tables.ts";
import type { Value } from "./values.ts";

/** Makes keys for a table that isn't filled yet. */
export type MakeKeys = (table: Table, columns: readonly string[]) => Value[][];

/**
 * The keys of all tables. Those of a table that isn't filled yet, in a cycle of references, are promised:
 * its rows get them later.
 */
export class ParentKeys {
  readonly #db: DatabaseSync;
  readonly #tables: readonly Table[];
  readonly #make: MakeKeys;
  readonly #filled = new Set<string>();
  readonly #promised = new Map<string, { columns: string[]; keys: Value[][] }[]>();

  /** Keys of the tables of a database. */
  constructor(db: DatabaseSync, tables: readonly Table[], make: MakeKeys) {
    this.#db = db;
    this.#tables = tables;
    this.#make = make;
  }

  /** Tells that a table has all of its rows. */
  fill(table: string): void {
    this.#filled.add(table);
  }

  /** What was promised of a table's rows: for some columns, the values of each row. */
  promisedTo(table: string): readonly { columns: string[]; keys: Value[][] }[] {
    return this.#promised.get(table) ?? [];
  }

  /** The keys that a foreign key may hold, in random order; `undefined` if its table or column is missing. */
  of({ table: name, parents }: ForeignKey): Value[][] | undefined {
    const table = this.#tables.find((one) => one.name === name && one.kind === "table");
    const isThere = (parent: string) => table?.columns.some((column) => column.name === parent);
    if (table === undefined || parents.length === 0 || !parents.every(isThere)) return undefined;
    const keys = this.#filled.has(name)
      ? this.#stored(table, parents)
      : this.#promise(table, parents);
    return faker.helpers.shuffle(keys);
  }

  #stored({ name }: Table, columns: readonly string[]): Value[][] {
    const names = columns.map(quoteName);
    const rows = this.#db.prepare(
      `SELECT DISTINCT ${names.map((column, at) => `${column} AS c${at}`).join(", ")} ` +
        `FROM ${quoteName(name)} WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" AND ")}`,
    ).all();
    return rows.map((row) => columns.map((_, at) => row[`c${at}`] as Value));
  }

  #promise(table: Table, columns: readonly string[]): Value[][] {
    const promises = this.#promised.get(table.name) ?? [];
    this.#promised.set(table.name, promises);
    const known = promises.find((one) => one.columns.join("\0") === columns.join("\0"));
    if (known !== undefined) return known.keys;
    const keys = this.#make(table, columns);
    promises.push({ columns: [...columns], keys });
    return keys;
  }
}
