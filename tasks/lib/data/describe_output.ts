/**
 * Describes what a job wrote: its files by name and size, with their first rows or lines.
 *
 * @module
 */

import { join } from "node:path";
import { styleText } from "node:util";
import { messageOf } from "../../../src/errors.ts";
import { isDirectory } from "../../../src/files.ts";
import { formatBytes } from "../../../src/format_bytes.ts";
import { printable } from "../../../src/printable.ts";
import { readBytesAt } from "../http/read_bytes.ts";
import type { Screen } from "../screen/screen.ts";
import { isDatabase, previewDatabase } from "./preview_database.ts";
import { previewText } from "./preview_text.ts";

/** A directory's files by name, each with a stamp that changes when it is written again. */
export type OutputSnapshot = ReadonlyMap<string, string>;

/** Options of {@linkcode describeOutput}. */
export interface DescribeOptions extends Screen {
  /**
   * The files before the run, from {@linkcode snapshotOutput}.
   *
   * @default unknown, so no file is called new or old
   */
  before?: OutputSnapshot;
}

const FILES_LISTED = 50;
const FILES_PREVIEWED = 10;
const SAMPLE_BYTES = 1 << 16;

/** Lists the files of an output directory before a run, for {@linkcode describeOutput}. */
export function snapshotOutput(directory: string): OutputSnapshot {
  const names = isDirectory(directory) ? [...filesIn(directory)].sort() : [];
  return new Map(names.map((name) => {
    const { size, mtime, ino } = Deno.lstatSync(join(directory, name));
    return [name, `${ino} ${size} ${mtime?.getTime()}`];
  }));
}

/** Describes an output directory: first what the run wrote, then what was there before. */
export function describeOutput(directory: string, { before, ...screen }: DescribeOptions): string {
  const after = snapshotOutput(directory);
  if (after.size === 0) return `${directory} is empty`;
  const names = [...after.keys()];
  const written = names.filter((name) => after.get(name) !== before?.get(name));
  const older = names.filter((name) => after.get(name) === before?.get(name));
  const parts = written.length === 0
    ? [`This run wrote no file into ${directory}`]
    : [`In ${directory}${before === undefined ? "" : ", written by this run"}:`];
  written.slice(0, FILES_LISTED).forEach((name, at) => {
    parts.push(heading(directory, name, screen));
    if (at < FILES_PREVIEWED) parts.push(...preview(join(directory, name), screen));
  });
  parts.push(...more(written));
  if (older.length > 0) parts.push("From earlier runs:");
  const plain = { ...screen, rich: false };
  parts.push(...older.slice(0, FILES_LISTED).map((name) => heading(directory, name, plain)));
  parts.push(...more(older));
  return parts.join("\n");
}

function more(names: readonly string[]): string[] {
  const count = names.length - FILES_LISTED;
  return count > 0 ? [`  ... and ${count} more ${count === 1 ? "file" : "files"}`] : [];
}

function heading(directory: string, name: string, { rich }: Screen): string {
  const shown = printable(name);
  const { size } = Deno.lstatSync(join(directory, name));
  return `  ${rich ? styleText("bold", shown) : shown}` +
    `  ${formatBytes(size)}`;
}

/** The first rows or lines of a file; nothing for a picture or another format. */
function preview(path: string, screen: Screen): string[] {
  try {
    if (!Deno.lstatSync(path).isFile || path.endsWith(".svg")) return [];
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const sample = readBytesAt(file, 0, Math.min(size, SAMPLE_BYTES));
    return isDatabase(sample)
      ? previewDatabase(path, screen)
      : previewText(sample, { whole: sample.length === size, ...screen });
  } catch (error) {
    return [`  (can't be read: ${printable(messageOf(error))})`];
  }
}

function* filesIn(directory: string, prefix = ""): Generator<string> {
  for (const entry of Deno.readDirSync(join(directory, prefix))) {
    if (entry.name === ".gitkeep") continue;
    const name = prefix + entry.name;
    if (entry.isDirectory) yield* filesIn(directory, `${name}/`);
    else yield name;
  }
}
