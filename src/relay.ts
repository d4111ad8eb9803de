/**
 * The relay: the job the network itself starts from.
 *
 * @module
 */

import { defineJob, type Job } from "./job/define_job.ts";

/**
 * Relays the results database to the output, byte for byte, as `query_results.db`. The host does this
 * itself, without an isolate.
 */
export const relay: Job = defineJob({
  name: "result-relay",
  process: ({ artifacts }) => artifacts.copyResults(),
});
