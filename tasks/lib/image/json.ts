/**
 * Reads JSON documents from outside.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

const LONGEST_ISSUE = 200;

/**
 * Reads a JSON document.
 *
 * @param what What it is, for messages.
 * @throws {ToolError} It isn't JSON, or doesn't have the expected shape.
 */
export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  { schema, what }: { schema: Schema; what: string },
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ToolError(`${what} isn't JSON`);
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue);
  throw new ToolError(
    `${what} doesn't have the expected shape${at === null ? "" : ` at ${printable(at)}`}: ` +
      printable(issue.message.slice(0, LONGEST_ISSUE)),
  );
}
