/**
 * Opening a database from elsewhere: it can't write, call what has side effects, or take all memory.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../errors.ts";
import { formatBytes } from "../format_bytes.ts";

/**
 * Bytes of memory that all SQL of this process may take together. It is less than the longest string
 * (2^29 - 24 characters), so text that a string can't hold is an error as well: Deno 2.6 aborts on it.
 */
const MEMORY_BYTES = 512 * 1024 * 1024;

/** Opens a database from elsewhere for reading only. It may throw what `node:sqlite` throws. */
export function openUntrusted(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    // Sorts and temporary tables stay in memory, where the limit holds: in a file they could fill the
    // disk, and a read-only container has no place for one.
    db.exec(
      "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON; " +
        `PRAGMA temp_store = MEMORY; PRAGMA hard_heap_limit = ${MEMORY_BYTES}`,
    );
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Why SQL failed. Where memory was short it names the limit. */
export function sqlReason(error: unknown): string {
  const message = messageOf(error);
  if (message !== "out of memory") return message;
  return `out of memory: SQL may take at most ${
    formatBytes(MEMORY_BYTES)
  }, sorts and temporary tables included; select fewer columns or rows, or shorter values`;
}
