/**
 * A comparison, and the lines of the table that it gives.
 *
 * @module
 */

import type { Summary } from "./measure.ts";
import type { Need } from "./needs.ts";
import type { Workshop } from "./workshop.ts";

/** A line of the table. */
export interface Row {
  /** What was measured. */
  what: string;
  /** The unit of the figures. */
  unit: "s" | "MiB" | "MB";
  /** Our figures. */
  ours: Summary;
  /** What they are compared with. */
  peer?: { name: string; summary: Summary };
  /** The most that is good enough: of the ratio of the medians, or of our largest figure. */
  bar: { of: "ratio" | "most"; atMost: number };
}

/** What a case works with. */
export interface CaseContext {
  /** Where databases, binaries and folders are. */
  workshop: Workshop;
  /** How many runs each side gets. */
  runs: number;
  /** Called before every run. */
  onRun(done: number, total: number): void;
}

/** One comparison. */
export interface Case {
  /** Its name on the command line. */
  name: string;
  /** What the machine must have. */
  needs: readonly Need[];
  /** The most disk space it takes, in bytes. */
  bytes: number;
  /** How many runs each side gets, unless the command line says. */
  runs: number;
  /** Measures. */
  measure(context: CaseContext): Promise<Row[]>;
}
