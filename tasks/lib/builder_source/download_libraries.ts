/**
 * Downloads the libraries of a builder's job.
 *
 * @module
 */

import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import type { Lock } from "./lock.ts";
import type { TrustedProject } from "./trusted_project.ts";

/**
 * Downloads libraries from the auditor's registry into the project's cache, without running anything of
 * theirs. Deno compares each with the lock file's SHA-512 when it downloads it, and only then.
 *
 * @throws {ToolError} One isn't available, or isn't the one that the lock file fixes.
 */
export async function downloadLibraries(
  { root, denoArgs, env }: TrustedProject,
  { specifiers }: Lock,
): Promise<void> {
  const names = Object.keys(specifiers);
  if (names.length === 0) return;
  const args = ["cache", "-q", ...denoArgs, ...names];
  const { success, stderr } = await runDeno(args, { cwd: root, env });
  if (success) return;
  const reason = stderr.replace(/\n+Stack backtrace:[^]*$/, "");
  throw new ToolError(
    `The libraries aren't available as the source's deno.lock fixes them:\n\n${reason}`,
  );
}
