/**
 * Rooms whose libraries are in a lock file of their own, because no other task should download them. This
 * module imports no library, as it is needed before any is there.
 *
 * @module
 */

const ROOMS = new URL("../", import.meta.url);

/** The configuration of these rooms, from the checkout's folder. */
export const OWN_LOCK_CONFIG = "tasks/lib/own_lock.json";

/** The folders of these rooms, from the checkout's folder. */
export function roomsWithLock(): string[] {
  return [...Deno.readDirSync(ROOMS)]
    .filter(({ name, isDirectory }) => isDirectory && hasLock(new URL(`${name}/`, ROOMS)))
    .map(({ name }) => `tasks/lib/${name}`)
    .sort();
}

function hasLock(folder: URL): boolean {
  return [...Deno.readDirSync(folder)].some(({ name }) => name === "deno.lock");
}
