/**
 * An examination as text for a person.
 *
 * @module
 */

import { styleText } from "node:util";
import { printable } from "../../../src/printable.ts";
import type { Examined } from "./examination.ts";

const COLOURS = { ok: "green", warning: "yellow", missing: "red" } as const;

/** Formats what was found, with colours for a terminal if asked. */
export function formatExamination(
  examined: readonly Examined[],
  { colour }: { colour: boolean },
): string {
  const width = Math.max(...examined.map(({ name }) => name.length));
  return examined.map(({ name, status, seen, neededFor, remedy }) => {
    const mark = status.padEnd("missing".length);
    const more = [
      ...status === "ok" ? [] : [`needed for ${neededFor}`],
      ...remedy === undefined ? [] : [`to do: ${remedy}`],
    ];
    const text = [seen, ...more].map((line) => printable(line, "\n")).join("\n")
      .replaceAll("\n", `\n${" ".repeat(mark.length + width + 4)}`);
    return `${colour ? styleText(COLOURS[status], mark) : mark}  ${name.padEnd(width)}  ${text}`;
  }).join("\n");
}
