/**
 * The label of an image whose binary is not on Deno's own runtime.
 *
 * @module
 */

import { isOnTestRuntime } from "../binary/denort.ts";
import { readElfHeader } from "../binary/elf.ts";

/** The label's name. */
export const RUNTIME_LABEL = "org.resultrelay.runtime";

/** The label's value for a binary on the runtime of `deno task denort`. */
export const TEST_RUNTIME_VALUE = "test";

/** The labels that a binary's runtime asks for: none for Deno's own. */
export function runtimeLabels(binary: string): Record<string, string> {
  const header = readElfHeader(binary);
  if (header === undefined || !isOnTestRuntime(binary, header.end)) return {};
  return { [RUNTIME_LABEL]: TEST_RUNTIME_VALUE };
}
