/**
 * SQL text as SQLite splits it into tokens: where a statement ends, and which placeholders it has.
 *
 * @module
 */

import { SqlError } from "../errors.ts";

/**
 * One token, by the rules of SQLite's own tokenizer (sqlite3GetToken in its tokenize.c). A string or a
 * comment is one token, so what looks like a placeholder or a semicolon in one is neither.
 */
const TOKEN = new RegExp(
  [
    /\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/,
    /'[^']*(?:''[^']*)*'?|"[^"]*(?:""[^"]*)*"?|`[^`]*(?:``[^`]*)*`?|\[[^\]]*\]?/,
    /(?<placeholder>\?[0-9]*|[:@$](?:::|[\w$\u0080-\uffff])+(?:\([^\s)]*\))?)/,
    /[\w$\u0080-\uffff]+/,
    /(?<end>;)/,
    /[^]/,
  ].map(({ source }) => source).join("|"),
  "g",
);

/** The first statement of some SQL text. */
export interface Statement {
  /** The statement, without its semicolon. */
  text: string;
  /** What follows its semicolon. */
  rest: string;
  /** Its placeholders as they are written, each once, in order: `?`, `?3`, `:name`, `@name`, `$name`. */
  placeholders: readonly string[];
}

/**
 * Splits the first statement off some SQL text.
 *
 * @throws {SqlError} The text holds a NUL character, at which SQLite would take it as ended.
 */
export function firstStatement(sql: string): Statement {
  if (sql.includes("\0")) throw new SqlError("The SQL holds a NUL character; remove it");
  const placeholders: string[] = [];
  const named = new Set<string>();
  for (const { index, groups } of sql.matchAll(TOKEN)) {
    const { placeholder, end } = groups!;
    if (end !== undefined) {
      return { text: sql.slice(0, index), rest: sql.slice(index + 1), placeholders };
    }
    if (placeholder === undefined || named.has(placeholder)) continue;
    placeholders.push(placeholder);
    if (placeholder !== "?") named.add(placeholder);
  }
  return { text: sql, rest: "", placeholders };
}
