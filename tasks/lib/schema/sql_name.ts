/**
 * Names as people write them in SQL: quoted only where they must be.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { quoteName } from "../../../src/results/select.ts";

/** A name of a table or column for SQL. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) && isPlain(name) ? name : quoteName(name);
}

/** Whether SQLite takes the bare name for one, and not for a keyword. */
function isPlain(name: string): boolean {
  using db = new DatabaseSync(":memory:");
  try {
    db.exec(`CREATE TABLE ${name}(${name}); SELECT ${name}.${name} FROM ${name}`);
    return true;
  } catch {
    return false;
  }
}
