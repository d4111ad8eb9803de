/**
 * The values of a table's columns that reference no other table.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";
import type { Column, Table } from "../schema/tables.ts";
import { type Check, checksOf, type Wish } from "./checks.ts";
import { typeOf } from "./column_type.ts";
import { type Oddity, oddValue } from "./odd_values.ts";
import { fitLength, isIdentifier, plausible, snakeCase } from "./plausible.ts";
import type { Value } from "./values.ts";
import { wished } from "./wished.ts";

/** Values that some unusual check may ask for. */
const ANYTHING: readonly Value[] = [0, 1, -1, 2, 10, 100, "", "a", "1", "[]", "{}", "true", 0.5];

/** Makes values for the columns of one table. */
export class RowValues {
  readonly #table: Table;
  readonly #checks: readonly Check[];
  #next = 1;

  /** Values for a table. */
  constructor(table: Table) {
    this.#table = table;
    this.#checks = checksOf(table);
  }

  /** A value for a column: a plausible one that the checks seem to admit, or an odd one. */
  make(column: Column, { at, oddity }: { at: number; oddity?: Oddity }): Value {
    if (oddity !== undefined && !this.#isKey(column)) {
      const odd = oddValue(column, oddity);
      if (odd !== undefined) return odd;
    }
    if (this.#isNumbered(column)) return this.#asWished(column, this.#next = at + 1);
    return this.#asWished(column, plausible(column));
  }

  /** Another value, for a column that must differ from those of the rows before. */
  makeDistinct(column: Column): Value {
    if (this.#isNumbered(column)) return this.#asWished(column, ++this.#next);
    const value = this.#asWished(column, plausible(column));
    const type = typeOf(column.type);
    if (typeof value === "number" && type.kind !== "boolean" && faker.datatype.boolean()) {
      return this.#asWished(column, value + faker.number.int(100_000));
    }
    if (typeof value !== "string" || faker.datatype.boolean()) return value;
    const suffix = faker.string.alphanumeric({ length: 5, casing: "lower" });
    return this.#asWished(column, fitLength(`${suffix}${value}`, type));
  }

  /** The columns that a failed check reads; all columns if it isn't known. */
  columnsOf(check: string): readonly string[] {
    const found = this.#checks.find(({ label }) => label === check) ??
      this.#checks.find(({ label }) => withoutSpaces(label) === withoutSpaces(check));
    return found?.columns ?? this.#table.columns.map(({ name }) => name);
  }

  /** A value for a column whose check failed: one that it may admit. */
  search(column: Column): Value {
    const literals = this.#checks.filter(({ columns }) => columns.includes(column.name))
      .flatMap(({ literals }) => literals);
    switch (faker.number.int(4)) {
      case 0:
        return literals.length > 0 ? faker.helpers.arrayElement(literals) : plausible(column);
      case 1:
        return column.notNull ? plausible(column) : null;
      case 2:
        return faker.datatype.boolean()
          ? faker.number.int({ min: -1e6, max: 1e6 })
          : faker.helpers.arrayElement(ANYTHING);
      default:
        return this.#asWished(column, plausible(column));
    }
  }

  #asWished(column: Column, value: Value): Value {
    const wishes = this.#checks.flatMap(({ wishes }) => wishes.get(column.name) ?? []);
    return wishes.reduce((value: Value, wish: Wish) => wished(value, wish), value);
  }

  #isKey({ name }: Column): boolean {
    return this.#table.unique.some((columns) => columns.includes(name));
  }

  /** Whether rows are numbered by a column: an integer that identifies them. */
  #isNumbered({ name, type, primaryKey }: Column): boolean {
    if (typeOf(type).kind !== "integer") return false;
    const alone = this.#table.unique.some((columns) => columns.length === 1 && columns[0] === name);
    return alone && (primaryKey > 0 || isIdentifier(snakeCase(name)));
  }
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/\s/g, "");
}
