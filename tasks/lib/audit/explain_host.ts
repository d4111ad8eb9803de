/**
 * Explains an archive whose host isn't this checkout's: most often it is another release's.
 *
 * @module
 */

import { releaseOfHost, thisVersion } from "../release/releases.ts";

/** A version as a label may claim it; anything else isn't worth showing. */
const VERSION = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[\w.]{1,30})?$/;

/**
 * Says whose host is in an archive, and which release to check out.
 *
 * @param theirs The SHA-256 of the archive's `host.js`, in hexadecimal.
 * @param ours The SHA-256 of this checkout's.
 * @param claimed The version in the image's label, which proves nothing.
 * @throws {ToolError} The records of releases can't be read.
 */
export function explainHost(
  theirs: string,
  ours: string,
  claimed: string | undefined,
): string {
  const [release, here] = [releaseOfHost(theirs), thisVersion()];
  if (release === here) {
    return `the host (host.js) is that of release ${release}, but this checkout's own was changed since: ` +
      `verify the archive in an unchanged checkout of v${release}`;
  }
  if (release !== undefined) {
    return `the host (host.js) is that of release ${release}, but this checkout is ${here}: verify the ` +
      `archive in a checkout of v${release}`;
  }
  const unknown = "the host (host.js) is that of no release that this checkout knows: " +
    `${theirs} in the archive, ${ours} here`;
  return claimed === undefined || claimed === here || !VERSION.test(claimed)
    ? unknown
    : `${unknown}. A label claims release ${claimed}, and this checkout is ${here}: if you trust that ` +
      `release, verify the archive in a checkout of v${claimed}`;
}
