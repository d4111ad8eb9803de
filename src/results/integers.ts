/**
 * Integers as numbers, which hold them up to 2^53 - 1, or as bigints.
 *
 * @module
 */

import { ResultsError } from "../errors.ts";
import { printable } from "../printable.ts";
import type { Column, RowsOptions, SqlValue } from "./rows.ts";

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
            printable(JSON.stringify(this.#columns[at]?.name))
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
