/**
 * Plausible rows for a refiner's schema.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runConfined } from "../process/confined.ts";
import { orUnusable } from "./read_schema.ts";

const PROCESS = fileURLToPath(new URL("../rows/rows_process.ts", import.meta.url));
const LOCK = fileURLToPath(new URL("../rows/deno.lock", import.meta.url));
const LIMITS = { seconds: 120, megabytes: 1024 };

/** The rows of a table. */
export interface TableRows {
  /** The table. */
  table: string;
  /** How many there are. */
  rows: number;
  /** The statement that adds them; empty if there are none. */
  sql: string;
  /** Why there are fewer than asked for, if so. */
  why?: string;
}

/** What is asked for. */
export interface RowsOrder {
  /** The schema. */
  ddl: string;
  /** Rows of each table. */
  rows: number;
  /** The same one gives the same rows. */
  seed: number;
}

/**
 * Makes rows that satisfy a schema's constraints: the same ones for the same order.
 *
 * @returns The rows of each table, in an order in which references come after what they reference.
 * @throws {UnusableError} SQLite doesn't take the schema, or it takes too long or too much memory.
 */
export async function dummyRows(order: RowsOrder): Promise<TableRows[]> {
  const given = await orUnusable(runConfined(PROCESS, order, { ...LIMITS, lock: LOCK }));
  return (given as { tables: TableRows[] }).tables;
}
