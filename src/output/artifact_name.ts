/**
 * The names that a job may give its artifacts.
 *
 * @module
 */

import { ArtifactError } from "../errors.ts";
import { printable } from "../printable.ts";

/** The relay's own entries in the output begin with this. */
const OWN_PREFIX = ".relay-";

/** What Linux allows a path's part (NAME_MAX). */
const PART_BYTES = 255;

/** Well below what Linux allows a path (PATH_MAX, 4096), since the name comes behind a mount's path. */
const NAME_BYTES = 1024;

const encoder = new TextEncoder();

/**
 * Checks that an artifact's name is a plain relative path that every tool can show and unpack.
 *
 * @throws {ArtifactError} It isn't.
 */
export function checkArtifactName(name: string): void {
  const problem = typeof name === "string" ? problemOf(name) : `is ${typeof name}`;
  if (problem === undefined) return;
  const shown = JSON.stringify(name)?.slice(0, 200);
  throw new ArtifactError(
    `The artifact name ${
      printable(String(shown))
    } ${problem}; expected a plain relative path, such as ` +
      '"report.json" or "by_day/1.csv"',
  );
}

function problemOf(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.startsWith("/")) return "is an absolute path";
  if (name.includes("\\")) return "holds a backslash";
  if (printable(name) !== name) return "holds a control or an invisible character";
  if (encoder.encode(name).length > NAME_BYTES) return `is over ${NAME_BYTES} bytes long`;
  for (const part of name.split("/")) {
    if (part === "" || part === "." || part === "..") return `has the part ${JSON.stringify(part)}`;
    if (part.startsWith(OWN_PREFIX)) return `has a part that begins with ${OWN_PREFIX}`;
    if (encoder.encode(part).length > PART_BYTES) return `has a part of over ${PART_BYTES} bytes`;
  }
  return undefined;
}
