/**
 * Writes a file whole or not at all.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { exists, isDirectory, removeIfThere, temporaryName } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";

/**
 * Makes sure that a file may be written.
 *
 * @param path Absolute.
 * @throws {ToolError} It exists and may not be replaced, or is a directory.
 */
export function expectNoFile(path: string, { replace }: { replace: boolean }): void {
  if (isDirectory(path)) throw new ToolError(`${path} is a directory; expected a file's name`);
  if (replace || !exists(path)) return;
  throw new ToolError(
    `${path} exists already; give --force to replace it, or another file's name`,
  );
}

/**
 * Puts a text into a file.
 *
 * @param path Absolute.
 * @throws {ToolError} As {@linkcode expectNoFile}, or the file can't be written.
 */
export function writeNewFile(path: string, text: string, options: { replace: boolean }): void {
  expectNoFile(path, options);
  const temporary = join(dirname(path), temporaryName(".new-"));
  try {
    Deno.writeTextFileSync(temporary, text);
    Deno.renameSync(temporary, path);
  } catch (error) {
    throw new ToolError(`Can't write ${path}: ${messageOf(error)}`);
  } finally {
    removeIfThere(temporary);
  }
}
