/**
 * Publishes what a job staged: all of it or nothing.
 *
 * The staging folder was written by code that may be hostile, so nothing about it is taken on trust.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { ArtifactError, messageOf } from "../errors.ts";
import { setMode, temporaryName } from "../files.ts";
import { freeBytes } from "../free_bytes.ts";
import { formatBytes } from "../format_bytes.ts";
import { printable } from "../printable.ts";
import { checkArtifactName } from "./artifact_name.ts";

/** The name of a run's own folder in the output mount begins so; an artifact's name may not. */
export const STAGING_PREFIX = ".relay-staging-";

/** More files than this are taken for a mistake or an attack. */
const MOST_FILES = 10_000;

/** A block of `Deno.FileInfo.blocks`, in bytes (stat(2)). */
const BLOCK_BYTES = 512;

/** A file that was published. */
export interface PublishedFile {
  /** Its name: its path below the output. */
  name: string;
  /** Its length in bytes. */
  bytes: number;
}

/** Options of {@linkcode publish}. */
export interface PublishOptions {
  /** The folder that holds the artifacts, absolute. */
  staging: string;
  /** A folder on the same filesystem that the job can't reach, absolute. */
  scratch: string;
  /** The output mount, absolute. */
  directory: string;
}

/**
 * Moves the staging folder out of the job's reach, checks what is in it and what is in its way, and
 * renames the files into place. Each file is whole at every moment, old or new.
 *
 * @returns What was published, sorted by name.
 * @throws {ArtifactError} Something can't be published; then the output is as it was.
 */
export function publish({ staging, scratch, directory }: PublishOptions): PublishedFile[] {
  const taken = join(scratch, "files");
  // It belongs to the process, and a job can change it.
  Deno.umask(0o022);
  try {
    if (!Deno.lstatSync(staging).isDirectory) throw new Error("it is no directory any more");
    // A folder can be moved only by who may write in it.
    setMode(staging, 0o700);
    Deno.renameSync(staging, taken);
  } catch (error) {
    throw new ArtifactError(`The staging folder is gone: ${messageOf(error)}`);
  }
  const files = [...walk(taken)].sort((a, b) => a.name < b.name ? -1 : 1);
  checkRoom(files, directory);
  const { dev } = Deno.statSync(directory);
  const folders = new Set([directory]);
  for (const { name } of files) checkPlace(name, { directory, dev, folders });
  commit(files, { taken, directory, previous: join(scratch, "previous") });
  return files.map(({ name, bytes }) => ({ name, bytes }));
}

/** A staged file, as the filesystem describes it. */
interface StagedFile extends PublishedFile {
  /** The bytes that it takes on the disk; less than its length where it is sparse. */
  allocated: number;
}

/** Walks the staged files. Anything but a plain file in plain folders is refused. */
function* walk(root: string): Generator<StagedFile> {
  let count = 0;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of Deno.readDirSync(join(root, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      checkArtifactName(name);
      if (++count > MOST_FILES) {
        throw new ArtifactError(
          `The job wrote more than ${MOST_FILES} files and folders; write fewer, like one table with a ` +
            "column that tells the parts apart",
        );
      }
      const path = join(root, name);
      const info = Deno.lstatSync(path);
      if (info.isDirectory) {
        setMode(path, 0o755);
        folders.push(name);
        continue;
      }
      if (!info.isFile) throw refused(name, `is ${kindOf(info)}, not a regular file`);
      if (info.nlink !== 1) throw refused(name, "has a second hard link");
      setMode(path, 0o644);
      const allocated = info.blocks === null ? info.size : info.blocks * BLOCK_BYTES;
      yield { name, bytes: info.size, allocated };
    }
  }
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isSymlink) return "a symbolic link";
  if (info.isSocket) return "a socket";
  if (info.isFifo) return "a named pipe";
  return "a device";
}

/** A sparse file that can't be read out in full on this disk can't be copied from it either. */
function checkRoom(files: readonly StagedFile[], directory: string): void {
  const free = freeBytes(directory) ?? Infinity;
  for (const { name, bytes, allocated } of files) {
    if (bytes - allocated <= free) continue;
    throw refused(
      name,
      `is a sparse file of ${formatBytes(bytes)}, more than the ${formatBytes(free)} that are free`,
    );
  }
}

/** What {@linkcode checkPlace} needs to know. */
interface Place {
  directory: string;
  /** The output's filesystem. */
  dev: number;
  /** Folders that were checked already. */
  folders: Set<string>;
}

