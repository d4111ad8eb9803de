/**
 * The script of dummy data for a refiner's schema.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { quoteName } from "../../../src/results/select.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import type { TableRows } from "../schema/dummy_rows.ts";
import { isSame } from "../schema/load_schema.ts";
import { sampleQuery } from "../schema/sample_query.ts";
import type { Schema, Table } from "../schema/tables.ts";

/** Characters of a line of a comment. */
const WIDTH = 98;

/** What a script is made of. */
export interface DummyScript {
  /** Where the schema is from, a sentence each. */
  about: readonly string[];
  /** The schema. */
  schema: Schema;
  /** The rows of its tables. */
  rows: readonly TableRows[];
  /**
   * Who queries, and whether that account may read a column.
   *
   * @default the query is over any columns
   */
  reader?: { account: string; mayRead: (table: string, column: string) => boolean };
}

/** Writes a script for `deno task dev`: the schema, the rows, and at the end a query. */
export function dummyScript({ about, schema, rows, reader }: DummyScript): string {
  const { tables, statements, originOf } = moveAside(schema.tables);
  const hasRows = (name: string) =>
    rows.some(({ table, rows }) => table === originOf(name) && rows > 0);
  const query = reader && sampleQuery(tables, {
    hasRows,
    mayRead: (table, column) => reader.mayRead(originOf(table), column),
  });
  const any = query ?? sampleQuery(tables, { hasRows, mayRead: () => true });
  return [
    comment(
      "Dummy data for `deno task dev`: a refiner's schema, some rows, and the query whose answer your " +
        "job gets. `deno task engine` answers queries on the same tables.",
    ),
    about.map(comment).join("\n"),
    ...schema.statements,
    ...rows.map(describeRows),
    comment(
      `The query, after CREATE TABLE ${RESULTS_TABLE} AS. In production the Query Engine runs it, and ` +
        `your job gets the table ${RESULTS_TABLE} and no other. ` +
        aboutQuery(reader?.account, query !== undefined),
    ),
    ...statements,
    `CREATE TABLE ${RESULTS_TABLE} AS\n${any};\n`,
  ].join("\n\n");
}

function aboutQuery(account: string | undefined, mayRead: boolean): string {
  if (account === undefined) return "No account was given, so no permission was looked for.";
  return mayRead
    ? `It reads columns for which ${account} has permission.`
    : `The account ${account} has no permission for any column yet, so it would be refused there.`;
}

function describeRows({ sql, rows, table, why }: TableRows): string {
  if (why === undefined) return sql;
  const found = rows === 0 ? "No rows" : rows === 1 ? "Only 1 row" : `Only ${rows} rows`;
  const others = rows === 0 ? "none were" : "no others were";
  const note = comment(`${found} for ${table}: ${others} found that fit (${why})`);
  return sql === "" ? note : `${note}\n${sql}`;
}

/** A schema's tables beside the table of the query's results. */
interface AsideTables {
  tables: Table[];
  /** What makes room for the results. */
  statements: string[];
  /** The name that a table has in the schema. */
  originOf: (name: string) => string;
}

/** The name `results` is for what a job gets: a table of that name gets another. */
function moveAside(tables: readonly Table[]): AsideTables {
  const own = tables.find(({ name }) => isSame(name, RESULTS_TABLE));
  if (own === undefined) {
    return { tables: [...tables], statements: [], originOf: (name) => name };
  }
  const name = quoteName(own.name);
  if (own.kind === "view") {
    const others = tables.filter((table) => table !== own);
    return { tables: others, statements: [`DROP VIEW ${name};`], originOf: (name) => name };
  }
  let aside = `refiner_${RESULTS_TABLE}`;
  while (tables.some((table) => isSame(table.name, aside))) aside = `refiner_${aside}`;
  const rename = (table: string) => table === own.name ? aside : table;
  return {
    tables: tables.map((table) => ({
      ...table,
      name: rename(table.name),
      foreignKeys: table.foreignKeys.map((key) => ({ ...key, table: rename(key.table) })),
    })),
    statements: [`ALTER TABLE ${name} RENAME TO ${quoteName(aside)};`],
    originOf: (name) => name === aside ? own.name : name,
  };
}

/** Text as lines of a comment, which nothing in it can end. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of printable(text).split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= WIDTH) lines.push(`-- ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}
