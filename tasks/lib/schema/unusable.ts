/**
 * The error of a refiner that can't be used.
 *
 * @module
 */

import { ToolError } from "../errors.ts";

/** A refiner or its schema can't be used, and asking again won't help. */
export class UnusableError extends ToolError {}
