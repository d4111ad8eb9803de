/**
 * Why an artifact can't be written.
 *
 * @module
 */

import { ArtifactError, messageOf } from "../errors.ts";

/**
 * Runs what writes an artifact, and explains its failure.
 *
 * @param name The artifact's name.
 * @throws {ArtifactError} It failed.
 */
export function explained<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw writeError(name, error);
  }
}

/** Says why an artifact can't be written. */
export function writeError(name: string, error: unknown): ArtifactError {
  if (error instanceof ArtifactError) return error;
  const code = (error as { code?: string } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ArtifactError(`No room left for ${name}; mount a larger OUTPUT_PATH`);
  }
  return new ArtifactError(`Can't write ${name}: ${messageOf(error)}`);
}
