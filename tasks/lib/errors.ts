/**
 * Errors of the tasks.
 *
 * @module
 */

/** An error that a user can meet. Its message says what was wrong, what was expected and what to do. */
export class ToolError extends Error {
  /** Tells the class apart. */
  override readonly name: string = "ToolError";
}
