/**
 * The room on a disk.
 *
 * @module
 */

import { statfsSync } from "node:fs";

/**
 * The room left for this process on a directory's filesystem, in bytes; `undefined` where the
 * filesystem doesn't say.
 */
export function freeBytes(directory: string): number | undefined {
  const { blocks, bavail, bsize } = statfsSync(directory);
  return blocks > 0 ? bavail * bsize : undefined;
}