/** Looks for what would stop a file's rename, before the first one. */
function checkPlace(name: string, place: Place): void {
  const { directory } = place;
  const parts = name.split("/");
  for (let depth = 0; depth < parts.length; depth++) {
    const folder = join(directory, ...parts.slice(0, depth));
    if (place.folders.has(folder)) continue;
    if (!checkFolder(name, folder, place.dev)) return;
    place.folders.add(folder);
  }
  const path = join(directory, name);
  const info = lstat(path);
  if (info === undefined) return;
  if (info.isDirectory) throw inTheWay(name, path, "is a directory already");
  if (!info.isFile) throw inTheWay(name, path, `is ${kindOf(info)}`);
}

/** Checks an existing folder on the way to a file; `false` if there is none. */
function checkFolder(name: string, folder: string, dev: number): boolean {
  const info = lstat(folder);
  if (info === undefined) return false;
  if (info.isSymlink) throw inTheWay(name, folder, "is a symbolic link");
  if (!info.isDirectory) throw inTheWay(name, folder, "is not a directory");
  if (info.dev !== dev) throw inTheWay(name, folder, "is on another filesystem");
  tryFolder(name, folder);
  return true;
}

/** Makes something in a folder: no other test of its permissions is exact. */
function tryFolder(name: string, folder: string): void {
  const probe = join(folder, temporaryName(STAGING_PREFIX));
  try {
    Deno.mkdirSync(probe);
    Deno.removeSync(probe);
  } catch (error) {
    throw inTheWay(name, folder, `can't be written to (${messageOf(error)})`);
  }
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new ArtifactError(`Can't publish to ${printable(path)}: ${messageOf(error)}`);
  }
}

/** Where {@linkcode commit} moves files from and to. */
interface Move {
  /** The checked files. */
  taken: string;
  /** The output mount. */
  directory: string;
  /** A folder, not made yet, that keeps the files that are replaced. */
  previous: string;
}

/** Renames files into place. If one can't be renamed after all, those before it are taken back. */
function commit(files: readonly StagedFile[], { taken, directory, previous }: Move): void {
  const undo: (() => void)[] = [];
  try {
    Deno.mkdirSync(previous, { mode: 0o700 });
    for (const [at, { name }] of files.entries()) {
      const target = join(directory, name);
      makeFolders(dirname(target), directory, undo);
      const kept = join(previous, String(at));
      if (keep(target, kept)) undo.push(() => Deno.renameSync(kept, target));
      else undo.push(() => Deno.removeSync(target));
      try {
        Deno.renameSync(join(taken, name), target);
      } catch (error) {
        undo.pop();
        throw new ArtifactError(`Can't publish ${printable(name)}: ${messageOf(error)}`);
      }
    }
  } catch (error) {
    takeBack(undo);
    throw error;
  }
}

/** Keeps the file that is about to be replaced, by a second link to it. */
function keep(target: string, kept: string): boolean {
  try {
    Deno.linkSync(target, kept);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
  }
  // A filesystem without hard links: the file is away for a moment.
  try {
    Deno.renameSync(target, kept);
    return true;
  } catch (error) {
    throw new ArtifactError(`Can't replace ${printable(basename(target))}: ${messageOf(error)}`);
  }
}

function makeFolders(folder: string, directory: string, undo: (() => void)[]): void {
  if (folder === directory || lstat(folder) !== undefined) return;
  makeFolders(dirname(folder), directory, undo);
  try {
    Deno.mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    throw new ArtifactError(`Can't make ${printable(folder)}: ${messageOf(error)}`);
  }
  undo.push(() => Deno.removeSync(folder));
  // The mode that mkdir was given is cut by the umask, which a job can change.
  setMode(folder, 0o755);
}

function takeBack(undo: (() => void)[]): void {
  for (const step of undo.reverse()) {
    try {
      step();
    } catch {
      // Every other step is still worth taking.
    }
  }
}

function refused(name: string, problem: string): ArtifactError {
  return new ArtifactError(`The artifact ${printable(name)} ${problem}, so nothing was published`);
}

function inTheWay(name: string, path: string, problem: string): ArtifactError {
  return new ArtifactError(
    `The artifact ${printable(name)} can't be published: ${
      printable(path)
    } ${problem}; remove it or ` +
      "choose another name",
  );
}
