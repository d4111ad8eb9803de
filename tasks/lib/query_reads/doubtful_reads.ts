/**
 * What a query may need permission for, though SQLite doesn't read it: the Query Engine finds out in another
 * way, which isn't public.
 *
 * @module
 */

import { isSame } from "../schema/load_schema.ts";
import type { Read } from "../schema/query_reads.ts";
import { isWord, tokensOf } from "../schema/tokens.ts";
import { inputsOf } from "./generated_columns.ts";
import { mentions } from "./mentions.ts";
import type { Reads } from "./reads.ts";
import type { SchemaTable } from "./schema_table.ts";

const UNREAD = "the query may name it without reading it";

/** What the query names without reading it, and what computed columns are computed from. */
export function doubtfulReads(tables: readonly SchemaTable[], reads: Reads, query: string): Read[] {
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
  const mentioned = tables.filter(({ name }) => mentions(tokens, name));
  if (tokens.some((token) => isWord(token, "NATURAL"))) {
    for (const table of mentioned) {
      const twice = tokens.filter((token) => mentions([token], table.name)).length > 1;
      const others = mentioned.filter((one) => twice || one !== table)
        .flatMap(({ columns }) => columns);
      const shared = table.columns.filter((column) => others.some((one) => isSame(one, column)));
      for (const column of shared) add(table, column, "a NATURAL join may compare it");
    }
  }
  // SQLite doesn't look at a common table expression that nothing uses.
  if (!tokens.some((token) => isWord(token, "WITH"))) return found;
  for (const table of mentioned) {
    const named = table.columns.filter((column) => mentions(tokens, column));
    for (const column of named) add(table, column, UNREAD);
    if (!reads.hasTable(table.name)) found.push({ table: table.name, doubt: UNREAD });
  }
  return found;
}
