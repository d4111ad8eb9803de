/**
 * Progress bars for work that has several parts, one after another.
 *
 * @module
 */

import type { OnProgress } from "./progress.ts";
import { ProgressBar } from "./progress_bar.ts";

/** Does some work, and shows a progress bar for the part of it that is under way. */
export async function withProgressBars<T>(
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  let title: string | undefined;
  let bar: ProgressBar | undefined;
  try {
    return await work(({ what, done, total }) => {
      if (what !== title) {
        bar?.[Symbol.dispose]();
        bar = new ProgressBar(title = what);
      }
      bar?.update(done, total);
    });
  } finally {
    bar?.[Symbol.dispose]();
  }
}
