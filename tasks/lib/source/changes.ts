/**
 * Notices changes of a job's source.
 *
 * @module
 */

import { dirname } from "node:path";
import { isDirectory } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";

/** Editors write a file in several steps; wait for the last. */
const SETTLE_MS = 200;

/**
 * Waits until one of some files changes.
 *
 * @param files Their paths, absolute; one that doesn't exist may be made.
 * @returns Its path.
 * @throws {ToolError} The files can't be watched any more.
 */
export async function waitForChange(files: ReadonlySet<string>): Promise<string> {
  const folders = new Set([...files].map((file) => dirname(file)));
  const watcher = Deno.watchFs([...folders].filter(isDirectory), { recursive: false });
  for await (const { kind, paths } of watcher) {
    const path = paths.find((path) => files.has(path));
    if (kind === "access" || path === undefined) continue;
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    return path;
  }
  throw new ToolError("The files can't be watched any more");
}
