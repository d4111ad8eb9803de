/**
 * Bends a value towards what CHECK constraints seem to ask.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";
import type { Wish } from "./checks.ts";
import type { Value } from "./values.ts";

/** How far a number goes beyond a bound where only one is known. */
const SPAN = 100;

/** The value itself if it is as wished; else one that is. */
export function wished(value: Value, wish: Wish): Value {
  if (value === null) return value;
  const { oneOf, pattern } = wish;
  if (oneOf !== undefined) return oneOf.includes(value) ? value : faker.helpers.arrayElement(oneOf);
  if (typeof value === "number") return bounded(value, wish);
  if (typeof value !== "string") return value;
  const text = pattern === undefined || matches(value, pattern) ? value : instance(pattern);
  return ofLength(text, wish);
}

function bounded(value: number, { min, max }: Wish): number {
  if (value >= (min ?? -Infinity) && value <= (max ?? Infinity)) return value;
  const low = min ?? max! - SPAN;
  const high = max ?? min! + SPAN;
  if (low > high) return value;
  const number = faker.number.float({ min: low, max: high });
  const whole = Math.round(number);
  return Number.isInteger(value) && whole >= low && whole <= high
    ? whole
    : Math.max(low, Math.min(high, Math.round(number * 100) / 100));
}

function ofLength(text: string, { minLength = 0, maxLength = Infinity }: Wish): string {
  if (text.length > maxLength) text = text.slice(0, maxLength);
  if (text.length >= minLength) return text;
  return text + faker.string.alphanumeric({ length: minLength - text.length, casing: "lower" });
}

/** A part of a pattern: a text, any one character, any text, or one of a set. */
const PARTS = {
  LIKE: /(?<any>%)|(?<one>_)|(?<text>[^])/gu,
  GLOB: /(?<any>\*)|(?<one>\?)|\[(?<set>\^?\]?[^\]]*)\]|(?<text>[^])/gu,
};

function matches(value: string, { kind, text }: NonNullable<Wish["pattern"]>): boolean {
  const source = Array.from(text.matchAll(PARTS[kind]), ({ groups }) => {
    const { any, one, set } = groups!;
    if (any !== undefined) return "[^]*";
    if (one !== undefined) return "[^]";
    if (set !== undefined) return `[${set.replaceAll(/[\\\]]/g, "\\$&")}]`;
    return groups!.text!.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  });
  try {
    return new RegExp(`^${source.join("")}$`, kind === "LIKE" ? "iu" : "u").test(value);
  } catch {
    return false;
  }
}

function instance({ kind, text }: NonNullable<Wish["pattern"]>): string {
  return Array.from(text.matchAll(PARTS[kind]), ({ groups }) => {
    const { any, one, set } = groups!;
    if (any !== undefined) return faker.lorem.word();
    if (one !== undefined) return faker.string.alpha({ casing: "lower" });
    return set === undefined ? groups!.text! : memberOf(set);
  }).join("");
}

const CANDIDATES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. @";

function memberOf(set: string): string {
  const members = [...CANDIDATES].filter((char) =>
    matches(char, { kind: "GLOB", text: `[${set}]` })
  );
  return members.length > 0 ? faker.helpers.arrayElement(members) : set[0] ?? "";
}
