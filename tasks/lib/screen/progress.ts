/**
 * How rooms report progress; a task shows it.
 *
 * @module
 */

/** How far some work has come. With `done` and `total` of 0 it begins, and its length isn't known. */
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

/** Reports that a step begins whose length isn't known. */
export function startStep(onProgress: OnProgress | undefined, what: string): void {
  onProgress?.({ what, done: 0, total: 0 });
}
