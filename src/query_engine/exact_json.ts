/**
 * JSON whose numbers aren't altered.
 *
 * @module
 */

/** The reviver's third argument, which TypeScript doesn't know yet. */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

/**
 * Parses JSON. A number that JavaScript would write otherwise, such as an integer beyond 2^53, is its
 * own text.
 *
 * @returns The value; `undefined` if the text isn't JSON.
 */
export function parseExactly(text: string): unknown {
  const reviver: Reviver = (_, value, { source }) =>
    typeof value === "number" && String(value) !== source ? source : value;
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}
