/**
 * Times that fit together.
 *
 * @module
 */

import type { Column } from "../schema/tables.ts";
import { typeOf } from "./column_type.ts";
import type { Row } from "./references.ts";

/** Sorts a row's dates and times: of two columns, the later one has the later time, as `updated_at` does. */
export function orderTimes(row: Row, columns: readonly Column[]): void {
  for (const kind of ["datetime", "date"]) {
    const names = columns.filter(({ type }) => typeOf(type).kind === kind).map(({ name }) => name)
      .filter((name) => typeof row.get(name) === "string");
    const times = names.map((name) => row.get(name)!).sort();
    names.forEach((name, at) => row.set(name, times[at]!));
  }
}
