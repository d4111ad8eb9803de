/**
 * The databases that a grid reads, each open once.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { openUntrusted } from "../../../../src/results/untrusted_database.ts";

const open = new Map<string, { db: DatabaseSync; version: string }>();

/**
 * A database, open for reading only. A new version of a file is opened anew; temporary tables are gone
 * with the old one.
 *
 * @param version Changes whenever the file does.
 */
export function openDatabase({ path, version }: { path: string; version: string }): DatabaseSync {
  const known = open.get(path);
  if (known?.version === version) return known.db;
  known?.db.close();
  open.delete(path);
  const db = openUntrusted(path);
  // Temporary tables may be written; the file is open for reading only.
  db.exec("PRAGMA query_only = OFF");
  open.set(path, { db, version });
  return db;
}
