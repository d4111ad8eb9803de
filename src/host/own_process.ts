/**
 * What this process has running and open: its threads show whether an isolate has really ended, its
 * sockets whether a connection is left that an isolate could write to.
 *
 * Listing folders and reading links below `/proc` needs no more than the right to read (proc(5)).
 *
 * @module
 */

import { pause } from "../pause.ts";

const TURN_MS = 2;

/** Lists something of this process; `undefined` where the kernel doesn't show it. */
export type Listing = () => ReadonlySet<string> | undefined;

/** The ids of the threads that are running. */
export function listThreads(): ReadonlySet<string> | undefined {
  return namesIn("/proc/self/task");
}

/** The sockets that are open, as `socket:[inode]`. */
export function listSockets(): ReadonlySet<string> | undefined {
  const descriptors = namesIn("/proc/self/fd");
  if (descriptors === undefined) return undefined;
  const targets = [...descriptors].map(targetOf);
  return new Set(targets.filter((target) => target.startsWith("socket:")));
}

/**
 * Waits until nothing is listed any more that wasn't listed before.
 *
 * @param known What may stay; `undefined` ends the wait at once.
 * @param options.patienceMs Milliseconds after which it gives up.
 * @param options.spare One of these may stay, too.
 * @returns Whether all else is gone.
 */
export async function othersGone(
  list: Listing,
  known: ReturnType<Listing>,
  { patienceMs, spare = new Set() }: { patienceMs: number; spare?: ReadonlySet<string> },
): Promise<boolean> {
  if (known === undefined) return true;
  const start = performance.now();
  for (;;) {
    const others = (list() ?? known).difference(known);
    if (others.size === 0 || (others.size === 1 && others.isSubsetOf(spare))) return true;
    if (performance.now() - start > patienceMs) return false;
    await pause(TURN_MS);
  }
}

function namesIn(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set([...Deno.readDirSync(folder)].map(({ name }) => name));
  } catch {
    return undefined;
  }
}

function targetOf(descriptor: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The descriptor by which the folder was listed is closed by now.
    return "";
  }
}
