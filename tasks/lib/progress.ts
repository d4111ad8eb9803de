/**
 * How rooms report progress; a task shows it.
 *
 * @module
 */

/** How far some work has come. */
export interface Progress {
  /** The work, as a title: `Compressing`. */
  what: string;
  /** Bytes done. */
  done: number;
  /** Bytes in all; 0 if that isn't known. */
  total: number;
}

/** Called each time there is progress. */
export type OnProgress = (progress: Progress) => void;
