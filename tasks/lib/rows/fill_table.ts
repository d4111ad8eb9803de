/**
 * Fills a table: every row is one that SQLite took.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { faker } from "@faker-js/faker/locale/en";
import { messageOf } from "../../../src/errors.ts";
import { quoteName } from "../../../src/results/select.ts";
import type { Column, ForeignKey, Table } from "../schema/tables.ts";
import { orderTimes } from "./order_times.ts";
import { oddityOf } from "./odd_values.ts";
import type { ParentKeys } from "./parent_keys.ts";
import { References, type Row } from "./references.ts";
import { RowValues } from "./row_values.ts";
import { literal } from "./values.ts";

/** So many values are tried for a row. */
const MOST_TRIES = 300;
/** After so many rows for which none was found, no further ones are tried. */
const MOST_FAILURES = 3;

/**
 * Puts rows into an empty table.
 *
 * @param rows How many.
 * @returns Why there are fewer rows, if there are.
 */
export function fillTable(
  db: DatabaseSync,
  table: Table,
  { rows, keys }: { rows: number; keys: ParentKeys },
): string | undefined {
  const references = new References(table, keys);
  if (references.impossible !== undefined) return references.impossible;
  const values = new RowValues(table);
  const filler = { db, table, references, values };
  let made = 0;
  let failures = 0;
  let why: string | undefined;
  for (let at = 0; at < rows && failures < MOST_FAILURES; at++) {
    const failure = addRow(filler, at, rows);
    if (failure === undefined) made++;
    else {
      failures++;
      why = failure;
    }
  }
  return made < rows ? why : undefined;
}

interface Filler {
  db: DatabaseSync;
  table: Table;
  references: References;
  values: RowValues;
}

/** Adds a row; what it failed on in the end, if no values were found. */
function addRow({ db, table, references, values }: Filler, at: number, rows: number) {
  const oddity = oddityOf(at, rows);
  const own = table.columns.filter(({ generated }) => !generated);
  const row: Row = references.promised(at);
  const promised = new Set(row.keys());
  if (!references.assignAll(row, oddity)) return references.failure;
  for (const column of own) {
    if (!row.has(column.name) && !references.isSelf(column.name)) {
      row.set(column.name, values.make(column, { at, oddity }));
    }
  }
  orderTimes(row, own);
  references.assignSelf(row);
  let failure = "";
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    try {
      db.exec(insertOf(table, row));
      references.added(row);
      return undefined;
    } catch (error) {
      failure = messageOf(error).split(` in INSERT INTO `, 1)[0]!;
    }
    change(failure, { row, own, references, values, promised, table });
  }
  return failure;
}

/** Changes the values that SQLite refused. */
function change(
  failure: string,
  { row, own, references, values, promised, table }:
    & Pick<Filler, "references" | "values" | "table">
    & {
      row: Row;
      own: readonly Column[];
      promised: ReadonlySet<string>;
    },
): void {
  const [, kind, what = ""] = /^(UNIQUE|CHECK|NOT NULL) constraint failed: ([^]*)$/.exec(failure) ??
    [];
  const named = kind === "CHECK" ? values.columnsOf(what) : namesIn(what, table);
  const computed = table.columns.some(({ name, generated }) => generated && named.includes(name));
  const changed = own.filter(({ name }) =>
    (computed || named.includes(name)) && !promised.has(name)
  );
  // Changing one of several leaves what was right with the others.
  const some = kind === "CHECK" && changed.length > 1 && faker.datatype.boolean()
    ? [faker.helpers.arrayElement(changed)]
    : changed;
  const again = new Set<ForeignKey>();
  for (const column of some) {
    const reference = references.of(column.name);
    if (reference !== undefined) again.add(reference);
    else if (kind === "UNIQUE") row.set(column.name, values.makeDistinct(column));
    else row.set(column.name, values.search(column));
  }
  for (const reference of again) references.assign(row, reference);
}

/** The columns in SQLite's `table.a, table.b`; all, where it names an index or nothing. */
function namesIn(what: string, { name, columns }: Table): string[] {
  const all = columns.map((column) => column.name);
  const named = what.split(", ").map((part) => part.replace(`${name}.`, ""));
  return named.every((one) => all.includes(one)) ? named : all;
}

function insertOf({ name }: Table, row: Row): string {
  const columns = [...row.keys()].map(quoteName).join(", ");
  const values = [...row.values()].map(literal).join(", ");
  return row.size === 0
    ? `INSERT INTO ${quoteName(name)} DEFAULT VALUES`
    : `INSERT INTO ${quoteName(name)} (${columns}) VALUES (${values})`;
}
