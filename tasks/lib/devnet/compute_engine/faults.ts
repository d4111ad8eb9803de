/**
 * What a Compute Engine can do wrong on purpose.
 *
 * @module
 */

/** The faults by name, and what each does. */
export const ENGINE_FAULTS = {
  "slow-post": "answers a POST after 40 s",
  "post-lost": "takes the first POST, and breaks the connection without an answer",
  "post-refused": "answers the first POST with 503, and does nothing",
  "run-500": "answers 500 for a job that failed",
  "query-failed": "ends every run with query_failed",
  "never-ends": "keeps every run running",
  "shows-late": "shows a run 3 s after its POST",
  "forgets": "has lost each run as soon as it was posted",
  "busy": "answers every second question with 503",
  "capitals": "writes statuses in capitals",
  "artifact-urls": "describes artifacts by URLs of its own instead of ids",
  "foreign-artifacts": "describes artifacts by URLs of another origin",
  "no-artifacts": "has lost the artifacts: 404",
  "expired": "says that artifacts are expired: 403",
  "cut": "cuts each artifact's first answer in its middle",
  "cut-always": "cuts every artifact's answers at their start",
  "hostile-names": "gives the artifacts names that lead out of a folder",
  "escapes": "puts control characters into its texts",
} as const satisfies Record<string, string>;

/** A fault's name. */
export type EngineFault = keyof typeof ENGINE_FAULTS;
