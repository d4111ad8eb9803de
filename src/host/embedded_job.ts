/**
 * The job inside the binary.
 *
 * @module
 */

import { parseDescription } from "../job/description.ts";
import type { HostedJob } from "./run.ts";

/** The job's description as JSON, beside the host in the binary. */
export const DESCRIPTION_NAME = "job.json";

/**
 * The job's program, beside the host in the binary. Its name hides from `deno compile` that it is
 * JavaScript: what a hostile program imports must not be looked for where it is compiled.
 */
export const PROGRAM_NAME = "job.bundle";

/** Reads the description of the job in this binary. */
export function embeddedJob(): HostedJob {
  const beside = (name: string) => new URL(`./${name}`, import.meta.url);
  const description = JSON.parse(Deno.readTextFileSync(beside(DESCRIPTION_NAME)));
  return {
    description: parseDescription(description),
    entry: beside(PROGRAM_NAME),
    root: beside("").href,
  };
}
