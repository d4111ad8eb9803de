/**
 * Values of SQLite.
 *
 * @module
 */

/** A value as it is stored. */
export type Value = string | number | null | Uint8Array;

/** A value as SQL has it. */
export function literal(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `x'${hex}'`;
}
