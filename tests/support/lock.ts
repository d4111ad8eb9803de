/**
 * Lets one test file make what all share, while the others wait.
 *
 * @module
 */

import { join } from "node:path";
import { CACHE } from "../../tasks/lib/project.ts";

/** Runs `make` while nobody else runs one of the same name. */
export async function withLock<T>(name: string, make: () => Promise<T>): Promise<T> {
  Deno.mkdirSync(CACHE, { recursive: true });
  using file = Deno.openSync(join(CACHE, `${name}.lock`), { create: true, write: true });
  await file.lock(true);
  return await make();
}
