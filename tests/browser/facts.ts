/**
 * Facts that are tried one after another in one browser, and reported line by line to the test that started it.
 *
 * @module
 */

import { writeSync } from "node:fs";

/** Tries a fact, and prints how it went as a line of JSON. After a failure the next fact is tried. */
export async function fact(name: string, run: () => Promise<void>): Promise<void> {
  const started = performance.now();
  let error: string | undefined;
  try {
    await run();
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
  }
  const seconds = (performance.now() - started) / 1000;
  writeSync(1, `${JSON.stringify({ name, seconds, error })}\n`);
}
