/**
 * Proves an archive by making it again from trusted parts: what isn't byte for byte what `export` writes is
 * not vouched for, however it is hidden.
 *
 * @module
 */

import type { JobDescription } from "../../../src/job/description.ts";
import type { EmbeddedProgram } from "../binary/embedded_program.ts";
import { packArchive } from "../image/export.ts";
import { jobLabels } from "../image/job_labels.ts";
import type { OnProgress } from "../progress.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { explainDifference } from "./explain.ts";
import { firstFileDifference } from "./first_difference.ts";
import type { ArchiveParts } from "./take_apart.ts";

/** What the auditor trusts, and not the archive. */
export interface TrustedParts {
  /**
   * Makes the binary again: from the trusted host and runtime, and the job's modules out of `program`,
   * which are data.
   *
   * @returns The job's name and rights, as they are in the binary made: the labels that say them are made
   * of that, so an archive can't claim others.
   * @throws {ToolError} It can't be made.
   */
  makeBinary(program: EmbeddedProgram, output: string): Promise<JobDescription>;
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
export interface Proof {
  /** Whether the bytes are the same: then everything but the meaning of the job's program is proved. */
  proved: boolean;
  /** The SHA-256 of the archive made again, in hexadecimal. */
  sha256: string;
  /** Where the archives differ, one sentence each; none if it is proved. */
  differences: string[];
}

/**
 * Makes an archive again from its job's program and labels, and compares.
 *
 * @param archive The archive in question.
 * @param parts What `takeApart` took from it.
 * @throws {ToolError} It can't be made again: no base, no runtime, no space.
 */
export async function makeAgain(
  archive: string,
  { program, labels }: Pick<ArchiveParts, "program" | "labels">,
  { makeBinary, base, onProgress }: TrustedParts,
): Promise<Proof> {
  using folder = new TemporaryFolder({ prefix: "verify-again-" });
  const binary = folder.join("binary");
  const job = await makeBinary(program, binary);
  const made = await packArchive(binary, {
    output: folder.join("again.tar.gz"),
    base,
    labels: { ...labels, ...jobLabels(job) },
    onProgress,
  });
  const proved = await firstFileDifference(archive, made.path) === undefined;
  const differences = proved ? [] : await explainDifference(archive, made.path);
  return { proved, sha256: made.sha256, differences };
}
