/**
 * The query at the end of a script of dummy data.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";

const RESULTS = /create\s+(?:table|view)\s+results\s+as\s+([^;]+?)\s*;?\s*$/i;

/**
 * Finds the query of `CREATE TABLE results AS`, with which a script ends.
 *
 * @throws {ToolError} The script can't be read, or doesn't end with one.
 */
export function queryOfScript(path: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new ToolError(`Can't read the script ${path}: ${messageOf(error)}`);
  }
  const [, query] = RESULTS.exec(text) ?? [];
  if (query !== undefined) return query;
  throw new ToolError(
    `${path} doesn't end with a query, as CREATE TABLE results AS SELECT ...; give one with --query`,
  );
}
