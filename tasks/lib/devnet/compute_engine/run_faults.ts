/**
 * What a Compute Engine's faults do to the runs themselves.
 *
 * @module
 */

import type { EngineFault } from "./faults.ts";
import { RunFailure, type RunJob } from "./runs.ts";

/** Runs jobs with an engine's faults. A run that never ends is stopped by its time limit or its owner. */
export function withFaults(run: RunJob, faults: ReadonlySet<EngineFault>): RunJob {
  if (faults.has("query-failed")) {
    return () => Promise.reject(new RunFailure("The query failed on purpose", "query_failed"));
  }
  if (!faults.has("never-ends")) return run;
  return async (task) => {
    await run(task);
    await new Promise<void>((end) => task.signal.addEventListener("abort", () => end()));
  };
}
