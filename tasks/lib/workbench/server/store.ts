/**
 * What the page shows, and the listeners that hear of each change.
 *
 * @module
 */

import type { LogLine, WorkbenchEvent, WorkbenchState } from "../wire.ts";

/** Lines of a run's log that are kept. */
const MOST_LINES = 5000;

/** Holds the state of a workbench. */
export class Store {
  readonly #listeners = new Set<(event: WorkbenchEvent) => void>();
  #state: WorkbenchState;
  #log: LogLine[] = [];

  /** @param state How it begins. */
  constructor(state: WorkbenchState) {
    this.#state = state;
  }

  /** The state now. */
  get state(): Readonly<WorkbenchState> {
    return this.#state;
  }

  /** Changes a part of the state. */
  change(part: Partial<WorkbenchState>): void {
    this.#state = { ...this.#state, ...part };
    this.#tell({ type: "part", part });
  }

  /** Begins the log of a new run. */
  clearLog(): void {
    this.#log = [];
  }

  /** Adds lines to the log of the run, and counts those that there is no room for. */
  addLog(lines: LogLine[]): void {
    const { run } = this.#state;
    if (run === undefined || lines.length === 0) return;
    const kept = lines.slice(0, MOST_LINES - this.#log.length);
    this.#log.push(...kept);
    if (kept.length > 0) this.#tell({ type: "log", run: run.number, lines: kept });
    const dropped = lines.length - kept.length;
    if (dropped > 0) this.change({ run: { ...run, dropped: run.dropped + dropped } });
  }

  /**
   * Sends a listener all of the state, and then every change.
   *
   * @returns Stops that.
   */
  subscribe(listener: (event: WorkbenchEvent) => void): () => void {
    listener({ type: "all", state: this.#state, log: this.#log });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: WorkbenchEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
