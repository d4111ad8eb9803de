/**
 * What goes wrong with a Compute Engine.
 *
 * @module
 */

import { ToolError } from "../errors.ts";

/** The engine gave no answer, or one that may be another later. */
export class EngineUnreachableError extends ToolError {
  /** Whether the engine surely hasn't got the request. */
  readonly unbegun: boolean;

  /** Makes the error. */
  constructor(message: string, { unbegun = false }: { unbegun?: boolean } = {}) {
    super(message);
    this.unbegun = unbegun;
  }
}

/** The engine refuses the request, and will again. */
export class EngineRefusalError extends ToolError {
  /** The HTTP status. */
  readonly status: number;

  /** Makes the error. */
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The job's artifacts aren't available, now or later. */
export class ArtifactsError extends ToolError {}
