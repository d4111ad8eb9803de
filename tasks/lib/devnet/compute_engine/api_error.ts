/**
 * Errors of a Compute Engine's API, as FastAPI answers them.
 *
 * @module
 */

/** An error answer: `{"detail": ...}`. */
export class ApiError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** What `detail` holds. */
  readonly detail: unknown;

  /** Makes the error. */
  constructor(status: number, detail: unknown) {
    super(`${status}: ${JSON.stringify(detail)}`);
    this.status = status;
    this.detail = detail;
  }
}

/** FastAPI's 422: a part of the request is missing or isn't what it must be. */
export function invalid(loc: readonly string[], msg: string, type = "value_error"): ApiError {
  return new ApiError(422, [{ type, loc, msg }]);
}
