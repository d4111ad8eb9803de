/**
 * A run that is told to stop.
 *
 * @module
 */

import { ExitCode } from "../errors.ts";

/** Signals that stop a run, and its exit codes then (128 + the signal's number). */
export const STOP_SIGNALS = {
  SIGTERM: ExitCode.terminated,
  SIGINT: ExitCode.interrupted,
} as const;

/** A signal that stops a run. */
export type StopSignal = keyof typeof STOP_SIGNALS;

/** Says that a run was told to stop. */
export class Stopped extends Error {
  /** Tells the class apart. */
  override readonly name = "Stopped";
  /** The exit code of the run. */
  readonly exitCode: number;

  /** Makes the error. */
  constructor(signal: StopSignal) {
    super(`Stopped by ${signal}`);
    this.exitCode = STOP_SIGNALS[signal];
  }
}
