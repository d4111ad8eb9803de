/**
 * The labels of an image that say what it was made from: a claim, like every label.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
 * @module
 */

import { thisVersion } from "../release/releases.ts";

/** The label for the version of Result Relay. */
export const VERSION_LABEL = "org.opencontainers.image.version";

/** The label for the repository. */
export const SOURCE_LABEL = "org.opencontainers.image.source";

/** The label for the commit. */
export const REVISION_LABEL = "org.opencontainers.image.revision";

/**
 * The labels for this checkout's version and, if it is given, its commit. The repository is a label in the
 * Dockerfile.
 */
export function releaseLabels(revision?: string): Record<string, string> {
  return {
    [VERSION_LABEL]: thisVersion(),
    ...revision === undefined ? {} : { [REVISION_LABEL]: revision },
  };
}
