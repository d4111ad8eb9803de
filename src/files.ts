/**
 * What is at a path, temporary files, and whole writes.
 *
 * @module
 */

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

/** Sets a file's mode where there are modes: mounts of network shares and object stores refuse it. */
export function setMode(path: string, mode: number): void {
  try {
    Deno.chmodSync(path, mode);
  } catch {
    // What needs another mode fails with an error of its own.
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

/** A name for a temporary file or directory that nothing else has. */
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
  setMode(folder, 0o700);
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) openUp(`${folder}/${name}`);
  }
}

/**
 * Writes all of some bytes to a file or a stream, where one call of `writeSync` may write a part.
 *
 * @throws They can't be written; a part of them may have been.
 */
export function writeAll(
  file: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
