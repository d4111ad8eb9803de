/**
 * Runs an SQL script as the sqlite3 program would, and says where it fails.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../../src/errors.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { lineAt } from "./script_text.ts";
import { cut, excerpt, splitSqlError } from "./sql_error.ts";
import { type Statement, statementsOf } from "./statements.ts";

/**
 * Makes a database of a script's statements. Foreign keys aren't enforced unless the script asks for
 * it, as in the sqlite3 program.
 *
 * @param script The SQL, without NUL characters.
 * @param from What messages call the script.
 * @param to The database's file.
 * @throws {ToolError} A statement fails: file, line and statement are named. Or the script ends inside
 * a transaction.
 */
export function runScript(script: string, { from, to }: { from: string; to: string }): void {
  using db = new DatabaseSync(to, { enableForeignKeyConstraints: false });
  // Nothing is lost if this is interrupted: the file is new, and moved into place when it is whole.
  db.exec(
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF",
  );
  for (const statement of statementsOf(script)) {
    try {
      db.exec(statement.text);
    } catch (error) {
      throw failure(from, script, statement, messageOf(error));
    }
  }
  try {
    db.exec("BEGIN; ROLLBACK");
  } catch {
    throw new ToolError(
      `${from} ends inside a transaction, so its rows would be lost; add COMMIT; at the end`,
    );
  }
}

function failure(from: string, script: string, statement: Statement, message: string): ToolError {
  const { text, start } = statement;
  const { reason, index = 0 } = splitSqlError(message, text);
  const shown = printable(cut(reason, 0));
  const hint = hintFor(statement, reason);
  return new ToolError(
    `${from}:${lineAt(script, start + index)}: ${shown}\n\n${excerpt(text, index)}` +
      (hint === undefined ? "" : `\n\n${hint}`),
  );
}

/** Functions and tables that the sqlite3 program brings along: https://www.sqlite.org/cli.html */
const PROGRAMS_OWN =
  /^no such (?:table|function): ((?:generate_series|fsdir|zipfile|completion|readfile|writefile|edit|lsmode|sha1|sha3|sha1_query|sha3_query|regexpi?|base64|base85|strtod|dtostr|median|percentile\w*)|(?:decimal|ieee754)\w*)\b/;

/** What to do where a script uses what the sqlite3 program has and SQLite itself lacks. */
function hintFor({ text }: Statement, reason: string): string | undefined {
  if (text.startsWith(".")) {
    const [command] = text.split(/\s/, 1);
    return `${
      printable(command!)
    } is a command of the sqlite3 program and not SQL. Remove it and ` +
      "write the rows as INSERT statements, or make the database with that program: " +
      "sqlite3 input/query_results.db < script.sql";
  }
  const [, name] = PROGRAMS_OWN.exec(reason) ?? [];
  if (name === undefined) return undefined;
  if (name !== "generate_series") {
    return `${name} is an extension that comes with the sqlite3 program and isn't part of SQLite. ` +
      "Write the values into the script, or make the database with that program: " +
      "sqlite3 input/query_results.db < script.sql";
  }
  return "generate_series is an extension that comes with the sqlite3 program and isn't part of " +
    "SQLite. Use a recursive query:\n\n" +
    "  WITH RECURSIVE series(value) AS (\n" +
    "    SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < 10\n" +
    "  )\n  SELECT value FROM series;";
}
