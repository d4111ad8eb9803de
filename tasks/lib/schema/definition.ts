/**
 * The definition of a refiner's schema: a JSON file that holds the SQL of its tables. Its format is in
 * Vana's SDK (`vana-com/vana-sdk`, `dataSchema.schema.json`); it is read leniently, as those in use don't
 * always follow it.
 *
 * @module
 */

import * as v from "valibot";
import { UnusableError } from "./unusable.ts";

/** A definition. Its texts are its author's. */
export interface Definition {
  /** What its author calls it; copies of a template often keep the template's name. */
  name?: string;
  /** Its version. */
  version?: string;
  /** What its author says about it. */
  description?: string;
  /** The dialect as it is written; `sqlite` if nothing is. */
  dialect: string;
  /** The SQL. */
  ddl: string;
}

const SQLITE = "sqlite";
const EXPECTED = "expected JSON with the fields name, version, dialect and schema";

const Text = v.pipe(
  v.unknown(),
  v.transform((value) => typeof value === "string" ? value : undefined),
);
const Fields = v.object({
  name: v.optional(Text),
  version: v.optional(Text),
  description: v.optional(Text),
  dialect: v.optional(Text),
  schema: v.unknown(),
});

/**
 * Reads a definition.
 *
 * @param bytes The file.
 * @throws {UnusableError} It is no definition, or one that has no SQL for SQLite.
 */
export function parseDefinition(bytes: Uint8Array): Definition {
  const { dialect = SQLITE, schema, ...about } = parseFields(decode(bytes));
  if (typeof schema === "object" && schema !== null || /^json/i.test(dialect)) {
    throw new UnusableError(
      "The definition has the dialect json: it describes the files that people contribute, and no " +
        "tables that SQL can query. The refiner needs a schema in the dialect sqlite",
    );
  }
  if (dialect.trim().toLowerCase() !== SQLITE) {
    throw new UnusableError(
      `The definition has the dialect ${JSON.stringify(dialect)}; expected ${SQLITE}, the Query ` +
        "Engine's",
    );
  }
  if (typeof schema !== "string" || schema.trim() === "") {
    throw new UnusableError("The definition's schema is empty; expected CREATE TABLE statements");
  }
  return { ...about, dialect, ddl: schema };
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    throw new UnusableError(`The definition isn't text in UTF-8; ${EXPECTED}`);
  }
  if (text === "") throw new UnusableError(`The definition is an empty file; ${EXPECTED}`);
  if (text.startsWith("<")) {
    throw new UnusableError(
      `The definition is a web page, the error page of a gateway perhaps; ${EXPECTED}`,
    );
  }
  return text;
}

function parseFields(text: string): v.InferOutput<typeof Fields> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const what = /^(?:--|\/\*|CREATE\b)/i.test(text) ? "bare SQL" : "no JSON";
    throw new UnusableError(`The definition is ${what}; ${EXPECTED}`);
  }
  const fields = v.safeParse(Fields, value);
  if (fields.success && !Array.isArray(value)) return fields.output;
  throw new UnusableError(`The definition has no field "schema"; ${EXPECTED}`);
}
