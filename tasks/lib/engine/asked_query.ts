/**
 * A query that somebody asks an engine, and why it may not run.
 *
 * @module
 */

import type { Address } from "viem";
import { ToolError } from "../errors.ts";

/** A query that somebody asks. */
export interface AskedQuery {
  /** Its SQL. */
  sql: string;
  /** The account that signed it. */
  signer: Address;
  /** The id of the refiner, if the request has one. */
  refiner?: number;
  /** The id of the job, if the request has one. */
  job?: string;
}

/** Why a query may not run. */
export class RefusedError extends ToolError {
  /** The status that says so. */
  readonly status: number;

  /** Makes the error; the message is the answer's detail. */
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}
