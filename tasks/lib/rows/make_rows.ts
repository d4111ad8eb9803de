/**
 * Makes plausible rows for a schema.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { faker } from "@faker-js/faker/locale/en";
import { quoteName } from "../../../src/results/select.ts";
import type { RowsOrder, TableRows } from "../schema/dummy_rows.ts";
import { loadSchema } from "../schema/load_schema.ts";
import type { Schema, Table } from "../schema/tables.ts";
import { fillOrder } from "./fill_order.ts";
import { fillTable } from "./fill_table.ts";
import { type MakeKeys, ParentKeys } from "./parent_keys.ts";
import { RowValues } from "./row_values.ts";

/** All times are before this one, so that the same seed gives the same rows on any day. */
const REFERENCE_DATE = "2025-06-30T00:00:00.000Z";

/**
 * Makes rows for all tables of a schema, in an order in which references come after what they reference.
 *
 * @throws {UnusableError} SQLite doesn't take the schema.
 */
export function makeRows({ ddl, rows, seed }: RowsOrder): TableRows[] {
  faker.seed(seed);
  faker.setDefaultRefDate(REFERENCE_DATE);
  using db = new DatabaseSync(":memory:");
  const schema = loadSchema(db, ddl);
  const tables = fillOrder(schema.tables.filter(({ kind }) => kind === "table"));
  const keys = new ParentKeys(db, tables, makeKeys(rows));
  const reasons = new Map<string, string | undefined>();
  for (const table of tables) {
    reasons.set(table.name, fillTable(db, table, { rows, keys }));
    keys.fill(table.name);
  }
  for (const dangling of removeDangling(db, tables)) {
    reasons.set(
      dangling,
      reasons.get(dangling) ?? "no other rows could be found for it to reference",
    );
  }
  const made = tables.map((table) => ({ ...readRows(db, table), why: reasons.get(table.name) }));
  verify(schema, made);
  return made;
}

function makeKeys(rows: number): MakeKeys {
  return (table, columns) => {
    const values = new RowValues(table);
    return Array.from({ length: rows }, (_, at) =>
      columns.map((name) => {
        const column = table.columns.find((one) => one.name === name)!;
        return values.make(column, { at });
      }));
  };
}

/** Removes rows that reference what didn't come to be, and returns their tables. */
function removeDangling(db: DatabaseSync, tables: readonly Table[]): Set<string> {
  const changed = new Set<string>();
  const known = tables.flatMap((table) =>
    table.foreignKeys.filter(({ table: parent, parents }) =>
      parents.length > 0 &&
      tables.find((one) => one.name === parent)?.columns.some(({ name }) => name === parents[0])
    ).map((key) => ({ table, key }))
  );
  for (let removed = true; removed;) {
    removed = false;
    for (const { table, key } of known) {
      const [child, parent] = [quoteName(table.name), quoteName(key.table)];
      const isSet = key.columns.map((name) => `${child}.${quoteName(name)} IS NOT NULL`);
      const same = key.columns.map((name, at) =>
        `parent.${quoteName(key.parents[at]!)} = ${child}.${quoteName(name)}`
      );
      const { changes } = db.prepare(
        `DELETE FROM ${child} WHERE ${isSet.join(" AND ")} AND NOT EXISTS ` +
          `(SELECT 1 FROM ${parent} AS parent WHERE ${same.join(" AND ")})`,
      ).run();
      if (changes === 0) continue;
      removed = true;
      changed.add(table.name);
    }
  }
  return changed;
}

/** A table's rows as a statement, in SQLite's own words. */
function readRows(db: DatabaseSync, { name, columns }: Table): Omit<TableRows, "why"> {
  const own = columns.filter(({ generated }) => !generated).map((column) => quoteName(column.name));
  const values = own.map((column) => `quote(${column})`).join(" || ', ' || ");
  const rows = db.prepare(`SELECT ${values} AS v FROM ${quoteName(name)}`).all();
  const lines = rows.map(({ v }) => `  (${v})`);
  const sql = rows.length === 0
    ? ""
    : `INSERT INTO ${quoteName(name)} (${own.join(", ")}) VALUES\n${lines.join(",\n")};`;
  return { table: name, rows: rows.length, sql };
}

/** Runs what was made once more, from its text. */
function verify({ statements }: Schema, made: readonly TableRows[]): void {
  using db = new DatabaseSync(":memory:", { enableForeignKeyConstraints: false });
  for (const statement of statements) db.exec(statement);
  for (const { sql } of made) if (sql !== "") db.exec(sql);
  const faults = db.prepare("PRAGMA integrity_check").all();
  if (faults.length !== 1 || Object.values(faults[0]!)[0] !== "ok") {
    throw new Error(`The rows aren't valid: ${JSON.stringify(faults.slice(0, 3))}`);
  }
  for (const { table, rows } of made) {
    const [violation] = violationsOf(db, table);
    if (violation !== undefined) {
      throw new Error(`A row of ${table} references nothing: ${JSON.stringify(violation)}`);
    }
    const stored = db.prepare(`SELECT count(*) AS n FROM ${quoteName(table)}`).get()?.n;
    if (stored !== rows) throw new Error(`${table} has ${stored} rows of ${rows}`);
  }
}

function violationsOf(db: DatabaseSync, table: string): unknown[] {
  try {
    return db.prepare(`PRAGMA foreign_key_check(${quoteName(table)})`).all();
  } catch {
    // It can't check a foreign key to columns that aren't unique.
    return [];
  }
}
