/**
 * The values of a table's foreign keys.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";
import type { Column, ForeignKey, Table } from "../schema/tables.ts";
import type { Oddity } from "./odd_values.ts";
import type { ParentKeys } from "./parent_keys.ts";
import type { Value } from "./values.ts";

/** A row that is being made: values by column. */
export type Row = Map<string, Value>;

/** Chooses what a table's rows reference. */
export class References {
  /** Why the table can't have rows, if so. */
  readonly impossible: string | undefined;
  /** Why a row can't have what it must reference. */
  failure = "";
  readonly #table: Table;
  readonly #keys: ParentKeys;
  /** The keys of other tables, by foreign key; those of a unique one are used up. */
  readonly #candidates = new Map<ForeignKey, Value[][]>();
  /** The table's own keys, by foreign key to itself. */
  readonly #own = new Map<ForeignKey, Value[][]>();

  /** References of a table whose rows are to be made. */
  constructor(table: Table, keys: ParentKeys) {
    this.#table = table;
    this.#keys = keys;
    for (const key of table.foreignKeys) {
      if (key.table === table.name) this.#own.set(key, []);
      else this.#candidates.set(key, keys.of(key) ?? []);
    }
    const lacking = table.foreignKeys.find((key) =>
      this.#candidates.get(key)?.length === 0 && this.#nullable(key).length === 0
    );
    if (lacking === undefined) return;
    const { columns, table: parent } = lacking;
    const what = keys.of(lacking) === undefined
      ? "which the schema doesn't have"
      : "which has no rows";
    this.impossible = `${columns.join(", ")} must reference ${parent}, ${what}`;
  }

  /** The foreign key that a column is part of. */
  of(column: string): ForeignKey | undefined {
    return this.#table.foreignKeys.find(({ columns }) => columns.includes(column));
  }

  /** Whether a column is part of a foreign key to its own table. */
  isSelf(column: string): boolean {
    return [...this.#own.keys()].some(({ columns }) => columns.includes(column));
  }

  /** The values that rows of other tables hold already of a row. */
  promised(at: number): Row {
    const row: Row = new Map();
    for (const { columns, keys } of this.#keys.promisedTo(this.#table.name)) {
      columns.forEach((column, place) => {
        const value = keys[at]?.[place];
        if (value !== undefined) row.set(column, value);
      });
    }
    return row;
  }

  /** Chooses the references to other tables; `false` if there are none to choose. */
  assignAll(row: Row, oddity: Oddity | undefined): boolean {
    return [...this.#candidates.keys()].every((key) => {
      const nullable = this.#nullable(key);
      if (oddity === "nulls" && nullable.length > 0) return this.#setNull(row, nullable);
      return this.#choose(row, key, this.#candidates.get(key)!);
    });
  }

  /** Chooses a reference again. */
  assign(row: Row, key: ForeignKey): void {
    const before = key.columns.map((column) => [column, row.get(column)!] as const);
    for (const column of key.columns) row.delete(column);
    const isSelf = this.#own.has(key);
    if (isSelf) this.#chooseSelf(row, key);
    else if (!this.#choose(row, key, this.#candidates.get(key)!)) {
      before.forEach(([column, value]) => row.set(column, value));
    }
  }

  /** Chooses the references to earlier rows of the table, when the row has all other values. */
  assignSelf(row: Row): void {
    for (const key of this.#own.keys()) this.#chooseSelf(row, key);
  }

  /** Tells that a row was added: later ones may reference it. */
  added(row: Row): void {
    for (const [{ parents }, keys] of this.#own) {
      const key = parents.map((column) => row.get(column) ?? null);
      if (!key.includes(null)) keys.push(key);
    }
  }

  #chooseSelf(row: Row, key: ForeignKey): void {
    const nullable = this.#nullable(key);
    const earlier = this.#own.get(key)!;
    const isRoot = nullable.length > 0 && (earlier.length === 0 || faker.number.int(3) === 0);
    if (isRoot && this.#setNull(row, nullable)) return this.#complete(row, key);
    if (earlier.length > 0 && this.#choose(row, key, earlier)) return;
    // The row is its own parent.
    key.columns.forEach((column, at) => {
      const parent = key.parents[at];
      if (!row.has(column)) row.set(column, (parent && row.get(parent)) ?? 1);
    });
    key.parents.forEach((parent, at) => row.set(parent, row.get(key.columns[at]!)!));
  }

  /** Gives the columns beside a NULL any value. */
  #complete(row: Row, { columns }: ForeignKey): void {
    for (const column of columns) if (!row.has(column)) row.set(column, 1);
  }

  #choose(row: Row, key: ForeignKey, candidates: Value[][]): boolean {
    const { columns } = key;
    const open = columns.filter((column) => !row.has(column));
    if (open.length === 0) return true;
    // Most keys share no column with another, so any candidate fits.
    const fitting = open.length === columns.length
      ? candidates
      : candidates.filter((values) =>
        columns.every((column, at) => !row.has(column) || row.get(column) === values[at])
      );
    if (fitting.length === 0) {
      const nullable = this.#nullable(key).filter((column) => open.includes(column));
      if (nullable.length > 0) return this.#setNull(row, nullable);
      this.failure = `no row of ${key.table} is left for ${columns.join(", ")} to reference`;
      return false;
    }
    const isUnique = this.#isUnique(key);
    const chosen = isUnique ? fitting.at(-1)! : faker.helpers.arrayElement(fitting);
    if (isUnique) candidates.splice(candidates.lastIndexOf(chosen), 1);
    columns.forEach((column, at) => row.set(column, chosen[at]!));
    return true;
  }

  #setNull(row: Row, columns: readonly string[]): true {
    for (const column of columns) if (!row.has(column)) row.set(column, null);
    return true;
  }

  /** The columns of a foreign key that may be NULL, in which case it references nothing. */
  #nullable({ columns }: ForeignKey): string[] {
    return columns.filter((name) => {
      const column = this.#table.columns.find((one) => one.name === name);
      return column !== undefined && isNullable(column);
    });
  }

  #isUnique({ columns }: ForeignKey): boolean {
    return this.#table.unique.some((set) => set.every((column) => columns.includes(column)));
  }
}

function isNullable({ notNull, primaryKey, generated }: Column): boolean {
  return !notNull && primaryKey === 0 && !generated;
}
