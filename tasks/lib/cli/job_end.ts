/**
 * How the tasks that bring a job to its end say how it ended.
 *
 * @module
 */

import { UncertainError } from "../chain/errors.ts";
import { checksumsOf } from "../compute_engine/artifacts.ts";
import { EngineUnreachableError } from "../compute_engine/errors.ts";
import { note, print } from "../cli.ts";
import { describeOutput } from "../data/describe_output.ts";
import { describePayments } from "../jobs/describe_payments.ts";
import { JobFailedError, UnassignedError } from "../jobs/errors.ts";
import type { FinishedJob } from "../jobs/finish.ts";
import type { Network } from "../network/network.ts";
import { shortPath } from "../person_path.ts";
import { screenOf } from "../screen/screen.ts";

/** The exit codes. */
export const JOB_EXIT = { done: 0, refused: 1, unknown: 2, failed: 3 } as const;

/**
 * The exit code that an error stands for.
 *
 * @param other That of an error which says neither that the job failed nor that asking again may help.
 */
export function jobExitCode(error: unknown, other: number): number {
  if (error instanceof JobFailedError) return JOB_EXIT.failed;
  const mayPass = error instanceof UncertainError || error instanceof EngineUnreachableError;
  return mayPass ? JOB_EXIT.unknown : other;
}

/** The code of an error in a submission: once its job is on-chain, what fails may succeed later. */
export function submitExitCode(error: unknown, job: bigint | undefined): number {
  return jobExitCode(error, job === undefined ? JOB_EXIT.refused : JOB_EXIT.unknown);
}

/**
 * Adds to an error, after which it isn't known yet how a job ends, how to go on.
 *
 * @param job The job's id, if it is known.
 */
export function withNextStep(
  error: unknown,
  { job, flags }: { job?: bigint; flags: string },
): unknown {
  const code = submitExitCode(error, job);
  if (!(error instanceof Error) || code !== JOB_EXIT.unknown) return error;
  const resubmit = error instanceof UnassignedError ? "--resubmit " : "";
  error.message += job === undefined
    ? "\n\nRun the same command again: it finds out what happened and resumes"
    : `\n\nResume with \`deno task job ${job} ${resubmit}--wait ${flags}\``;
  return error;
}

/** Shows the artifacts of a job, and what was paid for it. */
export async function showFinished(
  network: Network,
  { id, folder, payments }: FinishedJob,
): Promise<void> {
  print(describeOutput(folder, screenOf(Deno.stdout)));
  note(`\nJob ${id} cost ${await describePayments(network, payments)}`);
  note(`The artifacts' checksums are in ${shortPath(checksumsOf(folder))}`);
}
