/**
 * The ways in which the local engine can misbehave: for builders, to see what their job does then, and
 * for this project's own tests.
 *
 * @module
 */

import { ANSWER_FAULTS } from "./answer_faults.ts";
import type { FaultKind } from "./fault.ts";
import { TRANSFER_FAULTS } from "./transfer_faults.ts";

/** The faults by name. */
export const FAULTS: Readonly<Record<string, FaultKind>> = { ...ANSWER_FAULTS, ...TRANSFER_FAULTS };
