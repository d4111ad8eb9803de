/**
 * Progress bars for work that has several parts, one after another.
 *
 * @module
 */

import { writeAll } from "../../../src/files.ts";
import type { OnProgress } from "./progress.ts";
import { ProgressBar } from "./progress_bar.ts";

/**
 * Does some work, and shows a progress bar for the part of it that is under way. A step whose length
 * isn't known is a line on standard error, at once.
 */
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
        if (done === 0 && total === 0) {
          writeAll(Deno.stderr, new TextEncoder().encode(`${what}...\n`));
        }
      }
      bar?.update(done, total);
    });
  } finally {
    bar?.[Symbol.dispose]();
  }
}
