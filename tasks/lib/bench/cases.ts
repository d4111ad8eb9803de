/**
 * All cases of the benchmark.
 *
 * @module
 */

import type { Case } from "./case.ts";
import { IMAGE_CASES } from "./image_cases.ts";
import { RELAY_CASES } from "./relay_cases.ts";
import { ROWS_CASES } from "./rows_cases.ts";
import { WORKBENCH_CASES } from "./workbench_cases.ts";

/** All cases, in the order of the table. */
export const CASES: readonly Case[] = [
  ...RELAY_CASES,
  ...ROWS_CASES,
  ...IMAGE_CASES,
  ...WORKBENCH_CASES,
];
