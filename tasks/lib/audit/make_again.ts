/**
 * Proves an archive by making it again from trusted parts: what isn't byte for byte what `export` writes is
 * not vouched for, however it is hidden.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import type { JobDescription } from "../../../src/job/description.ts";
import { printable } from "../../../src/printable.ts";
import { packArchive } from "../image/export.ts";
import { jobLabels } from "../image/job_labels.ts";
import type { OnProgress } from "../screen/progress.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Difference } from "./difference.ts";
import { explainDifference } from "./explain.ts";
import { firstFileDifference } from "./first_difference.ts";

/** What the auditor trusts, and not the archive. */
export interface TrustedParts {
  /**
   * Makes the binary again: from the trusted host and runtime, and the job's program out of the archive.
   *
   * @returns The job's name and rights, as they are in the binary made: the labels that say them are made
   * of that, so an archive can't claim others.
   * @throws {ToolError} It can't be made.
   */
  makeBinary(output: string): Promise<JobDescription>;
  /**
   * The base: a file, or a name with a digest.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /** Called while the archive is made. */
  onProgress?: OnProgress;
}

/** What a comparison with the archive made again found. */
export interface Comparison {
  /** Whether the bytes are the same: then everything but the meaning of the job's program is proved. */
  same: boolean;
  /** The SHA-256 of the archive made again, in hexadecimal. */
  sha256: string;
  /** Where the archives differ; nothing if they are the same. */
  differences: Difference[];
}

/**
 * Makes an archive again from its job's program and labels, and compares.
 *
 * @param archive The archive in question.
 * @param labels The labels that its builder chose.
 * @throws {ToolError} It can't be made again: no base, no runtime, no space.
 */
export async function makeAgain(
  archive: string,
  labels: Record<string, string>,
  { makeBinary, base, onProgress }: TrustedParts,
): Promise<Comparison> {
  using folder = new TemporaryFolder({ prefix: "verify-again-" });
  const binary = folder.join("binary");
  const job = await makeBinary(binary);
  const made = await packArchive(binary, {
    output: folder.join("again.tar.gz"),
    base,
    labels: { ...labels, ...jobLabels(job) },
    onProgress,
  });
  const same = await firstFileDifference(archive, made.path) === undefined;
  const differences = same ? [] : await explain(archive, made.path);
  return { same, sha256: made.sha256, differences };
}

/** That the archives differ is known: an explanation that fails must not hide it. */
async function explain(theirs: string, ours: string): Promise<Difference[]> {
  try {
    return await explainDifference(theirs, ours);
  } catch (error) {
    const seen = `the bytes differ, and where they do can't be determined: ${
      printable(messageOf(error))
    }`;
    return [{ part: "packing", seen }];
  }
}
