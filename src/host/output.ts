/**
 * The output mount during a run: locked, with a folder of the run's own in it.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf, ParameterError } from "../errors.ts";
import { removeLeftovers, removeTree, temporaryName } from "../files.ts";
import type { Log } from "../log.ts";
import { STAGING_PREFIX } from "../output/publication.ts";
import { pause } from "../pause.ts";
import { prepareDirectory, tryToWrite } from "./mounts.ts";

/** How long a lock that is free may take, in milliseconds. */
const LOCK_PATIENCE_MS = 300;

/** A run's folders in the output mount, on the mount's own filesystem so that a rename publishes. */
export interface Output {
  /** The output mount, absolute. */
  directory: string;
  /** Where artifacts are staged; the one folder that a job's isolate may write. */
  staging: string;
  /** A folder for the host alone. */
  scratch: string;
  /** Removes both folders with all that is in them. */
  discard(): void;
}

/**
 * Prepares the output mount: makes it if it is missing, locks it against a second run, removes what a
 * killed run left, and makes the run's own folders.
 *
 * @param directory The output mount, absolute.
 * @throws {ParameterError} It isn't a directory, can't be written to, or is in use by another run.
 */
export async function openOutput(directory: string, log: Log): Promise<Output> {
  prepareDirectory(directory, "OUTPUT_PATH");
  await lock(directory, log);
  return tryToWrite(directory, "OUTPUT_PATH", () => {
    removeLeftovers(directory, STAGING_PREFIX);
    const own = join(directory, temporaryName(STAGING_PREFIX));
    const output = { directory, staging: join(own, "files"), scratch: join(own, "scratch") };
    for (const folder of [own, output.staging, output.scratch]) {
      Deno.mkdirSync(folder, { mode: 0o700 });
    }
    return {
      ...output,
      discard: () => discard(own, join(directory, temporaryName(STAGING_PREFIX))),
    };
  });
}

/** The lock ends with the process, whichever way that ends, so the file is never closed. */
async function lock(directory: string, log: Log): Promise<void> {
  let taken = false;
  // A timer left behind would keep the event loop alive.
  const free = new AbortController();
  try {
    const file = Deno.openSync(directory);
    await Promise.race([
      file.lock(true),
      pause(LOCK_PATIENCE_MS, free.signal).then(() => taken = true, () => {}),
    ]);
  } catch (error) {
    log.warn(
      `OUTPUT_PATH: ${directory} can't be locked (${
        messageOf(error)
      }); don't start a second run on ` +
        "it while this one is under way",
    );
  }
  free.abort();
  if (taken) {
    throw new ParameterError(
      `OUTPUT_PATH: another run is using ${directory}; wait until it has ended, or choose another ` +
        "directory",
    );
  }
}

/** Removes a run's folder, under another name: what a job has left running may still write to this one. */
function discard(own: string, unknown: string): void {
  try {
    Deno.renameSync(own, unknown);
    removeTree(unknown);
  } catch {
    // It is gone already, or the next run removes it.
  }
}
