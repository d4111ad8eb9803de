/**
 * The time a query has.
 *
 * @module
 */

import { QueryEngineError } from "../errors.ts";

/** The time a query has, from submit to success, and what stops it earlier. */
export class Deadline {
  /** When it ends, on the clock of `performance.now()`. */
  readonly at: number;
  /** Stops it earlier. */
  readonly signal?: AbortSignal;
  readonly #seconds: number;

  /** Starts now. */
  constructor(seconds: number, signal?: AbortSignal) {
    this.#seconds = seconds;
    this.at = performance.now() + seconds * 1000;
    this.signal = signal;
  }

  /** The error that says it is over, and how things stood. */
  tooLate(state: string): QueryEngineError {
    return new QueryEngineError(
      `The query did not succeed within ${this.#seconds} s: ${state}`,
      { remedy: "time" },
    );
  }
}
