/**
 * Shows a person where two programs differ.
 *
 * @module
 */

import { structuredPatch } from "diff";
import { printable } from "../../../src/printable.ts";

const MOST_LINES = 200;
const LONGEST_LINE = 200;
/** A diff that takes more edits or milliseconds isn't one that a person reads. */
const MOST_EDITS = 4000;
const PATIENCE_MS = 5000;
const MAP_COMMENT = /^\/\/# sourceMappingURL=.*$/m;

/** The lines of a unified diff: `-` only the archive has, `+` only the source. */
export function diffPrograms(archive: string, source: string): string[] {
  const patch = structuredPatch(
    "the archive",
    "the source",
    archive.replace(MAP_COMMENT, ""),
    source.replace(MAP_COMMENT, ""),
    "",
    "",
    { context: 2, maxEditLength: MOST_EDITS, timeout: PATIENCE_MS },
  );
  if (patch === undefined) return ["(the programs have too little in common to show a difference)"];
  if (patch.hunks.length === 0) {
    return ["(the same code: only places in the source differ, as by comments or empty lines)"];
  }
  const lines = ["--- the archive", "+++ the source"].concat(
    patch.hunks.flatMap((
      { oldStart, newStart, lines },
    ) => [`@@ -${oldStart} +${newStart} @@`, ...lines]),
  );
  const shown = lines.slice(0, MOST_LINES).map((line) => printable(cut(line), "\t"));
  return lines.length > MOST_LINES
    ? [...shown, `(and ${lines.length - MOST_LINES} more lines)`]
    : shown;
}

function cut(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}
