/**
 * Shows what an archive says of its job.
 *
 * @module
 */

import type { JobClaims } from "../audit/job_claims.ts";
import type { ClaimedJob } from "../network/claims_on_chain.ts";

/** The lines for a job: its name, its rights and its source, as the archive's labels claim them. */
export function claimLines(job: ClaimedJob): string[] {
  if ("unknown" in job) return [`  job       unknown: ${job.unknown}`];
  const { name = "no name", network = "unknown" } = job;
  return [
    `  job       ${name}, as its labels say`,
    `  rights    network ${network}`,
    `  source    ${describeSource(job)}`,
  ];
}

/** Names repository, commit and release. */
export function describeSource({ source, revision, version }: JobClaims): string {
  return [
    source ?? "no repository",
    revision === undefined ? "no commit" : `commit ${revision}`,
    ...version === undefined ? [] : [`made with release ${version}`],
  ].join(", ");
}
