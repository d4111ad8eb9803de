/**
 * Odd values, which a job should survive: what real people's data holds sooner or later.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";
import type { Column } from "../schema/tables.ts";
import { type ColumnType, typeOf } from "./column_type.ts";
import { fitLength, isIdentifier, snakeCase } from "./plausible.ts";
import type { Value } from "./values.ts";

/** In which way a row is odd. */
export type Oddity = "nulls" | "empty" | "long" | "emoji" | "negative";

/** One row of each kind, at most. */
const ODDITIES: readonly Oddity[] = ["nulls", "empty", "long", "emoji", "negative"];
/** At most one row in so many is odd. */
const EVERY = 4;
/** The characters of a long text. */
const LONG = 400;

/** In which way a row of a table is odd; most aren't. The last ones are. */
export function oddityOf(at: number, rows: number): Oddity | undefined {
  const odd = Math.min(ODDITIES.length, Math.floor(rows / EVERY));
  return ODDITIES[at - (rows - odd)];
}

/** An odd value for a column; `undefined` if a row that is odd in this way has an ordinary one there. */
export function oddValue(column: Column, oddity: Oddity): Value | undefined {
  const type = typeOf(column.type);
  if (oddity === "nulls") return column.notNull ? undefined : null;
  if (oddity === "negative") return negative(type);
  const isText = type.kind === "text" || type.kind === "any";
  if (type.kind === "json" && oddity === "empty") return "[]";
  if (!isText || isIdentifier(snakeCase(column.name))) return undefined;
  switch (oddity) {
    case "empty":
      return "";
    case "long":
      return fitLength(faker.lorem.words(LONG / 4).padEnd(LONG, ".").slice(0, LONG), type);
    case "emoji":
      return fitLength(`🦊 ${faker.lorem.word()} Ünïcødé ${"e\u0301"} 名前 👩🏽‍💻 'quoted'`, type);
  }
}

function negative({ kind, digits = 12, scale = 2 }: ColumnType): Value | undefined {
  if (kind === "integer") return -faker.number.int({ min: 1, max: 1000 });
  if (kind === "real") return -faker.number.float({ min: 1, max: 1000, fractionDigits: 2 });
  if (kind !== "numeric") return undefined;
  return digits > scale ? -faker.number.int({ min: 1, max: 9 }) : undefined;
}
