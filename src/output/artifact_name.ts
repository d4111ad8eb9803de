/**
 * The names of artifacts.
 *
 * @module
 */

import { ArtifactError } from "../errors.ts";

/** The name of what a run keeps in the output while it lasts begins so; an artifact's name may not. */
export const STAGING_PREFIX = ".relay-staging-";

/** Refuses a name that isn't a plain relative path. */
export function checkArtifactName(name: string): void {
  const refused = (problem: string) =>
    new ArtifactError(
      `The artifact name ${
        JSON.stringify(name)
      } ${problem}; expected a plain relative path such as ` +
        '"report.json" or "by_day/1.csv"',
    );
  if (name === "") throw refused("is empty");
  if (name.startsWith("/")) throw refused("is an absolute path");
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f\\]/.test(name) || !name.isWellFormed()) {
    throw refused("holds a control character, a backslash or half a character");
  }
  for (const part of name.split("/")) {
    if (part === "" || part === "." || part === "..") {
      throw refused(`has the part ${JSON.stringify(part)}`);
    }
    if (part.startsWith(".relay-")) throw refused(`begins with .relay-`);
    if (new TextEncoder().encode(part).length > 255) throw refused("has a part of over 255 bytes");
  }
}
