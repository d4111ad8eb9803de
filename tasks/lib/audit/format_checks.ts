/**
 * An audit's checks as text for a person.
 *
 * @module
 */

import { styleText } from "node:util";
import type { Check } from "./checks.ts";

const MARKS = { ok: "ok", warn: "warn", fail: "FAIL" } as const;
const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

/** Checks as text. */
export interface FormattedChecks {
  /** A line for each check. */
  lines: string[];
  /** How many of them hold. */
  summary: string;
}

/** Formats checks, with colours for a terminal if asked. */
export function formatChecks(
  checks: readonly Check[],
  { colour }: { colour: boolean },
): FormattedChecks {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, status, seen }) => {
    const mark = MARKS[status].padEnd(4);
    return `${colour ? styleText(COLOURS[status], mark) : mark}  ${name.padEnd(width)}  ${seen}`;
  });
  const count = (wanted: Check["status"]) =>
    checks.filter(({ status }) => status === wanted).length;
  const failed = count("fail");
  const summary = failed > 0
    ? `${failed} of ${checks.length} checks failed: don't trust this archive`
    : `${checks.length} checks hold, ${count("warn")} with a warning`;
  return { lines, summary };
}
