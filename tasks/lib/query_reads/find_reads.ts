/**
 * Finds which tables and columns a query reads.
 *
 * @module
 */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { quoteName } from "../../../src/results/select.ts";
import { isSame } from "../schema/load_schema.ts";
import type { QueryReads, Read } from "../schema/query_reads.ts";
import { isWord, type Token, tokensOf } from "../schema/tokens.ts";
import { inputsOf } from "./generated_columns.ts";
import { programOf, type Reported, reportedReads, scannedTables } from "./prepared_query.ts";
import type { SchemaTable } from "./schema_table.ts";
import { openSchema, type SchemaDatabase } from "./schema_database.ts";

/** Functions that make rows of their arguments; what those read is reported by itself. */
const ROW_FUNCTIONS = ["json_each", "json_tree"];

/**
 * Finds what a query reads. SQLite's authorizer reports all but the columns by which USING and NATURAL join:
 * those are the ones without whose names SQLite refuses the query, or makes another program of it.
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
  dropUnusedViews(schema, query);
  for (const table of tables) {
    for (const column of table.columns) {
      if (!reads.has(table, column) && isNamed(schema, { table, column, query, program })) {
        reads.add({ table: table.name, column });
      }
    }
  }
  for (const table of scannedTables(schema, query)) {
    if (!reads.hasTable(table)) reads.add({ table, column: "" });
  }
  return { reads: [...reads.all(), ...doubtful(tables, reads, query)], foreign: [...foreign] };
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

/** What was found, by the schema's own names. */
class Reads {
  readonly #tables: readonly SchemaTable[];
  readonly #found = new Map<string, Set<string>>();

  constructor(tables: readonly SchemaTable[]) {
    this.#tables = tables;
  }

  /** Adds what SQLite reports; `false` if the schema has no such table. */
  add({ table: name, column }: Reported): boolean {
    const table = this.#tables.find((one) => isSame(one.name, name));
    if (table === undefined) return false;
    // `rowid`, for example, is no column.
    const own = table.columns.find((one) => isSame(one, column)) ?? "";
    this.#found.set(table.name, (this.#found.get(table.name) ?? new Set()).add(own));
    return true;
  }

  has({ name }: SchemaTable, column: string): boolean {
    return this.#found.get(name)?.has(column) ?? false;
  }

  hasTable(name: string): boolean {
    return this.#found.has(name);
  }

  all(): Read[] {
    return this.#tables.flatMap(({ name, columns }) => {
      const found = this.#found.get(name);
      if (found === undefined) return [];
      const named = columns.filter((column) => found.has(column));
      return named.length > 0
        ? named.map((column) => ({ table: name, column }))
        : [{ table: name }];
    });
  }
}

/** Whether the query is another one, or none, if the column has another name. */
function isNamed(
  schema: SchemaDatabase,
  { table, column, query, program }: {
    table: SchemaTable;
    column: string;
    query: string;
    program: string;
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
    return programOf(schema, query) !== program;
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

/** What the query names without reading it, and what computed columns are computed from. */
function doubtful(tables: readonly SchemaTable[], reads: Reads, query: string): Read[] {
  const found: Read[] = [];
  const add = (table: SchemaTable, column: string, doubt: string) => {
    const isNew = !found.some((read) => read.table === table.name && read.column === column);
    if (isNew && !reads.has(table, column)) found.push({ table: table.name, column, doubt });
  };
  for (const table of tables) {
    for (const column of table.generated) {
      if (!reads.has(table, column)) continue;
      for (const input of inputsOf(table, column)) {
        add(table, input, `${column} is computed from it`);
      }
    }
  }
  const tokens = tokensOf(query);
  const mentioned = tables.filter(({ name }) => isMentioned(name, tokens));
  if (tokens.some((token) => isWord(token, "NATURAL"))) {
    for (const table of mentioned) {
      const others = mentioned.filter((one) => one !== table).flatMap(({ columns }) => columns);
      const shared = table.columns.filter((column) => others.some((one) => isSame(one, column)));
      for (const column of shared) add(table, column, "a NATURAL join may compare it");
    }
  }
  // SQLite doesn't look at a common table expression that nothing uses.
  if (!tokens.some((token) => isWord(token, "WITH"))) return found;
  for (const table of mentioned) {
    const named = table.columns.filter((column) => isMentioned(column, tokens));
    for (const column of named) add(table, column, UNREAD);
    if (!reads.hasTable(table.name)) found.push({ table: table.name, doubt: UNREAD });
  }
  return found;
}

const UNREAD = "the query may name it without reading it";

function isMentioned(name: string, tokens: readonly Token[]): boolean {
  return tokens.some(({ kind, value }) => kind !== "symbol" && isSame(value, name));
}
