/**
 * How a job can end other than well.
 *
 * @module
 */

import { UncertainError } from "../chain/errors.ts";
import { ToolError } from "../errors.ts";

/** It isn't known yet how the job ends; asking again later is safe. */
export class UndecidedError extends UncertainError {}

/** No TEE has taken the job. It can be offered to them again. */
export class UnassignedError extends UndecidedError {}

/** The job failed, or what it wrote isn't available. */
export class JobFailedError extends ToolError {}

/** The Compute Engine refuses to run the job. It can be handed in again when the reason is gone. */
export class JobRefusedError extends JobFailedError {}
