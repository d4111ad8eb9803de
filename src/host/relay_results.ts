/**
 * The stock relay: the host's own code, so that it needs no isolate.
 *
 * @module
 */

import { join } from "node:path";
import { copyFile } from "../copy_file.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { freeBytes } from "../free_bytes.ts";
import { formatBytes } from "../format_bytes.ts";
import { RESULTS_FILE } from "../results/results.ts";
import type { Output } from "./output.ts";

/**
 * Stages a copy of the results database, made in the kernel.
 *
 * @throws {ArtifactError} There is no room for it, or it can't be written.
 */
export async function relayResults(source: string, output: Output): Promise<void> {
  const { size } = Deno.statSync(source);
  const free = freeBytes(output.directory);
  if (free !== undefined && free < size) {
    throw noRoom(`: it needs ${formatBytes(size)}, and ${formatBytes(free)} are free`, output);
  }
  const target = join(output.staging, RESULTS_FILE);
  try {
    await copyFile(source, target);
  } catch (error) {
    const code = (error as { code?: string } | null)?.code;
    if (code === "ENOSPC" || code === "EDQUOT") throw noRoom("", output);
    throw new ArtifactError(`Can't write ${RESULTS_FILE}: ${messageOf(error)}`);
  }
}

function noRoom(details: string, { directory }: Output): ArtifactError {
  return new ArtifactError(
    `No room for ${RESULTS_FILE} in ${directory}${details}; mount a larger OUTPUT_PATH`,
  );
}
