/**
 * The labels of an image that say what job is in it.
 *
 * @module
 */

import { describeNetwork, type JobDescription } from "../../../src/job/description.ts";

/** The label for the job's name. */
export const JOB_LABEL = "org.resultrelay.job";

/** The label for the hosts that the job may connect to: `none`, `all`, or a list. */
export const NETWORK_LABEL = "org.resultrelay.network";

/** The labels for a job. */
export function jobLabels({ name, network }: JobDescription): Record<string, string> {
  return { [JOB_LABEL]: name, [NETWORK_LABEL]: describeNetwork(network) };
}
