/**
 * Takes from an archive what can't be known otherwise: the binary with the job's program in it, and the
 * labels that its builder chose.
 *
 * Both are data. What else the archive holds is not taken from it, but made again and compared.
 *
 * @module
 */

import { join } from "node:path";
import { isFile, removeIfThere } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { unpackArchive } from "../image/archive.ts";
import { readImage } from "../image/archived_image.ts";
import { claimsIn } from "../image/claims.ts";
import { BINARY_NAME } from "../image/dockerfile.ts";
import { DENO_LABEL } from "../image/runtime_label.ts";
import { takeFile } from "./job_layer.ts";

/** What is taken from an archive. */
export interface ArchiveParts {
  /** Where its binary is now. */
  binary: string;
  /** The labels that its builder chose. */
  labels: Record<string, string>;
  /** The version of Deno that it says made it. */
  deno?: string;
}

/**
 * Takes an archive apart.
 *
 * @param path The archive.
 * @param folder An empty folder, in which the binary is left.
 * @throws {ToolError} It isn't an archive as `export` writes it. The message says what is unexpected.
 */
export async function takeApart(path: string, folder: string): Promise<ArchiveParts> {
  const files = await unpackArchive(path, { folder, what: "The archive" });
  const { config, layers, formats } = readImage(files);
  if (formats.length < 2) {
    throw new ToolError(`The archive describes its image for ${formats[0]} only`);
  }
  const all = config.config?.Labels ?? {};
  const labels = claimsIn(all);
  const binary = join(folder, "binary");
  const job = layers.at(-1);
  if (job !== undefined) await takeFile(job, { name: BINARY_NAME, output: binary });
  if (!isFile(binary)) throw new ToolError(`The archive's last layer has no file ${BINARY_NAME}`);
  for (const file of files.values()) removeIfThere(file.path);
  // It is printed as part of a command.
  const [deno] = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/.exec(all[DENO_LABEL] ?? "") ?? [];
  return { binary, labels, ...deno === undefined ? {} : { deno } };
}
