/**
 * Which tables and columns a query reads.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { KilledError, runConfined } from "../process/confined.ts";
import { ToolError } from "../errors.ts";
import type { Schema } from "./tables.ts";

const PROCESS = fileURLToPath(new URL("../query_reads/reads_process.ts", import.meta.url));
const LOCK = fileURLToPath(new URL("../query_reads/deno.lock", import.meta.url));
const LIMITS = { seconds: 30, megabytes: 512 };

/** Something that a query reads. */
export interface Read {
  /** The table. */
  table: string;
  /** The column; `undefined`: none in particular, as in `count(*)`. */
  column?: string;
  /** Why a permission for it may not be needed; `undefined`: it is. */
  doubt?: string;
}

/** What a query reads. */
export interface QueryReads {
  /** The tables and columns, by table. */
  reads: Read[];
  /** Names of what else is read, which isn't part of the schema. */
  foreign: string[];
}

/** A query that SQLite doesn't take on this schema, or that does something else than read. */
export class QueryError extends ToolError {}

/**
 * Finds what a query reads, by SQLite's own preparation of it; it isn't run.
 *
 * @throws {QueryError} SQLite doesn't take it, or it does more than read.
 * @throws {ToolError} It can't be told.
 */
export async function queryReads({ statements }: Schema, query: string): Promise<QueryReads> {
  let given: unknown;
  try {
    given = await runConfined(PROCESS, { statements, query }, { ...LIMITS, lock: LOCK });
  } catch (error) {
    if (!(error instanceof KilledError)) throw error;
    throw new ToolError(`Can't tell what the query reads: ${error.message}`);
  }
  const { refused } = given as { refused?: string };
  if (refused !== undefined) throw new QueryError(refused);
  return given as QueryReads;
}
