/**
 * JSON that holds all of a value, or is refused.
 *
 * @module
 */

import { DatabaseRows, type SqlValue } from "../results/rows.ts";
import { JsonConverter } from "./json_value.ts";
import { toHexadecimal } from "./hexadecimal.ts";

/** Takes the text, piece by piece. */
type Write = (text: string) => void;

type Items = Iterable<unknown> | AsyncIterable<unknown>;

/** What a string has to be escaped for: https://tc39.es/ecma262/#sec-quotejsonstring */
// deno-lint-ignore no-control-regex
const NEEDS_ESCAPE = /["\\\x00-\x1f\ud800-\udfff]/;

/**
 * Writes a value as JSON: one to iterate over as an array with a line for each item, any other indented.
 *
 * @param name The artifact's name, for messages.
 * @throws {ArtifactError} As `Artifacts.writeJson` says.
 */
export async function writeJson(write: Write, value: unknown, name: string): Promise<void> {
  if (!isStream(value)) {
    write(JSON.stringify(new JsonConverter(name).convert(value), null, 2) + "\n");
    return;
  }
  let before = "[\n  ";
  await eachItem(value, name, (text) => {
    write(before + text);
    before = ",\n  ";
  });
  write(before === "[\n  " ? "[]\n" : "\n]\n");
}

/**
 * Writes a line of JSON for each item.
 *
 * @param name The artifact's name, for messages.
 * @throws {ArtifactError} As `Artifacts.writeJsonLines` says.
 */
export async function writeJsonLines(write: Write, items: Items, name: string): Promise<void> {
  await eachItem(items, name, (text) => write(text + "\n"));
}

async function eachItem(items: Items, name: string, take: Write): Promise<void> {
  const converter = new JsonConverter(name);
  if (items instanceof DatabaseRows) return eachDatabaseRow(items, converter, take);
  let at = 0;
  const one = (item: unknown) =>
    take(isFlat(item) ? JSON.stringify(item) : JSON.stringify(converter.convert(item, at)));
  if (Symbol.asyncIterator in items) {
    for await (const item of items) {
      one(item);
      at++;
    }
  } else {
    for (const item of items) {
      one(item);
      at++;
    }
  }
}

/** Rows straight from the database need not become objects first. */
function eachDatabaseRow(
  rows: DatabaseRows<object>,
  converter: JsonConverter,
  take: Write,
): void {
  const names = rows.columns.map(({ name }) => name);
  const keys = names.map((name, at) => `${at === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  let row = 0;
  for (const batch of rows.batches()) {
    for (const values of batch) {
      let text = "";
      for (let at = 0; at < values.length; at++) {
        const value = values[at]!;
        text += keys[at]! + (formatSqlValue(value) ??
          JSON.stringify(converter.convert(value, row, names[at])));
      }
      take(text + "}");
      row++;
    }
  }
}

/** The JSON of a value; `undefined` where it needs a converter. */
function formatSqlValue(value: SqlValue): string | undefined {
  if (typeof value === "string") {
    return NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;
  }
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === "bigint") return `"${value}"`;
  return `"${toHexadecimal(value)}"`;
}

/** Whether a value is written as the array of what iterating over it gives. */
function isStream(value: unknown): value is Items {
  return typeof value === "object" && value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value) && !("toJSON" in value) &&
    !(value instanceof Uint8Array || value instanceof Map || value instanceof String);
}

/** Whether a value is an object of values that `JSON.stringify` writes as they are. */
function isFlat(value: unknown): boolean {
  if (typeof value !== "object" || value === null || "toJSON" in value) return false;
  if (Symbol.iterator in value || Symbol.asyncIterator in value) return false;
  if (!JsonConverter.isPlain(value)) return false;
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    const type = typeof member;
    if (type === "string" || type === "boolean" || member === null) continue;
    if (type !== "number" || !Number.isFinite(member)) return false;
  }
  return true;
}
