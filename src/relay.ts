/**
 * The relay: the job the network itself starts from.
 *
 * @module
 */

import { defineJob, type Job } from "./host/run_job.ts";

/** Hands the results database on to the output, byte for byte, as `query_results.db`. */
export const relay: Job = defineJob({
  name: "result-relay",
  process: ({ artifacts }) => artifacts.copyResults(),
});
