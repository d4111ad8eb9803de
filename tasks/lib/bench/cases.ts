/**
 * What is measured.
 *
 * @module
 */

import { IMAGE_CASES } from "./image_cases.ts";
import type { Summary } from "./measure.ts";
import type { Need } from "./needs.ts";
import { RELAY_CASES } from "./relay_cases.ts";
import { ROWS_CASES } from "./rows_cases.ts";
import type { Workshop } from "./workshop.ts";

/** A line of the table. */
export interface Row {
  /** What was measured. */
  what: string;
  /** What the figures are in. */
  unit: "s" | "MiB" | "MB";
  /** Our figures. */
  ours: Summary;
  /** What they are compared with. */
  peer?: { name: string; summary: Summary };
  /** The most that is good enough: of the ratio of the medians, or of our largest figure. */
  bar?: { of: "ratio" | "most"; atMost: number };
}

/** What a case is given to work with. */
export interface CaseContext {
  /** Where databases, binaries and folders are. */
  workshop: Workshop;
  /** How many runs each side gets. */
  runs: number;
  /** Told before every run. */
  onRun(done: number, total: number): void;
}

/** One comparison. */
export interface Case {
  /** Its name on the command line. */
  name: string;
  /** What the machine must have. */
  needs: readonly Need[];
  /** Bytes of disk it takes at most. */
  bytes: number;
  /** How many runs each side gets, unless the command line says. */
  runs: number;
  /** Measures. */
  measure(context: CaseContext): Promise<Row[]>;
}

/** All cases, in the order of the table. */
export const CASES: readonly Case[] = [...RELAY_CASES, ...ROWS_CASES, ...IMAGE_CASES];
