/**
 * What a column's declared type asks of its values.
 *
 * @module
 */

/** The values that a column holds. */
export interface ColumnType {
  /** Their kind. */
  kind:
    | "boolean"
    | "json"
    | "datetime"
    | "date"
    | "time"
    | "integer"
    | "real"
    | "numeric"
    | "text"
    | "blob"
    | "any";
  /** The most characters or bytes, of `VARCHAR(n)`. */
  length?: number;
  /** The most digits, of `NUMERIC(p, s)`. */
  digits?: number;
  /** The digits behind the point, of `NUMERIC(p, s)`. */
  scale?: number;
}

/** The first that matches counts. Refiners use SQLAlchemy's names, which SQLite itself doesn't know. */
const KINDS: readonly (readonly [RegExp, ColumnType["kind"]])[] = [
  [/BOOL/, "boolean"],
  [/JSON/, "json"],
  [/DATETIME|TIMESTAMP/, "datetime"],
  [/^DATE/, "date"],
  [/^TIME/, "time"],
  [/INT/, "integer"],
  [/CHAR|CLOB|TEXT|STRING|UUID|ENUM/, "text"],
  [/BLOB|BINARY|BYTEA/, "blob"],
  [/REAL|FLOA|DOUB/, "real"],
  [/NUM|DEC|MONEY/, "numeric"],
];

/** Reads a declared type. */
export function typeOf(declared: string): ColumnType {
  const [, name = "", first, second] =
    /^\s*([^(]*)(?:\(\s*(\d{1,6})\s*(?:,\s*(\d{1,4})\s*)?\))?/.exec(declared.toUpperCase()) ?? [];
  const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "any";
  if (first === undefined) return { kind };
  return kind === "numeric"
    ? { kind, digits: Number(first), scale: Number(second ?? 0) }
    : { kind, length: Number(first) };
}
