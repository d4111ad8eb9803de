/**
 * Loads a stranger's schema into an empty database, and reads its tables from there.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../../src/errors.ts";
import { definitionStatements } from "./definition_statements.ts";
import type { Column, ForeignKey, Schema, Table } from "./tables.ts";
import { UnusableError } from "./unusable.ts";

/** Bytes that all SQL of the process may take. */
const MEMORY_BYTES = 128 * 1024 * 1024;
/** Characters of a statement that SQLite refuses that are shown. */
const MOST_SHOWN = 120;

/**
 * Runs the statements of a schema and reads its tables.
 *
 * @param db An empty database.
 * @throws {UnusableError} A statement isn't a definition, SQLite refuses one, or there is no table.
 */
export function loadSchema(db: DatabaseSync, ddl: string): Schema {
  const statements = definitionStatements(ddl);
  db.exec(
    `PRAGMA hard_heap_limit = ${MEMORY_BYTES}; PRAGMA temp_store = MEMORY; ` +
      "PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF",
  );
  for (const statement of statements) define(db, statement);
  const tables = readTables(db);
  if (tables.some(({ kind }) => kind === "table")) return { statements, tables };
  throw new UnusableError("The schema makes no table; expected CREATE TABLE statements");
}

function define(db: DatabaseSync, statement: string): void {
  try {
    const prepared = db.prepare(statement);
    // What SQLite takes for the statement's end must be what we took for it.
    if (prepared.sourceSQL !== statement) throw new Error("there is more than one statement in it");
    prepared.run();
  } catch (error) {
    const shown = statement.length > MOST_SHOWN
      ? `${statement.slice(0, MOST_SHOWN)}...`
      : statement;
    const [reason] = messageOf(error).split(` in ${statement}`, 1);
    throw new UnusableError(
      `SQLite refuses the schema: ${reason}\n\n${shown.replaceAll(/\s+/g, " ")}`,
    );
  }
}

/** The tables and views of a database, in the order they were made. */
export function readTables(db: DatabaseSync): Table[] {
  const found = db.prepare(
    "SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view') " +
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
  ).all();
  const names = found.map(({ name }) => String(name));
  return found.map(({ name, type, sql }) => {
    const table = { name: String(name), kind: type as Table["kind"], sql: String(sql) };
    try {
      return {
        ...table,
        columns: readColumns(db, table.name),
        foreignKeys: readForeignKeys(db, table.name, names),
        unique: readUnique(db, table.name),
      };
    } catch (error) {
      return { ...table, columns: [], foreignKeys: [], unique: [], broken: messageOf(error) };
    }
  });
}

/** `hidden` is 2 or 3 for a generated column: https://www.sqlite.org/pragma.html#pragma_table_xinfo */
function readColumns(db: DatabaseSync, table: string): Column[] {
  return db.prepare("SELECT * FROM pragma_table_xinfo(?)").all(table).map((row) => ({
    name: String(row.name),
    type: String(row.type),
    notNull: row.notnull === 1,
    primaryKey: Number(row.pk),
    generated: Number(row.hidden) >= 2,
  }));
}

function readForeignKeys(
  db: DatabaseSync,
  table: string,
  tables: readonly string[],
): ForeignKey[] {
  const keys = new Map<number, ForeignKey>();
  const rows = db.prepare("SELECT * FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq")
    .all(table);
  for (const row of rows) {
    const id = Number(row.id);
    // Names are written in any case.
    const parent = tables.find((name) => isSame(name, String(row.table))) ?? String(row.table);
    const key = keys.get(id) ?? { columns: [], table: parent, parents: [] };
    keys.set(id, key);
    key.columns.push(String(row.from));
    if (row.to !== null) key.parents.push(String(row.to));
  }
  for (const key of keys.values()) {
    const columns = readColumns(db, key.table);
    const named = key.parents.length > 0 ? key.parents : primaryKeyOf(columns);
    key.parents = named.map((name) => columns.find((one) => isSame(one.name, name))?.name ?? name);
  }
  return [...keys.values()];
}

function readUnique(db: DatabaseSync, table: string): string[][] {
  const indexes = db.prepare(
    'SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0',
  ).all(table);
  const sets = indexes.map(({ name }) =>
    db.prepare("SELECT name FROM pragma_index_info(?) ORDER BY seqno").all(String(name))
      .map((row) => row.name)
  ).filter((columns) => columns.every((name) => name !== null)).map((columns) =>
    columns.map(String)
  );
  const primaryKey = primaryKeyOf(readColumns(db, table));
  return primaryKey.length > 0 ? [primaryKey, ...sets] : sets;
}

function primaryKeyOf(columns: readonly Column[]): string[] {
  return columns.filter(({ primaryKey }) => primaryKey > 0)
    .sort((a, b) => a.primaryKey - b.primaryKey).map(({ name }) => name);
}

/** Whether SQLite takes two names for one. */
export function isSame(a: string, b: string): boolean {
  return lower(a) === lower(b);
}

/** SQLite ignores the case of ASCII letters only. */
function lower(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
