/**
 * Paths as a person types them. `deno task` starts a task in the checkout's folder, wherever the
 * person stood.
 *
 * @module
 */

import { relative, resolve } from "node:path";
import { isFile } from "../../src/files.ts";

/** The folder the person stood in: `deno task` passes it on as `INIT_CWD`. */
function personFolder(): string {
  return resolve(Deno.env.get("INIT_CWD") || Deno.cwd());
}

/** A path that a person typed, as an absolute one. */
export function personPath(path: string): string {
  return resolve(personFolder(), path);
}

/** A file that a person named, as an absolute path; anything else, like an image's name, unchanged. */
export function fileOrName(text: string): string {
  const path = personPath(text);
  return isFile(path) ? path : text;
}

/** An absolute path as the person would type it: relative if it is in their folder. */
export function shortPath(path: string): string {
  const short = relative(personFolder(), path);
  return short.startsWith("..") ? path : short;
}
