/**
 * Notices when a file is saved.
 *
 * @module
 */

import { dirname } from "node:path";
import { pause } from "../../../../src/pause.ts";

/** Editors write a file in several steps; wait for the last. */
const SETTLE_MS = 100;

/** Files that are watched until the signal is aborted. */
export class WatchedFiles {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #signal: AbortSignal;
  readonly #onSave: (path: string) => void;

  /**
   * No file is watched yet.
   *
   * @param onSave Called with the path of a file that was saved.
   * @param signal Ends the watch.
   */
  constructor(onSave: (path: string) => void, signal: AbortSignal) {
    this.#onSave = onSave;
    this.#signal = signal;
  }

  /**
   * Watches more files. Their folders are watched, since many editors put a new file in the old one's
   * place.
   *
   * @throws A folder can't be watched.
   */
  add(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
    const folders = new Set(files.map((file) => dirname(file))).difference(this.#folders);
    if (folders.size === 0 || this.#signal.aborted) return;
    for (const folder of folders) this.#folders.add(folder);
    void this.#watch(Deno.watchFs([...folders], { recursive: false }));
  }

  async #watch(watcher: Deno.FsWatcher): Promise<void> {
    this.#signal.addEventListener("abort", () => watcher.close());
    for await (const { kind, paths } of watcher) {
      const path = paths.find((path) => this.#files.has(path));
      if (kind !== "access" && path !== undefined) void this.#settle(path);
    }
  }

  async #settle(path: string): Promise<void> {
    try {
      await pause(SETTLE_MS, this.#signal);
      this.#onSave(path);
    } catch {
      // The watch has ended.
    }
  }
}
