/**
 * Rows of a database: what they hold, and how they come.
 *
 * @module
 */

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

/** How rows are read. */
export interface RowsOptions {
  /**
   * How integers come: `number` throws on one that a number can't hold exactly (beyond 2^53 - 1),
   * `bigint` holds them all.
   *
   * @default "number"
   */
  integers?: "number" | "bigint";
}

/**
 * Rows one after another, in constant memory, and what their columns are. Each iteration reads them
 * anew, from the first on.
 */
export interface Rows<T extends object = Row> extends Iterable<T> {
  /** The columns, in order; known before the first row. */
  readonly columns: readonly Column[];
}

/** Rows as arrays of values, several at a time. */
export type Batches = Generator<SqlValue[][]>;

/** Rows that a database gives. */
export class DatabaseRows<T extends object> implements Rows<T> {
  /** The columns, in order. */
  readonly columns: readonly Column[];
  /** Begins to read the rows as batches of arrays, of which no objects need be made. */
  readonly batches: () => Batches;
  readonly #RowObject: RowClass;

  /**
   * @param columns The columns, in order.
   * @param batches Begins to read the rows, each time from the first on.
   */
  constructor(columns: readonly Column[], batches: () => Batches) {
    this.columns = columns;
    this.batches = batches;
    this.#RowObject = rowClass(columns.map(({ name }) => name));
  }

  /** Begins to read the rows as objects. */
  *[Symbol.iterator](): Generator<T> {
    const RowObject = this.#RowObject;
    for (const batch of this.batches()) {
      for (const values of batch) yield new RowObject(values) as T;
    }
  }
}

type RowClass = new (values: readonly SqlValue[]) => Row;

/**
 * Makes a class of rows with these columns. Each of the first columns is set by a line of its own, as
 * the engine remembers a property's name by the place it is set at: in a loop it would look every one
 * up again.
 */
function rowClass(names: readonly string[]): RowClass {
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
  return RowObject as unknown as RowClass;
}
