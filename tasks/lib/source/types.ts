/**
 * Type-checks a job.
 *
 * @module
 */

import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import { shortPath } from "../person_path.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";
import { explainDeno } from "./deno_message.ts";

/**
 * Type-checks a job. That of an unchanged one takes no time: Deno remembers what it has checked.
 *
 * @param entry The job's module, absolute.
 * @param signal Stops the check.
 * @throws {ToolError} There are errors, each with its file, line and column.
 */
export async function checkTypes(entry: string, signal?: AbortSignal): Promise<void> {
  const { success, stderr } = await runDeno(["check", "-q", ...DENO_PROJECT_ARGS, entry], {
    cwd: ROOT,
    signal,
  });
  if (success || signal?.aborted) return;
  throw new ToolError(
    `${shortPath(entry)} doesn't pass the type check:\n\n${explainDeno(stderr)}`,
  );
}
