/**
 * What generated columns are computed from. SQLite reports the generated column only.
 *
 * @module
 */

import { isSame } from "../schema/load_schema.ts";
import { type Token, tokensOf } from "../schema/tokens.ts";
import type { SchemaTable } from "./schema_table.ts";

/** The columns whose names are in the definition of a generated one, or in those of what it names. */
export function inputsOf(table: SchemaTable, column: string): string[] {
  const definitions = definitionsOf(table);
  const inputs = new Set<string>();
  const open = [column];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const tokens = definitions.find(([first]) => isSame(first!.value, next!)) ?? [];
    for (const name of table.columns) {
      if (inputs.has(name) || !tokens.slice(1).some(({ value }) => isSame(value, name))) continue;
      inputs.add(name);
      if (table.generated.includes(name)) open.push(name);
    }
  }
  inputs.delete(column);
  return [...inputs];
}

/** The parts between a table's outermost parentheses and commas; a column's begins with its name. */
function definitionsOf({ sql }: SchemaTable): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokensOf(sql)) {
    if (token.text === ")" && token.kind === "symbol") depth--;
    if (depth === 1 && token.text === ",") parts.push([]);
    else if (depth > 0) parts.at(-1)!.push(token);
    if (token.text === "(" && token.kind === "symbol") depth++;
  }
  return parts.filter((part) => part.length > 0);
}
