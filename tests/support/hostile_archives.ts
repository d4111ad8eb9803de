/**
 * Archives that aren't what `export` writes, each made of a good one. A reader may take them for the good
 * one, or two readers may differ about them; none may pass as proved.
 *
 * What a builder may choose isn't among them: the job's own bundle, and labels that can be read.
 *
 * @module
 */

import { type ArchiveChanges, changeArchive } from "./archive_parts.ts";
import { HOSTILE_BINARY } from "./hostile/binary.ts";
import { HOSTILE_GZIP } from "./hostile/gzip.ts";
import { HOSTILE_CONFIG, HOSTILE_DOCUMENTS, HOSTILE_LAYERS } from "./hostile/json.ts";
import { HOSTILE_LAYER, HOSTILE_TAR } from "./hostile/tar.ts";

/** A kind of hostile archive. */
export interface HostileArchive {
  /** What is wrong with it, to follow "an archive with". */
  name: string;
  /** Makes one of a good archive. */
  make(archivePath: string, outPath: string): Promise<void>;
}

const GROUPS: Record<string, Record<string, ArchiveChanges>> = {
  "a gzip with": HOSTILE_GZIP,
  "a tar with": HOSTILE_TAR,
  "": HOSTILE_DOCUMENTS,
  "a config with": HOSTILE_CONFIG,
  "layers with": HOSTILE_LAYERS,
  "a job's layer with": HOSTILE_LAYER,
  "a binary with": HOSTILE_BINARY,
};

/** All kinds of hostile archives. */
export const HOSTILE_ARCHIVES: readonly HostileArchive[] = Object.entries(GROUPS).flatMap((
  [group, kinds],
) =>
  Object.entries(kinds).map(([what, changes]) => ({
    name: `${group} ${what}`.trim(),
    make: (archivePath: string, outPath: string) => changeArchive(archivePath, outPath, changes),
  }))
);
