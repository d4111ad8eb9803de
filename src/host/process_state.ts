/**
 * What the process holds besides its memory: open sockets, and threads. Read from Linux's /proc; on other
 * systems, where a job only runs in development, nothing is found.
 *
 * @module
 */

import { pause } from "../pause.ts";

const LOOK_EVERY_MS = 1;

/** The sockets that are open, as /proc names them: `socket:[12345]`. */
export function openSockets(): Set<string> {
  const links = list("/proc/self/fd").flatMap((name) => {
    try {
      return [Deno.readLinkSync(`/proc/self/fd/${name}`)];
    } catch {
      // It was closed meanwhile; the listing's own descriptor always is.
      return [];
    }
  });
  return new Set(links.filter((link) => link.startsWith("socket:")));
}

/** The ids of the process's threads. */
export function threads(): Set<string> {
  return new Set(list("/proc/self/task"));
}

/**
 * Waits until there is nothing that wasn't there before.
 *
 * @param look Lists what is there.
 * @param before What was there.
 * @param patienceMs How long it waits at the most.
 * @returns Whether nothing is left.
 */
export async function settled(
  look: () => Set<string>,
  before: ReadonlySet<string>,
  patienceMs: number,
): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (!look().isSubsetOf(before)) {
    if (performance.now() >= end) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}

function list(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
