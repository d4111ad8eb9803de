/**
 * The statements of a refiner's schema: a stranger wrote them, so only those that define something are
 * let through.
 *
 * @module
 */

import { statementsOf } from "../data/statements.ts";
import { isWord, type Token, tokensOf } from "./tokens.ts";
import { UnusableError } from "./unusable.ts";

/** Characters of a refused statement that are shown. */
const MOST_SHOWN = 80;

/** SQLite makes this table itself; tools that list a database's tables list it too. */
const SEQUENCE_TABLE = "sqlite_sequence";

/**
 * The statements of a schema that are to be run, each ended by a semicolon.
 *
 * @throws {UnusableError} One of them is anything but CREATE TABLE, CREATE INDEX or CREATE VIEW.
 */
export function definitionStatements(ddl: string): string[] {
  if (ddl.includes("\0")) {
    throw new UnusableError("The schema holds a NUL character, which ends SQL text early");
  }
  const kept: string[] = [];
  for (const { text } of statementsOf(ddl)) {
    const tokens = tokensOf(text).filter(({ text }) => text !== ";");
    if (tokens.length === 0) continue;
    if (isOwnTable(tokens)) continue;
    const refusal = whyRefused(tokens);
    const whole = text.slice(tokens[0]!.start, tokens.at(-1)!.end);
    if (refusal !== undefined) {
      const shown = whole.length > MOST_SHOWN ? `${whole.slice(0, MOST_SHOWN)}...` : whole;
      throw new UnusableError(
        `The schema holds ${refusal}: ${shown.replaceAll(/\s+/g, " ")}\n` +
          "Only CREATE TABLE, CREATE INDEX and CREATE VIEW are run",
      );
    }
    kept.push(`${whole};`);
  }
  return kept;
}

/** Whether it is `CREATE TABLE sqlite_sequence`, which SQLite would refuse. */
function isOwnTable(tokens: readonly Token[]): boolean {
  return isWord(tokens[0], "CREATE") && isWord(tokens[1], "TABLE") &&
    tokens[2]?.value.toLowerCase() === SEQUENCE_TABLE;
}

/** What is wrong with a statement; `undefined` if it may be run. */
function whyRefused(tokens: readonly Token[]): string | undefined {
  const [first, second] = tokens;
  if (!isWord(first, "CREATE")) return "a statement that defines nothing";
  if (isWord(second, "TEMP") || isWord(second, "TEMPORARY")) return "a temporary table or view";
  if (isWord(second, "VIRTUAL")) return "a virtual table";
  if (isWord(second, "TRIGGER")) return "a trigger";
  const kind = isWord(second, "UNIQUE") ? 2 : 1;
  const isTable = isWord(tokens[kind], "TABLE");
  if (!isTable && !isWord(tokens[kind], "INDEX") && !isWord(tokens[kind], "VIEW")) {
    return "a statement that defines no table, index or view";
  }
  let name = kind + 1;
  if (isWord(tokens[name], "IF") && isWord(tokens[name + 1], "NOT")) name += 3;
  if (tokens[name + 1]?.text === ".") {
    if (tokens[name]!.value.toLowerCase() !== "main") return "a definition in another database";
    name += 2;
  }
  return isTable && isWord(tokens[name + 1], "AS") ? "a table made of a query" : undefined;
}
