/**
 * Folders whose libraries are in a lock file of their own, because no other task should download them. This
 * module imports no library, as it is needed before any is there.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { isDirectory } from "../../../src/files.ts";

const ROOT = new URL("../../../", import.meta.url);

/** What a folder's own configuration is called: a `deno.json` would have to be a member of the workspace. */
const CONFIG = "own_lock.json";

/** The configuration of the folders that have none of their own, from the checkout's folder. */
export const OWN_LOCK_CONFIG = `tasks/lib/${CONFIG}`;

/** Where such folders are, and how many levels below. A copy of the checkout may have no tests. */
const PLACES = [{ folder: "tasks/lib", levels: 2 }, { folder: "tests", levels: 1 }];

/** A folder with a lock file of its own. */
export interface OwnLock {
  /** The folder, from the checkout's folder. */
  folder: string;
  /** Its lock file. */
  lock: string;
  /** Its configuration: its own where it needs other settings, those of a browser for example. */
  config: string;
}

/** The folders with a lock file of their own, by name. */
export function ownLocks(): OwnLock[] {
  return PLACES.filter(({ folder }) => isDirectory(fileURLToPath(new URL(folder, ROOT))))
    .flatMap(({ folder, levels }) => [...foldersWithLock(folder, levels)])
    .sort()
    .map((folder) => ({
      folder,
      lock: `${folder}/deno.lock`,
      config: holds(folder, CONFIG) ? `${folder}/${CONFIG}` : OWN_LOCK_CONFIG,
    }));
}

function* foldersWithLock(parent: string, levels: number): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(parent, ROOT))) {
    if (!isDirectory) continue;
    const folder = `${parent}/${name}`;
    if (holds(folder, "deno.lock")) yield folder;
    else if (levels > 1) yield* foldersWithLock(folder, levels - 1);
  }
}

function holds(folder: string, file: string): boolean {
  return [...Deno.readDirSync(new URL(folder, ROOT))].some(({ name }) => name === file);
}
