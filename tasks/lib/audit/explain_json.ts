/**
 * Explains where two JSON documents differ.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";

const LONGEST_VALUE = 80;
const MOST_DIFFERENCES = 20;
/** What `export` writes isn't nested as deeply. */
const DEEPEST = 50;

/**
 * Compares two JSON documents.
 *
 * @param theirs The text in question.
 * @param ours The text that `export` wrote.
 * @param name What they are called: `config`, for example.
 * @returns A sentence for each member that differs; none if the texts are the same.
 */
export function explainJson(theirs: string, ours: string, name: string): string[] {
  if (theirs === ours) return [];
  let value: unknown;
  try {
    value = JSON.parse(theirs);
  } catch (error) {
    return [`${name} isn't JSON: ${messageOf(error)}`];
  }
  const differences = compareValues(value, JSON.parse(ours), name);
  if (differences.length > 0) return differences;
  // What two readers may understand differently: keys twice, other spaces or another order.
  const at = [...ours].findIndex((char, at) => char !== theirs[at]);
  const start = Math.max(0, (at < 0 ? theirs.length : at) - LONGEST_VALUE / 2);
  const excerpt = theirs.slice(start, start + LONGEST_VALUE);
  return [`${name} has the same values, but is written differently: ... ${excerpt} ...`];
}

/**
 * Compares two values out of JSON documents.
 *
 * @param path What they are called.
 * @returns A sentence for each member that differs; no more than a person would read.
 */
export function compareValues(theirs: unknown, ours: unknown, path: string): string[] {
  return [...compare(theirs, ours, path, 0).take(MOST_DIFFERENCES)];
}

function* compare(
  theirs: unknown,
  ours: unknown,
  path: string,
  depth: number,
): Generator<string, void> {
  if (Object.is(theirs, ours)) return;
  if (!isObject(theirs) || !isObject(ours) || depth === DEEPEST) {
    yield `${path} is ${show(theirs)} in the archive, ${show(ours)} here`;
    return;
  }
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    const [a, b] = [theirs, ours].map((of) => Object.hasOwn(of, key) ? of[key] : undefined);
    yield* compare(a, b, `${path}.${cut(key)}`, depth + 1);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  if (value === undefined) return "absent";
  try {
    return cut(JSON.stringify(value));
  } catch {
    return "nested too deeply to be shown";
  }
}

function cut(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}
