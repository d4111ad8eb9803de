/**
 * A plausible value for a column, by its type and its name.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";
import type { Column } from "../schema/tables.ts";
import { type ColumnType, typeOf } from "./column_type.ts";
import { numberByName } from "./number_by_name.ts";
import { textByName } from "./text_by_name.ts";
import type { Value } from "./values.ts";

const UUID_LENGTH = 36;
const HASH_LENGTH = 64;

/** A value for a column, which isn't NULL. */
export function plausible({ name, type }: Column): Value {
  const words = snakeCase(name);
  const column = typeOf(type);
  switch (column.kind) {
    case "boolean":
      return faker.number.int(1);
    case "json":
      return jsonFor(words);
    case "datetime":
      return withMicroseconds(pastInstant());
    case "date":
      return pastInstant().slice(0, 10);
    case "time":
      return pastInstant().slice(11, 19);
    case "integer":
      return isIdentifier(words) ? faker.number.int({ min: 1, max: 100_000 }) : integerFor(words);
    case "real":
      return numberByName(words, { whole: false });
    case "numeric":
      return fitDigits(numberByName(words, { whole: column.scale === 0 }), column);
    case "blob":
      return faker.helpers.multiple(() => faker.number.int(255), { count: column.length ?? 12 })
        .reduce(
          (bytes, byte, at) => (bytes[at] = byte, bytes),
          new Uint8Array(column.length ?? 12),
        );
    case "any":
    case "text":
      return textFor(words, column);
  }
}

/** A name in lower case, with underscores between its words. */
export function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
}

/** Whether a column of that name identifies something. */
export function isIdentifier(words: string): boolean {
  return /(^|_)(id|uuid|guid|key)$/.test(words);
}

/** Text of a length that fits a declared one. */
export function fitLength(text: string, { length }: ColumnType): string {
  return length === undefined ? text : [...text].slice(0, length).join("");
}

function textFor(words: string, type: ColumnType): string {
  if (/hash/.test(words)) return fitLength(hash(), type);
  if (isIdentifier(words)) return identifier(type);
  if (/^(is|has)_/.test(words)) {
    return fitLength(faker.helpers.arrayElement(["true", "false"]), type);
  }
  const number = /(^|_)(count|percent|score|amount|price)(_|$)/.test(words) &&
    String(numberByName(words, { whole: true }));
  return fitLength(number || (textByName(words) ?? faker.lorem.words({ min: 1, max: 3 })), type);
}

function integerFor(words: string): number {
  return /^(is|has|was)_/.test(words) ? faker.number.int(1) : numberByName(words, { whole: true });
}

function hash(): string {
  return faker.string.hexadecimal({ length: HASH_LENGTH, casing: "lower", prefix: "" });
}

function identifier({ length = UUID_LENGTH }: ColumnType): string {
  return length < UUID_LENGTH
    ? faker.string.alphanumeric({ length, casing: "lower" })
    : faker.string.uuid();
}

function jsonFor(words: string): string {
  const plural = words.endsWith("s") &&
    !/(address|status|settings|details|stats|info)$/.test(words);
  const single = words.replace(/ies$/, "y").replace(/s$/, "");
  const text = () => textByName(single) ?? faker.lorem.word();
  return JSON.stringify(
    plural
      ? faker.helpers.multiple(text, { count: { min: 1, max: 3 } })
      : { [faker.lorem.word()]: text(), count: faker.number.int(20) },
  );
}

function pastInstant(): string {
  return faker.date.past({ years: 2 }).toISOString();
}

/** As SQLAlchemy, by which most refiners write, stores a date and time. */
function withMicroseconds(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}000`;
}

function fitDigits(number: number, { digits = 12, scale = 2 }: ColumnType): number {
  const most = 10 ** Math.max(0, Math.min(15, digits) - scale) - 10 ** -scale;
  return Number(Math.min(number, most).toFixed(Math.min(scale, 15)));
}
