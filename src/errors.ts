/**
 * The errors a run can end with. Each carries the exit code it stands for, and a message written
 * for the person who reads the log: what was wrong, what was expected, what to do.
 *
 * @module
 */

/** How a job ended, as the process's exit code. */
export const ExitCode = {
  /** The output is in place. */
  done: 0,
  /** A parameter or a mount is unusable. */
  badParameters: 1,
  /** No valid input: the query failed, or the database is invalid. */
  noInput: 2,
  /** The job failed: its own error, or its output could not be committed. */
  jobFailed: 3,
  /** Stopped by SIGINT (128 + 2). */
  interrupted: 130,
  /** Stopped by SIGTERM (128 + 15). */
  terminated: 143,
} as const;

/** What every error of the relay has in common. */
export abstract class RelayError extends Error {
  /** The exit code of a run that ends with this error. */
  abstract readonly exitCode: number;
}

/** A parameter or a mount is unusable: exit code 1. */
export class ParameterError extends RelayError {
  /** Tells the class apart. */
  override readonly name = "ParameterError";
  /** The exit code of a run that ends with this error. */
  override readonly exitCode: number = ExitCode.badParameters;
}

/**
 * What the caller of the Query Engine's client can change about an error: `url` the engine's URL,
 * `origin` the origins it trusts, `signature` the signature, `time` the query's time limit, `room` the
 * size of the directory, `directory` that it can be written to, `network` its way to the server (names,
 * proxies), `certificate` the certificates it trusts.
 */
export type QueryEngineRemedy =
  | "url"
  | "origin"
  | "signature"
  | "time"
  | "room"
  | "directory"
  | "network"
  | "certificate";

/** The Query Engine, or the download of its answer, failed: exit code 2. */
export class QueryEngineError extends RelayError {
  /** Tells the class apart. */
  override readonly name = "QueryEngineError";
  /** The exit code of a run that ends with this error. */
  override readonly exitCode: number = ExitCode.noInput;
  /** What the caller can change; `undefined` where that wouldn't help. */
  readonly remedy?: QueryEngineRemedy;

  /** Makes the error. */
  constructor(
    message: string,
    { remedy, cause }: { remedy?: QueryEngineRemedy; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** The results database is missing, invalid or can't be read faithfully: exit code 2. */
export class ResultsError extends RelayError {
  /** Tells the class apart. */
  override readonly name = "ResultsError";
  /** The exit code of a run that ends with this error. */
  override readonly exitCode: number = ExitCode.noInput;
  /** Whether the file is shorter than its header says. */
  readonly truncated: boolean;

  /** Makes the error. */
  constructor(message: string, { truncated = false }: { truncated?: boolean } = {}) {
    super(message);
    this.truncated = truncated;
  }
}

/** A job's own SQL can't be run on the results database: exit code 3. */
export class SqlError extends RelayError {
  /** Tells the class apart. */
  override readonly name = "SqlError";
  /** The exit code of a run that ends with this error. */
  override readonly exitCode: number = ExitCode.jobFailed;
}

/** An artifact can't be written, or the output can't be committed: exit code 3. */
export class ArtifactError extends RelayError {
  /** Tells the class apart. */
  override readonly name = "ArtifactError";
  /** The exit code of a run that ends with this error. */
  override readonly exitCode: number = ExitCode.jobFailed;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
