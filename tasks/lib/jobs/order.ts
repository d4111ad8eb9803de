/**
 * What a person orders: a job, and how it is paid for and downloaded.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { exactParams } from "../../../src/query_engine/exact_json.ts";
import { ToolError } from "../errors.ts";

/** A job that is ordered. */
export interface Order {
  /** The instruction that it runs. */
  instruction: bigint;
  /** The refiner that it queries. */
  refiner: bigint;
  /** The SQL; every byte of it is signed. */
  query: string;
  /** The values of its placeholders, as a JSON array. */
  params: string;
  /** The time that it may take, in seconds; it chooses the pool of TEEs. */
  maxTime: number;
  /** Whether it needs a GPU. */
  gpu: boolean;
  /** What is deposited with it, in wei. */
  deposit: bigint;
  /**
   * The folder that the artifacts come to.
   *
   * @default one named for the job
   */
  folder?: string;
  /** Admit a TEE whose URL is plain http. */
  allowHttp: boolean;
  /** Show the job's log. */
  logs: boolean;
  /** Submit it although the same was done before, or has failed. */
  again: boolean;
  /** Submit it although it can't be told whether the query is permitted. */
  unchecked: boolean;
}

/**
 * Reads the values of a query's placeholders.
 *
 * @returns The same JSON, without its white space.
 * @throws {ToolError} It isn't a JSON array.
 */
export function parseParams(json: string): string {
  try {
    return JSON.stringify(exactParams(json));
  } catch (error) {
    throw new ToolError(`${messageOf(error)}; expected one like ["de", 7]`);
  }
}

/**
 * Makes sure that a text can be signed as a query.
 *
 * @throws {ToolError} It can't, or must not be.
 */
export function checkQuery(query: string): void {
  if (query.trim() === "") throw new ToolError("The query is empty; expected SQL");
  if (/^\s*\d+\s*$/.test(query)) {
    throw new ToolError(
      "The query is a number, and not SQL. Nothing was signed: a signed number is what gives access " +
        "to the artifacts of the compute job with that id",
    );
  }
  if (query.includes("\0") || !query.isWellFormed()) {
    throw new ToolError("The query holds a NUL or half a character; expected SQL in UTF-8");
  }
}
