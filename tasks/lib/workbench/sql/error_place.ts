/**
 * Finds the place in a query that SQLite's error is about.
 *
 * @module
 */

import { messageOf } from "../../../../src/errors.ts";
import { openDatabase } from "./open_database.ts";

const EXPLAIN = "EXPLAIN ";

/** A part of a query's text. */
export interface TextRange {
  /** The index of its first character. */
  from: number;
  /** The index behind its last. */
  to: number;
}

/** Where the SQL is wrong; `undefined` where SQLite doesn't say. */
export function findErrorPlace(
  { path, version, sql }: { path: string; version: string; sql: string },
): TextRange | undefined {
  const db = openDatabase({ path, version });
  try {
    db.exec(EXPLAIN + sql);
    return undefined;
  } catch (error) {
    return placeIn(sql, messageOf(error));
  }
}

function placeIn(sql: string, message: string): TextRange | undefined {
  const [, bytes] = / at offset (\d+)$/.exec(message) ?? [];
  if (bytes !== undefined) {
    const before = new TextEncoder().encode(EXPLAIN + sql).subarray(0, Number(bytes));
    const from = new TextDecoder().decode(before).length - EXPLAIN.length;
    const [word] = /^(?:\w+(?:\.\w+)*|"[^"]*"|'[^']*'|\S)?/.exec(sql.slice(from))!;
    return { from, to: from + Math.max(1, word.length) };
  }
  if (/incomplete input/.test(message)) {
    return { from: Math.max(0, sql.length - 1), to: sql.length };
  }
  const [, name] = /^no such (?:table|column|function|view): (\S+)/.exec(message) ?? [];
  const bare = name?.split(".").at(-1);
  if (bare === undefined) return undefined;
  const found = new RegExp(`(?<![\\w$])${RegExp.escape(bare)}(?![\\w$])`, "i").exec(sql);
  return found === null ? undefined : { from: found.index, to: found.index + bare.length };
}
