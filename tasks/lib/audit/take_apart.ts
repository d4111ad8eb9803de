/**
 * Takes from an archive what can't be known otherwise: the job's program and the image's labels.
 *
 * Both are data. What else the archive holds is not taken from it, but made again and compared.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { printable } from "../../../src/printable.ts";
import { type EmbeddedProgram, readEmbeddedProgram } from "../binary/embedded_program.ts";
import { ToolError } from "../errors.ts";
import { unpackArchive } from "../image/archive.ts";
import { readImage } from "../image/archived_image.ts";
import { readDockerfile } from "../image/dockerfile.ts";
import { DOCKERFILE } from "../image/export.ts";
import { JOB_LABEL, NETWORK_LABEL } from "../image/job_labels.ts";
import { RUNTIME_LABEL } from "../image/runtime_label.ts";
import { readJobLayers } from "./layer_checks.ts";

/** What is taken from an archive. */
export interface ArchiveParts {
  /** The program in its binary. */
  program: EmbeddedProgram;
  /** Where its binary is now. */
  binary: string;
  /** Its labels, but those of the runtime and the job: the binary made again says these. */
  labels: Record<string, string>;
  /** The config's digest: `sha256:HEX`. */
  imageId: string;
}

const MOST_LABELS = 100;
const LONGEST_LABEL = 1000;

/**
 * Takes an archive apart.
 *
 * @param folder An empty folder for its files.
 * @throws {ToolError} It isn't an archive as `export` writes it, so it can't be made again. The message says
 * what is unexpected.
 */
export async function takeApart(path: string, folder: string): Promise<ArchiveParts> {
  const recipe = readDockerfile(DOCKERFILE);
  const { config, imageId, layers, formats } = readImage(
    await unpackArchive(path, { folder, what: "The archive" }),
  );
  if (formats.length < 2) {
    throw new ToolError(`The archive describes its image for ${formats[0]} only`);
  }
  const binary = join(folder, "binary");
  await readJobLayers(layers.slice(-1), { name: recipe.binary, binary });
  if (!isFile(binary)) {
    throw new ToolError(`The archive's last layer has no file ${recipe.binary}`);
  }
  const labels = checkLabels(config.config?.Labels ?? {});
  return { program: readEmbeddedProgram(binary), binary, labels, imageId };
}

/** Labels that are made of what is in the binary, and never taken from an archive. */
const MADE_LABELS = [RUNTIME_LABEL, JOB_LABEL, NETWORK_LABEL];

/** Labels are shown to a person, who must be able to read them. */
function checkLabels(all: Record<string, string>): Record<string, string> {
  const labels = Object.fromEntries(
    Object.entries(all).filter(([name]) => !MADE_LABELS.includes(name)),
  );
  const texts = Object.entries(labels).flat();
  if (texts.length > 2 * MOST_LABELS) {
    throw new ToolError(`The image has more than ${MOST_LABELS} labels`);
  }
  const unreadable = texts.find((text) =>
    text.length > LONGEST_LABEL || printable(text, "\n") !== text
  );
  if (unreadable === undefined) return labels;
  const shown = printable(unreadable.slice(0, 80));
  throw new ToolError(`The image has a label with invisible characters, or too long: "${shown}"`);
}
