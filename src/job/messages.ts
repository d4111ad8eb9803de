/**
 * What the host and a job's isolate say to each other.
 *
 * @module
 */

import type { LogLevel } from "../log.ts";
import type { JobParameters } from "./define_job.ts";

/** What the host sends to a job's isolate. */
export type HostMessage =
  | {
    /** Load the job and say what it is. */
    type: "describe";
    /** The URL that places in stacks are shown relative to. */
    root: string;
  }
  | {
    /** Load the job and run it. */
    type: "run";
    /** The results database, absolute. */
    results: string;
    /** The file that `copyResults` copies, absolute: `results`, or what that was made from. */
    original: string;
    /** The folder in which artifacts are staged, absolute. */
    staging: string;
    /** What the job gets as its parameters. */
    parameters: JobParameters;
    /** The URL that places in stacks are shown relative to. */
    root: string;
  }
  | {
    /** The process is told to stop. */
    type: "stop";
    /** Why. */
    reason: string;
  };

/** Why a job failed, as its isolate says. */
export interface JobFailure {
  /** The error's message. */
  message: string;
  /** Where it was thrown, in the job's own files: `main.ts:12:5`, innermost first. */
  places: string[];
  /** Whether the results database was to blame: exit code 2 instead of 3. */
  badInput: boolean;
}

/**
 * What a job's isolate sends to the host. A hostile job can send anything, so the host takes none of
 * it on trust.
 */
export type IsolateMessage =
  | {
    type: "described";
    description: unknown;
  }
  | {
    type: "log";
    level: LogLevel;
    message: string;
    /** JSON text of the properties. */
    properties: string;
  }
  | {
    /** The job has ended well, and closes its isolate. */
    type: "done";
  }
  | { type: "failed"; failure: JobFailure };
