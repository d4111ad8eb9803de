/**
 * Rows of a database: what they hold, and how they come.
 *
 * @module
 */

import { ResultsError } from "../errors.ts";

/** A value SQLite can store. Integers are `bigint` with `{ integers: "bigint" }` only. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** A row by column name. It inherits nothing, so no column name is special. */
export type Row = Record<string, SqlValue>;

/** A column of a result. */
export interface Column {
  /** Its name. */
  readonly name: string;
  /** Its declared type, such as `TEXT`; empty for an expression or a column without one. */
  readonly type: string;
}

/** Options of {@linkcode Results.rows} and {@linkcode Results.query}. */
export interface RowsOptions {
  /**
   * How integers come: `number` throws on one that a number can't hold exactly (beyond 2^53 - 1),
   * `bigint` holds them all.
   *
   * @default "number"
   */
  integers?: "number" | "bigint";
}

/** Rows one after another, in constant memory, and what their columns are. */
export interface Rows<T extends object = Row> extends IterableIterator<T> {
  /** The columns, in order; known before the first row. */
  readonly columns: readonly Column[];
}

/** Rows as arrays of values, several at a time. */
export type Batches = Generator<SqlValue[][]>;

/** Rows that nobody has begun to read, and the batches they will come from. */
const unread = new WeakMap<object, Batches>();

/** Makes rows of batches. */
export function rowsFrom<T extends object>(columns: readonly Column[], batches: Batches): Rows<T> {
  const names = columns.map(({ name }) => name);
  const RowObject = rowClass(names);
  function* objects(): Generator<T> {
    unread.delete(rows);
    for (const batch of batches) {
      for (const values of batch) yield new RowObject(values) as T;
    }
  }
  const rows: Rows<T> = Object.assign(objects(), { columns });
  unread.set(rows, batches);
  return rows;
}

/**
 * Makes a class of rows with these columns. Each of the first columns is set by a line of its own, as
 * the engine remembers a property's name by the place it is set at: in a loop it would look every one
 * up again.
 */
function rowClass(names: readonly string[]): new (values: readonly SqlValue[]) => Row {
  const width = names.length;
  const [n0, n1, n2, n3, n4, n5, n6, n7] = names as string[];
  const RowObject = function (this: Row, values: readonly SqlValue[]) {
    if (width > 0) this[n0!] = values[0]!;
    if (width > 1) this[n1!] = values[1]!;
    if (width > 2) this[n2!] = values[2]!;
    if (width > 3) this[n3!] = values[3]!;
    if (width > 4) this[n4!] = values[4]!;
    if (width > 5) this[n5!] = values[5]!;
    if (width > 6) this[n6!] = values[6]!;
    if (width > 7) this[n7!] = values[7]!;
    for (let at = 8; at < width; at++) this[names[at]!] = values[at]!;
  };
  // Its prototype has no members, so that a column may have any name; a `null` prototype itself
  // would make each object a slow dictionary.
  RowObject.prototype = Object.freeze(Object.create(null));
  return RowObject as unknown as new (values: readonly SqlValue[]) => Row;
}

/**
 * Takes the batches of rows that come from a database and that nobody has begun to read; the rows
 * themselves give nothing then. `undefined` for any other.
 */
export function takeBatches(rows: object): Batches | undefined {
  const batches = unread.get(rows);
  unread.delete(rows);
  return batches;
}

/** Turns integers into what was asked for. */
export class Integers {
  /** Whether every integer stays a `bigint`. */
  readonly exact: boolean;
  readonly #columns: readonly Column[];
  readonly #name: string;

  /**
   * @param columns The columns, for messages.
   * @param name What messages call the database.
   */
  constructor({ integers = "number" }: RowsOptions, columns: readonly Column[], name: string) {
    this.exact = integers === "bigint";
    this.#columns = columns;
    this.#name = name;
  }

  /**
   * Converts the integers of a row in their places.
   *
   * @param row The number of the row, counted from 1, for messages.
   * @throws {ResultsError} One doesn't fit a number.
   */
  convert(values: SqlValue[], row: number): SqlValue[] {
    if (this.exact) return values;
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (typeof value !== "bigint") continue;
      const short = Number(value);
      if (!Number.isSafeInteger(short)) {
        throw new ResultsError(
          `Column ${
            JSON.stringify(this.#columns[at]?.name)
          } of row ${row} in ${this.#name} holds the ` +
            `integer ${value}, which a number can't hold exactly; read the rows with ` +
            '{ integers: "bigint" }',
        );
      }
      values[at] = short;
    }
    return values;
  }
}
