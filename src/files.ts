/**
 * What is at a path, temporary files, and the room on a disk.
 *
 * @module
 */

import { statfsSync } from "node:fs";

/** Whether anything is at a path, a dangling link included. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a path leads to a regular file. */
export function isFile(path: string): boolean {
  return statOf(path)?.isFile ?? false;
}

/** Whether a path leads to a directory. */
export function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory ?? false;
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** Removes a file, if it is there. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A name for a temporary file or directory that nobody else has. */
export function temporaryName(prefix: string): string {
  return prefix + crypto.randomUUID().slice(0, 8);
}

/** Removes what killed runs left in a directory: the entries whose names begin with `prefix`. */
export function removeLeftovers(directory: string, prefix: string): void {
  for (const entry of Deno.readDirSync(directory)) {
    if (entry.name.startsWith(prefix)) removeTree(`${directory}/${entry.name}`);
  }
}

/** Removes a file, or a folder with all in it, folders without any permissions included. */
export function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    openUp(path);
    Deno.removeSync(path, { recursive: true });
  }
}

function openUp(folder: string): void {
  Deno.chmodSync(folder, 0o700);
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) openUp(`${folder}/${name}`);
  }
}

/**
 * The room left on a directory's filesystem for this process, in bytes; `undefined` where the
 * filesystem doesn't say.
 */
export function freeBytes(directory: string): number | undefined {
  const { blocks, bavail, bsize } = statfsSync(directory);
  return blocks > 0 ? bavail * bsize : undefined;
}
