/**
 * Finds which tables and columns a query reads.
 *
 * @module
 */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { quoteName } from "../../../src/results/select.ts";
import type { QueryReads } from "../schema/query_reads.ts";
import { isWord, tokensOf } from "../schema/tokens.ts";
import { doubtfulReads } from "./doubtful_reads.ts";
import { inputsOf } from "./generated_columns.ts";
import { mentions } from "./mentions.ts";
import {
  isSameProgram,
  type Operation,
  programOf,
  type Reported,
  reportedReads,
  scannedTables,
} from "./prepared_query.ts";
import { programReads } from "./program_reads.ts";
import { Reads } from "./reads.ts";
import type { SchemaTable } from "./schema_table.ts";
import { openSchema, type SchemaDatabase } from "./schema_database.ts";

/** Functions that make rows of their arguments; what those read is reported by itself. */
const ROW_FUNCTIONS = ["json_each", "json_tree"];

/**
 * Finds what a query reads. SQLite's authorizer reports all but the columns by which USING and NATURAL join.
 * Those are in the program that SQLite makes of the query; or, where it needn't read them in the end, they are
 * the ones without whose names it refuses the query or makes another program of it.
 *
 * @throws {RefusedQuery} The query isn't one, or isn't for this schema.
 */
export async function findReads(
  { statements, query }: { statements: readonly string[]; query: string },
): Promise<QueryReads> {
  const schema = await openSchema(statements);
  const tables = readTables(schema.db);
  const reads = new Reads(tables);
  const foreign = new Set<string>();
  for (const reported of reportedReads(schema, query)) {
    if (!reads.add(reported) && !isView(schema.db, reported.table)) foreign.add(reported.table);
  }
  ROW_FUNCTIONS.forEach((name) => foreign.delete(name));
  const program = programOf(schema, query);
  for (const read of programReads(schema.db, program)) {
    if (!isInput(read, tables, reads)) reads.add(read);
  }
  dropUnusedViews(schema, query);
  for (const { table, column } of joinedColumns(schema.db, { tables, query })) {
    if (!reads.has(table, column) && isNamed(schema, { table, column, query, program })) {
      reads.add({ table: table.name, column });
    }
  }
  for (const table of scannedTables(schema, query)) {
    if (!reads.hasTable(table)) reads.add({ table, column: "" });
  }
  return { reads: [...reads.all(), ...doubtfulReads(tables, reads, query)], foreign: [...foreign] };
}

function readTables(db: Database): SchemaTable[] {
  const found = db.selectArrays(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' " +
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
  );
  return found.map(([name, sql]) => {
    const columns = db.selectArrays("SELECT name, hidden FROM pragma_table_xinfo(?)", [
      String(name),
    ]);
    return {
      name: String(name),
      sql: String(sql),
      columns: columns.map(([column]) => String(column)),
      generated: columns.filter(([, hidden]) => Number(hidden) >= 2).map(([column]) =>
        String(column)
      ),
    };
  });
}

function isView(db: Database, name: string): boolean {
  const sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND lower(name) = lower(?)";
  return db.selectValue(sql, [name]) !== 0;
}

/** Whether a column is read to compute another, which the query reads. */
function isInput(
  { table: name, column }: Reported,
  tables: readonly SchemaTable[],
  reads: Reads,
): boolean {
  const table = tables.find((one) => one.name === name);
  return table !== undefined &&
    table.generated.some((generated) =>
      reads.has(table, generated) && inputsOf(table, generated).includes(column)
    );
}

/** The columns by which the query, or a view that it uses, may join: USING names them, NATURAL doesn't. */
function joinedColumns(
  db: Database,
  { tables, query }: { tables: readonly SchemaTable[]; query: string },
): { table: SchemaTable; column: string }[] {
  const views = db.selectValues("SELECT sql FROM sqlite_schema WHERE type = 'view'").map(String);
  const tokens = [query, ...views].flatMap(tokensOf);
  const isNatural = tokens.some((token) => isWord(token, "NATURAL"));
  return tables.filter(({ name }) => mentions(tokens, name)).flatMap((table) =>
    table.columns.filter((column) => isNatural || mentions(tokens, column))
      .map((column) => ({ table, column }))
  );
}

/** A column can't be renamed while a view joins by it; views that the query doesn't use are in the way. */
function dropUnusedViews(schema: SchemaDatabase, query: string): void {
  const { db } = schema;
  for (const view of db.selectValues("SELECT name FROM sqlite_schema WHERE type = 'view'")) {
    db.exec(`SAVEPOINT kept; DROP VIEW ${quoteName(String(view))}`);
    try {
      programOf(schema, query);
    } catch {
      db.exec("ROLLBACK TO kept");
    }
    db.exec("RELEASE kept");
  }
}

/** Whether the query is another one, or none, if the column has another name. */
function isNamed(
  schema: SchemaDatabase,
  { table, column, query, program }: {
    table: SchemaTable;
    column: string;
    query: string;
    program: readonly Operation[];
  },
): boolean {
  const { db } = schema;
  const other = otherName(table, query);
  db.exec("SAVEPOINT renamed");
  try {
    db.exec(
      `ALTER TABLE ${quoteName(table.name)} RENAME COLUMN ${quoteName(column)} TO ${
        quoteName(other)
      }`,
    );
    return !isSameProgram(programOf(schema, query), program);
  } catch {
    return true;
  } finally {
    db.exec("ROLLBACK TO renamed; RELEASE renamed");
  }
}

/** A name that neither the table nor the query has. */
function otherName({ sql }: SchemaTable, query: string): string {
  let name = "other";
  const taken = `${sql} ${query}`.toLowerCase();
  for (let number = 1; taken.includes(name); number++) name = `other_${number}`;
  return name;
}
