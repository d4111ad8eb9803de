/**
 * Results databases of a given size.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { RESULTS_TABLE } from "../../../src/results/results.ts";

const PAGE_BYTES = 4096;
const BODY_BYTES = 4 * PAGE_BYTES;
/** Rows between checks of the file's size. */
const ROWS_A_LOOK = 64;

/** Makes one with ten rows. */
export function makeSmall(path: string): void {
  fill(path, "user_id TEXT, locale TEXT", (db) => {
    db.exec(`${count(10)} INSERT INTO ${RESULTS_TABLE} SELECT printf('u-%03d', i), 'pt-BR' FROM c`);
  });
}

/** Makes one of about `bytes` random bytes, which no filesystem can compress. */
export function makeLarge(path: string, bytes: number): void {
  fill(path, "id INTEGER PRIMARY KEY, body BLOB", (db) => {
    const insert = db.prepare(`INSERT INTO ${RESULTS_TABLE}(body) VALUES (?)`);
    const pages = db.prepare("PRAGMA page_count");
    const body = crypto.getRandomValues(new Uint8Array(BODY_BYTES));
    while (Number(pages.get()!.page_count) * PAGE_BYTES < bytes) {
      for (let row = 0; row < ROWS_A_LOOK; row++) insert.run(body);
    }
  });
}

/** Makes one with `rows` rows of five columns, two numbers and three texts. */
export function makeRows(path: string, rows: number): void {
  fill(path, "id INTEGER, user TEXT, locale TEXT, score REAL, seen_at TEXT", (db) => {
    db.exec(`${count(rows)} INSERT INTO ${RESULTS_TABLE}
      SELECT i, printf('user-%07d', i), substr('de frpt-BRen-GB', 1 + i % 9, 5), i * 0.37,
        printf('2026-%02d-%02dT08:00:00Z', 1 + i % 12, 1 + i % 28) FROM c`);
  });
}

function fill(path: string, columns: string, insert: (db: DatabaseSync) => void): void {
  using db = new DatabaseSync(path);
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    CREATE TABLE ${RESULTS_TABLE}(${columns}); BEGIN`);
  insert(db);
  db.exec("COMMIT");
}

function count(rows: number): string {
  return `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})`;
}
