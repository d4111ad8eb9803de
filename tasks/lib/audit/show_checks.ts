/**
 * Shows what an audit found.
 *
 * @module
 */

import { styleText } from "node:util";
import { note, print } from "../cli.ts";
import type { Check } from "./verify.ts";

const MARKS = { ok: "ok", warn: "warn", fail: "FAIL" } as const;
const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const;

/** Prints a line for each check, in colour on a terminal, and how many hold on standard error. */
export function showChecks(checks: Check[], stream: "stdout" | "stderr"): void {
  const write = stream === "stdout" ? print : note;
  const width = Math.max(...checks.map(({ name }) => name.length));
  const colour = Deno[stream].isTerminal() && !Deno.noColor;
  for (const { name, status, seen } of checks) {
    const mark = MARKS[status].padEnd(4);
    write(`${colour ? styleText(COLOURS[status], mark) : mark}  ${name.padEnd(width)}  ${seen}`);
  }
  const count = (wanted: Check["status"]) =>
    checks.filter((check) => check.status === wanted).length;
  const failed = count("fail");
  note(
    failed > 0
      ? `\n${failed} of ${checks.length} checks failed: don't trust this archive`
      : `\n${checks.length} checks hold, ${count("warn")} with a warning`,
  );
}
