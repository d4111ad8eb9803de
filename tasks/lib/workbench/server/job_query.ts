/**
 * The job's query in its script: the statement that makes `results`.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { removeIfThere, temporaryName, writeAll } from "../../../../src/files.ts";
import { RESULTS_TABLE } from "../../../../src/results/results.ts";
import { skipTrivia } from "../../../../src/results/select.ts";
import { firstStatement } from "../../../../src/results/sql_text.ts";
import { statementsOf } from "../../data/statements.ts";
import { ToolError } from "../../errors.ts";

const MAKES_RESULTS = new RegExp(
  `^create\\s+(?:temp\\s+|temporary\\s+)?(?:table|view)\\s+(?:if\\s+not\\s+exists\\s+)?` +
    `["\`\\[]?${RESULTS_TABLE}["\`\\]]?\\s+as\\b\\s*`,
  "i",
);

/** The query that makes `results`, without its semicolon; `undefined` if there is none. */
export function findJobQuery(script: string): string | undefined {
  return locate(script)?.query;
}

/**
 * Puts a query in the place of the one that makes `results`, or at the script's end.
 *
 * @throws {ToolError} It isn't one query, or has placeholders, which have no value there.
 */
export function withJobQuery(script: string, sql: string): string {
  const { text, rest, placeholders } = firstStatement(sql.slice(skipTrivia(sql)));
  const query = text.trim();
  if (query === "") throw new ToolError("There is no query to use");
  if (skipTrivia(rest) !== rest.length) {
    throw new ToolError("The job's query must be one statement; remove what follows the first");
  }
  if (placeholders.length > 0) {
    throw new ToolError(
      `The query has the placeholder ${
        placeholders[0]
      }, and a script can't give it a value; write ` +
        "the value into the query",
    );
  }
  // A semicolon would be a part of a comment on the last line.
  const end = query.split("\n").at(-1)!.includes("--") ? "\n;" : ";";
  const lineEnd = script.includes("\r\n") ? "\r\n" : "\n";
  const statement = `CREATE TABLE ${RESULTS_TABLE} AS\n${query}${end}`
    .replaceAll(/\r?\n/g, lineEnd);
  const found = locate(script);
  if (found === undefined) return `${script.trimEnd()}${lineEnd}${lineEnd}${statement}${lineEnd}`;
  return script.slice(0, found.start) + statement + script.slice(found.end);
}

/** Replaces a script's text: the file is old or new at every moment, never a part of either. */
export function replaceScript(path: string, text: string): void {
  const target = Deno.realPathSync(path);
  const { mode } = Deno.statSync(target);
  const made = join(dirname(target), temporaryName(".script-"));
  try {
    using file = Deno.openSync(made, { createNew: true, write: true, mode: mode ?? undefined });
    writeAll(file, new TextEncoder().encode(text));
    file.syncSync();
    Deno.renameSync(made, target);
  } finally {
    removeIfThere(made);
  }
}

function locate(script: string): { start: number; end: number; query: string } | undefined {
  for (const { text, start } of [...statementsOf(script)].reverse()) {
    const opening = MAKES_RESULTS.exec(text);
    if (opening === null) continue;
    const query = text.slice(opening[0].length).replace(/;$/, "").trim();
    return { start, end: start + text.length, query };
  }
  return undefined;
}
