/**
 * The labels of an image that say what its binary was made with.
 *
 * @module
 */

import { isOnTestRuntime } from "../binary/denort.ts";
import { readElfHeader } from "../binary/elf.ts";

/** The label for the version of Deno. */
export const DENO_LABEL = "org.resultrelay.deno";

/** The label for a runtime that isn't known to be Deno's own. */
export const RUNTIME_LABEL = "org.resultrelay.runtime";

/** That label's value for a binary on the runtime of `deno task denort`. */
export const TEST_RUNTIME_VALUE = "test";

/** The labels of a binary that this Deno made. */
export function runtimeLabels(binary: string): Record<string, string> {
  const header = readElfHeader(binary);
  const isTest = header !== undefined && isOnTestRuntime(binary, header.end);
  return {
    [DENO_LABEL]: Deno.version.deno,
    ...isTest ? { [RUNTIME_LABEL]: TEST_RUNTIME_VALUE } : {},
  };
}
