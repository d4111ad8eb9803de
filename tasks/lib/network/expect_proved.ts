/**
 * What a change to an instruction asks of its archive's proof.
 *
 * @module
 */

import type { Proof } from "../audit/proof.ts";
import { ToolError } from "../errors.ts";

/** Thrown where an archive isn't proved, so nothing was sent. */
export class NotProvedError extends ToolError {
  /** Whether the archive differs, or that can't be told. */
  readonly verdict: "differs" | "unknown";

  /** Makes one. */
  constructor(message: string, verdict: "differs" | "unknown") {
    super(message);
    this.verdict = verdict;
  }
}

/**
 * Waits for a proof. Where there is nothing to prove, as no archive can be downloaded, that can't be told either.
 *
 * @param otherwise What then isn't done: `Nothing was registered`, for instance.
 * @throws {NotProvedError} There is nothing to prove.
 */
export async function orNotProved(proof: Promise<Proof>, otherwise: string): Promise<Proof> {
  try {
    return await proof;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new NotProvedError(`${otherwise}: ${error.message}`, "unknown");
  }
}

/**
 * Stops a change whose archive isn't proved. One that differs always does.
 *
 * @param options.otherwise What then isn't done: `Nothing was registered`, for instance.
 * @param options.unproved Go on where the proof can't tell.
 * @throws {NotProvedError} It isn't proved.
 */
export function expectProved(
  { verdict }: Proof,
  { otherwise, unproved }: { otherwise: string; unproved: boolean },
): void {
  if (verdict === "proved" || (verdict === "unknown" && unproved)) return;
  throw new NotProvedError(
    verdict === "differs"
      ? `${otherwise}: the archive differs; see the report above`
      : `${otherwise}: can't tell whether the archive is what it should be; see the report above`,
    verdict,
  );
}
