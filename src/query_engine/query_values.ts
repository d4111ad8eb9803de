/**
 * Finds the values of a query (its literals and parameters) in what the engine writes about it.
 *
 * @module
 */

import { partsOfSql } from "./sql_tokens.ts";
import { pick, type Reading, type Span, spanOf } from "../readings.ts";
import { partsOf, valuesIn } from "../redact.ts";

/** A long value is found by any stretch of so many characters. */
const PART = 8;

/** A shorter one is found where it stands alone. */
const SHORTEST_WORD = 4;

const NUMBER = /^[\d.]+$|^[+-]?[\d._]+(e[+-]?\d+)?$/;

/**
 * Makes a function that finds a query's values in the readings of a text, in any case and spacing.
 * Names of the query's tables and columns are left, even where a value is the same word. So are
 * numbers of one digit, and words of less than four letters without quotes around them: they would
 * hide parts of ordinary sentences.
 */
export function valueFinder(
  query: string,
  params: unknown,
): (text: string, readings: Reading[]) => Span[] {
  const { values, names } = partsOfSql(query);
  const all = [...new Set([...values, ...valuesIn(params)].map((value) => value.toLowerCase()))];
  const long = [fold(query), ...all.map(fold).filter((value) => value.length >= PART)];
  const short = all.filter((value) => fold(value).length < PART).flatMap(shortPattern);
  return (text, readings) => {
    const found = [
      ...findLong(long, readings.map((reading) => pick(reading, foldChar))),
      ...readings.flatMap((reading) => findShort(short, reading)),
    ];
    return found.filter((span) => !names.has(wordAround(text, span)));
  };
}

/** A text without case, spaces and characters that don't show. */
function fold(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, "").toLowerCase();
}

function foldChar(char: string): string {
  return /[\s\p{Cc}\p{Cf}]/u.test(char) ? "" : char.toLowerCase();
}

function findLong([query = "", ...values]: readonly string[], readings: Reading[]): Span[] {
  // The text is short and the values may be megabytes: the index is of the text.
  const places = new Map<string, Span[]>();
  for (const reading of readings) {
    for (const [at, part] of partsOf(reading.text, PART).entries()) {
      const span = spanOf(reading, at, at + PART);
      const known = places.get(part);
      if (known === undefined) places.set(part, [span]);
      else known.push(span);
    }
  }
  const found = new Set<string>();
  const seen = new Uint8Array(MARKS);
  for (const part of places.keys()) seen[mark(part, 0)] = 1;
  for (const value of places.size === 0 ? [] : values) {
    for (let at = 0; at + PART <= value.length; at++) {
      if (seen[mark(value, at)] === 0) continue;
      const part = value.slice(at, at + PART);
      if (places.has(part)) found.add(part);
    }
  }
  const spans = [...found].flatMap((part) => places.get(part)!);
  // Of the query only the whole, since names may be quoted.
  for (const reading of query === "" ? [] : readings) {
    for (let at = reading.text.indexOf(query); at >= 0; at = reading.text.indexOf(query, at + 1)) {
      spans.push(spanOf(reading, at, at + query.length));
    }
  }
  return spans;
}

const MARKS = 1 << 16;

/** A cheap mark of the part that begins at a place: most parts of a long value needn't be looked up. */
function mark(text: string, at: number): number {
  return (text.charCodeAt(at) ^ text.charCodeAt(at + 1) << 4 ^ text.charCodeAt(at + 4) << 7 ^
    text.charCodeAt(at + PART - 1) << 10) & (MARKS - 1);
}

/** How a short value is looked for. */
function shortPattern(value: string): RegExp[] {
  const literal = RegExp.escape(value);
  if (NUMBER.test(value)) {
    return value.length < 2 ? [] : [new RegExp(`(?<![\\w.])${literal}(?![\\w]|\\.\\d)`, "gi")];
  }
  if (value.trim() === "") return [];
  return value.length < SHORTEST_WORD
    ? [new RegExp(`(?<=['"\`])${literal}(?=['"\`])`, "gi")]
    : [new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "giu")];
}

function findShort(patterns: readonly RegExp[], reading: Reading): Span[] {
  return patterns.flatMap((pattern) =>
    [...reading.text.matchAll(pattern)].map(({ 0: value, index }) =>
      spanOf(reading, index, index + value.length)
    )
  );
}

/** The word of a text that a span is in, in lower case. */
function wordAround(text: string, [from, to]: Span): string {
  const before = /[\p{L}\p{N}_$]*$/u.exec(text.slice(Math.max(0, from - 200), from))![0];
  const after = /^[\p{L}\p{N}_$]*/u.exec(text.slice(to, to + 200))![0];
  return (before + text.slice(from, to) + after).toLowerCase();
}
