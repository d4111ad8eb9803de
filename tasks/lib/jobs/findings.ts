/**
 * What the checks before a payment find.
 *
 * @module
 */

/** What a problem is about; who makes the task knows what to do. */
export type ProblemKind =
  | "instruction"
  | "image"
  | "refiner"
  | "approval"
  | "query"
  | "permission"
  | "unclear"
  | "price"
  | "pool"
  | "tee"
  | "deposit"
  | "folder";

/** A reason for which a job would be refused, or can't be run. */
export interface Problem {
  /** What it is about. */
  kind: ProblemKind;
  /** What is wrong. */
  text: string;
}

/** What was found. */
export interface Findings {
  /** Every reason for a refusal. */
  problems: Problem[];
  /** What may go wrong all the same. */
  warnings: string[];
}
