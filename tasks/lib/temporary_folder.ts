/**
 * A folder for the files that a task needs only while it runs.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/errors.ts";
import { exists } from "../../src/files.ts";
import { ToolError } from "./errors.ts";
import { onStop } from "./process/on_stop.ts";

/** Options of {@linkcode TemporaryFolder}. */
export interface TemporaryFolderOptions {
  /** What its name begins with. */
  prefix: string;
  /**
   * The folder that it is made in.
   *
   * @default the system's folder for temporary files
   */
  dir?: string;
  /**
   * Whether a signal that stops the task removes the folder and ends the process. Without, the task
   * handles signals.
   *
   * @default true
   */
  endOnSignal?: boolean;
}

/** A folder that is removed at the end of the `using` block, and when a signal stops the task. */
export class TemporaryFolder implements Disposable {
  /** Its path, absolute. */
  readonly path: string;
  readonly #forget: () => void;

  /**
   * Makes the folder.
   *
   * @throws {ToolError} It can't be made; the message names the place, and `TMPDIR` if that chose it.
   */
  constructor({ prefix, dir, endOnSignal = true }: TemporaryFolderOptions) {
    this.path = makeFolder(prefix, dir);
    this.#forget = endOnSignal ? onStop(() => this[Symbol.dispose]()) : () => {};
  }

  /** The path of something in it. */
  join(name: string): string {
    return join(this.path, name);
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    this.#forget();
    if (exists(this.path)) Deno.removeSync(this.path, { recursive: true });
  }
}

function makeFolder(prefix: string, dir: string | undefined): string {
  try {
    return Deno.makeTempDirSync({ prefix, dir });
  } catch (error) {
    throw new ToolError(
      dir === undefined
        ? `Can't make a folder in ${tmpdir()}, the folder for temporary files: ${
          messageOf(error)
        }. Set TMPDIR to a folder that exists, is writable and has room`
        : `Can't make a folder in ${dir}: ${messageOf(error)}`,
    );
  }
}
