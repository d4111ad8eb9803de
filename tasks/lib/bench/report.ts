/**
 * The table of what was measured, as Markdown: readable on a terminal too.
 *
 * @module
 */

import { cpus, release, totalmem } from "node:os";
import { formatBytes } from "../../../src/format_bytes.ts";
import type { Row } from "./case.ts";
import type { Summary } from "./measure.ts";
import { PEAK_METHOD } from "./peak_memory.ts";

/** A case without rows in the table. */
export interface Unmeasured {
  /** Its name. */
  name: string;
  /** Why, and what to do about it. */
  reason: string;
}

const HEAD = ["case", "peer", "ours", "peer's", "ratio", "bar", "met"];

/** Formats the table, with the machine and the method. */
export function formatReport(rows: readonly Row[], unmeasured: readonly Unmeasured[]): string {
  const parts = [
    describeMachine(),
    "Medians, with the least and the most in brackets. The two sides of a case run in turn. Neither " +
    "side flushes to disk: the mounts live no longer than the machine that would lose the data.",
  ];
  if (rows.length > 0) parts.push(formatTable([HEAD, ...rows.map(cells)]));
  if (rows.some(({ unit }) => unit === "MiB")) parts.push(`Peak memory: ${PEAK_METHOD}.`);
  if (unmeasured.length > 0) {
    parts.push(
      unmeasured.map(({ name, reason }) => `- not measured: ${name}. ${reason}`).join("\n"),
    );
  }
  return parts.join("\n\n") + "\n";
}

function describeMachine(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}, ` +
    `${formatBytes(totalmem())} of memory, Linux ${release()}, Deno ${Deno.version.deno}.`;
}

function cells({ what, unit, ours, peer, bar }: Row): string[] {
  const ratio = peer === undefined ? undefined : ours.median / peer.summary.median;
  const value = bar.of === "ratio" ? ratio! : ours.most;
  return [
    what,
    peer?.name ?? "",
    formatSummary(ours, unit),
    peer === undefined ? "" : formatSummary(peer.summary, unit),
    ratio?.toFixed(3) ?? "",
    `<= ${formatBar(bar, unit)}`,
    value <= bar.atMost ? "yes" : "no",
  ];
}

function formatBar({ of, atMost }: Row["bar"], unit: Row["unit"]): string {
  return of === "ratio" ? atMost.toFixed(2) : `${atMost} ${unit}`;
}

function formatSummary({ median, least, most }: Summary, unit: Row["unit"]): string {
  const [scale, digits, shown] = unit === "s" && most < 1
    ? [1000, 0, "ms"] as const
    : [1, unit === "s" ? 2 : 1, unit] as const;
  const [middle, low, high] = [median, least, most].map((value) => (value * scale).toFixed(digits));
  return `${middle} ${shown}${low === high ? "" : ` (${low} to ${high})`}`;
}

function formatTable(lines: readonly string[][]): string {
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const rule = widths.map((width) => "-".repeat(width));
  const [head, ...body] = lines;
  return [head!, rule, ...body]
    .map((line) => `| ${line.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`)
    .join("\n");
}
