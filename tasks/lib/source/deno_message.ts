/**
 * What `deno` says is wrong with a job's source, in the form that the tasks show.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { shortPath } from "../person_path.ts";

const UNPARSED =
  /^(?:error: )?The module's source code could not be parsed: ([^]*?) at (file:\S+:\d+:\d+)(?=\n|$)/;

/**
 * Rewrites a message of `deno`: files as the person would type them, a syntax error with its place
 * first, and without the lines that are about Deno itself.
 */
export function explainDeno(message: string): string {
  if (/^error: The lockfile is out of date/.test(message)) {
    return "deno.lock doesn't have every library that this job imports. Run `deno task lock`, which " +
      "adds those of main.ts and examples/";
  }
  return message
    .replace(UNPARSED, (_, reason, place) => `${place}: ${reason}`)
    // With RUST_BACKTRACE set, Deno adds its own stack.
    .replace(/\n+Stack backtrace:\n[^]*$/, "")
    .replace(/\n+error: Type checking failed\.\s*$/, "")
    .replaceAll(/file:\/\/\/[^\s"']+/g, showFile)
    .trim();
}

function showFile(url: string): string {
  const [, file, rest] = /^(.*?)((?::\d+:\d+)?:?\.?)$/.exec(url)!;
  return `${shortPath(fileURLToPath(file!))}${rest}`;
}
