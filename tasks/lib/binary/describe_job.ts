/**
 * Learns a job's name and the hosts it wants, in a process with hardly a right and an isolate with none.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type JobDescription, parseDescription } from "../../../src/job/description.ts";
import { printable } from "../../../src/printable.ts";
import { runDeno } from "../deno.ts";
import { ToolError } from "../errors.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";

/** How long a job may take to load, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Loads a job's program and asks what it is.
 *
 * @param program The program's file, from `bundleJob`.
 * @param shown What messages call the job.
 * @throws {ToolError} It can't be loaded, exports no job, or describes itself as no job may.
 */
export async function describeProgram(program: string, shown: string): Promise<JobDescription> {
  // The job may print, too: only a line that begins with this is the answer.
  const mark = crypto.randomUUID();
  const { stdout, stderr } = await runDeno(
    ["run", "-q", "--no-prompt", `--allow-read=${program}`, ...DENO_PROJECT_ARGS]
      .concat([join(ROOT, "tasks/lib/binary/describe_program.ts")])
      .concat([pathToFileURL(program).href, mark]),
    { cwd: ROOT, timeoutMs: PATIENCE_MS },
  );
  const line = stdout.split("\n").find((line) => line.startsWith(mark));
  const answer: { description?: unknown; error?: string } = line === undefined
    ? { error: `it didn't load within ${PATIENCE_MS / 1000} s, or ended the process: ${stderr}` }
    : JSON.parse(line.slice(mark.length));
  try {
    if (answer.error !== undefined) throw new TypeError(answer.error);
    return parseDescription(answer.description);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ToolError(`${shown} is no job that can be built: ${printable(error.message, "\n")}`);
  }
}
